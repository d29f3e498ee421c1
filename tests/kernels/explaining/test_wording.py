"""The text that a user reads."""

import pytest

from jupyter_sm.kernels.explaining.verdict import Verdict
from jupyter_sm.kernels.explaining.wording import tell

from .standin import attempt, explanation

LOST = """\
The kernel conda-env-lost-py did not start.

  the interpreter /opt/lost/bin/python does not exist
  in /opt/lost/share/jupyter/kernels/python3/kernel.json

To mend it:
  conda install --prefix /opt/lost python ipykernel
Once that is done, a restart of this kernel starts the real one.

Kernels that can be started: python3, conda-env-good-py"""

DIED = """\
The kernel conda-env-lost-py did not start.

  it ended
  it was started as /opt/lost/share/jupyter/kernels/python3/kernel.json says

Started once more, it said:
  one
    two

Once what it said is mended, a restart of this kernel starts the real one.

Kernels that can be started: python3, conda-env-good-py"""


def text(verdict: Verdict, **changes: object) -> str:
    return "\n".join(tell(explanation(**changes), verdict).lines)


def test_what_is_wrong_where_and_what_mends_it() -> None:
    told = explanation()

    assert text(Verdict(told.reason, told.remedy)) == LOST


def test_what_a_process_said_is_told() -> None:
    verdict = Verdict("it ended", "", "Started once more, it said:", ("one", "  two"))

    assert text(verdict, attempt=attempt("/p")) == DIED


def test_the_summary_is_one_line() -> None:
    found = tell(explanation(), Verdict("two\nlines\x1b", ""))

    assert found.summary == "two lines\\x1b"


@pytest.mark.parametrize(
    ("verdict", "advice"),
    [
        (Verdict("r", "", may_pass=True), "\n\nA restart of this kernel starts the real one."),
        (Verdict("r", ""), "\n\nOnce that is mended, a restart of this kernel"),
        (Verdict("r", "one\ntwo"), "\n\nTo mend it:\n  one\n  two\nOnce that is done, a restart "),
    ],
)
def test_the_advice_fits(verdict: Verdict, advice: str) -> None:
    assert advice in text(verdict)


def test_a_kernel_without_a_name_and_without_a_file_is_told() -> None:
    assert text(Verdict("why", ""), kernel="", file="").startswith(
        "This kernel did not start.\n\n  why\n\n"
    )


def test_no_other_kernel_is_told() -> None:
    found = text(Verdict("why", ""), kernels=())

    assert found.endswith("\n\nThere is no other kernel that can be started.")


@pytest.mark.parametrize(("count", "end"), [(10, ", k8, k9"), (11, ", k8, k9 and 1 more")])
def test_ten_kernels_are_named(count: int, end: str) -> None:
    found = text(Verdict("why", ""), kernels=tuple(f"k{i}" for i in range(count)))

    assert " ".join(found.split()).endswith(end)


def test_prose_is_wrapped_and_names_stay_whole() -> None:
    names = tuple(f"conda-env-a-rather-long-name-{i}-py" for i in range(9))

    lines = text(Verdict("words " * 40, ""), kernels=names).splitlines()

    assert max(map(len, lines)) <= 78
    assert all(any(name in line for line in lines) for name in names)


def test_paths_and_commands_are_never_broken() -> None:
    path = "/opt/a folder with spaces/" + "and a long name " * 8
    command = "conda install --prefix '" + path + "' python ipykernel"

    found = text(Verdict(f"the interpreter {path} does not exist", command), file=path)

    assert f"\n  the interpreter {path} does not exist\n  in {path}\n" in found
    assert f"\n  {command}\n" in found


def test_what_cannot_be_printed_stands_as_an_escape() -> None:
    found = text(Verdict("the file /\udcff\x1b is lost", "rm '/\x00'"), kernel="\x1b[31mred")

    assert "\\xff" not in found
    assert "\\udcff\\x1b" in found
    assert "rm '/\\x00'" in found
    assert "\\x1b[31mred" in found
    assert found.replace("\n", "").isprintable()
