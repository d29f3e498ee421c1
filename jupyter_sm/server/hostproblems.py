"""What the running process itself reports: who it is, where it can write, who can reach it.

Whatever touches a file system or the list of accounts is done in a thread (``kernels/live.py``), so that
a dead network volume costs the answer's freshness and nothing else.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ..errors import Finding, Severity
from ..image import AppImageConfig, FileSystemConfig, MetadataReading
from ..kernels import Live
from ..reading import printable
from .api import Host
from .hostrules import (
    Folder,
    file_system_of,
    folders,
    ids,
    nearly_full,
    no_panel,
    not_answering,
    not_writable,
    open_host,
)
from .who import Who, nameless, of_this_process

MAX_AGE: Final = 2.0
"""Seconds for which a look at accounts and folders is taken as it is."""

PATIENCE: Final = 1.0
"""Seconds that a report waits for a look, also for the first one."""

_METADATA: Final = "the metadata document"
_CONFIG: Final = "the AppImageConfig"

_TOLD_ELSEWHERE: Final = frozenset({_METADATA, _CONFIG})
"""What has a problem of its own while it is not known: the config is one with the kernels."""

_LEVELS: Final[Mapping[Severity, int]] = {"error": logging.ERROR, "warning": logging.WARNING}


@dataclass(frozen=True, slots=True, kw_only=True)
class HostView:
    """What a host knows of itself, asked anew each time and without waiting.

    Attributes:
        address: what it listens on; None for a socket in the file system.
        has_auth: whether it asks who is there.
        runtime_folder: where connection files are written.
        panel_folders: where JupyterLab or Notebook look for panels; None where neither is served.
    """

    address: Callable[[], str | None]
    has_auth: Callable[[], bool]
    runtime_folder: str
    panel_folders: Callable[[], Sequence[str] | None] = lambda: None


NO_HOST: Final = HostView(address=lambda: None, has_auth=lambda: True, runtime_folder="")
"""Where no host runs."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look saw: who the process is, whether this is SageMaker, what is wrong."""

    who: Who
    is_on_platform: bool
    findings: tuple[Finding, ...]


class HostProblems:
    """The problems of one running process.

    Args:
        view: of the host.
        host: which one it is.
        metadata: the identity; may wait for the disk. A ``TimeoutError`` of it is told by whoever
            asks for the identity itself.
        config: the AppImageConfig in use, None without one; may wait for the first look at it, and
            that it takes long is told by whoever looks for the kernels.
        log_folder: where the log is written now; None where none is.
        log: told each new problem once.
    """

    def __init__(
        self,
        view: HostView,
        *,
        host: Host,
        metadata: Callable[[], MetadataReading],
        config: Callable[[], AppImageConfig | None],
        log_folder: Callable[[], str | None],
        log: logging.Logger,
    ) -> None:
        self._view = view
        self._host: Host = host
        self._metadata = metadata
        self._config = config
        self._log_folder = log_folder
        self._log = log
        self._asked = ""
        self._said: set[Finding] = set()
        self._live: Live[Seen] = Live(
            self._look, log, "what this process may do", max_age=MAX_AGE, patience=PATIENCE
        )

    def begin(self) -> None:
        """Look for the first time; nobody waits."""
        self._live.begin()

    async def who(self) -> Who:
        """Who the process runs as; the bare numbers where the list of accounts does not answer."""
        seen = await self._seen()
        return seen.who if seen else nameless()

    async def findings(self) -> tuple[Finding, ...]:
        """The problems now; what cannot be known is one of them."""
        seen = await self._seen()
        told = seen.findings if seen else self._unanswered()
        is_on_platform = seen is not None and seen.is_on_platform
        address = None if self._view.has_auth() else self._view.address()
        return (*open_host(address, is_on_platform=is_on_platform), *told)

    async def _seen(self) -> Seen | None:
        try:
            return await self._live.fresh_async(PATIENCE)
        except TimeoutError:
            return None

    def _unanswered(self) -> tuple[Finding, ...]:
        asked = self._asked
        return () if asked in _TOLD_ELSEWHERE else (not_answering(asked),)

    def _look(self) -> Seen:
        self._asked = _METADATA
        try:
            reading = self._metadata()
        except TimeoutError:
            reading = None
        is_on_platform = reading is not None and reading.present
        self._asked = _CONFIG
        config = file_system_of(self._config(), reading, self._host)
        self._asked = "the list of accounts"
        who = of_this_process()
        found = (
            *ids(who, config, is_on_platform=is_on_platform, host=self._host),
            *self._on_disk(who, config, is_on_platform=is_on_platform),
        )
        self._asked = ""
        self._tell(found)
        return Seen(who, is_on_platform, found)

    def _on_disk(
        self, who: Who, config: FileSystemConfig | None, *, is_on_platform: bool
    ) -> Iterator[Finding]:
        wanted = folders(who, config, self._view.runtime_folder, is_on_platform=is_on_platform)
        yield from not_writable(self._noted(wanted))
        log_folder = self._log_folder()
        if log_folder is not None:
            self._asked = printable(log_folder)
            yield from nearly_full(log_folder)
        panels = self._view.panel_folders()
        if panels is not None:
            self._asked = "the folders of panels"
            yield from no_panel(panels)

    def _noted(self, wanted: Iterable[Folder]) -> Iterator[Folder]:
        """The same, each remembered while it is looked at: one that does not answer is then named."""
        for folder in wanted:
            self._asked = printable(folder.path)
            yield folder

    def _tell(self, found: Sequence[Finding]) -> None:
        """Log what is new: a Lab whose panel shows its gateway has no other place for its own."""
        for finding in found:
            if finding not in self._said and finding.severity != "info":
                self._log.log(_LEVELS[finding.severity], "%s", finding.sentence())
        self._said = set(found)
