"""What is promised about the versions of other packages is what is tested and documented."""

import importlib.metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent


EXTRAS = ("", "aws")
"""What a user may ask for; ``test`` and ``dev`` are not promised to anybody."""


def _required() -> dict[NormalizedName, Requirement]:
    needs = map(Requirement, importlib.metadata.requires("jupyter_sm") or ())
    return {canonicalize_name(need.name): need for need in needs if _is_promised(need)}


def _is_promised(need: Requirement) -> bool:
    marker = need.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in EXTRAS)


def test_the_sdk_comes_only_with_an_extra() -> None:
    needs = map(Requirement, importlib.metadata.requires("jupyter_sm") or ())
    sdk = [need for need in needs if canonicalize_name(need.name) in ("boto3", "botocore")]

    assert sdk
    assert not [
        str(need) for need in sdk if need.marker is None or need.marker.evaluate({"extra": ""})
    ]


def _lower_bound(need: Requirement) -> Version:
    return min(Version(part.version) for part in need.specifier if part.operator == ">=")


def test_the_lowest_versions_that_are_tested_are_the_lower_bounds() -> None:
    lines = (ROOT / "tests" / "lowest-versions.txt").read_text().splitlines()
    tested = {
        canonicalize_name(pin.name): Version(next(iter(pin.specifier)).version)
        for pin in map(Requirement, (line for line in lines if not line.startswith("#")))
    }

    assert tested == {name: _lower_bound(need) for name, need in _required().items()}


def test_every_dependency_is_documented_with_its_bounds() -> None:
    lines = (ROOT / "docs" / "dependencies.md").read_text().splitlines()
    rows = [[cell.strip(" `") for cell in line.split("|")] for line in lines if "|" in line]
    documented = {canonicalize_name(row[1]): row[2] for row in rows}

    expected = {name: str(_lower_bound(need)) for name, need in _required().items()}
    assert {name: documented.get(name) for name in expected} == expected
