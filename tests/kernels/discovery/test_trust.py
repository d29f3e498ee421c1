"""Root runs nothing that another user could have changed."""

import os
import shlex
from pathlib import Path

import pytest
from envs import make_environment

from jupyter_sm.kernels.discovery.trust import Trust, distrust, distrusted

from .machine import Machine, named

ROOT = (0, 0)
USER = (1000, 100)
"""Owner of /opt/conda in images that follow SageMaker's."""


@pytest.mark.parametrize(
    ("owner", "mode", "server"),
    [
        (ROOT, 0o755, ROOT),
        (ROOT, 0o755, USER),
        (ROOT, 0o755, None),
        (ROOT, 0o775, ROOT),
        (USER, 0o755, USER),
        (USER, 0o775, USER),
        ((1000, 5), 0o755, USER),
        ((0, 100), 0o755, ROOT),
    ],
)
def test_root_trusts_itself_and_whoever_owns_the_server(
    owner: tuple[int, int], mode: int, server: tuple[int, int] | None
) -> None:
    assert distrust(owner, mode, server) == ""


@pytest.mark.parametrize(
    ("owner", "mode", "server", "reason"),
    [
        (USER, 0o755, ROOT, "belongs to user 1000"),
        (USER, 0o700, None, "belongs to user 1000"),
        ((1001, 100), 0o755, USER, "belongs to user 1001"),
        (ROOT, 0o777, ROOT, "every user can write"),
        (ROOT, 0o1777, ROOT, "every user can write"),
        (USER, 0o777, USER, "every user can write"),
        ((0, 100), 0o775, ROOT, "group 100 can write"),
        ((1000, 5), 0o775, USER, "group 5 can write"),
        (ROOT, 0o775, USER, "group 0 can write"),
        (ROOT, 0o775, None, "group 0 can write"),
    ],
)
def test_root_does_not_trust_what_another_user_owns_or_can_write(
    owner: tuple[int, int], mode: int, server: tuple[int, int] | None, reason: str
) -> None:
    assert reason in distrust(owner, mode, server)


@pytest.fixture
def prefix(machine: Machine) -> Path:
    return make_environment(machine.root / "envs/my env")


def test_an_environment_as_safe_as_the_server_may_be_started_by_root(
    machine: Machine, prefix: Path
) -> None:
    assert machine.kernel("conda-env-my_env-py", euid=0).excluded is None
    assert prefix.stat().st_uid == os.geteuid()


@pytest.mark.parametrize("part", [".", "bin"])
def test_an_environment_that_anybody_can_write_is_excluded_until_that_is_mended(
    machine: Machine, prefix: Path, part: str
) -> None:
    (prefix / part).chmod(0o777)
    discovery = machine.discovery(euid=0)

    kernel = named(discovery.look(), "conda-env-my_env-py")

    assert kernel.excluded is not None
    assert kernel.environment is not None
    assert kernel.environment.excluded == kernel.excluded
    assert "every user can write" in kernel.excluded.reason
    assert f"chmod -R go-w {shlex.quote(str(prefix))}" in kernel.excluded.remedy
    (prefix / part).chmod(0o755)
    assert named(discovery.look(), "conda-env-my_env-py").excluded is None


def test_an_ordinary_user_trusts_whatever_may_be_read(machine: Machine, prefix: Path) -> None:
    prefix.chmod(0o777)

    assert machine.kernel("conda-env-my_env-py", euid=1000).excluded is None
    assert Trust(machine.places(euid=1000)).trouble(str(prefix)) is None


def test_an_environment_without_a_bin_folder_is_judged_by_itself(machine: Machine) -> None:
    make_environment(machine.root / "envs/r", interpreter=None)
    (machine.root / "envs/r/bin").rmdir()

    assert machine.kernel("conda-env-r-py", euid=0).excluded is None


def test_a_server_without_a_prefix_is_nobody_in_particular(machine: Machine, prefix: Path) -> None:
    kernel = machine.kernel("conda-env-my_env-py", euid=0, server_prefix="/nowhere")

    assert (kernel.excluded is None) == (os.geteuid() == 0)
    assert prefix.exists()


def test_an_environment_that_goes_away_meanwhile_is_excluded(machine: Machine) -> None:
    discovery = machine.discovery(euid=0)
    discovery.look()

    gone = discovery._excluded(str(machine.root / "gone"), (), ())

    assert gone is not None
    assert "no such file" in gone.reason.lower()


def test_a_trust_that_has_not_begun_knows_no_server(machine: Machine, prefix: Path) -> None:
    trust = Trust(machine.places(euid=0))

    assert (trust.trouble(str(prefix)) is None) == (os.geteuid() == 0)


@pytest.mark.parametrize("owner", [0, 12345])
def test_a_kernelspec_may_not_lead_root_into_an_environment_of_another_user(
    tmp_path: Path, owner: int
) -> None:
    prefix = make_environment(tmp_path / "e", files={"etc/conda/activate.d/a.sh": "export X=1\n"})
    if os.geteuid() != 0:  # nobody else could own it then, and nobody but root has to be careful
        assert distrusted(str(prefix)) is None
        return
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_mode & 0o022 and not folder.stat().st_mode & 0o1000:
            folder.chmod(0o755)
    os.chown(prefix / "etc/conda/activate.d/a.sh", owner, owner)

    found = distrusted(str(prefix))

    assert (found is None) == (owner == 0)
    assert found is None or "belongs to user 12345" in found.reason


def test_an_environment_that_is_not_there_is_for_others_to_tell(tmp_path: Path) -> None:
    assert distrusted(str(tmp_path / "nowhere")) is None
