"""Reading an AppImageConfig: what is wrong becomes a finding and costs only itself."""

import math
import re
from collections.abc import Callable, Iterable
from typing import TypeVar

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
    SpaceAppImageConfig,
)
from .document import Document, Place, decode_object, describe
from .layout import is_reserved

_REMEDY = "correct it in the AppImageConfig; SageMaker does not accept it either"
_IDS = ("DefaultUid", "DefaultGid")
_STATE_IDS = "state MountPath and the ids of the image's user, DefaultUid and DefaultGid"

T = TypeVar("T")
S = TypeVar("S", bound=SpaceAppImageConfig)


def read_app_image_config(data: bytes, *, source: str) -> AppImageConfigReading:
    """Read an AppImageConfig; each wrong part is a finding and costs only itself.

    What costs more or less than the part: a ``FileSystemConfig`` with anything wrong in it is left
    out whole, as is an argument list with a wrong argument in it. More entries than allowed, and
    kernel names that Jupyter does not like, are kept; a display name that is too long is cut.

    Args:
        data: the document's bytes.
        source: its name in findings, usually a path.

    Raises:
        DocumentError: the bytes are not a JSON object.
    """
    document = Document(source=source, severity="error", remedy=_REMEDY)
    repeated: list[str] = []
    root = Place(decode_object(data, source=source, repeated=repeated), document)
    for key in repeated:
        root.report(
            "document-member-twice",
            f"{describe(key)} more than once in one object; the last one counts",
            wanted="each name once in an object",
            remedy="remove all but one of them",
            severity="warning",
        )
    config = _app_image_config(root)
    return AppImageConfigReading(config, document.all_findings())


def _app_image_config(root: Place) -> AppImageConfig | None:
    known = AppImageConfig.__struct_encode_fields__
    root.is_object(known)
    if all(root.get(key) is None for key in known):
        root.report(
            "app-image-config-unrecognised",
            "nothing that belongs to an AppImageConfig",
            wanted="KernelGatewayImageConfig, JupyterLabAppImageConfig or CodeEditorAppImageConfig",
            remedy="give the document that create-app-image-config takes, not wrapped in another",
        )
        return None
    return AppImageConfig(
        app_image_config_name=_member(root, "AppImageConfigName", _name),
        app_image_config_arn=_member(root, "AppImageConfigArn", _arn),
        creation_time=_time(root.get("CreationTime")),
        last_modified_time=_time(root.get("LastModifiedTime")),
        kernel_gateway_image_config=_member(root, "KernelGatewayImageConfig", _kernel_gateway),
        jupyter_lab_app_image_config=_member(
            root,
            "JupyterLabAppImageConfig",
            lambda place: _space_app(place, JupyterLabAppImageConfig),
        ),
        code_editor_app_image_config=_member(
            root,
            "CodeEditorAppImageConfig",
            lambda place: _space_app(place, CodeEditorAppImageConfig),
        ),
    )


def _member(place: Place, key: str, read: Callable[[Place], T | None]) -> T | None:
    member = place.get(key)
    return None if member is None else read(member)


def _name(place: Place) -> str | None:
    return place.text(limits.APP_IMAGE_CONFIG_NAME)


def _arn(place: Place) -> str | None:
    arn = place.text()
    wanted = limits.APP_IMAGE_CONFIG_ARN.broken_by(arn) if arn else ""
    if wanted:
        # The service's answer, not its input: nothing is lost by it.
        place.report(
            "app-image-config-arn",
            describe(arn),
            wanted=wanted,
            remedy="copy the answer of describe-app-image-config again, or leave the ARN out",
            severity="warning",
        )
    return arn


def _time(place: Place | None) -> float | str | None:
    if place is None:
        return None
    value = place.value
    if isinstance(value, str):
        return place.text()
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return value
    wanted = "seconds since the epoch or a date as text"
    place.report("document-member-type", describe(value), wanted=wanted)
    return None


def _kernel_gateway(place: Place) -> KernelGatewayImageConfig | None:
    if not place.is_object(KernelGatewayImageConfig.__struct_encode_fields__):
        return None
    if place.get("FileSystemConfig") is None:
        _ids_unstated(place, "no FileSystemConfig")
    return KernelGatewayImageConfig(
        kernel_specs=_kernel_specs(place),
        file_system_config=_member(place, "FileSystemConfig", _file_system),
    )


def _kernel_specs(place: Place) -> tuple[KernelSpec, ...]:
    listed = place.get("KernelSpecs")
    if listed is None:
        wanted = '"KernelSpecs": [{"Name": "python3"}]'
        place.report("document-member-missing", "no KernelSpecs", wanted=wanted)
        return ()
    specs: dict[str, KernelSpec] = {}
    for entry in listed.items(fewest=limits.KERNEL_SPECS_FEWEST, most=limits.KERNEL_SPECS_MOST):
        spec = _kernel_spec(entry)
        if spec and specs.setdefault(spec.name, spec) is not spec:
            entry.report(
                "kernel-spec-twice",
                f"a second entry for {describe(spec.name)}; the first one counts",
                wanted="each kernel once",
                remedy="remove one of the two",
                severity="warning",
            )
    return tuple(specs.values())


def _kernel_spec(place: Place) -> KernelSpec | None:
    if not place.is_object(KernelSpec.__struct_encode_fields__):
        return None
    given = place.get("Name")
    if given is None:
        place.report("document-member-missing", "no Name", wanted="the name of a kernel")
        return None
    name = given.text(limits.KERNEL_NAME)
    if name is None:
        return None
    if re.fullmatch(limits.JUPYTER_KERNEL_NAME, name) is None:
        given.report(
            "kernel-name-unusual",
            describe(name),
            wanted="letters, digits, dots, hyphens and underscores, as in every Jupyter kernel name",
            remedy="give the name that the kernel has in `jupyter kernelspec list`",
            severity="warning",
        )
    return KernelSpec(name=name, display_name=_member(place, "DisplayName", _display_name))


def _display_name(place: Place) -> str | None:
    text = place.text()
    if not text:
        return None
    wanted = limits.KERNEL_DISPLAY_NAME.broken_by(text)
    if wanted:
        place.report(
            "document-text-limit", f"a text of {len(text)} characters; it is cut", wanted=wanted
        )
    return text[: limits.KERNEL_DISPLAY_NAME.longest]


def _file_system(place: Place) -> FileSystemConfig | None:
    if not place.is_object(FileSystemConfig.__struct_encode_fields__):
        return None
    mount = _mount_path(place)
    uid = _posix_id(place, "DefaultUid", limits.DEFAULT_UID)
    gid = _posix_id(place, "DefaultGid", limits.DEFAULT_GID)
    if mount is None or uid is None or gid is None:
        return None
    if (uid, gid) not in limits.SUPPORTED_IDS:
        pairs = " or ".join(f"{uid}/{gid}" for uid, gid in limits.SUPPORTED_IDS)
        place.report("file-system-ids", f"DefaultUid/DefaultGid {uid}/{gid}", wanted=pairs)
        return None
    missing = [key for key in _IDS if place.get(key) is None]
    if missing:
        _ids_unstated(place, f"no {' and no '.join(missing)}")
    return FileSystemConfig(mount_path=mount, default_uid=uid, default_gid=gid)


def _ids_unstated(place: Place, seen: str) -> None:
    place.report(
        "file-system-ids-unstated",
        seen,
        wanted=f"both ids: the API fills in {limits.DEFAULT_UID}/{limits.DEFAULT_GID}, the developer"
        " guide says 0/0",
        remedy=_STATE_IDS,
        severity="info",
    )


def _mount_path(place: Place) -> str | None:
    given = place.get("MountPath")
    if given is None:
        return limits.DEFAULT_MOUNT_PATH
    path = given.text(limits.MOUNT_PATH)
    if path is not None and is_reserved(path):
        given.report(
            "file-system-mount-reserved",
            describe(path),
            wanted="a folder that the platform does not keep for itself",
            remedy=f"mount the home folder elsewhere, such as at {limits.DEFAULT_MOUNT_PATH}",
            severity="warning",
        )
    return path


def _posix_id(place: Place, key: str, default: int) -> int | None:
    given = place.get(key)
    return default if given is None else given.integer(most=limits.POSIX_ID_MOST)


def _space_app(place: Place, section: type[S]) -> S | None:
    if not place.is_object(section.__struct_encode_fields__):
        return None
    file_system = place.get("FileSystemConfig")
    if file_system is not None:
        file_system.report(
            "file-system-unsupported",
            "a FileSystemConfig",
            wanted="none: the API reference calls it not supported for this kind of app",
            remedy="leave it out, unless the app is known not to start without it",
            severity="warning",
        )
    return section(
        file_system_config=_member(place, "FileSystemConfig", _file_system),
        container_config=_member(place, "ContainerConfig", _container),
    )


def _container(place: Place) -> ContainerConfig | None:
    if not place.is_object(ContainerConfig.__struct_encode_fields__):
        return None
    return ContainerConfig(
        container_arguments=_member(place, "ContainerArguments", _arguments) or (),
        container_entrypoint=_member(place, "ContainerEntrypoint", _entrypoint) or (),
        container_environment_variables=_member(place, "ContainerEnvironmentVariables", _variables)
        or {},
    )


def _arguments(place: Place) -> tuple[str, ...]:
    return _all_or_none(
        item.text(limits.CONTAINER_ARGUMENT, private=True)
        for item in place.items(most=limits.CONTAINER_ARGUMENTS_MOST)
    )


def _entrypoint(place: Place) -> tuple[str, ...]:
    return _all_or_none(
        item.text(limits.CONTAINER_ENTRYPOINT, private=True)
        for item in place.items(most=limits.CONTAINER_ENTRYPOINTS_MOST)
    )


def _all_or_none(texts: Iterable[str | None]) -> tuple[str, ...]:
    # A command line with a hole in it is another command.
    given = tuple(texts)
    kept = tuple(text for text in given if text is not None)
    return kept if len(kept) == len(given) else ()


def _variables(place: Place) -> dict[str, str]:
    kept = {}
    for key, member in place.entries(most=limits.ENVIRONMENT_VARIABLES_MOST).items():
        name = Place(key, place.document, member.path).text(limits.ENVIRONMENT_VARIABLE_NAME)
        value = member.text(limits.ENVIRONMENT_VARIABLE_VALUE, private=True)
        if name is not None and value is not None:
            kept[name] = value
    return kept
