"""The process of the explaining kernel: reads an explanation from stdin and serves it."""

import logging
import os
import signal
import sys
import threading
import time
from types import FrameType

from ipykernel.kernelapp import IPKernelApp

from ...reading import problem
from .explanation import Explanation, decode
from .kernel import Account, ExplainingKernel

_ORPHAN_CHECK = 1.0
"""Seconds between two looks whether the server still runs."""

_FAREWELL = 2.0
"""Seconds to wait for the reply to a request to shut down."""


class ExplainingApp(IPKernelApp):
    """An IPKernelApp that reads no profile and no configuration: they may be what is broken."""

    def __init__(self, account: Account, connection_file: str) -> None:
        super().__init__(  # type: ignore[no-untyped-call]  # ipykernel's
            connection_file=connection_file,
            kernel_class=ExplainingKernel,
            log_level=logging.ERROR,
            outstream_class=None,  # nothing is printed here for the notebook
        )
        self.account = account

    def init_profile_dir(self) -> None:
        self.profile_dir = None

    def init_config_files(self) -> None: ...

    def load_config_file(self, *_: object, **__: object) -> None: ...

    def init_path(self) -> None:
        """Leave out the notebook's folder."""

    def init_signal(self) -> None:
        """Leave the handler: an ignored signal would be ignored by the second start as well."""

    def init_poller(self) -> None:
        """Watch the parent in our own way: ipykernel's leaves no time to end the second start."""
        if self.parent_handle:
            threading.Thread(target=_watch_parent, args=[self.parent_handle], daemon=True).start()


def main(connection_file: str) -> None:
    """Serve until told to stop, or until the server that started this process has ended."""
    account = Account(_read_explanation())
    _stop_on_sigterm(account)
    account.begin()
    try:
        app = ExplainingApp(account, connection_file)
        app.initialize([])  # type: ignore[no-untyped-call]  # ipykernel's, as the next one
        app.start()  # type: ignore[no-untyped-call]
        # ipykernel closes its sockets at exit, and can hang there while this thread uses them.
        app.control_thread.join(_FAREWELL)
    except (Exception, SystemExit):
        # A port that somebody else has by now: threads that wait for others would keep this process,
        # and nobody would learn of it. Ended, it is started again on other ports.
        logging.getLogger(__name__).exception("The kernel cannot say why another did not start")
        account.stop()
        os._exit(1)
    finally:
        account.stop()


def _read_explanation() -> Explanation:
    try:
        return decode(sys.stdin.buffer.read() if sys.stdin else b"")
    except (ValueError, OSError) as error:
        return Explanation(
            kernel="",
            language="",
            reason=f"why is not known: the server's words cannot be read ({problem(error)})",
            remedy="See the log of the server.",
            file="",
        )


def _stop_on_sigterm(account: Account) -> None:
    def stop(number: int, _: FrameType | None) -> None:
        account.stop()
        signal.signal(number, before if callable(before) else signal.SIG_DFL)
        signal.raise_signal(number)

    before = signal.signal(signal.SIGTERM, stop)


def _watch_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_ORPHAN_CHECK)
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)
