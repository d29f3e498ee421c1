"""Kernels really started by hosts that know nothing of this package. A package, as activation's."""
