"""Where SageMaker puts things in an image, and the folders it keeps for itself."""

import posixpath

METADATA_FILE = "/opt/ml/metadata/resource-metadata.json"
"""What the platform tells an app about itself (developer guide, custom image specifications)."""

INTERNAL_ROOT = "/opt/.sagemakerinternal"
"""Mounted over the image by the platform, with its own conda installation and gateway in it."""

ML_ROOT = "/opt/ml"
"""Mounted or filled by the platform; what an image has there may not be visible at run time."""

RESERVED_ROOTS = (INTERNAL_ROOT, ML_ROOT)
"""The two folders that every app reserves (developer guide, custom image specifications)."""

RECOVERY_ENVIRONMENT = "sagemaker-recovery-mode"
"""Conda environment of SageMaker Distribution that starts a broken space; never a user's kernel
(aws/sagemaker-distribution, ``entrypoint-jupyter-server``)."""


def is_reserved(path: str) -> bool:
    """Whether an absolute path is, or lies under, one of ``RESERVED_ROOTS``."""
    clean = posixpath.normpath("/" + path.lstrip("/"))
    return any(clean == root or clean.startswith(root + "/") for root in RESERVED_ROOTS)
