"""What an image was told by SageMaker: its documents, their limits, and the paths they lie at."""

from . import limits
from .config import (
    AppImageConfig,
    AppImageConfigReading,
    CodeEditorAppImageConfig,
    ContainerConfig,
    FileSystemConfig,
    JupyterLabAppImageConfig,
    KernelGatewayImageConfig,
    KernelSpec,
)
from .config_reader import read_app_image_config
from .identity import Identity, Kind, Sourced
from .layout import (
    INTERNAL_ROOT,
    METADATA_FILE,
    ML_ROOT,
    RECOVERY_ENVIRONMENT,
    is_reserved,
)
from .metadata import MetadataReading, read_metadata

__all__ = [
    "INTERNAL_ROOT",
    "METADATA_FILE",
    "ML_ROOT",
    "RECOVERY_ENVIRONMENT",
    "AppImageConfig",
    "AppImageConfigReading",
    "CodeEditorAppImageConfig",
    "ContainerConfig",
    "FileSystemConfig",
    "Identity",
    "JupyterLabAppImageConfig",
    "KernelGatewayImageConfig",
    "KernelSpec",
    "Kind",
    "MetadataReading",
    "Sourced",
    "is_reserved",
    "limits",
    "read_app_image_config",
    "read_metadata",
]
