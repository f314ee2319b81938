"""Running Spark NLP: Java, jars, the session, and the stages from text to tokens."""
