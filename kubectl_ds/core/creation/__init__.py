"""Why the API server lets no pod be created."""
