"""Every problem that the health report can name: the one place where an id gets its meaning.

An id stays what it is for ever: it is never given to another kind of problem, and a problem that is
not reported any more keeps its row. docs/problems.md is made of this table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ..errors import Severity
from .cudatable import CUDA_PREFIX, CUDA_ROWS

_ERROR: Final[tuple[Severity, ...]] = ("error",)
_WARNING: Final[tuple[Severity, ...]] = ("warning",)
_INFO: Final[tuple[Severity, ...]] = ("info",)
_BY_DOCUMENT: Final[tuple[Severity, ...]] = ("error", "warning")
"""An error in the AppImageConfig, a warning in the metadata document."""

_BY_VERDICT: Final[tuple[Severity, ...]] = ("error", "warning", "info")
"""An error where CUDA does not work, a warning where a part of it does not, else worth knowing."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What an id means.

    Attributes:
        severities: those it can have, worst first.
        means: one clause.
        remedy: what to do in general; the problem itself says it for the case.
    """

    severities: tuple[Severity, ...]
    means: str
    remedy: str


_Rows = Mapping[str, tuple[tuple[Severity, ...], str, str]]

_PROCESS: Final[_Rows] = {
    "host-without-token": (
        ("error", "info"),
        "other machines reach the server, and it asks for no token (SageMaker wants it so)",
        "set a token (KG_AUTH_TOKEN, JUPYTER_TOKEN), or listen on 127.0.0.1",
    ),
    "home-not-writable": (
        _ERROR,
        "the server cannot write in its home folder",
        "give the folder to the user that the server runs as, or set HOME to another one",
    ),
    "mount-path-not-writable": (
        _ERROR,
        "the server cannot write where the AppImageConfig has the home folder mounted",
        "let MountPath, DefaultUid and DefaultGid be those of the image's user",
    ),
    "runtime-folder-not-writable": (
        _ERROR,
        "no kernel can start: Jupyter cannot write connection files",
        "set JUPYTER_RUNTIME_DIR to a folder that can be written",
    ),
    "runtime-folder-replaced": (
        _WARNING,
        "Jupyter's own runtime folder cannot be written, so connection files are in a temporary one",
        "make the folder writable, or set JUPYTER_RUNTIME_DIR to one that is",
    ),
    "temporary-folder-not-writable": (
        _WARNING,
        "programs cannot write temporary files",
        "make /tmp writable for everybody (chmod 1777), or set TMPDIR",
    ),
    "folders-not-answering": (
        _WARNING,
        "a file system does not answer, so what lies on it is not known",
        "see whether the network volume is mounted and reachable",
    ),
    "process-ids-differ": (
        _WARNING,
        "the server runs as another user or group than the AppImageConfig says",
        "let DefaultUid and DefaultGid be the ids of the image's user",
    ),
    "process-ids-unsupported": (
        _WARNING,
        "the server runs as a pair of user and group that SageMaker does not support",
        "run the image as 1000:100 or as 0:0",
    ),
    "process-user-unnamed": (
        _INFO,
        "no account of the image has the uid that the server runs as",
        "add the account in the image (useradd)",
    ),
    "process-is-root": (
        _INFO,
        "Jupyter Server runs as root, and so does every notebook",
        "run it as an ordinary user",
    ),
    "panel-not-installed": (
        _WARNING,
        "JupyterLab or Notebook runs here, and the panel of this package is not where they look",
        "install the package again where the npm registry can be reached",
    ),
}

_DOCUMENTS: Final[_Rows] = {
    "app-image-config-absent": (
        _ERROR,
        "the AppImageConfig that a setting names is not there",
        "copy the file into the image, or correct the setting",
    ),
    "app-image-config-arn": (
        _WARNING,
        "AppImageConfigArn is not the ARN of an AppImageConfig",
        "copy the answer of describe-app-image-config again, or leave it out",
    ),
    "app-image-config-unrecognised": (
        _ERROR,
        "the document has nothing that belongs to an AppImageConfig",
        "give the document that create-app-image-config takes",
    ),
    "document-count-limit": (_BY_DOCUMENT, "too many or too few entries", "correct the list"),
    "document-empty": (_ERROR, "the document is empty", "write it anew"),
    "document-member-missing": (_BY_DOCUMENT, "a member that is needed is not there", "add it"),
    "document-member-misspelt": (_WARNING, "a member's name is misspelt", "rename it"),
    "document-member-twice": (_WARNING, "an object has a member twice", "remove one"),
    "document-member-type": (_BY_DOCUMENT, "a value is of the wrong type", "correct the value"),
    "document-not-json": (_ERROR, "the document is not JSON", "correct it at the line named"),
    "document-not-object": (_ERROR, "the document is no JSON object", "replace the document"),
    "document-not-utf8": (_ERROR, "the document is not UTF-8", "save it as UTF-8"),
    "document-number-limit": (_BY_DOCUMENT, "a number is out of its range", "correct the number"),
    "document-text-limit": (_BY_DOCUMENT, "a text breaks a limit of the API", "correct the text"),
    "document-text-unreadable": (
        _BY_DOCUMENT,
        "a text has a NUL or half a character",
        "correct it",
    ),
    "document-too-deep": (_ERROR, "the document is nested too deeply", "replace the document"),
    "document-unreadable": (_ERROR, "the document is there and cannot be read", "make it readable"),
    "file-system-ids": (
        _ERROR,
        "DefaultUid and DefaultGid are a pair that SageMaker does not support",
        "write 1000 and 100, or 0 and 0",
    ),
    "file-system-ids-unstated": (
        _INFO,
        "the AppImageConfig does not state user and group, and AWS's documents disagree on them",
        "state MountPath, DefaultUid and DefaultGid",
    ),
    "file-system-mount-reserved": (
        _WARNING,
        "MountPath is a folder that the platform keeps for itself",
        "mount the home folder elsewhere",
    ),
    "file-system-unsupported": (
        _WARNING,
        "the API calls a FileSystemConfig not supported for this kind of app",
        "leave it out",
    ),
    "kernel-name-unusual": (
        _WARNING,
        "a configured kernel name has characters that no Jupyter kernel has",
        "give the name that the kernel has in `jupyter kernelspec list`",
    ),
    "kernel-spec-twice": (_WARNING, "a kernel is configured twice", "remove one of the two"),
    "metadata-arn-unknown": (
        _WARNING,
        "an ARN in the metadata document is not that of an app",
        "see whether the image brings a document of its own",
    ),
    "metadata-field-unusual": (
        _INFO,
        "a field of the metadata document breaks a limit of the API; it is used as it is",
        "none needed when SageMaker wrote it",
    ),
    "metadata-fields-disagree": (
        _WARNING,
        "two statements about the app's identity are not the same",
        "see whether the image brings a document or variables of its own",
    ),
    "metadata-not-known": (
        _WARNING,
        "the metadata document cannot be looked at: a file system does not answer",
        "see whether what lies below /opt/ml/metadata is reachable",
    ),
    "metadata-without-identity": (
        _WARNING,
        "the metadata document does not say which app this is",
        "see whether the image brings a document of its own",
    ),
}

_KERNELS: Final[_Rows] = {
    "configured-kernel-case": (
        _WARNING,
        "a configured kernel differs from the one there is in capitals",
        "write the name as it is: it is case-sensitive",
    ),
    "configured-kernel-excluded": (
        _ERROR,
        "a configured kernel is there and must not be started",
        "see the reason; configure another kernel, or lift the setting that excludes it",
    ),
    "configured-kernel-missing": (
        _ERROR,
        "a configured kernel is not in this image",
        "correct the name in the AppImageConfig, or install the kernel",
    ),
    "kernel-not-started": (
        _ERROR,
        "a kernel that somebody opened did not start; its notebook says why",
        "mend what is named, then restart the kernel",
    ),
    "kernels-not-fresh": (
        _WARNING,
        "the kernels are those of a while ago: a file system does not answer",
        "see whether every file system answers on which environments lie",
    ),
    "kernels-not-known": (
        _ERROR,
        "the kernels of this image cannot be looked for",
        "see the log of the server, and whether every file system answers",
    ),
    "shown-kernel-broken": (
        _ERROR,
        "a kernel that is offered will not start",
        "run the command that is named",
    ),
    "conda-environment-unreadable": (
        _WARNING,
        "a conda environment cannot be read and is left out",
        "make it readable",
    ),
    "conda-environments-txt-too-long": (
        _WARNING,
        "conda's list of environments is too long to be read whole",
        "run `conda env list`, which takes out the ones that are gone",
    ),
    "conda-environments-txt-unreadable": (
        _WARNING,
        "conda's list of environments cannot be read",
        "make the file readable",
    ),
    "conda-envs-dir-unreadable": (
        _WARNING,
        "a folder of conda environments cannot be read",
        "make the folder readable",
    ),
    "conda-name-shared": (
        _INFO,
        "two environments would give their kernels the same name",
        "rename one of them",
    ),
    "conda-settings-unreadable": (_WARNING, "a settings file of conda cannot be read", "mend it"),
    "conda-settings-unusable": (_WARNING, "a setting of conda cannot be used", "correct it"),
    "kernel-name-shared": (_INFO, "two kernels would have the same name", "rename one of them"),
    "kernelspec-not-trusted": (
        _WARNING,
        "a kernelspec that another user can change is left out, as the server is root",
        "let root own the folder, with nobody else writing there",
    ),
    "kernelspec-repaired": (
        _INFO,
        "a kernel.json is wrong in a way that was understood; other servers may refuse it",
        "correct the file",
    ),
    "kernelspec-unreadable": (_WARNING, "a kernelspec cannot be read", "make it readable"),
    "kernelspec-unusable": (_WARNING, "a kernelspec cannot be used", "write its file anew"),
    "kernelspecs-folder-unreadable": (
        _WARNING,
        "a folder of kernelspecs cannot be read",
        "make the folder readable",
    ),
    "native-kernel-unusable": (
        _ERROR,
        "the kernel of the server's own Python cannot be used",
        "install ipykernel again",
    ),
}

_LOGS: Final[_Rows] = {
    "log-not-written": (
        _WARNING,
        "what the server logs is not written down",
        "make the log root writable, or set JupyterSM.log_root",
    ),
    "log-records-lost": (
        _WARNING,
        "log records of this server were lost",
        "see what was in the way: a full disk, or a folder that could not be written",
    ),
    "log-disk-nearly-full": (
        _WARNING,
        "the disk of the log has less room than the log may take",
        "free space there, or set JupyterSM.log_root to another disk",
    ),
    "log-shipping-refused": (
        _WARNING,
        "shipping was asked for and is not done",
        'unset JupyterSM.ship_logs; or set it to "force"',
    ),
    "log-shipping-waiting": (
        _WARNING,
        "shipping waits for what is named",
        "mend what is named: the network, credentials, permissions",
    ),
    "log-shipping-stopped": (
        _WARNING,
        "events are on disk that nobody ships any more",
        "restart the server, or run `jupyter sm logs --ship`",
    ),
    "log-shipping-behind": (
        _WARNING,
        "the oldest event that is not shipped yet is minutes old",
        "none if it catches up; else see the network, and how much is logged",
    ),
    "log-events-rejected": (
        _WARNING,
        "CloudWatch Logs has refused events; they are on disk only",
        "see the clock, and the retention of the log group",
    ),
    "log-events-gone": (
        _WARNING,
        "files of the log were gone before they were shipped",
        "none for what is gone; see why shipping was behind",
    ),
    "log-shipping-state": (
        _INFO,
        "shipping began again, as what it remembered cannot be used: events may arrive twice",
        "none, unless it comes back: then see who writes there",
    ),
}

_CUDA: Final[_Rows] = {
    f"{CUDA_PREFIX}{code.removeprefix(CUDA_PREFIX)}": (_BY_VERDICT, means, remedy)
    for code, (means, remedy) in CUDA_ROWS.items()
}

PROBLEMS: Final[Mapping[str, Problem]] = MappingProxyType(
    {
        kind: Problem(*row)
        for rows in (_PROCESS, _DOCUMENTS, _KERNELS, _CUDA, _LOGS)
        for kind, row in rows.items()
    }
)
"""By id, in the order in which problems of one severity are told."""
