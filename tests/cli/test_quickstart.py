"""The import that takes most of a gateway's start is left out, and nothing else is."""

import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_sm.cli.quickstart import without_iri_checks

SLOW = "rfc3987_syntax"


def python(code: str, environ: dict[str, str], folder: Path) -> str:
    return subprocess.run(
        [sys.executable, "-c", code],
        env=environ,
        cwd=folder,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
    ).stdout.strip()


def test_the_gateway_is_imported_without_it(sm_environ: dict[str, str], tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from jupyter_sm.cli.quickstart import without_iri_checks\n"
        "with without_iri_checks(): import kernel_gateway.gatewayapp\n"
        f"print([name for name in ({SLOW!r}, 'lark') if name in sys.modules])"
    )
    assert python(code, sm_environ, tmp_path) == "[]"


@pytest.mark.newest_only
def test_without_it_the_gateway_does_import_it(sm_environ: dict[str, str], tmp_path: Path) -> None:
    """When this fails, Jupyter Server or jsonschema has mended it, and quickstart.py can go."""
    code = f"import sys, kernel_gateway.gatewayapp; print({SLOW!r} in sys.modules)"
    assert python(code, sm_environ, tmp_path) == "True"


def test_formats_that_do_not_need_it_are_checked_as_ever(
    sm_environ: dict[str, str], tmp_path: Path
) -> None:
    code = (
        "from jupyter_sm.cli.quickstart import without_iri_checks\n"
        "with without_iri_checks(): import jsonschema\n"
        "checks = jsonschema.FormatChecker()\n"
        "print([checks.conforms('no date', f) for f in ('date', 'uri', 'iri')])"
    )
    assert python(code, sm_environ, tmp_path) == "[False, False, True]"


@pytest.mark.newest_only
def test_it_can_be_imported_afterwards(sm_environ: dict[str, str], tmp_path: Path) -> None:
    code = (
        "from jupyter_sm.cli.quickstart import without_iri_checks\n"
        "with without_iri_checks(): pass\n"
        f"import {SLOW}; print({SLOW}.is_valid_syntax('iri', 'http://example.org/'))"
    )
    assert python(code, sm_environ, tmp_path) == "True"


def test_inside_it_cannot_be_imported_and_an_error_does_not_keep_it_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, SLOW, raising=False)
    with pytest.raises(ModuleNotFoundError, match=SLOW), without_iri_checks():
        __import__(SLOW)
    assert SLOW not in sys.modules


def test_a_module_that_is_there_already_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    module = type(sys)(SLOW)
    monkeypatch.setitem(sys.modules, SLOW, module)
    with without_iri_checks():
        assert sys.modules[SLOW] is module
    assert sys.modules[SLOW] is module
