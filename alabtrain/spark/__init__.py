"""What Spark NLP needs to run: Java, jars, downloads, and the stages from text to tokens."""
