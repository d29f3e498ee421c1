"""What an installation adds to every environment that it activates."""

import os


def conda_program(root: str | None) -> str | None:
    """The installation's ``conda``, None when there is none that can be run."""
    names = ("bin/conda", "condabin/conda") if root else ()
    return next((p for p in (f"{root}/{name}" for name in names) if os.access(p, os.X_OK)), None)


def has_conda(root: str) -> bool:
    """Whether an installation is conda's; micromamba's alone has no conda to point to.

    One that holds nothing yet is taken for conda's.
    """
    if os.path.exists(f"{root}/bin/conda") or os.path.exists(f"{root}/condabin/conda"):
        return True
    used = os.path.exists(f"{root}/bin") or os.path.exists(f"{root}/pkgs")
    return not used and os.path.isfile(f"{root}/conda-meta/history")


def installation_variables(root: str) -> dict[str, str]:
    """Where conda is, for programs that call it (conda/base/context.py, conda_exe_vars_dict)."""
    conda = f"{root}/bin/conda"
    return {
        "CONDA_EXE": conda,
        "_CONDA_EXE": conda,
        "CONDA_PYTHON_EXE": f"{root}/bin/python",
        "_CONDA_ROOT": root,
        "_CE_M": "",
        "_CE_CONDA": "",
    }
