"""One kernel.json: read, repaired where that is harmless, or refused with the reason."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from envs import KernelFile, python_spec, write_kernel
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_sm.kernels.discovery.kernel_json import DEEPEST, KernelJson, parse

from .kernel_folder import only, refused


def nested(levels: int) -> dict[str, Any]:
    """An object with so many levels in all, itself among them."""
    document: dict[str, Any] = {}
    for _ in range(levels - 1):
        document = {"a": document}
    return document


def test_a_kernelspec_is_read_as_it_stands(tmp_path: Path) -> None:
    written = python_spec(env={"A": "1"}, interrupt_mode="message", kernel_protocol_version="5.5")
    write_kernel(tmp_path / "python3", written)

    spec, finding = only(tmp_path)

    assert msgspec.to_builtins(spec) == written
    assert finding is None


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("{not json", "is not JSON: Expecting property name"),
        ("", "is empty"),
        (" \n", "is empty"),
        ("[1, 2]", "is a list, not a JSON object"),
        ("null", "is null, not a JSON object"),
        ("3", "is a number, not a JSON object"),
        ('"x"', "is a string, not a JSON object"),
        ("true", "is true, not a JSON object"),
        ({"display_name": "P"}, "has no argv"),
        ({"argv": None, "display_name": "P"}, "has no argv"),
        ({"argv": "python -m x", "display_name": "P"}, "argv is a string, not a list of words"),
        ({"argv": {}, "display_name": "P"}, "argv is an object, not a list of words"),
        ({"argv": ["python", 3]}, "argv holds a number, not only words"),
        ({"argv": ["python", None]}, "argv holds null, not only words"),
        ({"argv": ["python", "a\0b"]}, "argv holds a NUL"),
        ({"argv": ["p"], "display_name": "P", "metadata": nested(50)}, "is nested too deeply"),
        ({"argv": ["p"], "display_name": "P", "unknown": [nested(900)]}, "is nested too deeply"),
        (b'{"argv": ["python"], "display_name": "Pyth\xf8n"}', "is neither UTF-8 nor UTF-16"),
        ('{"argv": ["p"], "metadata": {"a": NaN}}', "is not JSON"),
        ('{"argv": ["p"], "display_name": "\\ud800 and more"}', "is not JSON"),
        ('{"argv": ' + "[" * 100_000, "is nested too deeply"),
        ('{"argv": ["p"], "metadata": {"a": ' + "9" * 5000 + " x", "is not JSON"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_cannot_be_started_is_left_out_with_the_file_and_a_remedy(
    tmp_path: Path, written: KernelFile, reason: str
) -> None:
    folder = write_kernel(tmp_path / "odd", written)

    finding = refused(tmp_path)

    assert finding.id == "kernelspec-unusable"
    assert finding.source.startswith(f"{folder}/kernel.json")
    assert finding.seen.startswith(reason)
    assert "remove its folder" in finding.remedy


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_file_as_deep_as_can_be_copied_and_written_by_everybody_is_read(
    tmp_path: Path, encoding: str
) -> None:
    metadata = {"deep": nested(DEEPEST - 2), "wide": [{}] * 1000}
    write_kernel(tmp_path / "odd", json.dumps(python_spec(metadata=metadata)).encode(encoding))

    assert only(tmp_path)[0].metadata == metadata


def test_a_nul_that_does_no_harm_is_kept(tmp_path: Path) -> None:
    write_kernel(tmp_path / "odd", python_spec(metadata={"a": "\0"}))

    assert only(tmp_path) == (KernelJson(**python_spec(metadata={"a": "\0"})), None)


def test_broken_json_is_reported_with_line_and_column(tmp_path: Path) -> None:
    folder = write_kernel(tmp_path / "odd", '{\n "argv": ["python"],\n "display_name": P\n}')

    assert refused(tmp_path).source == f"{folder}/kernel.json:3:18"


@pytest.mark.parametrize(
    ("key", "value", "wanted", "reason"),
    [
        ("display_name", None, "odd", "display_name is missing"),
        ("display_name", 3, "odd", "display_name is missing"),
        ("display_name", "", "odd", "display_name is missing"),
        ("language", None, "", "language is null"),
        ("metadata", None, {}, "metadata is null"),
        ("metadata", [], {}, "metadata is a list"),
        ("interrupt_mode", "shout", "signal", "interrupt_mode is neither"),
        ("interrupt_mode", None, "signal", "interrupt_mode is neither"),
        ("env", None, {}, "env is null"),
        ("env", {"N": 4, "S": "s"}, {"N": "4", "S": "s"}, "env.N is a number"),
        ("env", {"N": 0.5, "B": True}, {"N": "0.5"}, "env.N is a number"),
        ("env", {"": "x", "A": "1"}, {"A": "1"}, "env has the name ''"),
        ("env", {"A=B": "x"}, {}, "env has the name 'A=B'"),
        ("env", {"N\0": "x"}, {}, "env has the name 'N\\x00'"),
        ("env", {"N": "x\0y"}, {}, "env.N holds a NUL"),
        ("display_name", "n" * 1025, "n" * 1024, "display_name is longer than 1024 characters"),
        ("kernel_protocol_version", 5, "", "kernel_protocol_version is a number"),
    ],
)
def test_what_does_no_harm_is_repaired_and_told(
    tmp_path: Path, key: str, value: Any, wanted: Any, reason: str
) -> None:
    folder = write_kernel(tmp_path / "odd", python_spec(**{key: value}))

    spec, finding = only(tmp_path)

    assert getattr(spec, key) == wanted
    assert spec.argv[1:] == ["-m", "ipykernel_launcher", "-f", "{connection_file}"]
    assert finding is not None
    assert finding.id == "kernelspec-repaired"
    assert finding.severity == "info"
    assert finding.source == f"{folder}/kernel.json"
    assert reason in finding.seen


@pytest.mark.parametrize("mode", ["Message", "MESSAGE"])
def test_an_interrupt_mode_may_be_written_in_capitals_as_jupyter_allows(
    tmp_path: Path, mode: str
) -> None:
    write_kernel(tmp_path / "odd", python_spec(interrupt_mode=mode))

    spec, finding = only(tmp_path)

    assert spec.interrupt_mode == "message"
    assert finding is None


def test_a_missing_display_name_becomes_that_of_the_folder_and_a_missing_language_empty(
    tmp_path: Path,
) -> None:
    write_kernel(tmp_path / "Mine", {"argv": ["run"]})

    spec, finding = only(tmp_path)

    assert (spec.display_name, spec.language) == ("Mine", "")
    assert finding is not None
    assert "language" not in finding.seen


def test_an_empty_argv_is_read_for_the_look_to_call_it_broken(tmp_path: Path) -> None:
    write_kernel(tmp_path / "odd", {"argv": [], "display_name": "P"})

    assert only(tmp_path)[0].argv == []


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_other_encodings_of_unicode_are_read_and_told(tmp_path: Path, encoding: str) -> None:
    text = json.dumps(python_spec(display_name="Größe"), ensure_ascii=False)
    write_kernel(tmp_path / "odd", text.encode(encoding))

    spec, finding = only(tmp_path)

    assert spec.display_name == "Größe"
    assert finding is not None
    assert "not in plain UTF-8" in finding.seen


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_give_a_kernelspec_or_a_finding_and_never_an_exception(data: bytes) -> None:
    spec, finding = parse(data, "name", "/x/name/kernel.json")

    assert (spec is None) <= (finding is not None)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
KEYS = st.sampled_from([field.name for field in msgspec.structs.fields(KernelJson)])


@settings(deadline=None)
@given(st.dictionaries(KEYS, JSON), st.sampled_from(["utf-8", "utf-16"]))
def test_any_values_give_a_kernelspec_that_can_be_written_as_json_or_a_finding(
    document: dict[str, Any], encoding: str
) -> None:
    data = json.dumps(document).encode(encoding)

    spec, finding = parse(data, "name", "/x/name/kernel.json")

    if spec is None:
        assert finding is not None
    else:
        assert spec.display_name
        assert msgspec.json.decode(msgspec.json.encode(spec), type=KernelJson) == spec
