"""Why a pod that is bound is not available, or not gone."""
