"""Replays what conda was seen to activate; each difference has its reason."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from jupyter_sm.kernels.activation import Activation, activate

GOLDEN = Path(__file__).parents[2] / "golden" / "activation.json"

Case = dict[str, Any]

SHELLS_OWN = frozenset({"_", "SHLVL", "PWD", "OLDPWD"})
"""Every shell sets these, and they say nothing of an environment."""


class Difference(NamedTuple):
    """Where we do not give what conda gave: why that is right, and what the user is told.

    Attributes:
        why: the reason.
        finding: id of the finding that names the cause; empty where it is conda's own.
    """

    why: str
    finding: str = ""


EMPTY_PATH = Difference("an empty PATH names no folder; conda makes /condabin or `.` of it")
OWN_CONDABIN = Difference("once is enough; conda puts its condabin on PATH a second time")
PREFIX = Difference("conda's own text for the shell is wrong for such a path, and it fails")
NOT_JSON = Difference("that file is left out; conda fails", "environment-variables-unreadable")
ENDS_SHELL = Difference("the script alone is at fault; conda fails", "activation-script-exited")

DIFFERENCES = {
    "base/path-empty": EMPTY_PATH,
    "myenv/path-empty": EMPTY_PATH,
    "myenv/path-empty-active": EMPTY_PATH,
    "path-prepend/path-empty": EMPTY_PATH,
    "base/condabin-own": OWN_CONDABIN,
    "myenv/condabin-own": OWN_CONDABIN,
    "myenv/shlvl-empty": Difference("empty is as good as not set; conda fails"),
    "myenv/shlvl-garbage": Difference("nothing is active then; conda fails", "conda-level-unclear"),
    "myenv/shlvl-1-no-prefix": Difference(
        "nothing is active then; conda fails", "conda-level-unclear"
    ),
    "myenv/ps1-exported": Difference("a prompt that was exported stays; bash drops it for conda"),
    "quote": Difference("conda does not quote the value, and loses all that it writes after it"),
    "it's": PREFIX,
    "dollar$HOME": PREFIX,
    "badstate": NOT_JSON,
    "badpkg": NOT_JSON,
    "vars-null-section": NOT_JSON,
    "vars-empty-file": NOT_JSON,
    "vars-list": NOT_JSON,
    "pkg-dir": NOT_JSON,
    "pkg-dangling": NOT_JSON,
    "exit3": ENDS_SHELL,
    "setu": ENDS_SHELL,
    "old-exits": ENDS_SHELL,
    "hang": Difference(
        "it is stopped and the rest runs; conda never ends", "activation-script-stopped"
    ),
    "vars-reserved": Difference(
        "that variable is left out; conda fails", "environment-variable-unusable"
    ),
    "vars-conda-exe": Difference(
        "conda's own variables stay; conda lets a file overwrite one of them",
        "environment-variable-unusable",
    ),
    "vars-bad-names": Difference(
        "that name is left out; conda makes the shell set another one from half of it",
        "environment-variable-unusable",
    ),
}
"""By the name of a case, or of its group."""


def cases() -> list[Case]:
    loaded: list[Case] = json.loads(GOLDEN.read_text())["cases"]
    return loaded


def key_of(case: Case) -> str:
    group: str = case["id"].split("/")[0]
    return case["id"] if case["id"] in DIFFERENCES else group


class Replay:
    """A case laid out below a folder, with real paths in place of placeholders."""

    def __init__(self, case: Case, folder: Path) -> None:
        self.case = case
        self.paths = {
            "@PREFIX@": case["prefix"],
            "@OTHER@": case.get("other", {}).get("prefix", ""),
            "@ROOT@": str(folder / "xroot"),
            "@HOME@": str(folder / "h"),
            "@ELSEWHERE@": str(folder / "a"),
        }
        self.prefix = Path(self.fill(case["prefix"]))
        self.root = Path(self.paths["@ROOT@"])
        self.home = Path(self.paths["@HOME@"])

    def fill(self, value: Any) -> Any:
        """``value`` with the placeholders in all its strings replaced."""
        if isinstance(value, str):
            for name, path in self.paths.items():
                value = value.replace(name, path)
            return value
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        if isinstance(value, Mapping):
            return {self.fill(key): self.fill(item) for key, item in value.items()}
        return value

    def __getitem__(self, key: str) -> Any:
        return self.fill(self.case.get(key))

    @property
    def conda_gave(self) -> dict[str, str] | None:
        """Its environment, without what says nothing; None where it failed."""
        return None if self.case["conda_fails"] else self.counted(self["expected"])

    @property
    def wanted(self) -> dict[str, str] | None:
        """The environment to give; None where nothing can be activated."""
        wanted = self["reasonable"] if self.case["conda_fails"] else self["expected"]
        if wanted is None:
            return None
        for name, value in (self["better"] or {}).items():
            wanted.pop(name, None)
            wanted |= {} if value is None else {name: value}
        return self.counted(wanted)

    def counted(self, environ: Mapping[str, str]) -> dict[str, str]:
        keys = ("ignore", "reasonable_optional")
        ignored = SHELLS_OWN.union(*(self.case.get(key) or () for key in keys))
        return {name: value for name, value in environ.items() if name not in ignored}

    def lay_out(self) -> None:
        self.home.mkdir()
        self._write(self.root, {"conda-meta/history": "", **(self["root_files"] or {})})
        self._write(self.home, self["home_files"] or {})
        if "link_target" in self.case:
            target = Path(self["link_target"])
            target.mkdir(parents=True)
            self.prefix.parent.mkdir(parents=True)
            self.prefix.symlink_to(target)
        for place in (self.case, self.case.get("other", {"prefix": ""})):
            self._add(self.fill(place))
        if "conda_stub" in (self.case.get("needs") or ()):
            for path in (self.root / "condabin/conda", self.root / "bin/conda"):
                self._write(path.parent, {path.name: "#!/bin/sh\n"})
                path.chmod(0o755)

    def _add(self, place: Case) -> None:
        prefix = Path(place["prefix"])
        self._write(prefix, place.get("files", {}))
        for path, target in place.get("links", {}).items():
            (prefix / path).parent.mkdir(parents=True, exist_ok=True)
            (prefix / path).symlink_to(target)

    def _write(self, folder: Path, files: Mapping[str, str]) -> None:
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(os.fsencode(text))

    def activate(self) -> Activation:
        hangs = self.case["id"].startswith("hang/")
        return activate(
            self["argument"] or str(self.prefix),
            self["parent"],
            root=str(self.root),
            timeout=0.6 if hangs else 20,
        )


@pytest.fixture
def replay(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Replay:
    made = Replay(request.param, tmp_path)
    made.lay_out()
    monkeypatch.chdir(made.home)
    return made


def those(chosen: Iterable[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "replay", [pytest.param(case, id=case["id"]) for case in chosen], indirect=True
    )


@those(cases())
def test_the_environment_is_that_of_conda_or_the_difference_has_a_reason(replay: Replay) -> None:
    found = replay.activate()
    environ = replay.counted(found.environ)
    difference = DIFFERENCES.get(key_of(replay.case))

    if replay.wanted is None and difference is None:
        assert [finding.severity for finding in found.findings] == ["error"]
        assert found.environ == replay["parent"]
    elif replay.wanted is not None:
        assert environ == replay.wanted
        assert (environ == replay.conda_gave) == (difference is None)
    if difference:
        ids = {finding.id for finding in found.findings}
        assert {difference.finding} - {""} <= ids
        assert not any(finding.severity == "error" for finding in found.findings)


@those(case for case in cases() if case["id"] == "myenv/shlvl-empty")
def test_an_empty_level_is_no_level(replay: Replay) -> None:
    unset = {k: v for k, v in replay["parent"].items() if k != "CONDA_SHLVL"}

    found = replay.activate()

    again = activate(str(replay.prefix), unset, root=str(replay.root))
    assert replay.counted(found.environ) == replay.counted(again.environ)


def test_no_case_asks_for_what_is_not_replayed() -> None:
    """Permissions, another user, a moved /etc: the format has them, no case of activation does."""
    asked = {need for case in cases() for need in case.get("needs") or ()}

    assert asked == {"conda_stub"}
    assert not any("modes" in case for case in cases())


def test_every_difference_belongs_to_a_case_and_has_a_reason() -> None:
    assert set(DIFFERENCES) <= {key_of(case) for case in cases()}
    assert all(difference.why for difference in DIFFERENCES.values())
