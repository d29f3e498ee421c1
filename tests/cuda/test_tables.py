"""What NVIDIA documents, and that the tables agree with themselves."""

import pytest

from jupyter_sm.cuda import tables, versions


@pytest.mark.parametrize(
    ("cuda", "driver"),
    [
        ("11.0", "450.36.06"),
        ("11.8", "450.80.02"),
        ("12", "525.60.13"),
        ("12.0", "525.60.13"),
        ("12.4.127", "525.60.13"),
        ("12.9", "525.60.13"),
        ("13.0", "580.65.06"),
        ("13.5", "580.65.06"),
        ("10.2", "440.33"),
        ("14.0", None),
        ("7.5", None),
        ("", None),
        (None, None),
    ],
)
def test_the_oldest_driver_of_a_release_is_its_major_versions(
    cuda: str | None, driver: str | None
) -> None:
    assert tables.minimum_driver(cuda) == driver


@pytest.mark.parametrize(
    ("driver", "cuda"),
    [
        ("470.42.01", "11.4"),
        ("470.42", "11.3"),
        ("525.60.12", "11.8"),
        ("525.60.13", "12.0"),
        ("550.54.15", "12.4"),
        ("570.26", "12.8"),
        ("580.65.05", "12.9"),
        ("580.65.06", "13.0"),
        ("999.1", "13.3"),
        ("340.1", None),
        ("", None),
    ],
)
def test_the_newest_release_that_a_driver_knows(driver: str, cuda: str | None) -> None:
    assert tables.runs_on(driver) == cuda


def test_a_release_came_with_a_driver() -> None:
    assert tables.released_with("12.4.1") == "550.54.14"
    assert tables.released_with("12") is None
    assert tables.released_with(None) is None


def test_newer_releases_came_with_newer_drivers() -> None:
    releases = list(tables.RELEASE_DRIVERS)
    drivers = [versions.parse(driver) for driver in tables.RELEASE_DRIVERS.values()]

    assert releases == sorted(releases, key=versions.parse)
    assert drivers == sorted(set(drivers))


def test_what_a_driver_knows_it_runs() -> None:
    for driver in tables.RELEASE_DRIVERS.values():
        assert versions.at_least(driver, tables.minimum_driver(tables.runs_on(driver)))


@pytest.mark.parametrize(
    ("major", "dropped", "kept"),
    [
        (11, "3.0", "3.5"),
        (12, "3.7", "5.0"),
        (13, "7.0", "7.5"),
        (13, "6.1", "8.0"),
        (14, "7.0", "7.5"),
    ],
)
def test_a_major_version_drops_old_gpus_and_all_that_were_dropped_before(
    major: int, dropped: str, kept: str
) -> None:
    assert dropped in tables.dropped_by(major)
    assert "3.0" in tables.dropped_by(major)
    assert kept not in tables.dropped_by(major)


def test_nothing_is_dropped_by_an_unknown_version() -> None:
    assert tables.dropped_by(None) == ()
    assert tables.dropped_by(8) == ()


@pytest.mark.parametrize(
    ("capability", "cuda"),
    [
        ("9.0", "11.8"),
        ("8.9", "11.8"),
        ("8.0", "11.0"),
        ("10.0", "12.8"),
        ("12.0", "12.8"),
        ("12.3", "12.8"),
        ("6.1", None),
        ("99.0", None),
        ("", None),
        (None, None),
    ],
)
def test_the_first_release_with_code_for_a_gpu(capability: str | None, cuda: str | None) -> None:
    assert tables.introduced_in(capability) == cuda


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (0, "CUDA_SUCCESS"),
        (3, "CUDA_ERROR_NOT_INITIALIZED"),
        (34, "CUDA_ERROR_STUB_LIBRARY"),
        (35, "cudaErrorInsufficientDriver"),
        (36, "CUDA_ERROR_CALL_REQUIRES_NEWER_DRIVER"),
        (46, "CUDA_ERROR_DEVICE_UNAVAILABLE"),
        (100, "CUDA_ERROR_NO_DEVICE"),
        (101, "CUDA_ERROR_INVALID_DEVICE"),
        (214, "CUDA_ERROR_ECC_UNCORRECTABLE"),
        (802, "CUDA_ERROR_SYSTEM_NOT_READY"),
        (803, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH"),
        (804, "CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE"),
        (805, "CUDA_ERROR_MPS_CONNECTION_FAILED"),
        (810, "CUDA_ERROR_MPS_CLIENT_TERMINATED"),
        (999, "CUDA_ERROR_UNKNOWN"),
    ],
)
def test_a_code_of_cuda_has_its_name_and_a_meaning(code: int, name: str) -> None:
    meaning = tables.cuda_error(code)

    assert meaning.name == name
    assert meaning.text


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (3, "NVML_ERROR_NOT_SUPPORTED"),
        (4, "NVML_ERROR_NO_PERMISSION"),
        (9, "NVML_ERROR_DRIVER_NOT_LOADED"),
        (12, "NVML_ERROR_LIBRARY_NOT_FOUND"),
        (13, "NVML_ERROR_FUNCTION_NOT_FOUND"),
        (15, "NVML_ERROR_GPU_IS_LOST"),
        (16, "NVML_ERROR_RESET_REQUIRED"),
        (18, "NVML_ERROR_LIB_RM_VERSION_MISMATCH"),
        (999, "NVML_ERROR_UNKNOWN"),
    ],
)
def test_a_code_of_nvml_has_its_name_and_a_meaning(code: int, name: str) -> None:
    meaning = tables.nvml_error(code)

    assert meaning.name == name
    assert meaning.text


def test_a_code_that_nobody_knows_keeps_its_number() -> None:
    assert tables.cuda_error(4_711) == tables.ErrorMeaning("CUDA error 4711", "")
    assert tables.nvml_error(-1) == tables.ErrorMeaning("NVML error -1", "")


def test_pytorchs_builds_are_in_order_and_have_drivers() -> None:
    versions_seen = [f"2.{minor}" for minor in range(15)]

    for version in versions_seen:
        builds = tables.torch_builds(f"{version}.1+cu118")
        assert list(builds) == sorted(builds, key=versions.parse)
        assert builds
        assert all(tables.released_with(build) for build in builds)
    assert tables.torch_builds("2.99.0") == tables.torch_builds("") == ()


@pytest.mark.parametrize(
    ("version", "cuda", "oldest"),
    [
        ("2.7.1+cu128", "12.8", "7.5"),
        ("2.10.0", "12.8", "7.0"),
        ("2.11.0", "12.9", "7.5"),
        ("2.6.0", "12.8", None),
        ("2.11.0", "12.6", None),
        ("2.11.0", None, None),
        ("", "12.8", None),
    ],
)
def test_the_oldest_gpu_of_pytorchs_builds(
    version: str, cuda: str | None, oldest: str | None
) -> None:
    assert tables.torch_oldest(version, cuda) == oldest
