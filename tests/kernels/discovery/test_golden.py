"""Replays what conda and nb_conda_kernels were seen to do; each intended difference has its reason."""

import base64
import dataclasses
import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml  # noqa: F401  # a child that is not root could not import it any more
from unprivileged import as_ordinary_user

from jupyter_sm.kernels import Discovery, Kernel, Places, Snapshot
from jupyter_sm.kernels.discovery.environments import Environments
from jupyter_sm.kernels.discovery.programs import Programs

GOLDEN = Path(__file__).parents[2] / "golden" / "discovery.json"

Case = dict[str, Any]


def cases() -> list[Case]:
    loaded: list[Case] = json.loads(GOLDEN.read_text())["cases"]
    return loaded


@dataclasses.dataclass(frozen=True, kw_only=True)
class Difference:
    """How we differ from conda or the peer in one case, and why that is right.

    Attributes:
        why: the reason.
        more, fewer: environments that we find or do not find, unlike conda.
        spelled: conda's spelling of a path to ours.
        kernels: folders of kernels that we list and the peer does not.
        names: the peer's kernel names to ours; ``#`` is a hexadecimal digit.
        excluded: the peer's kernel names that we list as excluded.
        envs_dirs: our folders of environments, where they are not conda's.
        base: whether an environment is the base one, where the peer sees it otherwise.
    """

    why: str
    more: tuple[str, ...] = ()
    fewer: tuple[str, ...] = ()
    spelled: Mapping[str, str] = dataclasses.field(default_factory=dict)
    kernels: tuple[str, ...] = ()
    names: Mapping[str, str] = dataclasses.field(default_factory=dict)
    excluded: tuple[str, ...] = ()
    envs_dirs: tuple[str, ...] | None = None
    base: Mapping[str, bool] = dataclasses.field(default_factory=dict)


KERNEL = "/share/jupyter/kernels/python3"

DIFFERENCES = {
    "rc-string": Difference(
        why="one folder is meant, whatever conda says of the type",
        kernels=(f"@ELSEWHERE@/one/envs/o1{KERNEL}",),
    ),
    "txt-odd-lines": Difference(
        why="a trailing slash is no part of the name: the peer makes conda-env--py of it",
        spelled={"@ELSEWHERE@/slash/": "@ELSEWHERE@/slash"},
        names={"conda-env--py": "conda-env-slash-py"},
    ),
    "two-of-one-name-loose": Difference(
        why="the environment that was registered first keeps the name it had",
        names={
            "conda-env-loose-py": "conda-env-loose-########-py",
            "conda-env-loose-2-py": "conda-env-loose-py",
        },
    ),
    "dir-prefix-collision": Difference(
        why="conda-env-NAME-py is ROOT/envs/NAME; the peer goes by the order of the paths",
        names={
            "conda-env-@ROOTNAME@-proj-p1-py": "conda-env-proj-p1-py",
            "conda-env-proj-p1-py": "conda-env-proj-p1-########-py",
        },
    ),
    "names-collide-unicode": Difference(
        why="the peer loses one of them; neither has a better right to the name",
        names={"conda-env-__-py": "conda-env-__-########-py"},
    ),
    "kernel-no-display": Difference(
        why="the peer dies of it; the kernel starts, so it is listed under its folder's name",
        kernels=(f"@ROOT@/envs/bad{KERNEL}",),
    ),
    "kernel-display-null": Difference(
        why="the peer dies of it; the kernel starts, so it is listed under its folder's name",
        kernels=(f"@ROOT@/envs/odd{KERNEL}",),
    ),
    "as-root-txt-of-all-homes": Difference(
        why="mamba registers in the user's home, and conda does when it does not run as root",
        more=("@ELSEWHERE@/of_home",),
        kernels=(f"@ELSEWHERE@/of_home{KERNEL}",),
    ),
    "pixi": Difference(
        why="pixi's environments belong to its projects",
        fewer=("@ELSEWHERE@/proj/.pixi/envs/default",),
    ),
    "conda-bld": Difference(
        why="conda-build's own; the peer leaves it out as well",
        fewer=("@ROOT@/conda-bld/debug_1/_test_env",),
    ),
    "sagemaker-distribution": Difference(
        why="the recovery environment is not for notebooks",
        excluded=("conda-env-sagemaker-recovery-mode-py",),
    ),
    "studio-classic-filter": Difference(
        why="what the filter matches is known as excluded, so that it can be said why",
        kernels=(f"@ROOT@{KERNEL}",),
    ),
    "root-prefix-var": Difference(
        why="all installations count, and base is the one that the variable names",
        more=("@ROOT@", "@ROOT@/envs/r1"),
        kernels=(f"@ROOT@/envs/r1{KERNEL}",),
        names={
            "conda-base-py": "conda-env-@ROOTNAME@-py",
            "conda-env-otherroot-py": "conda-base-py",
            "conda-env-otherroot-o1-py": "conda-env-o1-py",
        },
        base={"@ELSEWHERE@/otherroot": True, "@ROOT@": False},
        envs_dirs=("@ELSEWHERE@/otherroot/envs", "@HOME@/.conda/envs", "@ROOT@/envs"),
    ),
    "base-name-root": Difference(
        why="the old name is an alias",
        names={"conda-root-py": "conda-base-py"},
    ),
}


@dataclasses.dataclass(frozen=True)
class Replay:
    """A case laid out below a folder, with real paths in place of placeholders."""

    case: Case
    paths: Mapping[str, str]

    def fill(self, value: Any) -> Any:
        """``value`` with the placeholders in all its strings replaced."""
        if isinstance(value, str):
            for name, path in self.paths.items():
                value = value.replace(name, path)
            return value
        if isinstance(value, list | tuple):
            return [self.fill(item) for item in value]
        if isinstance(value, Mapping):
            return {self.fill(key): self.fill(item) for key, item in value.items()}
        return value

    def __getitem__(self, key: str) -> Any:
        return self.fill(self.case.get(key))

    def difference(self) -> Difference:
        return DIFFERENCES.get(self.case["id"], Difference(why="none"))

    def lay_out(self) -> None:
        for folder in self.paths.values():
            if folder.startswith("/"):
                os.makedirs(folder, exist_ok=True)
        entries = {**self["tree"], **(self["condarc"] or {})}
        modes = {}
        for path, entry in entries.items():
            content = entry if isinstance(entry, dict) else {"text": entry, "dir": entry is None}
            _write(Path(path), content)
            if "mode" in content:
                modes[path] = int(content["mode"], 8)
        if not self.case["root_writable"]:
            modes[self.fill("@ROOT@/conda-meta/history")] = 0o444
        for path, mode in modes.items():
            os.chmod(path, mode)

    def places(self) -> Places:
        environ, server = self["environ"], self["server_prefix"]
        home = environ["HOME"]
        jupyter = [p for p in environ.get("JUPYTER_PATH", "").split(":") if p]
        jupyter += [f"{home}/.local/share/jupyter", f"{server}/share/jupyter"]
        return dataclasses.replace(
            Places.of_this_process(),
            environ=environ,
            home=home,
            passwd_homes=tuple(self["passwd_homes"] or ()),
            euid=0 if self.case["as_root"] else 1000,
            server_prefix=server,
            server_executable=sys.executable,
            kernel_dirs=tuple(f"{folder}/kernels" for folder in jupyter),
            etc=self.paths["@ETC@"],
            var_lib=self.paths["@VARLIB@"],
            well_known_roots=(self.paths["@ROOT@"],),
        )

    def look(self) -> tuple[Snapshot, tuple[str, ...]]:
        """What we find, and where we looked, as the user the case wants."""
        if "not_root" in (self.case.get("needs") or ()):
            root = Path(self.paths["@ETC@"]).parent
            return as_ordinary_user(self._look, owning=root)
        return self._look()

    def _look(self) -> tuple[Snapshot, tuple[str, ...]]:
        places = self.places()
        pattern = (self["peer_config"] or {}).get("env_filter")
        discovery = Discovery(places, conda_env_filter=re.compile(pattern) if pattern else None)
        environments = Environments(places, Programs(places))
        return discovery.look(), environments.envs_dirs(environments.find(0).roots)


def _write(path: Path, content: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if content.get("dir"):
        path.mkdir(exist_ok=True)
    elif "link" in content:
        path.symlink_to(content["link"])
    elif "base64" in content:
        path.write_bytes(base64.b64decode(content["base64"]))
    else:
        path.write_bytes(content["text"].encode("utf-8", "surrogateescape"))


@pytest.fixture
def replay(request: pytest.FixtureRequest, tmp_path: Path) -> Replay:
    """The case, laid out below paths that sort as those it was recorded with."""
    paths = {
        "@ELSEWHERE@": "a",
        "@HOME@": "h",
        "@ROOT@": "xroot",
        "@ETC@": "etc",
        "@VARLIB@": "lib",
    }
    made = Replay(
        request.param,
        {**{key: str(tmp_path / name) for key, name in paths.items()}, "@ROOTNAME@": "xroot"},
    )
    made.lay_out()
    return made


every_case = pytest.mark.parametrize(
    "replay", [pytest.param(case, id=case["id"]) for case in cases()], indirect=True
)


@every_case
def test_the_environments_are_those_of_conda(replay: Replay) -> None:
    snapshot, _folders = replay.look()
    difference = replay.difference()

    recorded = replay["conda_info_envs"]
    wanted = set(replay["reasonable_envs"] if recorded is None else recorded)
    wanted = {replay.fill(difference.spelled).get(path, path) for path in wanted}
    wanted |= set(replay.fill(difference.more))
    wanted -= set(replay.fill(difference.fewer))
    optional = set(replay["reasonable_envs_optional"] or ())
    found = {environment.prefix for environment in snapshot.environments}

    assert found - optional == wanted - optional
    assert set(replay.fill(difference.fewer)) <= set(replay["may_omit"] or ())


@every_case
def test_the_folders_of_environments_are_those_of_conda_in_its_order(replay: Replay) -> None:
    _snapshot, folders = replay.look()
    if replay["conda_info_envs_dirs"] is None:
        assert folders
        return
    wanted = replay.difference().envs_dirs or replay.case["conda_info_envs_dirs"]

    assert list(folders) == replay.fill(wanted)


@every_case
def test_the_kernels_are_those_of_the_peer_and_those_it_loses(replay: Replay) -> None:
    snapshot, _folders = replay.look()
    difference = replay.difference()
    listed = {
        kernel.resource_dir: kernel for kernel in snapshot.kernels if kernel.source == "conda"
    }

    peer = replay["peer_kernels"] or {}
    wanted = {kernel["resource_dir"] for kernel in peer.values()}
    wanted |= set(replay["peer_lost"] or ()) | set(replay.fill(difference.kernels))
    fewer = tuple(replay.fill(difference.fewer))
    wanted = {folder for folder in wanted if not folder.startswith(fewer)} if fewer else wanted

    assert set(listed) == wanted
    for name, kernel in peer.items():
        if kernel["conda_env_path"] in fewer:
            continue
        _assert_same(replay, name, kernel, listed[kernel["resource_dir"]])


@every_case
def test_python3_and_whatever_else_the_peer_leaves_stays(replay: Replay) -> None:
    snapshot, _folders = replay.look()
    others = {kernel.name for kernel in snapshot.kernels if kernel.source != "conda"}

    assert {"python3", *(replay["peer_native_names"] or ())} <= others
    assert snapshot.kernels[0].name == "python3"


def _assert_same(replay: Replay, name: str, peer: Mapping[str, Any], ours: Kernel) -> None:
    difference = replay.difference()
    renamed = replay.fill(difference.names).get(name)
    if renamed is not None:
        pattern = re.escape(renamed).replace(r"\#", "[0-9a-f]")
        assert re.fullmatch(pattern, ours.name), ours.name
    else:
        assert ours.name == name
        assert ours.display_name == peer["display_name"]
        assert ours.spec["metadata"]["conda_env_name"] == peer["conda_env_name"]
    assert (ours.excluded is not None) == (name in replay.fill(difference.excluded))
    assert ours.language == peer["language"]
    assert ours.spec["metadata"]["conda_raw_kernel_name"] == peer["conda_raw_kernel_name"]
    spelled = replay.fill(difference.spelled)
    path = peer["conda_env_path"]
    assert ours.spec["metadata"]["conda_env_path"] == spelled.get(path, path)
    base = replay.fill(difference.base).get(path, peer["conda_is_base_environment"])
    assert ours.spec["metadata"]["conda_is_base_environment"] is base


@pytest.mark.parametrize(
    "replay",
    [case for case in cases() if case["id"].startswith("two-of-one-name-loose")],
    indirect=True,
    ids=lambda case: case["id"],
)
def test_a_name_means_the_same_environment_before_and_after_another_is_made(replay: Replay) -> None:
    snapshot, _folders = replay.look()
    meant = {kernel.name: kernel.prefix for kernel in snapshot.kernels}

    assert meant["conda-env-loose-py"] == replay.fill("@ELSEWHERE@/b/loose")


def test_every_case_with_a_difference_exists_and_every_difference_has_a_reason() -> None:
    assert set(DIFFERENCES) <= {case["id"] for case in cases()}
    assert all(difference.why for difference in DIFFERENCES.values())
    assert len(cases()) == 102
