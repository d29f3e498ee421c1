"""The documented limits are the API's, and say what they wanted."""

import pytest

from jupyter_sm.image import limits
from jupyter_sm.image.limits import TextLimit


@pytest.mark.parametrize(
    ("limit", "kept"),
    [
        (limits.APP_IMAGE_CONFIG_NAME, "custom-tf23"),
        (limits.APP_IMAGE_CONFIG_NAME, "a--b"),
        (limits.APP_IMAGE_CONFIG_NAME, "a" * 63),
        (limits.KERNEL_NAME, "x" * 1024),
        (limits.KERNEL_DISPLAY_NAME, ""),
        (limits.MOUNT_PATH, "/"),
        (limits.MOUNT_PATH, "/home/jovyan/work"),
        (limits.MOUNT_PATH, "/" + "m" * 1023),
        (limits.CONTAINER_ARGUMENT, "--ServerApp.base_url=/jupyterlab/default"),
        (limits.CONTAINER_ARGUMENT, "x" * 64),
        (limits.CONTAINER_ENTRYPOINT, "x" * 256),
        (limits.ENVIRONMENT_VARIABLE_NAME, "LC_ALL"),
        (limits.ENVIRONMENT_VARIABLE_VALUE, "two\nlines"),
        (limits.DOMAIN_ID, "d-xxxxxxxxxxxx"),
        (limits.APP_OR_OWNER_NAME, "datascience--1-0-ml-t3-medium"),
        (limits.ACCOUNT_ID, "111122223333"),
        (limits.APP_TYPE, "RStudioServerPro"),
        (
            limits.APP_IMAGE_CONFIG_ARN,
            "arn:aws-cn:sagemaker:cn-north-1:111122223333:app-image-config/x",
        ),
    ],
)
def test_what_the_service_accepts_keeps_its_limit(limit: TextLimit, kept: str) -> None:
    assert limit.broken_by(kept) == ""


@pytest.mark.parametrize(
    ("limit", "broken", "wanted"),
    [
        (limits.APP_IMAGE_CONFIG_NAME, "my_config", "letters and digits"),
        (limits.APP_IMAGE_CONFIG_NAME, "-config", "letters and digits"),
        (limits.APP_IMAGE_CONFIG_NAME, "", "letters and digits"),
        (limits.APP_IMAGE_CONFIG_NAME, "a" * 64, "at most 63"),
        (limits.KERNEL_NAME, "", "at least 1"),
        (limits.KERNEL_NAME, "x" * 1025, "at most 1024"),
        (limits.KERNEL_DISPLAY_NAME, "x" * 1025, "at most 1024"),
        (limits.MOUNT_PATH, "home", "an absolute path"),
        (limits.MOUNT_PATH, "/home\n/user", "an absolute path"),
        (limits.CONTAINER_ARGUMENT, "x" * 65, "at most 64"),
        (limits.CONTAINER_ARGUMENT, "  ", "not blank"),
        (limits.CONTAINER_ARGUMENT, "", "not blank"),
        (limits.CONTAINER_ENTRYPOINT, "x" * 257, "at most 256"),
        (limits.ENVIRONMENT_VARIABLE_NAME, "", "not blank"),
        (limits.ENVIRONMENT_VARIABLE_VALUE, "x" * 257, "at most 256"),
        (limits.DOMAIN_ID, "domain-12345", "'d-'"),
        (limits.APP_OR_OWNER_NAME, "my_space", "letters and digits"),
        (limits.ACCOUNT_ID, "account-id", "twelve digits"),
        (limits.APP_TYPE, "kernelgateway", "one of the API's"),
        (limits.APP_IMAGE_CONFIG_ARN, "arn:aws:sagemaker:…:app-image-config/…", "the ARN"),
        (limits.APP_IMAGE_CONFIG_ARN, "a" * 257, "at most 256"),
    ],
)
def test_what_the_service_refuses_breaks_its_limit(
    limit: TextLimit, broken: str, wanted: str
) -> None:
    assert wanted in limit.broken_by(broken)


def test_the_pattern_is_held_against_the_whole_text() -> None:
    assert limits.APP_IMAGE_CONFIG_NAME.broken_by("good then bad!")
    assert limits.APP_IMAGE_CONFIG_NAME.broken_by("good\n")


def test_only_root_and_the_unprivileged_user_are_supported() -> None:
    assert limits.SUPPORTED_IDS == ((1000, 100), (0, 0))
    assert (limits.DEFAULT_UID, limits.DEFAULT_GID) in limits.SUPPORTED_IDS


def test_the_newer_image_size_is_the_limit_and_the_older_one_the_mark_of_caution() -> None:
    assert (limits.IMAGE_BYTES_LARGE, limits.IMAGE_BYTES_MOST) == (25 * 10**9, 35 * 10**9)


def test_the_default_mount_path_keeps_its_own_limit() -> None:
    assert limits.MOUNT_PATH.broken_by(limits.DEFAULT_MOUNT_PATH) == ""
