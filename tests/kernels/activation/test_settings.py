"""conda's settings that change what activation sets."""

from pathlib import Path

import pytest
import yaml  # noqa: F401  # a child that is not root could not import it any more
from unprivileged import as_ordinary_user

from jupyter_sm.kernels.activation import settings
from jupyter_sm.kernels.activation.settings import LIMIT, Settings, read_settings


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def shown(environ: dict[str, str], root: Path | None = None) -> str:
    said, findings = read_settings(environ, str(root) if root else None)
    assert findings == []
    return said.env_prompt


def test_without_settings_everything_is_as_conda_has_it() -> None:
    assert read_settings({}, None) == (Settings(True, "({default_env}) ", True), [])


def test_a_later_file_wins_and_a_variable_over_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "SYSTEM", (f"{tmp_path}/etc", f"{tmp_path}/var"))
    environ = {
        "HOME": f"{tmp_path}/home",
        "XDG_CONFIG_HOME": f"{tmp_path}/xdg",
        "CONDA_PREFIX": f"{tmp_path}/active",
        "CONDARC": f"{tmp_path}/named.yml",
    }
    files = [
        "etc/.condarc",
        "etc/condarc",
        "etc/condarc.d/a.yml",
        "etc/condarc.d/b.yaml",
        "var/condarc",
        "root/.condarc",
        "root/condarc.d/c.yml",
        "xdg/conda/condarc",
        "home/.config/conda/.condarc",
        "home/.conda/condarc",
        "home/.condarc",
        "active/.condarc",
        "named.yml",
    ]
    for name in files:
        write(tmp_path / name, f"env_prompt: {name}\n")
        assert shown(environ, tmp_path / "root") == name

    assert shown({**environ, "CONDA_ENV_PROMPT": "mine"}, tmp_path / "root") == "mine"


@pytest.mark.parametrize(
    "name", ["home/condarc", "home/.conda/condarc.d/a.txt", "home/.conda/other", "named.txt"]
)
def test_other_files_are_not_read(tmp_path: Path, name: str) -> None:
    write(tmp_path / name, "env_prompt: not me\n")
    environ = {"HOME": f"{tmp_path}/home", "CONDARC": f"{tmp_path}/named.txt"}

    assert shown(environ) == Settings().env_prompt


@pytest.mark.parametrize("home", ["", "relative", "~"])
def test_a_home_that_is_no_path_has_no_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / home / ".condarc", "env_prompt: not me\n")

    assert shown({"HOME": home, "CONDARC": ".condarc"}) == Settings().env_prompt


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("false", False),
        ("no", False),
        ("off", False),
        ("0", False),
        ("'False'", False),
        ("true", True),
        ("yes", True),
        ("1", True),
        ("null", True),
        ("[1]", True),
        ("perhaps", True),
    ],
)
def test_yes_and_no_may_be_said_in_many_words(tmp_path: Path, value: str, meant: bool) -> None:
    write(tmp_path / ".condarc", f"changeps1: {value}\nenvvars_force_uppercase: {value}\n")

    said, findings = read_settings({"HOME": str(tmp_path)}, None)

    assert (said.change_ps1, said.force_uppercase, findings) == (meant, meant, [])


def test_variables_say_yes_and_no_as_well() -> None:
    said, _ = read_settings({"CONDA_CHANGEPS1": "no", "CONDA_ENVVARS_FORCE_UPPERCASE": "0"}, None)

    assert said == Settings(change_ps1=False, force_uppercase=False)


def test_a_prompt_that_is_no_text_does_not_count(tmp_path: Path) -> None:
    write(tmp_path / ".condarc", "env_prompt: [1]\n")

    assert shown({"HOME": str(tmp_path)}) == Settings().env_prompt


@pytest.mark.parametrize(
    "text",
    [
        "changeps1: [",
        "changeps1: false\nx: 2026-99-99\n",
        "changeps1: " + "[" * 5000,
        "# changeps1\n" + " " * LIMIT,
        "changeps1: '\x00'",
    ],
)
def test_a_file_that_cannot_be_understood_costs_only_itself(tmp_path: Path, text: str) -> None:
    write(tmp_path / ".conda/condarc", "env_prompt: kept\n")
    bad = write(tmp_path / ".condarc", text)

    said, findings = read_settings({"HOME": str(tmp_path)}, None)

    assert said == Settings(env_prompt="kept")
    [finding] = findings
    assert (finding.id, finding.source) == ("conda-settings-unusable", str(bad))
    assert finding.seen


@pytest.mark.parametrize("text", ["- changeps1", "changeps1", ""])
def test_what_is_no_list_of_settings_says_nothing(tmp_path: Path, text: str) -> None:
    write(tmp_path / ".condarc", text)

    assert read_settings({"HOME": str(tmp_path)}, None) == (Settings(), [])


def test_a_broken_file_without_one_of_the_settings_is_nobodys_business_here(
    tmp_path: Path,
) -> None:
    write(tmp_path / ".condarc", "channels: [")

    assert read_settings({"HOME": str(tmp_path)}, None) == (Settings(), [])


def test_a_file_that_may_not_be_read_is_reported(tmp_path: Path) -> None:
    secret = write(tmp_path / ".condarc", "changeps1: false\n")
    secret.chmod(0)

    said, findings = as_ordinary_user(
        lambda: read_settings({"HOME": str(tmp_path)}, None), owning=tmp_path
    )

    assert said == Settings()
    assert [(f.source, f.seen) for f in findings] == [(str(secret), "permission denied")]
