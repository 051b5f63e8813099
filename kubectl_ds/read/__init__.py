"""Reading: saved objects or a live API in, a core.model.Cluster out."""
