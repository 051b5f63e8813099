"""The bundled example cluster, recorded from a real control plane."""
