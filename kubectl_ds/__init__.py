"""kubectl ds: why a DaemonSet's pod is, or is not, on each node."""

__version__ = "0.1.0"
