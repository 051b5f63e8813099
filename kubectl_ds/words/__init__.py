"""Wording: a verdict in, sentences out."""
