"""Versions as NVIDIA writes them."""

import pytest

from jupyter_sm.cuda import versions


@pytest.mark.parametrize(
    ("version", "least", "answer"),
    [
        ("550.54.15", "550.54.14", True),
        ("550.54.14", "550.54.15", False),
        ("525.60.13", "525.60.13", True),
        ("570.26", "570.26.0", True),
        ("12", "12.0", True),
        ("9.0", "10.0", False),
        ("535.104.05", "535.54.03", True),
        ("", "12.0", None),
        ("12.0", None, None),
        ("unknown", "12.0", None),
    ],
)
def test_versions_are_compared_by_their_numbers(
    version: str, least: str | None, answer: bool | None
) -> None:
    assert versions.at_least(version, least) is answer


def test_what_stands_behind_the_numbers_does_not_count() -> None:
    assert versions.parse("12.4.1+cu124\n") == (12, 4, 1)
    assert versions.parse("v12.4") == (12, 4)
    assert versions.major("13.0.96") == 13
    assert versions.major_minor("12.4.127") == "12.4"
    assert versions.major_minor("12") == "12"


def test_what_is_no_version_is_none() -> None:
    assert versions.parse("N/A") == ()
    assert versions.parse("9" * 5_000) == (999_999_999,)
    assert versions.major(None) is None
    assert versions.major_minor("") is None


@pytest.mark.parametrize(
    ("number", "version"),
    [(12040, "12.4"), (13000, "13.0"), (11080, "11.8"), (10020, "10.2"), (0, None)],
)
def test_cudas_own_numbers_are_read(number: int, version: str | None) -> None:
    assert versions.from_number(number) == version


@pytest.mark.parametrize(
    ("digits", "version"),
    [
        ("124", "12.4"),
        ("130", "13.0"),
        ("92", "92"),
        ("12", "12"),
        ("12.4", "12.4"),
        ("12.4.1", "12.4.1"),
        ("1240", None),
        ("", None),
    ],
)
def test_the_last_digit_in_the_name_of_a_build_is_the_minor_version(
    digits: str, version: str | None
) -> None:
    assert versions.from_digits(digits) == version
