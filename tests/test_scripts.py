"""What the scripts do on a machine where something is missing, stale or half made."""

import os
import subprocess
import sys
from pathlib import Path

import check_texts
import pytest
import setup_panel
import setup_venv
import system_packages
from system_packages import SystemPackage

pytestmark = pytest.mark.newest_only

THERE = SystemPackage("there", "nothing", program="sh")
ABSENT = SystemPackage("absent", "the engine", program="no-such-program")
SUDO = "sudo apt-get install --no-install-recommends absent\n"


@pytest.fixture
def apt_get(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An apt-get that notes what it is asked for and installs `no-such-program`; its notes."""
    notes, folder = tmp_path / "notes", tmp_path / "bin"
    folder.mkdir()
    installed = folder / "no-such-program"
    script = folder / "apt-get"
    script.write_text(
        f'#!/bin/sh\necho "$@" >> {notes}\n[ "$2" = update ] || install -m 755 /dev/null {installed}\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return notes


@pytest.fixture
def as_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)


@pytest.fixture
def as_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)


@pytest.mark.usefixtures("as_root")
def test_root_installs_what_is_missing_and_says_so(
    apt_get: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    status = system_packages.ensure((THERE, ABSENT), may_install=True, strict=True)

    assert status == 0
    assert capfd.readouterr().out == "running as root: installing the Debian packages absent\n"
    assert apt_get.read_text().splitlines() == [
        "-qq update",
        "-qq install --yes --no-install-recommends absent",
    ]


@pytest.mark.usefixtures("as_user")
def test_others_are_given_the_one_line_that_does_it(
    apt_get: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    status = system_packages.ensure((THERE, ABSENT), may_install=True, strict=False)

    assert status == 1
    assert capfd.readouterr().err == f"missing: absent, needed for the engine\n{SUDO}"
    assert not apt_get.exists()


@pytest.mark.usefixtures("as_root")
@pytest.mark.parametrize(("strict", "expected"), [(False, 0), (True, 1)])
def test_without_leave_to_install_only_a_strict_run_fails(
    apt_get: Path, capfd: pytest.CaptureFixture[str], strict: bool, expected: int
) -> None:
    status = system_packages.ensure((ABSENT,), may_install=False, strict=strict)

    assert status == expected
    assert SUDO in capfd.readouterr().err
    assert not apt_get.exists()


@pytest.mark.usefixtures("as_root", "apt_get")
def test_what_apt_get_cannot_bring_is_still_missing(capfd: pytest.CaptureFixture[str]) -> None:
    other = SystemPackage("other", "the moon", program="another-program")

    status = system_packages.ensure((other,), may_install=True, strict=False)

    assert status == 1
    assert "missing: other, needed for the moon" in capfd.readouterr().err


def test_a_package_is_seen_by_its_program_or_its_module() -> None:
    found = SystemPackage("a", "", module="json"), SystemPackage("b", "", program="sh")
    absent = SystemPackage("c", "", module="no_such_module"), ABSENT

    assert system_packages.missing((*found, *absent)) == list(absent)


@pytest.mark.usefixtures("as_user")
def test_what_only_roots_tests_need_is_not_missed_by_others() -> None:
    engine = SystemPackage("engine", "an image", program="no-such-program", root_only=True)

    assert system_packages.missing((engine, ABSENT)) == [ABSENT]


def test_everything_that_the_tests_need_is_here() -> None:
    assert system_packages.main(["--strict", "--no-system"]) == 0


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without dependencies, whose scripts work on it alone."""
    (tmp_path / "jupyter_sm").mkdir()
    (tmp_path / "jupyter_sm" / "_version.py").write_text('__version__ = "1.2"\n')
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    (tmp_path / "versions.txt").write_text("six==1.0\n")
    monkeypatch.setattr(setup_venv, "ROOT", tmp_path)
    return tmp_path


def test_an_environment_is_made_until_it_is_complete_and_then_taken(
    checkout: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    stamp = checkout / ".venv-test" / setup_venv.STAMP

    assert setup_venv.main([".venv-test", "--no-such-option"]) == 1
    assert ".venv-test could not be made" in capfd.readouterr().err
    assert not stamp.exists()

    assert setup_venv.main([".venv-test", "--help"]) == 0  # pip's: nothing is installed
    made = stamp.stat().st_mtime_ns

    assert setup_venv.main([".venv-test", "--help"]) == 0
    assert stamp.stat().st_mtime_ns == made


def test_an_environment_of_other_sources_is_not_complete(checkout: Path) -> None:
    (checkout / setup_venv.STAMP).write_text("earlier")

    assert setup_venv.is_complete(checkout, "earlier")
    assert not setup_venv.is_complete(checkout, "now")


@pytest.mark.parametrize("name", ["pyproject.toml", "versions.txt", "jupyter_sm/_version.py"])
def test_the_digest_covers_each_source_and_each_file_pip_reads(checkout: Path, name: str) -> None:
    arguments = ["--constraint", "versions.txt"]
    before = setup_venv.digest(checkout, arguments)

    with (checkout / name).open("a") as file:
        file.write("# more\n")

    assert setup_venv.digest(checkout, arguments) != before


def test_the_digest_covers_what_pip_is_told(checkout: Path) -> None:
    assert setup_venv.digest(checkout, ["a"]) != setup_venv.digest(checkout, ["b"])


def test_a_second_script_waits_for_the_first(checkout: Path) -> None:
    code = "import setup_venv, sys; from pathlib import Path\n"
    code += "with setup_venv.one_at_a_time(Path(sys.argv[1])): print('mine')"
    environ = {**os.environ, "PYTHONPATH": os.path.dirname(setup_venv.__file__)}
    with setup_venv.one_at_a_time(checkout):
        other = subprocess.Popen(
            [sys.executable, "-c", code, checkout], env=environ, stdout=subprocess.PIPE
        )
        with pytest.raises(subprocess.TimeoutExpired):
            other.wait(0.5)

    assert other.communicate(timeout=20)[0] == b"mine\n"


def test_the_newest_release_in_the_changelog_is_the_package(checkout: Path) -> None:
    changelog = checkout / "CHANGELOG.md"

    changelog.write_text("# Changes\n\n## 1.2 (today)\n\n## 1.1\n")
    assert not list(check_texts.version_problems(checkout))

    changelog.write_text("# Changes\n\n## [1.3]\n")
    assert list(check_texts.version_problems(checkout)) == [
        "CHANGELOG.md: 1.3, but jupyter_sm/_version.py: 1.2"
    ]


def test_a_place_of_this_machine_in_a_file_is_a_problem(checkout: Path) -> None:
    registry = "https:__files.pypi".replace("_", "/")
    lines = ["fine", f"see {checkout}/x", registry, f"{checkout}-not"]
    (checkout / "page.md").write_text("\n".join(lines))

    assert list(check_texts.place_problems(checkout, ["page.md"])) == [
        f"page.md:2: {checkout}",
        f"page.md:3: {registry}",
    ]


def test_untracked_files_are_checked_and_ignored_ones_are_not(checkout: Path) -> None:
    subprocess.run(["git", "init", "-q", checkout], check=True)
    (checkout / ".gitignore").write_text("/jupyter_sm/\n")

    assert check_texts.file_names(checkout) == [".gitignore", "pyproject.toml", "versions.txt"]


def test_the_panel_is_linked_in_place_of_a_copy_and_only_once(tmp_path: Path) -> None:
    bundle, place = tmp_path / "bundle", tmp_path / "venv" / setup_panel.SHARE
    bundle.mkdir()
    place.mkdir(parents=True)
    (place / "old").touch()

    setup_panel.link(bundle, tmp_path / "venv")
    setup_panel.link(bundle, tmp_path / "venv")

    assert place.readlink() == bundle
    assert list(bundle.iterdir()) == []
