"""`jupyter sm kernels`: what is listed, how it looks, and with which exit status it ends."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import envs
import pytest

from jupyter_sm.cli.hostconfig import Host
from jupyter_sm.errors import Finding
from jupyter_sm.image import KernelSpec
from jupyter_sm.kernels import Choice, Environment, Kernel, Snapshot, Trouble, choose

from .machine import Command, Machine

BASE = Environment("/opt/conda", "base", "/opt/conda", is_base=True)
MYENV = Environment("/opt/conda/envs/myenv", "myenv", "/opt/conda", is_base=False)
INTERNAL = Environment("/opt/.sagemakerinternal/conda", "conda", None, is_base=False)

README = Path(__file__).parents[2] / "README.md"

Given = Callable[..., None]


def kernel(name: str, environment: Environment | None = None, **more: Any) -> Kernel:
    display_name = more.pop("display_name", f"Python [{name}]")
    return Kernel(
        name=name,
        display_name=display_name,
        language="python",
        source="conda" if environment else "jupyter",
        resource_dir=f"/share/jupyter/kernels/{name}",
        spec={"argv": [f"/{name}/bin/python"], "display_name": display_name, "metadata": {}},
        environment=environment,
        **more,
    )


PYTHON3 = kernel("python3", display_name="Python 3 (ipykernel)")
CONDA_BASE = kernel("conda-base-py", BASE)
CONDA_MYENV = kernel("conda-env-myenv-py", MYENV)
UNFINISHED = kernel(
    "conda-env-new-py",
    Environment("/opt/conda/envs/new", "new", "/opt/conda", is_base=False),
    broken=Trouble(
        "the interpreter /opt/conda/envs/new/bin/python does not exist (yet)",
        "wait until the environment is made",
    ),
)
EXCLUDED = kernel(
    "conda-env-conda-py", INTERNAL, excluded=Trouble("it belongs to the platform", "")
)
FOUND = (PYTHON3, CONDA_BASE, CONDA_MYENV, UNFINISHED, EXCLUDED)


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Given:
    """Have a machine with these kernels, and this AppImageConfig."""

    def give(
        *names: str | KernelSpec, kernels: tuple[Kernel, ...] = FOUND, findings: Any = ()
    ) -> None:
        configured = tuple(n if isinstance(n, KernelSpec) else KernelSpec(name=n) for n in names)
        choice = Choice(configured=configured or None, source="/etc/jupyter_sm/config.json")
        catalog = choose(Snapshot(kernels, findings=findings), choice)
        monkeypatch.setattr(Host, "catalog", lambda _host: catalog)

    return give


def shown(sm: Command, *words: str) -> list[str]:
    return sm("kernels", *words).lines[3:]


def test_without_an_app_image_config_python3_is_listed_and_the_rest_counted(
    sm: Command, given: Given
) -> None:
    given(kernels=(PYTHON3, CONDA_BASE, CONDA_MYENV))
    outcome = sm("kernels")
    assert outcome.status == 0
    assert outcome.out.startswith("No kernels are configured, there is no /etc/jupyter_sm/")
    assert " ".join(outcome.out.split()).partition("NAME")[0].endswith("default kernel python3 ")
    assert outcome.lines[-3:] == [
        "NAME     STATE  ENVIRONMENT  DISPLAY NAME",
        "python3  shown  -            Python 3 (ipykernel)",
        "2 more found, not shown: --all lists them",
    ]


def test_the_listing_shows_what_is_shown_what_is_missing_and_what_is_broken(
    sm: Command, given: Given
) -> None:
    given(KernelSpec(name="conda-env-myenv-py", display_name="My env"), "myenv", "conda-env-new-py")
    outcome = sm("kernels")
    assert outcome.status == 1
    assert (
        outcome.out
        == """\
Configured by /etc/jupyter_sm/config.json; default kernel conda-env-myenv-py

NAME                STATE          ENVIRONMENT            DISPLAY NAME
conda-env-myenv-py  shown          /opt/conda/envs/myenv  My env
conda-env-new-py    shown, broken  /opt/conda/envs/new    Python
                                                          [conda-env-new-py]
    the interpreter /opt/conda/envs/new/bin/python does not exist (yet)
    -> wait until the environment is made
myenv               missing        -                      myenv
    `myenv` is not a kernel of this image
    -> Did you mean `conda-env-myenv-py`?
3 more found, not shown: --all lists them
"""
    )


def test_the_readme_shows_what_is_printed(sm: Command, given: Given) -> None:
    given("python3", "myenv", kernels=(PYTHON3, CONDA_MYENV))
    printed = sm("kernels").out.replace("/config.json", "/app-image-config.json")
    assert f"```console\n$ jupyter sm kernels\n{printed}```" in README.read_text()


def test_all_lists_everything_and_tells_a_common_reason_once(sm: Command, given: Given) -> None:
    given("python3")
    outcome = sm("kernels", "--all")
    assert outcome.status == 0
    assert (
        outcome.out
        == """\
Configured by /etc/jupyter_sm/config.json; default kernel python3

NAME                STATE           ENVIRONMENT            DISPLAY NAME
python3             shown           -                      Python 3 (ipykernel)
conda-base-py       hidden          /opt/conda             Python
                                                           [conda-base-py]
conda-env-myenv-py  hidden          /opt/conda/envs/myenv  Python
                                                           [conda-env-myenv-py]
conda-env-new-py    hidden, broken  /opt/conda/envs/new    Python
                                                           [conda-env-new-py]
    the interpreter /opt/conda/envs/new/bin/python does not exist (yet)
    -> wait until the environment is made
conda-env-conda-py  excluded        /opt/                  Python
                                    .sagemakerinternal/    [conda-env-conda-py]
                                    conda
    it belongs to the platform
hidden: /etc/jupyter_sm/config.json does not list it
    -> list it there, or set JupyterSM.show = 'all' to show every kernel
"""
    )


def test_an_excluded_kernel_is_listed_when_it_was_asked_for(sm: Command, given: Given) -> None:
    given("python3", "conda-env-conda-py", kernels=(PYTHON3, EXCLUDED, CONDA_BASE))
    outcome = sm("kernels")
    assert outcome.status == 1
    assert outcome.lines[2:] == [
        "NAME                STATE     ENVIRONMENT               DISPLAY NAME",
        "python3             shown     -                         Python 3 (ipykernel)",
        "conda-env-conda-py  excluded  /opt/.sagemakerinternal/  Python",
        "                              conda                     [conda-env-conda-py]",
        "    it belongs to the platform",
        "1 more found, not shown: --all lists them",
    ]


def test_findings_follow_worst_first_unless_they_stand_below_a_row(
    sm: Command, given: Given
) -> None:
    findings = (
        Finding(id="a", severity="info", source="/a", seen="a detail"),
        Finding(id="b", severity="warning", source="/b", seen="odd", remedy="mend it"),
    )
    given("python3", "nothing-like-it", kernels=(PYTHON3,), findings=findings)
    outcome = sm("kernels")
    assert outcome.status == 1
    assert outcome.lines[5:] == [
        "    `nothing-like-it` is not a kernel of this image",
        "    -> Correct the name, or install that kernel: there are `python3`",
        "",
        "warning: /b: odd",
        "    -> mend it",
        "info: /a: a detail",
    ]


def test_json_is_what_the_rest_route_answers(sm: Command, given: Given) -> None:
    given("python3", "myenv")
    outcome = sm("kernels", "--json")
    document = outcome.json()
    assert outcome.status == 1
    assert set(document) == {"default", "configured_by", "kernels", "not_started", "findings"}
    assert [(k["name"], k["visibility"]) for k in document["kernels"]] == [
        ("python3", "shown"),
        ("conda-base-py", "hidden"),
        ("conda-env-myenv-py", "hidden"),
        ("conda-env-new-py", "hidden"),
        ("conda-env-conda-py", "excluded"),
        ("myenv", "missing"),
    ]


def test_what_lies_on_the_disk_is_found(sm: Command, machine: Machine) -> None:
    envs.make_environment(machine.conda)
    envs.make_environment(machine.conda / "envs/myenv")
    document = sm("kernels", "--json", machine.list_kernels({"Name": "conda-env-myenv-py"})).json()
    found = {kernel["name"]: kernel for kernel in document["kernels"]}
    assert document["default"] == "conda-env-myenv-py"
    assert found["conda-env-myenv-py"]["visibility"] == "shown"
    assert found["conda-env-myenv-py"]["environment"]["prefix"] == str(machine.conda / "envs/myenv")
    assert found["conda-base-py"]["visibility"] == "hidden"
    assert found["python3"]["visibility"] == "hidden"


def test_a_setting_on_the_command_line_counts(sm: Command, machine: Machine) -> None:
    envs.make_environment(machine.conda / "envs/myenv")
    envs.make_environment(machine.conda)
    listed = sm("kernels", "--JupyterSM.show=all")
    assert [line.split()[0] for line in listed.lines if " shown " in line] == [
        "python3",
        "conda-base-py",
        "conda-env-myenv-py",
    ]


def test_a_config_that_configures_no_kernel_is_named(sm: Command, machine: Machine) -> None:
    path = machine.prefix / "config.json"
    path.write_text(json.dumps({"JupyterLabAppImageConfig": {}}))
    outcome = sm("kernels", f"--JupyterSM.app_image_config={path}")
    text = "".join(outcome.out.split())
    assert text.startswith(f"Nokernelsareconfiguredby{path};defaultkernelpython3")


@pytest.mark.parametrize(
    ("setting", "variable"),
    [
        ("c.KernelGatewayApp.default_kernel_name = 'wanted'", None),
        ("c.MappingKernelManager.default_kernel_name = 'wanted'", None),
        ("", "wanted"),
    ],
)
def test_the_gateways_own_default_kernel_counts(
    sm: Command,
    machine: Machine,
    setting: str,
    variable: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine.configure(setting)
    if variable:
        monkeypatch.setenv("KG_DEFAULT_KERNEL_NAME", variable)
    assert sm("kernels", "--json").json()["default"] == "wanted"


def test_a_kernel_manager_of_the_users_own_is_said(sm: Command, machine: Machine) -> None:
    path = machine.configure("c.KernelGatewayApp.kernel_spec_manager_class = 'mine.Manager'")
    (finding,) = sm("kernels", "--json").json()["findings"]
    assert finding["id"] == "gateway-kernels-elsewhere"
    assert finding["source"] == str(path)
    assert finding["seen"] == (
        "KernelGatewayApp.kernel_spec_manager_class is mine.Manager: that lists the gateway's "
        "kernels, jupyter_sm only watches"
    )


def test_nothing_is_written_anywhere(sm: Command, machine: Machine, tmp_path: Path) -> None:
    """Stock Jupyter applications leave a marker in the configuration folder."""
    envs.make_environment(machine.conda)
    before = sorted(tmp_path.rglob("*"))
    assert sm("kernels").status == 0
    assert sorted(tmp_path.rglob("*")) == before
    assert os.listdir(machine.config) == []
