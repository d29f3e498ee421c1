"""500 environments in the image, 50 of them broken: each is listed, or told with its reason."""

import json
from collections.abc import Callable
from pathlib import Path

import containers
import envs
import pytest

pytestmark = [pytest.mark.engine, pytest.mark.newest_only, pytest.mark.timeout(600)]

FOLDER = "/opt/more/envs"
PACKAGES = "lib/python3.11/site-packages"
HEALTHY, BROKEN = 450, 50

Break = Callable[[Path], object]


def environment(prefix: Path) -> Path:
    """One whose kernel starts in the image, with the packages of ``science``."""
    files = {
        "pyvenv.cfg": "home = /usr/bin\n",
        f"{PACKAGES}/science.pth": f"/opt/conda/envs/science/{PACKAGES}\n",
    }
    argv0 = f"{FOLDER}/{prefix.name}/bin/python"
    envs.make_environment(prefix, interpreter=None, argv0=argv0, files=files)
    (prefix / "bin/python").symlink_to("/usr/bin/python3")
    return prefix


def spec(prefix: Path) -> Path:
    return environment(prefix) / "share/jupyter/kernels/python3/kernel.json"


def interpreter(prefix: Path) -> Path:
    """Where it was."""
    path = environment(prefix) / "bin/python"
    path.unlink()
    return path


def endless_spec(prefix: Path) -> None:
    path = spec(prefix)
    path.unlink()
    path.symlink_to("/dev/zero")


WAYS: dict[str, tuple[Break, str]] = {
    "no interpreter": (interpreter, "does not exist"),
    "interpreter is a link to itself": (
        lambda prefix: interpreter(prefix).symlink_to("python"),
        "does not exist",
    ),
    "interpreter is not executable": (
        lambda prefix: interpreter(prefix).write_text("#!/bin/sh\n"),
        "cannot be executed",
    ),
    "kernel.json is garbage": (
        lambda prefix: spec(prefix).write_bytes(b'{"argv": \xff\x00'),
        "is neither UTF-8 nor UTF-16",
    ),
    "kernel.json never ends": (endless_spec, "is not a regular file"),
    "kernel.json is closed": (lambda prefix: spec(prefix).chmod(0), "permission denied"),
    "closed": (lambda prefix: environment(prefix).chmod(0o700), "permission denied"),
    "link to nothing": (lambda prefix: prefix.symlink_to("gone"), "is a link to nothing"),
    "link to itself": (
        lambda prefix: prefix.symlink_to(prefix.name),
        "too many levels of symbolic links",
    ),
}
"""What breaks an environment, and what is said of it then."""

LISTED = ("no interpreter", "interpreter is a link to itself", "interpreter is not executable")
"""Broken, and listed all the same: to start the kernel tells why it does not."""


@pytest.fixture
def reasons(tmp_path: Path) -> dict[str, str]:
    """Makes them all; what is said of the broken ones, by name."""
    folder = tmp_path / "envs"
    for number in range(HEALTHY):
        environment(folder / f"well{number:03}")
    said = {}
    for number in range(BROKEN):
        way = list(WAYS)[number % len(WAYS)]
        name = f"ill{number:02}-{way.replace(' ', '-')}"
        WAYS[way][0](folder / name)
        said[name] = WAYS[way][1]
    return said


def is_listed(name: str) -> bool:
    return name.partition("-")[2].replace("-", " ") in LISTED


def kernel_of(name: str) -> str:
    return f"conda-env-more-{name}-py"


def test_of_500_environments_50_are_broken_and_each_is_told_with_its_reason(
    user_image: str, launch: containers.LaunchContainer, reasons: dict[str, str], tmp_path: Path
) -> None:
    mount = f"--volume={tmp_path}/envs:{FOLDER}:ro"
    settings = (f"--env=CONDA_ENVS_DIRS={FOLDER}", "--env=JUPYTER_SM_SHOW=all")
    with launch(user_image, mount, *settings) as container:
        listed = set(container.get("/api/kernelspecs").json()["kernelspecs"])
        well = {kernel_of(f"well{number:03}") for number in range(HEALTHY)}
        ill = {kernel_of(name) for name in reasons if is_listed(name)}
        assert {name for name in listed if name.startswith("conda-env-more-")} == well | ill

        problems = container.get("/api/sm/health/report").json()["problems"]
        told = [problem for problem in problems if FOLDER in problem["source"]]
        for name, reason in reasons.items():
            [problem] = [p for p in told if f"{FOLDER}/{name}" in f"{p['source']}/"]
            assert reason in problem["seen"]
            assert problem["remedy"]
        assert len(told) == BROKEN
        assert container.get("/api/sm/health").status == 200

        command = "jupyter sm kernels --json || true"  # 1: there are errors
        findings = json.loads(container.run("sh", "-c", command, user="1000:100"))["findings"]
        found = {problem["source"] for problem in findings}
        assert {problem["source"] for problem in told} <= found

        with container.start_kernel(kernel_of("well321")) as kernel:
            prefix = kernel.execute("import sys; sys.prefix").result
            assert prefix == repr(f"{FOLDER}/well321")
        with container.start_kernel(min(ill)) as kernel:
            reply = kernel.execute("6 * 7").reply
            assert reply["status"] == "error"
            assert "does not exist" in "\n".join(reply["traceback"])
        assert container.stop() == 0, container.log()
        assert container.left_behind() == []
