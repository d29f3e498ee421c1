"""What a failed start means."""

import signal

import pytest

from jupyter_sm.kernels.explaining.second_start import Heard
from jupyter_sm.kernels.explaining.verdict import Verdict, deserves_second, judge, last_lines

from .standin import attempt, explanation

PROGRAM = "/opt/my env/bin/python"


def judged(heard: Heard | None, *, status: int = 1, **changes: str) -> Verdict:
    told = {"reason": "", "remedy": "", **changes}
    return judge(explanation(**told, attempt=attempt(PROGRAM, status=status)), heard)


def test_without_a_process_the_server_has_the_word() -> None:
    told = explanation()

    assert judge(told, None) == Verdict(told.reason, told.remedy)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (0, "its process ended with status 0 before it answered"),
        (127, "its process ended with status 127 before it answered"),
        (-signal.SIGSEGV, "its process was killed by SIGSEGV before it answered"),
        (-40, "its process was killed by signal 40 before it answered"),
        (
            -signal.SIGKILL,
            "its process was killed by SIGKILL, perhaps for want of memory, before it answered",
        ),
    ],
)
def test_the_reason_tells_how_the_process_ended(status: int, reason: str) -> None:
    assert judged(None, status=status).reason == reason
    assert judged(Heard(status=1, output=b"other"), status=status).reason == reason


def test_an_interrupted_start_is_no_fault() -> None:
    found = judged(None, status=-signal.SIGINT)

    assert found == Verdict("its process was interrupted while it started", "", may_pass=True)
    assert not deserves_second(attempt(PROGRAM, status=-signal.SIGINT))
    assert deserves_second(attempt(PROGRAM))


def test_a_second_start_under_way_is_announced() -> None:
    assert "is being started once more" in judged(None).account


def test_a_second_start_that_is_impossible_is_told() -> None:
    found = judged(Heard(problem="/opt/x: no such file or directory"))

    assert found.account == (
        "It cannot be started once more to hear what it says: /opt/x: no such file or directory."
    )


def test_a_second_start_that_runs_makes_the_first_a_matter_of_the_moment() -> None:
    found = judged(Heard(output=b"listening"), remedy="reinstall everything")

    assert "it did run" in found.account
    assert (found.may_pass, found.remedy, found.output) == (True, "", ())


@pytest.mark.parametrize(
    "heard",
    [
        Heard(status=-signal.SIGINT, output=b"whatever"),
        Heard(status=1, output=b"Traceback\n  File\nKeyboardInterrupt\n"),
        Heard(status=1, output=b"Traceback\n  File\nKeyboardInterrupt: by user\n"),
    ],
)
def test_an_interrupted_second_start_says_nothing_of_the_first(heard: Heard) -> None:
    found = judged(heard, remedy="reinstall everything")

    assert found.account.endswith("it was interrupted.")
    assert (found.may_pass, found.remedy, found.output) == (True, "", ())


def test_the_words_of_the_second_start_are_told() -> None:
    found = judged(Heard(status=3, output=b"no licence\n"))

    assert found.account == "Started once more, it ended with status 3 and said:"
    assert found.output == ("no licence",)
    assert found.remedy == ""


def test_a_second_start_that_says_nothing_is_told() -> None:
    found = judged(Heard(status=-signal.SIGSEGV, output=b"\n"))

    assert found.account == "Started once more, it was killed by SIGSEGV and said nothing."
    assert found.output == ()


def test_the_remedy_of_the_server_stands_where_nothing_better_is_known() -> None:
    assert judged(Heard(status=1, output=b"no"), remedy="mend it").remedy == "mend it"


MISSING = [
    b"Traceback\nModuleNotFoundError: No module named 'ipykernel'\n",
    b"/somewhere/python: No module named ipykernel_launcher\n",
    b"/somewhere/python: No module named ipykernel",
    b"/somewhere/python: Error while finding module specification for 'ipykernel.a' (ModuleNotFoundError: No module named 'ipykernel')",
    b"Error: No module named ipykernel\n",
]


@pytest.mark.parametrize("output", MISSING)
def test_an_environment_without_ipykernel_is_recognised(output: bytes) -> None:
    install = "conda install --prefix '/opt/my env' ipykernel"
    found = judged(
        Heard(status=1, output=output), prefix="/opt/my env", install=install, remedy="mend it"
    )

    assert found.reason == "the environment /opt/my env has no ipykernel"
    assert found.remedy == install
    assert found.output


@pytest.mark.parametrize("output", MISSING)
def test_outside_of_environments_the_interpreter_installs_ipykernel(output: bytes) -> None:
    found = judged(Heard(status=1, output=output))

    python = "/somewhere/python" if b"/somewhere" in output else PROGRAM
    quoted = f"'{python}'" if " " in python else python
    assert found.reason == f"{python} has no ipykernel"
    assert found.remedy == f"{quoted} -m pip install ipykernel"


@pytest.mark.parametrize(
    "output",
    [
        b"ModuleNotFoundError: No module named 'ipykernel_extra'\n",
        b"ModuleNotFoundError: No module named 'ipykernel.kernelapp'\n",
        b"ModuleNotFoundError: No module named 'numpy'\n",
    ],
)
def test_another_missing_module_is_not_ipykernel(output: bytes) -> None:
    assert "ipykernel" not in judged(Heard(status=1, output=output), prefix="/opt/x").reason


@pytest.mark.parametrize(
    ("output", "lines"),
    [
        (b"", ()),
        (b"\n\r\n", ()),
        (b"one\n\n  two  \n\n", ("one", "", "  two")),
        (b"10%\r20%\rdone\n", ("10%", "20%", "done")),
        (b"a\tb", ("a       b",)),
        (b"\x1b[0;31mred\x1b[0m \x1b[1mbold\x1b[22m", ("red bold",)),
        (b"\x1b]0;title\x07x \x1b]8;;url\x1b\\link", ("x link",)),
        (b"caf\xc3\xa9 \xff \x1b \x00", ("café \\xff \\x1b \\x00",)),
    ],
)
def test_the_last_lines_can_be_shown(output: bytes, lines: tuple[str, ...]) -> None:
    assert last_lines(output) == lines


def test_of_many_lines_forty_are_told() -> None:
    output = "\n".join(map(str, range(60))).encode()

    assert last_lines(output) == ("...", *map(str, range(20, 60)))
    assert last_lines("\n".join(map(str, range(40))).encode()) == tuple(map(str, range(40)))


def test_of_long_lines_four_kibibytes_are_told() -> None:
    found = last_lines("\n".join(c * 1500 for c in "abcd").encode())

    assert found == ("...", "c" * 1500, "d" * 1500)


def test_of_one_endless_line_the_end_is_told() -> None:
    found = last_lines(b"first\n" + b"x" * 9000 + b"end")

    assert found[0] == "..."
    assert len(found[1]) == 4096
    assert found[1].endswith("xend")
