"""Owns the state of a running host, and is where the rooms meet.

Host-neutral: the gateway and Jupyter Server construct it, hand its handlers out, and tell it when to
start and to stop.
"""

import contextlib
import dataclasses
import getpass
import logging
import os
import secrets
import zlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

import msgspec
from jupyter_client.kernelspec import KernelSpecManager

from ..errors import DocumentError
from ..image import AppImageConfig, MetadataReading, read_metadata
from ..kernels import Catalog, Live, Places
from ..kernels.background import within
from ..reading import printable
from .api import Host, Logs, NotStarted, State, kernels_of
from .documents import WatchedDocument
from .hostcuda import HostCuda
from .hostlogs import HostLogs
from .hostproblems import NO_HOST, HostProblems, HostView
from .loganswers import EVENTS_DEFAULT, logs_of, logs_unanswered
from .look import Look
from .settings import JupyterSM, is_configured

LOGS_PATIENCE = 1.0
"""Seconds that an answer waits for what the log's files say."""

PATIENCE = 2.0
"""Seconds that a look at the process, and a start, wait for the first look at the documents."""


class Service:
    """What this package knows and does in one running host.

    Args:
        host: which host it runs in.
        settings: the configuration.
        log: the host's logger.
        kernelspecs: Jupyter's own manager as the user configured it: its folders, its
            ``allowed_kernelspecs`` and its ``ensure_native_kernel`` stay in force.
        view: what the host knows of itself.
        observe: never serve the catalog: somebody else's manager or gateway has the kernels.
        environ: the process's environment; the identity reads it.
        places: where discovery looks; this process's when not given.

    Attributes:
        active: whether this host serves the catalog. Decided once: a host's kernels do not change
            hands while it runs.
        instance: random, so that an ETag never outlives the process.
        cuda: whether CUDA is visible to the host.
        logs: of the host; None until `open_logs`, and where this package is a guest.
        problems: of the process itself.
    """

    def __init__(
        self,
        *,
        host: Host,
        settings: JupyterSM,
        log: logging.Logger,
        kernelspecs: KernelSpecManager,
        view: HostView = NO_HOST,
        observe: bool = False,
        environ: Mapping[str, str] = os.environ,
        places: Places | None = None,
    ) -> None:
        self.host: Host = host
        self.settings = settings
        self.log = log
        self.started = datetime.now(timezone.utc)
        self.instance = secrets.token_hex(4)
        self.stopping = False
        self._environ = {name: printable(value) for name, value in environ.items()}
        self._metadata = WatchedDocument([os.path.expanduser(settings.metadata_file)], self._decode)
        self._live_metadata = Live(self.metadata, log, "the metadata")
        self.look = Look(
            settings=settings,
            places=_respecting(kernelspecs, places or Places.of_this_process()),
            kernelspecs=kernelspecs,
            show_unconfigured=host == "jupyter-server",
            log=log,
        )
        self.live: Live[Catalog] = Live(self.look, log)
        self.active = not observe and self._is_active()
        self.logs: HostLogs | None = None
        self.cuda = HostCuda(self.live.fresh, ask_driver=settings.cuda_check, log=log)
        self._live_logs: Live[Logs] = Live(self._logs_now, log, "the log", patience=LOGS_PATIENCE)
        self.problems = HostProblems(
            view,
            host=host,
            metadata=lambda: self._live_metadata.fresh(PATIENCE),
            config=self._config_in_use,
            log_folder=lambda: self.logs.folder if self.logs else None,
            log=log,
        )
        self._body: tuple[tuple[Catalog, str, tuple[NotStarted, ...]], bytes] | None = None

    @property
    def state(self) -> State:
        """``starting`` until the kernels are known, ``stopping`` from the first signal to stop."""
        if self.stopping:
            return "stopping"
        return "ready" if self.live.known or not self.active else "starting"

    def start(self) -> None:
        """Begin to look, so that kernels and GPU are known when the first client asks."""
        if self.active:
            self.live.begin()
            self.cuda.begin()
            self.problems.begin()

    def open_logs(self, app: Any, secrets: Iterable[str | bytes | None]) -> HostLogs:
        """Begin to write down what the host logs, and to keep secrets out of it.

        Args:
            app: the host's application.
            secrets: its tokens and the like.
        """
        try:
            reading = self._live_metadata.last(PATIENCE)
        except TimeoutError as error:
            reading = self.metadata_not_known()
            said = "The log has the name of an app without metadata until the next start: %s"
            self.log.warning(said, error)
        self.logs = HostLogs(
            settings=self.settings,
            reading=reading,
            app=app,
            secrets=secrets,
            environ=self._environ,
        )
        return self.logs

    def metadata(self) -> MetadataReading:
        """The app's identity as the metadata document says it now; never raises.

        Waits for the disk, and is not to be called by two threads at once.
        """
        try:
            return self._metadata.read()
        except DocumentError as error:
            reading = self._decode(None, self.settings.metadata_file)
            findings = (error.finding, *reading.findings)
            return dataclasses.replace(reading, present=True, findings=findings)

    async def metadata_async(self, patience: float | None = None) -> MetadataReading:
        """As ``metadata``; a disk that does not answer holds nobody up.

        Args:
            patience: seconds to wait for the very first look, as ``Live`` has it.

        Raises:
            TimeoutError: the first look at the document has not ended.
        """
        return await self._live_metadata.fresh_async(patience)

    def metadata_not_known(self) -> MetadataReading:
        """What stands for the identity before the document has been looked at; no wait."""
        return read_metadata(
            None,
            source=printable(self.settings.metadata_file),
            environ=self._environ,
            user=str(os.geteuid()),  # its name may lie on the same dead file system
        )

    async def logs_async(self) -> Logs:
        """Where the log is, and its last events; a disk that does not answer holds nobody up."""
        try:
            return await self._live_logs.fresh_async(LOGS_PATIENCE)
        except TimeoutError:
            return logs_unanswered(self.logs)

    def etag(self, catalog: Catalog, default: str, not_started: tuple[NotStarted, ...]) -> str:
        """Names the answer of ``/api/sm/kernels`` before it is built."""
        named = zlib.crc32(repr((default, not_started)).encode("utf-8", "surrogatepass"))
        return f'"{self.instance}-{catalog.generation}-{named:x}"'

    def follow_default(self, app: Any, kernel_manager: Any) -> None:
        """Keep the host's default kernel the catalog's, unless the user configured one."""
        if not is_configured(app, kernel_manager, "default_kernel_name"):
            self.look.follow(
                lambda catalog: setattr(kernel_manager, "default_kernel_name", catalog.default)
            )

    def kernels_body(
        self, catalog: Catalog, default: str, not_started: tuple[NotStarted, ...]
    ) -> bytes:
        """The encoded answer of ``/api/sm/kernels``, built once for as long as it stays the same."""
        made_of = (catalog, default, not_started)
        if self._body is None or self._body[0] != made_of:
            self._body = (made_of, msgspec.json.encode(kernels_of(*made_of)))
        return self._body[1]

    def _is_active(self) -> bool:
        if self.settings.active is not None:
            return bool(self.settings.active)
        if self.host == "kernel-gateway":
            return True
        # Nobody but SageMaker mounts metadata; the prefix, with an AppImageConfig, may be on NFS.
        where_it_hangs = True
        try:
            if within(PATIENCE, self._metadata.path) is not None:
                return True
            where_it_hangs = bool(self.settings.app_image_config)
            return within(PATIENCE, self.look.document.path) is not None
        except TimeoutError as error:
            taken = "Taken" if where_it_hangs else "Not taken"
            said = "%s for an image of SageMaker: where its documents lie, %s; see JupyterSM.active"
            self.log.warning(said, taken, error)
            return where_it_hangs

    def _logs_now(self) -> Logs:
        return logs_of(self.logs, EVENTS_DEFAULT)

    def _config_in_use(self) -> AppImageConfig | None:
        """As the last look for the kernels found it; waits a moment for the first one."""
        if self.active:
            with contextlib.suppress(Exception):  # whoever asks for the kernels is told
                self.live.last(PATIENCE)
        return self.look.config

    def _decode(self, content: bytes | None, path: str) -> MetadataReading:
        return read_metadata(
            content, source=path, environ=self._environ, user=printable(user_name())
        )


def user_name() -> str:
    """Name of the user that the process runs as; its uid where no account has that uid."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # Python 3.13 raises OSError where older ones raise KeyError
        return str(os.getuid())


def _respecting(kernelspecs: KernelSpecManager, places: Places) -> Places:
    # Its default imports the whole of IPython for one path, which ``places`` knows without.
    own = kernelspecs.trait_has_value("kernel_dirs")
    return dataclasses.replace(
        places,
        kernel_dirs=tuple(kernelspecs.kernel_dirs) if own else places.kernel_dirs,
        native_dir=places.native_dir if kernelspecs.ensure_native_kernel else None,
    )
