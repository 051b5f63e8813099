"""Revisions of the template, and how far a rolling update may go."""
