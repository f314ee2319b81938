"""The model store: trained and imported models by name, for any project to use."""
