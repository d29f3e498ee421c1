"""Hosts whose image holds what it should not: libraries of the driver, stubs, empty files."""

from .described import (
    A10G,
    DRIVER,
    LIB,
    NOT_FOUND,
    Scenario,
    failing,
    gpu_host,
    libraries,
    library,
    probe,
    toolkit,
    without_libcuda,
)

STUBS = "/usr/local/cuda/lib64/stubs"
COMPAT = "/usr/local/cuda/compat"

LIBRARIES = {
    "baked-803": Scenario(
        status="not_visible",
        codes=("baked-driver",),
        host=gpu_host(driver="535.183.01", libraries=libraries("baked")),
        probe=failing(803, nvml_code=18, nvml_text="Driver/library version mismatch"),
    ),
    "baked-not-asked": Scenario(
        status="not_visible",
        codes=("baked-driver",),
        host=gpu_host(driver="535.183.01", libraries=libraries("baked")),
        probe=None,
    ),
    "empty-libcuda": Scenario(
        status="not_visible",
        codes=("empty-library",),
        host=gpu_host(libraries=(library(kind="empty", version="535.183.01", size=0),)),
        probe=without_libcuda(f"{LIB}/libcuda.so.1: file too short", A10G),
    ),
    "link-to-nothing": Scenario(
        status="not_visible",
        codes=("empty-library",),
        host=gpu_host(
            libraries=(library(kind="empty", version="535.183.01", size=None),),
            libcuda_path=None,
        ),
        probe=without_libcuda(NOT_FOUND, A10G),
    ),
    "stub-34": Scenario(
        status="not_visible",
        codes=("stub-library",),
        host=gpu_host(
            ld_library_path=f"{STUBS}:/usr/local/cuda/lib64",
            libraries=(library(kind="stub", folder=STUBS, version=None), *libraries()),
            libcuda_path=f"{STUBS}/libcuda.so.1",
        ),
        probe=failing(34, A10G, libcuda_path=f"{STUBS}/libcuda.so.1"),
    ),
    "compat-803": Scenario(
        status="not_visible",
        codes=("compat-library",),
        host=gpu_host(
            driver="580.65.06",
            ld_library_path=COMPAT,
            libraries=(library(kind="compat", folder=COMPAT), *libraries(version="580.65.06")),
            libcuda_path=f"{COMPAT}/libcuda.so.1",
        ),
        probe=failing(803, A10G, driver="580.65.06", libcuda_path=f"{COMPAT}/libcuda.so.{DRIVER}"),
    ),
    "compat-804": Scenario(
        status="not_visible",
        codes=("compat-library",),
        host=gpu_host(
            driver="470.256.02",
            libraries=(library(kind="compat", folder=COMPAT), *libraries(version="470.256.02")),
            libcuda_path=f"{COMPAT}/libcuda.so.1",
        ),
        probe=failing(804, A10G, driver="470.256.02", libcuda_path=f"{COMPAT}/libcuda.so.{DRIVER}"),
    ),
    "compat-works": Scenario(
        status="visible",
        host=gpu_host(
            driver="470.256.02",
            ld_library_path=COMPAT,
            libraries=(library(kind="compat", folder=COMPAT), *libraries(version="470.256.02")),
            libcuda_path=f"{COMPAT}/libcuda.so.1",
        ),
        probe=probe(A10G, driver="470.256.02", libcuda_path=f"{COMPAT}/libcuda.so.{DRIVER}"),
        toolkits=(toolkit("12.4.1"),),
    ),
}
