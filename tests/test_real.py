"""A green run says only what it really ran."""

import re

import pytest
import real

pytestmark = pytest.mark.newest_only

WHOLE = "\n".join(
    ["def test_everything(record_real):"] + [f"    record_real({part!r})" for part in real.PARTS]
)


def _run(pytester: pytest.Pytester, code: str, *options: str) -> tuple[int, str]:
    pytester.makepyfile(code)
    result = pytester.runpytest("-p", "real", "-p", "no:cacheprovider", *options)
    return int(result.ret), result.stdout.str()


def test_the_last_lines_say_what_ran(pytester: pytest.Pytester) -> None:
    code = "def test_it(record_real):\n    record_real('kernel')\n    record_real('gateway')"

    status, output = _run(pytester, code)

    assert status == pytest.ExitCode.OK
    assert re.search(r"real: gateway, kernel\n=+ 1 passed", output)


def test_a_part_whose_test_failed_did_not_run(pytester: pytest.Pytester) -> None:
    code = "def test_it(record_real):\n    record_real('kernel')\n    assert False"

    status, output = _run(pytester, code)

    assert status == pytest.ExitCode.TESTS_FAILED
    assert "real: nothing\n" in output


def test_a_part_that_nobody_ran_fails_a_whole_run(pytester: pytest.Pytester) -> None:
    code = WHOLE.replace("record_real('lab')", "pass")

    status, output = _run(pytester, code, "--all-real")

    assert status == pytest.ExitCode.TESTS_FAILED
    assert "did not run for real: lab\n" in output


def test_a_whole_run_that_ran_everything_passes(pytester: pytest.Pytester) -> None:
    status, output = _run(pytester, WHOLE, "--all-real", "--no-skips")

    assert status == pytest.ExitCode.OK
    assert "did not run" not in output


@pytest.mark.parametrize(("options", "status"), [([], 0), (["--no-skips"], 1)])
def test_who_is_not_root_is_excused_from_the_engine_only_where_a_skip_is(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, options: list[str], status: int
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    code = WHOLE.replace(f"record_real({real.ENGINE!r})", "pass")
    left_out = "import pytest\n@pytest.mark.engine\ndef test_an_image(): raise AssertionError\n"

    seen, output = _run(pytester, left_out + code, "--all-real", *options)

    assert seen == status
    assert "not root: no image was built, no container started" in output
    assert ("did not run for real: container engine" in output) == bool(status)


def test_an_image_that_somebody_else_ran_counts(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)

    assert _run(pytester, WHOLE, "--all-real")[0] == pytest.ExitCode.OK


@pytest.mark.parametrize(("options", "status"), [([], 0), (["--no-skips"], 1)])
def test_a_skip_fails_the_run_only_where_none_is_allowed(
    pytester: pytest.Pytester, options: list[str], status: int
) -> None:
    code = "import pytest\ndef test_a(): pass\ndef test_b(): pytest.skip('no engine here')"

    seen, output = _run(pytester, code, *options)

    assert seen == status
    assert ("not allowed here: 1 skipped" in output) == bool(status)


def test_only_known_parts_are_recorded(pytester: pytest.Pytester) -> None:
    status, output = _run(pytester, "def test_it(record_real): record_real('moon')")

    assert status == pytest.ExitCode.TESTS_FAILED
    assert "'moon' is none of" in output
