"""Reaching an API server: whom to ask, as whom, and raw GET requests."""
