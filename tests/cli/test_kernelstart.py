"""`jupyter sm kernels start NAME`: real kernels, and what is printed about their start."""

import envs
import pytest

from jupyter_sm.cli import kernelstart

from .machine import Command, Machine
from .starting import IPYKERNEL, connection_files, make_bare, make_myenv, one_line, steps


def test_a_kernel_without_an_environment_is_started_timed_and_stopped(sm: Command) -> None:
    outcome = sm("kernels", "start", "python3")
    assert (outcome.status, outcome.err) == (0, "")
    heading = "".join(outcome.out.partition("\n\n")[0].split())
    assert heading == f"python3:{''.join(IPYKERNEL)}"
    assert steps(outcome) == [
        "find the kernels",
        "start the process",
        "wait for its answer",
        "stop it",
        "total",
    ]
    assert not connection_files()


def test_a_kernel_of_an_environment_is_activated_and_what_its_scripts_wrote_is_told(
    sm: Command, machine: Machine
) -> None:
    scripts = {
        "a.sh": "echo compilers are set up; echo and here >&2",
        "b.sh": "return 3",
    }
    make_myenv(machine, scripts)
    outcome = sm("kernels", "start", "conda-env-myenv-py")
    assert outcome.status == 0
    assert steps(outcome) == [
        "find the kernels",
        "activate",
        "start the process",
        "wait for its answer",
        "stop it",
        "total",
    ]
    _, _, rest = outcome.out.partition("\ntotal")
    assert rest.splitlines()[1:5] == [
        "",
        "The scripts of the environment wrote:",
        "    compilers are set up",
        "    and here",
    ]
    assert "b.sh: ended with status 3" in one_line(rest)


def test_json_has_what_the_activation_found(sm: Command, machine: Machine) -> None:
    make_myenv(machine, {"a.sh": "echo word; exit 3"})
    outcome = sm("kernels", "start", "Conda-Env-Myenv-py__SAGEMAKER_INTERNAL__arn", "--json")
    model = outcome.json()
    assert outcome.status == 0
    assert (model["name"], model["answered"]) == ("conda-env-myenv-py", True)
    assert model["output"] == "word"
    assert [finding["id"] for finding in model["findings"]] == ["activation-script-exited"]
    assert model["seconds"]["activate"] > 0


def test_a_kernel_that_cannot_start_says_what_a_notebook_would_show(
    sm: Command, machine: Machine
) -> None:
    prefix = make_bare(machine)
    outcome = sm("kernels", "start", "conda-env-bare-py")
    assert outcome.status == 1
    assert steps(outcome) == ["find the kernels", "total"]
    _, _, told = outcome.out.partition("\nThe kernel conda-env-bare-py did not start.\n")
    assert f"the interpreter {prefix}/bin/python does not exist" in told
    assert f"install --prefix {prefix} python ipykernel" in told


def test_a_configured_kernel_that_is_not_there_says_so(sm: Command, machine: Machine) -> None:
    configured = machine.list_kernels({"Name": "nothing-like-it"})
    model = sm("kernels", "start", "nothing-like-it", "--json", configured).json()
    seconds = model["seconds"]
    assert (model["name"], model["command"], model["answered"]) == ("nothing-like-it", None, False)
    assert "`nothing-like-it` is not a kernel of this image" in model["explanation"]
    assert [step for step in seconds if seconds[step] is not None] == ["find", "total"]
    outcome = sm("kernels", "start", "nothing-like-it", configured)
    assert (outcome.status, outcome.lines[:2]) == (1, ["nothing-like-it", ""])


def test_a_process_of_an_environment_that_ends_is_explained(sm: Command, machine: Machine) -> None:
    """The waiting for what stands in for it is not counted."""
    argv = ["/bin/sh", "-c", "echo the licence has expired; exit 3"]
    envs.make_environment(machine.conda)
    envs.make_environment(
        machine.conda / "envs/dying", kernels={"python3": envs.python_spec(argv=argv)}
    )
    outcome = sm("kernels", "start", "conda-env-dying-py", "--timeout=0.5")
    assert outcome.status == 1
    assert steps(outcome) == [
        "find the kernels",
        "activate",
        "start the process",
        "until it ended",
        "total",
    ]
    _, _, told = outcome.out.partition("\nThe kernel conda-env-dying-py did not start.\n")
    assert "the licence has expired" in told
    assert "error:" not in told
    assert not connection_files()


def test_a_manager_of_the_users_own_is_said(sm: Command, machine: Machine) -> None:
    machine.configure("c.KernelGatewayApp.kernel_spec_manager_class = 'mine.Manager'")
    model = sm("kernels", "start", "python3", "--json").json()
    assert model["answered"]
    assert [finding["id"] for finding in model["findings"]] == ["gateway-kernels-elsewhere"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0004, "< 1 ms"), (0.0006, "1 ms"), (1.2, "1200 ms"), (9.9996, "10.0 s"), (60.04, "60.0 s")],
)
def test_times_are_written_as_a_person_reads_them(seconds: float, text: str) -> None:
    assert kernelstart._time(seconds) == text


def test_json_has_every_step_in_seconds_and_null_for_what_did_not_happen(sm: Command) -> None:
    outcome = sm("kernels", "start", "python3", "--json")
    document = outcome.json()
    seconds = document.pop("seconds")
    assert outcome.status == 0
    assert document == {
        "name": "python3",
        "command": IPYKERNEL,
        "answered": True,
        "explanation": None,
        "output": "",
        "findings": [],
    }
    assert list(seconds) == ["find", "activate", "launch", "answer", "end", "stop", "total"]
    assert seconds.pop("activate") is None
    assert seconds.pop("end") is None
    assert seconds.pop("total") == pytest.approx(sum(seconds.values()))
    assert min(seconds.values()) > 0


def test_a_name_that_no_kernel_has_is_said_with_the_one_that_was_meant(
    sm: Command, machine: Machine
) -> None:
    make_myenv(machine)
    outcome = sm("kernels", "start", "myenv", "--json")
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err == (
        "jupyter sm: `myenv` is not a kernel of this image. Did you mean `conda-env-myenv-py`?\n"
    )


def test_a_kernel_that_is_refused_is_not_started(sm: Command, machine: Machine) -> None:
    outcome = sm(
        "kernels",
        "start",
        "python3",
        "--JupyterSM.enforce=True",
        machine.list_kernels({"Name": "other"}),
    )
    assert (outcome.status, outcome.out) == (1, "")
    assert "`python3` is not one of the kernels that this image is configured to" in outcome.err
