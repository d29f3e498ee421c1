"""The command that installs something, as the installation has it."""

from pathlib import Path

import pytest

from jupyter_sm.kernels.installer import install_command


@pytest.mark.parametrize(
    ("programs", "expected"),
    [
        (["bin/conda", "bin/mamba"], "conda"),
        (["condabin/conda"], "conda"),
        (["bin/mamba"], "mamba"),
        ([], "micromamba"),
    ],
)
def test_the_program_is_one_that_the_root_has(
    tmp_path: Path, programs: list[str], expected: str
) -> None:
    (tmp_path / "conda-meta").mkdir()
    for program in programs:
        (tmp_path / program).parent.mkdir(exist_ok=True)
        (tmp_path / program).touch()

    command = install_command("/e", str(tmp_path), "ipykernel")

    assert command == f"{expected} install --prefix /e ipykernel"


def test_where_nothing_is_known_it_is_conda(tmp_path: Path) -> None:
    assert install_command("/e", None).startswith("conda install ")
    assert install_command("/e", str(tmp_path)).startswith("conda install ")


def test_a_prefix_is_quoted_and_printable() -> None:
    assert install_command("/a b\n", None) == (r"conda install --prefix '/a b\n' python ipykernel")
