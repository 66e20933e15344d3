"""What the tests that drive real processes share."""
