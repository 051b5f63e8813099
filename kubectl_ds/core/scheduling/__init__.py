"""Why a pod that exists is not bound to its node."""
