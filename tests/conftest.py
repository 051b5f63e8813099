"""Fixtures for all tests; that this file is here lets them import the helpers beside it."""

import os

from hypothesis import settings
from kubeconfigs import home
from serve import api, certificates

__all__ = ["api", "certificates", "home"]

# A busy machine is no failure; and in CI the same commit gives the same answer.
settings.register_profile("kubectl-ds", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("kubectl-ds")
