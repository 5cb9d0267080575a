"""Rankings to rankings: candidates see each other and their relatives."""
