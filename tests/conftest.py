"""Fixtures for all tests."""

from kubeconfigs import home
from serve import api, certificates

__all__ = ["api", "certificates", "home"]
