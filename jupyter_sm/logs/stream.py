"""Groups and streams of CloudWatch Logs as SageMaker names them, and where they lie on disk.

The names are those of the SageMaker developer guide ("Log Groups and Streams That Amazon SageMaker
Sends to Amazon CloudWatch Logs"); the limits those of the API of CloudWatch Logs, version 2014-03-28.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from ..errors import JupyterSMError
from ..image import Identity, Sourced
from ..reading import printable
from .segments import LOG_SUFFIX

GROUP: Final = "/aws/sagemaker/studio"
"""Of every app of SageMaker Studio."""

TRAINING_GROUP: Final = "/aws/sagemaker/TrainingJobs"
PROCESSING_GROUP: Final = "/aws/sagemaker/ProcessingJobs"
TRANSFORM_GROUP: Final = "/aws/sagemaker/TransformJobs"
ENDPOINTS_GROUP: Final = "/aws/sagemaker/Endpoints"
"""Each endpoint has a group of its own below this one."""
NOTEBOOK_GROUP: Final = "/aws/sagemaker/NotebookInstances"

_NAME_MOST: Final = 512
_GROUP_CHARACTERS: Final = re.compile(r"[._/#A-Za-z0-9-]+")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_SPOOL_FILE: Final = re.compile(r".*\.(log(\.[0-9]{8,})?|ship|lock)", re.DOTALL)

_FILE_NAME_BYTES_MOST: Final = 255
"""Of one component of a path, on the file systems of Linux."""

_LONGEST_SUFFIX: Final = len(LOG_SUFFIX) + len(".") + 20
"""With the number of a closed segment: more of them than 64 bits count are never made."""


class StreamNameError(JupyterSMError):
    """A name that CloudWatch Logs refuses, or that would leave the folder of the logs."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A log stream in its group.

    Attributes:
        group: As `GROUP`.
        name: As ``<domain>/<owner>/<AppType>/<app>``.

    Raises:
        StreamNameError: CloudWatch Logs refuses one of them, or it is no path below a folder.
    """

    group: str
    name: str

    def __post_init__(self) -> None:
        """Refuse what nobody can use."""
        _check_group(self.group)
        _check_name(self.name)

    @classmethod
    def of(cls, identity: Identity) -> "Stream":
        """The stream that the platform gives to this app, or to this notebook instance.

        Raises:
            StreamNameError: The identity lacks a name, or one of them cannot be used: which, where
                it came from, and what to do.
        """
        if identity.kind == "notebook-instance":
            return notebook_stream(_folder("the resource name", identity.resource_name))
        return app_stream(
            _folder("the domain id", identity.domain_id),
            _folder("the user profile or space", identity.owner),
            _folder("the app type", identity.app_type),
            _file("the app's name", identity.app_name),
        )

    @classmethod
    def parse(cls, root: str, path: str) -> "Stream":
        """The stream whose `path` below the root this is.

        Raises:
            StreamNameError: No stream has that path.
        """
        inside = os.path.relpath(path, root)
        if not inside.endswith(LOG_SUFFIX) or inside.startswith("../"):
            raise StreamNameError(f"{printable(path)} is no log below {printable(root)}")
        whole = "/" + inside.removesuffix(LOG_SUFFIX)
        for layout in _LAYOUTS:
            match = layout.group.match(whole)
            if match and whole[match.end() :].startswith("/"):
                return cls(match[0], whole[match.end() + 1 :])
        raise StreamNameError(f"{printable(path)} is below no log group of SageMaker")

    def folder(self, root: str) -> str:
        """The folder of its files below the folder of all logs."""
        return os.path.dirname(self.path(root))

    def path(self, root: str) -> str:
        """Its active file: with a suffix, for one stream's name may begin with another's."""
        return os.path.join(root, self.group.strip("/"), self.name + LOG_SUFFIX)

    def parts(self) -> "Parts | None":
        """What the names consist of; None for those of no resource of SageMaker."""
        for layout in _LAYOUTS:
            group, name = layout.group.fullmatch(self.group), layout.name.fullmatch(self.name)
            if group and name:
                found = {**group.groupdict(), **name.groupdict()}
                return Parts(layout.resource, {k: v for k, v in found.items() if v is not None})
        return None


@dataclass(frozen=True, slots=True)
class Parts:
    """What a stream's names say.

    Attributes:
        resource: ``app``, ``training-job``, ``processing-job``, ``transform-job``, ``endpoint`` or
            ``notebook-instance``.
        names: By what they are names of, as in the function that makes such a stream.
    """

    resource: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Layout:
    resource: str
    group: re.Pattern[str]
    name: re.Pattern[str]


def _layout(resource: str, group: str, name: str) -> _Layout:
    """A pattern for each; ``<name>`` stands for one component, ``?`` after it for its absence."""

    def pattern(text: str) -> re.Pattern[str]:
        text = re.sub(r"/<(\w+)>\?", r"(?:/(?P<\1>.+))?", text)
        return re.compile(re.sub(r"(?<!P)<(\w+)>", r"(?P<\1>[^/]+)", text))

    return _Layout(resource, pattern(group), pattern(name))


_LAYOUTS: Final = (
    _layout("app", GROUP, "<domain>/<owner>/<app_type>/<app>/<purpose>?"),
    _layout("training-job", TRAINING_GROUP, "<job>/algo-<number>-(?P<epoch>[0-9]+)"),
    _layout("processing-job", PROCESSING_GROUP, "<job>/<host>-(?P<epoch>[0-9]+)"),
    _layout("transform-job", TRANSFORM_GROUP, "<job>/<instance>-(?P<epoch>[0-9]+)/<purpose>?"),
    _layout("endpoint", f"{ENDPOINTS_GROUP}/<endpoint>", "<variant>/<instance>/<purpose>?"),
    _layout("notebook-instance", NOTEBOOK_GROUP, "<instance>/<purpose>?"),
)


def app_stream(domain: str, owner: str, app_type: str, app: str, purpose: str = "") -> Stream:
    """Of an app of Studio.

    Args:
        domain: Its id.
        owner: The user profile or the space; ``domain-shared`` for RStudio's server.
        app_type: As ``KernelGateway``.
        app: Its name.
        purpose: As ``LifecycleConfigOnStart``, beside the app's own stream.

    Raises:
        StreamNameError: A name cannot be used.
    """
    return _stream(GROUP, domain, owner, app_type, app, purpose=purpose)


def training_stream(job: str, number: int, epoch: int) -> Stream:
    """Of one machine of a training job: its number from 1, and when it began, in seconds."""
    return _stream(TRAINING_GROUP, job, f"algo-{number}-{epoch}")


def processing_stream(job: str, host: str, epoch: int) -> Stream:
    """Of one machine of a processing job."""
    return _stream(PROCESSING_GROUP, job, f"{host}-{epoch}")


def transform_stream(job: str, instance: str, epoch: int, purpose: str = "") -> Stream:
    """Of one machine of a transform job; its purpose is ``data-log`` or a container's name."""
    return _stream(TRANSFORM_GROUP, job, f"{instance}-{epoch}", purpose=purpose)


def endpoint_stream(endpoint: str, variant: str, instance: str, purpose: str = "") -> Stream:
    """Of one machine of an endpoint; its purpose is ``data-log`` or a container's name."""
    _check_component("the endpoint", endpoint)
    return _stream(f"{ENDPOINTS_GROUP}/{endpoint}", variant, instance, purpose=purpose)


def notebook_stream(instance: str, purpose: str = "jupyter.log") -> Stream:
    """Of a notebook instance: its server's, or that of the lifecycle hook ``purpose``."""
    return _stream(NOTEBOOK_GROUP, instance, purpose=purpose)


def _stream(group: str, *components: str, purpose: str = "") -> Stream:
    for component in components:
        _check_component("a name", component)
    return Stream(group, "/".join((*components, purpose) if purpose else components))


def _folder(what: str, sourced: Sourced) -> str:
    return _value(what, sourced, _check_folder)


def _file(what: str, sourced: Sourced) -> str:
    return _value(what, sourced, _check_file)


def _value(what: str, sourced: Sourced, check: Callable[[str, str], None]) -> str:
    """The value of a field, refused by the field's name and where it came from."""
    if sourced.value is None:
        raise StreamNameError(f"{what} is not known, and the log stream is named after it")
    try:
        check(f"{what} (from {sourced.source})", sourced.value)
    except StreamNameError as error:
        raise StreamNameError(f"{error}; {_remedy(sourced.source)}") from None
    return sourced.value


def _remedy(source: str) -> str:
    if source.startswith("environment "):
        return "correct that variable"
    if source == "default":
        return "give another one in a metadata document"
    return "correct it in the metadata document"


def _check_group(group: str) -> None:
    if not 1 <= len(group) <= _NAME_MOST:
        raise StreamNameError(f"a log group's name has 1 to {_NAME_MOST} characters: {group!a}")
    if not _GROUP_CHARACTERS.fullmatch(group) or group.startswith("aws/"):
        raise StreamNameError(
            f"a log group's name has letters, digits and . - _ / # only, and does not begin with "
            f"aws/: {group!a}"
        )
    for component in group.removeprefix("/").split("/"):
        _check_component("the log group", component)


def _check_name(name: str) -> None:
    if not 1 <= len(name) <= _NAME_MOST:
        raise StreamNameError(f"a log stream's name has 1 to {_NAME_MOST} characters: {name!a}")
    *folders, last = name.split("/")
    for folder in folders:
        _check_folder("the log stream", folder)
    _check_file("the log stream", last)


def _check_folder(what: str, name: str) -> None:
    _check_component(what, name)
    if _SPOOL_FILE.fullmatch(name):
        raise StreamNameError(f"{what}: a folder must not be called as a log file is: {name!a}")


def _check_file(what: str, name: str) -> None:
    _check_component(what, name, room=_LONGEST_SUFFIX)


def _check_component(what: str, name: str, *, room: int = 0) -> None:
    """Refuse what is no name of one folder, or of a file with ``room`` bytes after it."""
    if name in ("", ".", "..") or "/" in name:
        raise StreamNameError(f"{what} has {name!a} in it, which is no name of a file or folder")
    if ":" in name or "*" in name or _CONTROL.search(name):
        raise StreamNameError(f"{what} has : or * or a control character in it: {name!a}")
    if len(name.encode()) + room > _FILE_NAME_BYTES_MOST:
        raise StreamNameError(f"{what} has a name too long for a file: {name!a}")
