"""A Jupyter kernel that answers every request to execute with the same error.

Made the way that ipykernel documents for kernels of other languages: a subclass of ``Kernel`` with
an ``IPKernelApp`` around it.
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from ipykernel import kernel_protocol_version  # type: ignore[attr-defined]  # it is not in __all__
from ipykernel.kernelbase import Kernel

from ..._version import __version__
from .explanation import Explanation
from .second_start import SecondStart
from .verdict import deserves_second, judge
from .wording import Told, tell

_RECONNECTION = 0.3
"""Seconds after which a client that was connected to a former process on these ports hears this one:
zmq tries again every 0.1 to 0.2 s. What is published before is lost, the one error of a cell too."""

ERROR_NAME = "KernelNotStarted"

LANGUAGES: Mapping[str, Mapping[str, object]] = {
    "python": {
        "name": "python",
        "mimetype": "text/x-python",
        "file_extension": ".py",
        "codemirror_mode": {"name": "ipython", "version": 3},
        "pygments_lexer": "ipython3",
        "nbconvert_exporter": "python",
    },
    "r": {
        "name": "R",
        "mimetype": "text/x-r-source",
        "file_extension": ".r",
        "codemirror_mode": "r",
        "pygments_lexer": "r",
    },
    "julia": {"name": "julia", "mimetype": "application/julia", "file_extension": ".jl"},
}
"""As ipykernel, IRkernel and IJulia say it: clients save it into the notebook."""


class Account:
    """What there is to tell, and what is still to come."""

    def __init__(self, explanation: Explanation) -> None:
        self.explanation = explanation
        attempt = explanation.attempt
        self._second = SecondStart(attempt) if attempt and deserves_second(attempt) else None

    def begin(self) -> None:
        """Begin the second start, if there is to be one."""
        if self._second is not None:
            self._second.start()

    def so_far(self) -> Told:
        """What is known at once."""
        return tell(self.explanation, judge(self.explanation, None))

    async def whole(self) -> Told:
        """Everything, when the second start has ended."""
        if self._second is None:
            return self.so_far()
        heard = await asyncio.wrap_future(self._second.heard)
        return tell(self.explanation, judge(self.explanation, heard))

    def stop(self) -> None:
        """End the second start."""
        if self._second is not None:
            self._second.stop()


class ExplainingKernel(Kernel):
    """Never pretends: whatever is to be executed fails with the explanation.

    Its parent, the application, has the ``account``.
    """

    implementation = "jupyter_sm"
    implementation_version = __version__

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)  # type: ignore[no-untyped-call]  # ipykernel's, as the next two
        self._account: Account = how["parent"].account
        self._heard_from = time.monotonic() + _RECONNECTION
        self.banner = "\n".join(self._account.so_far().lines)
        self.language_info = language_info(self._account.explanation.language)

    @property
    def kernel_info(self) -> dict[str, object]:
        """The kernel_info_reply, without a debugger and subshells."""
        return {
            "protocol_version": kernel_protocol_version,
            "implementation": self.implementation,
            "implementation_version": self.implementation_version,
            "language_info": self.language_info,
            "banner": self.banner,
            "help_links": [],
            "supported_features": [],
        }

    async def do_execute(
        self,
        code: str,  # noqa: ARG002  # ipykernel names its arguments
        silent: bool,
        *_: Any,
        **__: Any,
    ) -> dict[str, object]:
        told = await self._account.whole()
        await asyncio.sleep(max(0.0, self._heard_from - time.monotonic()))
        error = {"ename": ERROR_NAME, "evalue": told.summary, "traceback": list(told.lines)}
        if not silent:
            topic = self._topic("error")  # type: ignore[no-untyped-call]
            self.send_response(  # type: ignore[no-untyped-call]
                self.iopub_socket, "error", error, ident=topic
            )
        return {"status": "error", "execution_count": self.execution_count, **error}

    async def do_is_complete(self, code: str) -> dict[str, object]:  # noqa: ARG002  # the same
        return {"status": "complete"}

    async def do_debug_request(self, msg: dict[str, Any]) -> dict[str, object]:
        """Refuse; JupyterLab asks where the kernelspec says that there is a debugger."""
        return {
            "type": "response",
            "request_seq": msg.get("seq", 0),
            "command": msg.get("command", ""),
            "success": False,
            "message": "the kernel did not start",
            "body": {},
        }

    async def do_shutdown(self, restart: bool) -> dict[str, object]:
        self._account.stop()
        return {"status": "ok", "restart": restart}

    def pre_handler_hook(self) -> None:
        """Keep ignoring interrupts: what is awaited here cannot be interrupted."""

    def post_handler_hook(self) -> None: ...


def language_info(language: str) -> dict[str, object]:
    """What the real kernel would say of its language, apart from the version."""
    plain = {"name": language or "text", "mimetype": "text/plain", "file_extension": ".txt"}
    return {**plain, "version": "", **LANGUAGES.get(language.lower(), {})}
