"""What CUDA_VISIBLE_DEVICES leaves, in each of its forms."""

import pytest

from jupyter_sm.cuda.verdict.selection import why_nothing_is_left

from .described import H100, TWO, gpu, slice_of

SLICED = gpu(0, **H100, mig=True)
SLICE = slice_of(SLICED, 1)


@pytest.mark.parametrize(
    "value",
    [None, "0", "1", " 1 ", "0,1", "1,0", "0,7", "0,-1", TWO[1].uuid, TWO[1].uuid[:12]],
)
def test_a_value_that_leaves_a_gpu_is_no_reason(value: str | None) -> None:
    assert why_nothing_is_left(value, TWO) is None


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("", "is empty"),
        ("   ", "is empty"),
        (",0", "is empty"),
        ("-1", "begins with -1, which hides every GPU"),
        ("-1,0", "begins with -1"),
        ("2", "begins with 2, and the last GPU here is 1"),
        ("NoDevFiles", "which is neither the number nor the UUID of a GPU"),
        ("none", "neither"),
        ("GPU-ffffffff", "no GPU here has that UUID"),
        ("0,0", "names GPU 0 twice"),
        ("0,1,0", "names GPU 0 twice"),
        ("\x1b[31m", "begins with \\x1b[31m, which is neither"),
    ],
)
def test_a_value_that_leaves_none_says_why(value: str, why: str) -> None:
    text = why_nothing_is_left(value, TWO)

    assert text is not None
    assert text.startswith("CUDA_VISIBLE_DEVICES ")
    assert why in text


@pytest.mark.parametrize("value", ["7", "GPU-ffffffff", "MIG-ffffffff"])
def test_what_only_the_devices_tell_is_not_guessed_without_them(value: str) -> None:
    assert why_nothing_is_left(value, ()) is None


@pytest.mark.parametrize("value", ["0", SLICE.uuid, SLICED.uuid, "MIG-GPU-0c04d2d4/1/0"])
def test_slices_can_be_named(value: str) -> None:
    assert why_nothing_is_left(value, (SLICED, SLICE)) is None
