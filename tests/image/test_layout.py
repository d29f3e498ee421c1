"""Which folders the platform keeps for itself."""

import pytest

from jupyter_sm.image import INTERNAL_ROOT, METADATA_FILE, ML_ROOT, is_reserved


@pytest.mark.parametrize(
    "path",
    [
        METADATA_FILE,
        INTERNAL_ROOT,
        ML_ROOT,
        "/opt/ml/",
        "//opt/ml/code",
        "/home/../opt/ml",
        "/opt/.sagemakerinternal/conda",
    ],
)
def test_the_reserved_folders_and_all_in_them_are_reserved(path: str) -> None:
    assert is_reserved(path)


@pytest.mark.parametrize("path", ["/", "/opt", "/opt/mlflow", "/home/sagemaker-user", "/opt/conda"])
def test_a_folder_whose_name_only_begins_alike_is_not_reserved(path: str) -> None:
    assert not is_reserved(path)
