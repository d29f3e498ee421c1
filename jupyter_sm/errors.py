"""What can be wrong, in one shape: the finding that is reported, the exceptions that are raised.

    JupyterSMError
    ├── DocumentError      bytes that are not the document they should be
    ├── SettingError       a configuration value that cannot be used
    └── KernelNameError    a kernel name that cannot be started
        ├── UnknownKernelError   no kernel has that name
        └── KernelRefusedError   the kernel is there and must not be started

A finding never stops anything; an exception stops one request or one command, never the server.
"""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
"""Worst first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong or worth knowing, with what to do about it.

    Attributes:
        id: stable kebab-case name of the kind of finding; never reused for another kind.
        severity: ``error`` loses something the user asked for, ``warning`` may, ``info`` does not.
        source: where it was seen: a path, with ``:line:column`` or a JSON path where known, or the
            name of a setting.
        seen: what was found there.
        wanted: what was expected instead; empty where ``seen`` says it all.
        remedy: what a person can do; a command in it is shell-quoted.
    """

    id: str
    severity: Severity
    source: str
    seen: str
    wanted: str = ""
    remedy: str = ""

    def sentence(self) -> str:
        """Source, what was seen, what was wanted and the remedy on one line, for a log."""
        parts = [f"{self.source}: {self.seen}"]
        if self.wanted:
            parts.append(f"expected {self.wanted}")
        if self.remedy:
            parts.append(self.remedy)
        return "; ".join(parts)


class JupyterSMError(Exception):
    """Base of every exception that this package raises on purpose."""


class DocumentError(JupyterSMError):
    """Bytes that are not the document they should be, as a whole.

    Attributes:
        finding: the same, as a finding.
    """

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.sentence())
        self.finding = finding


class SettingError(JupyterSMError):
    """A configuration value that cannot be used; the message names the setting and the remedy."""


class KernelNameError(JupyterSMError):
    """A kernel name that cannot be started.

    Attributes:
        name: the name as it was asked for.
        remedy: what to do about it.
    """

    def __init__(self, name: str, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}. {remedy}" if remedy else reason)
        self.name = name
        self.reason = reason
        self.remedy = remedy


class UnknownKernelError(KernelNameError):
    """No kernel of this image has that name or alias."""


class KernelRefusedError(KernelNameError):
    """The kernel is known and must not be started: excluded, or not shown while ``enforce`` is on."""
