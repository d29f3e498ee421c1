"""AppImageConfig: the kernels, file system and container settings that an image was given.

One document may hold sections for several kinds of app; each is read on its own. Both what
``create-app-image-config`` takes and what ``describe-app-image-config`` returns are read. Field
names and limits follow the SageMaker API; ``limits.py`` has them with their sources.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from ..errors import Finding
from . import limits


class _Section(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """Base of the document's parts; field names are the API's, in snake case."""


class KernelSpec(_Section, frozen=True):
    """A kernel to show.

    Attributes:
        name: as configured; may differ from a published name in case. Never empty.
        display_name: what a launcher shows instead of the kernel's own, or None.
    """

    name: str
    display_name: str | None = None


class FileSystemConfig(_Section, frozen=True):
    """Where the user's home folder is mounted, and as whom; the API's defaults where not given."""

    mount_path: str = limits.DEFAULT_MOUNT_PATH
    default_uid: int = limits.DEFAULT_UID
    default_gid: int = limits.DEFAULT_GID


class ContainerConfig(_Section, frozen=True):
    """How the container of a JupyterLab or Code Editor app is started; empty means the image's own."""

    container_arguments: tuple[str, ...] = ()
    container_entrypoint: tuple[str, ...] = ()
    container_environment_variables: Mapping[str, str] = msgspec.field(default_factory=dict)


class KernelGatewayImageConfig(_Section, frozen=True):
    """The section of a KernelGateway app.

    Attributes:
        kernel_specs: the usable entries, in order of preference, each name once.
        file_system_config: None when not given, or not usable.
    """

    kernel_specs: tuple[KernelSpec, ...] = ()
    file_system_config: FileSystemConfig | None = None


class SpaceAppImageConfig(_Section, frozen=True):
    """What the sections of the two kinds of app that run in a space have in common.

    Attributes:
        file_system_config: kept when given, though the API calls it not supported here.
        container_config: None when not given, or no object.
    """

    file_system_config: FileSystemConfig | None = None
    container_config: ContainerConfig | None = None


class JupyterLabAppImageConfig(SpaceAppImageConfig, frozen=True):
    """The section of a JupyterLab app."""


class CodeEditorAppImageConfig(SpaceAppImageConfig, frozen=True):
    """The section of a Code Editor app."""


class AppImageConfig(_Section, frozen=True):
    """An AppImageConfig as far as it can be used; a part that cannot is None or left out.

    Attributes:
        app_image_config_name: None when not given.
        app_image_config_arn: only ``describe-app-image-config`` gives it.
        creation_time: as given: seconds since the epoch, or a text in ISO 8601.
        last_modified_time: the same.
        kernel_gateway_image_config: None when there is no such section.
        jupyter_lab_app_image_config: None when there is no such section.
        code_editor_app_image_config: None when there is no such section.
    """

    app_image_config_name: str | None = None
    app_image_config_arn: str | None = None
    creation_time: float | str | None = None
    last_modified_time: float | str | None = None
    kernel_gateway_image_config: KernelGatewayImageConfig | None = None
    jupyter_lab_app_image_config: JupyterLabAppImageConfig | None = None
    code_editor_app_image_config: CodeEditorAppImageConfig | None = None

    @property
    def kernels(self) -> tuple[KernelSpec, ...] | None:
        """The kernels to show, in order; None when none is configured, and the fallback applies.

        A section without one usable kernel configures none: the platform would have refused it.
        """
        section = self.kernel_gateway_image_config
        return (section.kernel_specs or None) if section else None


@dataclass(frozen=True, slots=True)
class AppImageConfigReading:
    """What came of reading a document.

    Attributes:
        config: None when nothing in the document belongs to an AppImageConfig.
        findings: what is wrong with it, in document order.
    """

    config: AppImageConfig | None
    findings: tuple[Finding, ...]
