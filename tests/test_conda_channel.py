"""An environment that a conda installer really made, from its records to a cell run in its kernel."""

import json
from pathlib import Path

import hosts
import pytest
from channel import PLACEHOLDER
from conda_installation import CondaInstallation
from real import RecordReal

pytestmark = pytest.mark.conda_env

KERNEL = "share/jupyter/kernels/python3/kernel.json"


def test_the_installer_left_its_records(rattler_environment: CondaInstallation) -> None:
    [record_path] = (rattler_environment.prefix / "conda-meta").glob("ipykernel-*.json")
    record = json.loads(record_path.read_text())

    assert (rattler_environment.prefix / "conda-meta" / "history").is_file()
    assert record["name"] == "ipykernel"
    assert KERNEL in record["files"]


def test_the_prefix_stands_where_the_placeholder_was(
    rattler_environment: CondaInstallation,
) -> None:
    text = (rattler_environment.prefix / KERNEL).read_text()

    assert PLACEHOLDER not in text
    assert json.loads(text)["argv"][0] == f"{rattler_environment.prefix}/bin/python"


def test_its_kernels_have_sagemakers_names_and_run_in_it(
    rattler_environment: CondaInstallation,
    launch_gateway: hosts.LaunchHost,
    record_real: RecordReal,
) -> None:
    where = {"MAMBA_ROOT_PREFIX": str(rattler_environment.root), "JUPYTER_SM_SHOW": "all"}
    host = launch_gateway(env=where, wait="/api/sm/health")
    prefixes: dict[str, Path] = {
        "conda-base-py": rattler_environment.root,
        "conda-env-myenv-py": rattler_environment.prefix,
    }
    listed = host.get("/api/kernelspecs").json()["kernelspecs"]

    assert prefixes.keys() <= listed.keys()
    for name, prefix in prefixes.items():
        assert listed[name]["spec"]["argv"][0] == f"{prefix}/bin/python"
        with host.start_kernel(name) as kernel:
            assert kernel.execute("import sys; sys.prefix").result == repr(str(prefix))
    record_real("conda environment from a built channel")
