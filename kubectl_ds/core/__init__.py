"""Judging: values in, verdicts out. No I/O, no clock, no environment."""
