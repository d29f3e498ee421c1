"""Hosts whose image holds what it should not: libraries of the driver, stubs, empty files."""

import msgspec

from .described import (
    A10G,
    DRIVER,
    LIB,
    LOST,
    NOT_FOUND,
    Scenario,
    failing,
    gpu_host,
    libraries,
    library,
    probe,
    told,
    toolkit,
    without_libcuda,
)

CLOSED, CLOSED_BAKED = (
    msgspec.structs.replace(library(kind=kind), readable=False) for kind in ("mounted", "baked")
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
            loader_folders=(told(STUBS),),
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
            loader_folders=(told(COMPAT),),
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
            loader_folders=(told(COMPAT, "/etc/ld.so.conf.d/cuda-compat.conf"),),
            libraries=(library(kind="compat", folder=COMPAT), *libraries(version="470.256.02")),
            libcuda_path=f"{COMPAT}/libcuda.so.1",
        ),
        probe=failing(804, A10G, driver="470.256.02", libcuda_path=f"{COMPAT}/libcuda.so.{DRIVER}"),
    ),
    "compat-by-the-runtime": Scenario(
        status="not_visible",
        codes=("compat-library",),
        host=gpu_host(
            driver="470.256.02",
            loader_folders=(told(COMPAT, "/etc/ld.so.conf.d/00-compat-1.conf"),),
            libraries=(library(kind="compat", folder=COMPAT), *libraries(version="470.256.02")),
            libcuda_path=f"{COMPAT}/libcuda.so.1",
        ),
        probe=failing(804, A10G, driver="470.256.02", libcuda_path=f"{COMPAT}/libcuda.so.{DRIVER}"),
    ),
    "library-closed": Scenario(
        status="not_visible",
        codes=("library-closed",),
        host=gpu_host(libraries=(CLOSED, *libraries()[1:]), libcuda_path=None),
        probe=without_libcuda(NOT_FOUND, A10G),
    ),
    "library-closed-not-asked": Scenario(
        status="not_visible",
        codes=("library-closed",),
        host=gpu_host(libraries=(CLOSED_BAKED,), libcuda_path=None),
        probe=None,
    ),
    "baked-of-the-same-version": Scenario(
        status="not_visible",
        codes=("fabric-manager", "baked-driver"),
        host=gpu_host(libraries=libraries("baked")),
        probe=failing(802, A10G),
    ),
    "baked-and-gpu-lost": Scenario(
        status="not_visible",
        codes=("gpu-lost", "baked-driver"),
        host=gpu_host(libraries=libraries("baked")),
        probe=failing(999, **LOST),
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
