"""One thin class for each REST resource; every method is one request."""
