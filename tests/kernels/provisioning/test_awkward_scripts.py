"""Scripts that misbehave in every way cost only themselves: one kernel was started with them all."""

import asyncio
import functools
import logging
from pathlib import Path
from typing import NamedTuple

import pytest

from jupyter_sm.kernels import provisioner
from jupyter_sm.kernels.activation import activate

from .foreign import ACTIVATE, LOG, Host, running

SCRIPTS = {
    "00-good": "export FIRST=1\n",
    "10-exits": "export EXITED=1\nexit 3\n",
    "20-fails": "export FAILED=1\n(exit 4)\n",
    "30-errexit": "set -e\nexport ERREXIT=1\nfalse\nexport ERREXIT=2\n",
    "40-nounset": "export NOUNSET=1\nset -u\necho $not_there\nexport NOUNSET=2\n",
    "50-loops": "export LOOPED=1\nwhile :; do :; done\n",
    "60-noise": r"printf 'a\0b\033[31mred\033[0m\r\xff\n'" + "\nenv -0\nexport NOISE=1\n",
    "65-much": "head -c 200000 /dev/zero | tr '\\0' x\nexport MUCH=1\n",
    "70-closes": "exec >&- 2>&- 0<&-\nexport CLOSED=1\n",
    "75-background": "sleep 600 &\nexport BACKGROUND=1\n",
    "80-reads": 'read -r line\nexport READ="$?$line"\n',
    "85-syntax": "export SYNTAX=1\nif then (\n",
    "90-last": "export LAST=1\n",
}


class Started(NamedTuple):
    """What became of the start.

    Attributes:
        environ: the kernel's variables.
        log: level and message of each line, with the kernel's id left out.
        folder: of the scripts.
    """

    environ: dict[str, str]
    log: list[tuple[str, str]]
    folder: Path

    def found(self, script: str) -> tuple[str, str]:
        """The one finding about a script: level, and what was seen."""
        start = f": {self.folder}/{script}.sh: "
        (told,) = [(level, text) for level, text in self.log if text.startswith(start)]
        return told[0], told[1].removeprefix(start).partition(";")[0]


class Records(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Started:
    host = Host(tmp_path_factory.mktemp("awkward"))
    files = {f"{ACTIVATE}/{name}.sh": text for name, text in SCRIPTS.items()}
    prefix = host.environment(files=files)
    km = host.manager()

    async def start() -> dict[str, str]:
        async with running(km) as kernel:
            return await kernel.environ()

    handler = Records()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(provisioner, "activate", functools.partial(activate, timeout=0.5))
        patch.setattr(LOG, "level", logging.INFO)
        LOG.addHandler(handler)
        environ = asyncio.run(start())
        LOG.removeHandler(handler)
    title = f"Kernel {km.kernel_id} (e)"
    told = [(r.levelname, r.getMessage()) for r in handler.records]
    log = [(level, text.removeprefix(title)) for level, text in told if text.startswith(title)]
    return Started(environ, log, prefix / ACTIVATE)


@pytest.mark.parametrize(
    ("name", "value"),
    {
        "FIRST": "1",
        "EXITED": "1",
        "FAILED": "1",
        "ERREXIT": "2",
        "NOUNSET": "1",
        "LOOPED": None,
        "NOISE": "1",
        "MUCH": "1",
        "CLOSED": "1",
        "BACKGROUND": "1",
        "READ": "1",
        "SYNTAX": "1",
        "LAST": "1",
    }.items(),
)
def test_what_each_script_had_exported_reaches_the_kernel(
    started: Started, name: str, value: str | None
) -> None:
    assert started.environ.get(name) == value


@pytest.mark.parametrize(
    ("script", "level", "seen"),
    [
        ("10-exits", "WARNING", "ended the shell with status 3"),
        ("20-fails", "WARNING", "ended with status 4"),
        ("40-nounset", "WARNING", "ended the shell with status "),
        ("50-loops", "WARNING", "still ran after 0.5 s and was stopped, and what it set is lost"),
        ("85-syntax", "WARNING", "ended with status 2"),
    ],
)
def test_each_script_that_went_wrong_is_in_the_log_by_name(
    started: Started, script: str, level: str, seen: str
) -> None:
    found = started.found(script)

    assert found[0] == level
    assert found[1].startswith(seen)


def test_noise_is_in_the_log_as_printable_lines(started: Started) -> None:
    said = [text for level, text in started.log if text.startswith(", activation: ")]

    assert any(r"a\x00b\x1b[31mred\x1b[0m" in text for text in said)
    assert all(text.isprintable() for _, text in started.log)


def test_the_log_keeps_a_part_of_a_flood(started: Started) -> None:
    assert sum(len(text) for _, text in started.log) < 10 * 65536
