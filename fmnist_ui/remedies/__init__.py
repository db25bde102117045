"""Improve this pair: remedies, what they changed, and the test figure at the end."""
