"""Every reader of a file against changed documents: an answer, never an exception.

    JSM_TEST_FUZZ_CASES=1000000 scripts/test tests/security/test_fuzz_readers.py

The long form. JSM_TEST_FUZZ_SEED gives other cases; a failure names its seed and case.
"""

import json
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec
import pytest
from envs import make_environment, python_spec

from jupyter_sm.errors import DocumentError, Finding
from jupyter_sm.image import read_app_image_config, read_metadata
from jupyter_sm.kernels import Discovery, Places
from jupyter_sm.kernels.activation.settings import read_settings
from jupyter_sm.kernels.activation.variables import environment_variables
from jupyter_sm.kernels.discovery.condarc import read_envs_dirs
from jupyter_sm.kernels.discovery.kernel_json import parse

from .mutation import documents

CASES = int(os.environ.get("JSM_TEST_FUZZ_CASES", "0"))
SEED = int(os.environ.get("JSM_TEST_FUZZ_SEED", "1"))
DATA = Path(__file__).parents[1] / "image/data"

Read = Callable[[bytes], None]

pytestmark = pytest.mark.timeout(0 if CASES else 60)

CONDARC = b"""\
channels: [conda-forge]
envs_dirs:  #!final
  - /data/envs  #!top
  - ~/envs
envs_path: /one
changeps1: no
env_prompt: "({name}) "
envvars_force_uppercase: true
"""


def samples(name: str) -> list[bytes]:
    values = json.loads((DATA / name).read_bytes())
    members = values.values() if isinstance(values, dict) else values
    return [json.dumps(member, indent=1).encode() for member in members]


def check(findings: Iterable[Finding]) -> None:
    """What is told of a file forges no line and moves no terminal."""
    for finding in findings:
        assert finding.sentence().isprintable(), finding
        assert finding.sentence().encode()


def hammer(read: Read, valid: Sequence[bytes], *, cases: int) -> None:
    for number, data in enumerate(documents(valid, CASES or cases, SEED)):
        try:
            read(data)
        except Exception as error:  # noqa: PERF203  # the case is what is to be told
            raise AssertionError(f"seed {SEED}, case {number}: {data!r}") from error


def test_any_metadata_gives_an_identity() -> None:
    def read(data: bytes) -> None:
        reading = read_metadata(data, source="meta.json", environ={}, user="ann")
        check(reading.findings)
        assert msgspec.json.encode(reading.identity)

    hammer(read, samples("metadata_samples.json"), cases=4000)


def test_any_app_image_config_gives_a_reading_or_one_error() -> None:
    def read(data: bytes) -> None:
        try:
            reading = read_app_image_config(data, source="config.json")
        except DocumentError as error:
            check([error.finding])
            return
        check(reading.findings)
        assert msgspec.json.encode(reading.config)

    hammer(read, samples("published_app_image_configs.json"), cases=4000)


def test_any_kernel_json_is_a_kernel_or_a_finding() -> None:
    def read(data: bytes) -> None:
        spec, finding = parse(data, "name", "/k/name/kernel.json")
        assert spec is not None or finding is not None
        check([finding] if finding else [])
        assert msgspec.json.encode(spec)

    valid = [json.dumps(python_spec(env={"A": "b"}, interrupt_mode="message")).encode()]
    hammer(read, valid, cases=4000)


def test_any_condarc_gives_folders_and_settings(tmp_path: Path) -> None:
    path = tmp_path / ".condarc"

    def read(data: bytes) -> None:
        path.write_bytes(data)
        said = read_envs_dirs(str(path), path.stat())
        check([said.finding] if said.finding else [])
        check(read_settings({"HOME": str(tmp_path)}, None)[1])

    hammer(read, [CONDARC], cases=1500)


def test_any_state_of_an_environment_gives_variables(tmp_path: Path) -> None:
    (tmp_path / "conda-meta").mkdir()
    state = tmp_path / "conda-meta/state"

    def read(data: bytes) -> None:
        state.write_bytes(data)
        variables, findings = environment_variables(str(tmp_path))
        check(findings)
        for variable in variables:
            assert b"\0" not in os.fsencode(f"{variable.name}={variable.value}")

    hammer(read, [b'{"version": 1, "env_vars": {"A": "b", "C": "***unset***"}}'], cases=3000)


def test_any_register_and_kernelspec_cost_no_other_kernel(tmp_path: Path) -> None:
    root = make_environment(tmp_path / "conda")
    other = make_environment(tmp_path / "other")
    home, kernels = tmp_path / "home", tmp_path / "kernels"
    for folder in (home / ".conda", kernels / "odd"):
        folder.mkdir(parents=True)
    places = Places(
        environ={"PATH": "/nowhere"},
        home=str(home),
        passwd_homes=(),
        euid=1000,
        server_prefix=str(tmp_path),
        server_executable=f"{root}/bin/python",
        kernel_dirs=(str(kernels),),
        native_dir=None,
        etc=str(tmp_path / "etc"),
        var_lib=str(tmp_path / "lib"),
        well_known_roots=(str(root),),
        internal=str(tmp_path / "internal"),
    )
    register, spec = home / ".conda/environments.txt", kernels / "odd/kernel.json"

    def read(data: bytes) -> None:
        register.write_bytes(data)
        spec.write_bytes(data)
        snapshot = Discovery(places, conda_env_filter=None).look()
        check(snapshot.findings)
        assert "conda-base-py" in {kernel.name for kernel in snapshot.kernels}

    valid = [f"{other}\n/gone\n".encode(), json.dumps(python_spec()).encode()]
    hammer(read, valid, cases=1500)
