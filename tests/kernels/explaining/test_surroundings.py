"""Nothing that may have broken the real kernel breaks the one that explains."""

import os
from pathlib import Path

import pytest

from jupyter_sm.kernels.explaining import encode

from .conftest import Start
from .standin import FIRST, TIMEOUT, StandIn, attempt, explanation, python

PACKAGES = (
    "IPython",
    "debugpy",
    "ipykernel",
    "jupyter_client",
    "jupyter_sm",
    "msgspec",
    "psutil",
    "tornado",
    "zmq",
)
"""What the process needs, or tries to have."""

STANDARD = ("asyncio", "dataclasses", "json", "logging", "signal")
"""What a Python that measures coverage imports before it begins with the program."""

REASON = explanation().reason


def shadow(folder: Path, names: tuple[str, ...]) -> Path:
    """A folder of notebooks that holds modules with the names of others."""
    for name in names:
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text("raise SystemExit('shadowed')")
    return folder


def explains(kernel: StandIn) -> bool:
    """From its first answer to its end."""
    text = kernel.ready().text()
    kernel.control("shutdown", {"restart": False})
    return REASON in text and kernel.process.wait(TIMEOUT) == 0


def test_modules_beside_the_notebook_are_not_imported(start: Start, tmp_path: Path) -> None:
    folder = shadow(tmp_path / "notebooks", PACKAGES + STANDARD)

    assert explains(start(explanation(), cwd=folder))


@pytest.mark.parametrize("path", ["", ":/nowhere", ".", "../notebooks:/nowhere"])
def test_a_relative_path_of_the_server_does_not_mean_the_notebooks(
    start: Start, tmp_path: Path, path: str
) -> None:
    folder = shadow(tmp_path / "notebooks", PACKAGES)

    assert explains(start(explanation(), cwd=folder, env={"PYTHONPATH": path}))


def test_the_path_of_the_server_stays(start: Start, tmp_path: Path) -> None:
    folder = shadow(tmp_path / "server", ("msgspec",))

    kernel = start(explanation(), env={"PYTHONPATH": str(folder)})

    assert kernel.process.wait(TIMEOUT) == 1


def test_a_folder_that_is_gone_does_not_matter(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    kernel = start(explanation(), cwd=folder)
    folder.rmdir()

    assert REASON in kernel.ready().text()


def test_a_broken_profile_is_not_read(start: Start, tmp_path: Path) -> None:
    profile = tmp_path / "ipython/profile_default"
    (profile / "startup").mkdir(parents=True)
    for path in ("startup/00.py", "ipython_config.py", "ipython_kernel_config.py"):
        (profile / path).write_text("raise SystemExit('broken profile')")
    before = sorted(tmp_path.rglob("ipython/**/*"))
    env = {
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "IPYTHON_SUPPRESS_CONFIG_ERRORS": "nonsense",
        "JUPYTER_CONFIG_DIR": str(profile),
    }

    assert REASON in start(explanation(), env=env).ready().text()
    assert sorted(tmp_path.rglob("ipython/**/*")) == before


@pytest.mark.parametrize("home", [None, "/proc/nowhere", ""])
def test_no_home_is_needed(start: Start, home: str | None) -> None:
    unset = ("HOME", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR")
    env = {} if home is None else {"HOME": home}

    assert (
        REASON
        in start(explanation(), env=env, without=unset if home is None else ()).ready().text()
    )


def test_a_user_whom_the_system_does_not_know_needs_no_home(start: Start, tmp_path: Path) -> None:
    code = "import pwd\ndef getpwuid(uid): raise KeyError(uid)\npwd.getpwuid = getpwuid\n"
    (tmp_path / "sitecustomize.py").write_text(code)
    unset = ("HOME", "JUPYTER_RUNTIME_DIR")

    kernel = start(explanation(), env={"PYTHONPATH": str(tmp_path)}, without=unset)

    assert REASON in kernel.ready().text()


def test_warnings_do_not_end_it(start: Start) -> None:
    kernel = start(explanation(), env={"PYTHONWARNINGS": "error"}).ready()

    assert REASON in kernel.text()


@pytest.mark.parametrize("said", [b"", b"{", b"\xff\x00", b"{}", encode(explanation())[:-9]])
def test_a_lost_explanation_is_told(start: Start, said: bytes) -> None:
    text = start(said).ready().text()

    assert text.startswith("This kernel did not start.\n\n  why is not known: ")
    assert "See the log of the server." in text


def test_a_closed_stdin_is_a_lost_explanation(start: Start) -> None:
    code = "import os, sys; os.close(0); os.execv(sys.argv[1], sys.argv[1:])"

    assert "why is not known" in start(b"", through=python(code)).ready().text()


def test_a_large_explanation_arrives(start: Start) -> None:
    environ = {**os.environ, **{f"LARGE_{i}": "x" * 1000 for i in range(500)}}
    code = "import os; print(len([k for k in os.environ if k.startswith('LARGE_')]))"
    large = explanation(attempt=attempt(*python(code, FIRST), environ=environ))

    assert len(encode(large)) > 500_000
    assert "\n  500\n" in start(large).ready().text()
