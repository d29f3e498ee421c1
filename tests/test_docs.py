"""What the documentation says is what the code does."""

import re
import subprocess
from pathlib import Path

import pytest
from traitlets.config import Config

import jupyter_sm
from jupyter_sm.image import read_app_image_config
from jupyter_sm.server.handlers import ROUTES
from jupyter_sm.server.settings import PREFIX, JupyterSM

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text()


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def test_every_setting_has_a_row_with_its_variable_and_default() -> None:
    settings = JupyterSM(config=Config(), environ={})
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \|(?: ([^|]*))? \|", README, flags=re.MULTILINE)

    assert [row[0] for row in rows] == [
        "active",
        "app_image_config",
        "metadata_file",
        "show",
        "enforce",
        "conda_env_filter",
        "log_root",
        "ship_logs",
        "cuda_check",
    ]
    assert {row[0] for row in rows} == set(settings.trait_names(config=True))
    for name, variable, default in rows:
        assert variable == PREFIX + name.upper()
        value = getattr(settings, name)
        written = {None: "automatic", False: "`0`", True: "`1`", "": ""}.get(value, f"`{value}`")
        assert default.strip() == written, name


def test_every_route_has_a_row() -> None:
    rows = re.findall(r"^\| `([A-Z]+) (/api/sm[^?`]*)\S*` \|", README, flags=re.MULTILINE)

    assert rows == [(operation.method.upper(), operation.path) for operation, _ in ROUTES]


def test_the_app_image_config_in_the_readme_has_nothing_wrong() -> None:
    (document,) = blocks(README, "json")

    reading = read_app_image_config(document.encode(), source="README.md")

    assert reading.findings == ()
    assert reading.config is not None


@pytest.mark.parametrize("block", blocks(README, "bash"))
def test_every_command_in_the_readme_is_a_shell_command(block: str) -> None:
    subprocess.run(["bash", "-n"], input=block, text=True, check=True)


def test_every_path_in_the_architecture_exists() -> None:
    named = set(re.findall(r"`(\w+/[\w/]*\.py)`", ARCHITECTURE))

    assert named
    assert {path for path in named if not (ROOT / "jupyter_sm" / path).exists()} == set()


def files_of(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("*.py")} - {"__init__.py", "_version.py"}


def test_every_room_and_file_has_its_place_in_the_architecture() -> None:
    rows = re.findall(r"^\| `(\w[\w/]*)/` \|[^|]*\|(.*)\|$", ARCHITECTURE, flags=re.MULTILINE)
    package = ROOT / "jupyter_sm"
    rooms = {str(path.parent.relative_to(package)) for path in package.rglob("*.py")} - {"."}

    assert {room: set(re.findall(r"`(\w+\.py)`", files)) for room, files in rows} == {
        room: files_of(package / room) for room in rooms
    }


def test_every_file_above_the_rooms_stands_in_the_house() -> None:
    house = ARCHITECTURE.partition("```\n")[2].partition("```")[0]

    assert set(re.findall(r"^ +(\w+\.py) ", house, flags=re.MULTILINE)) == files_of(
        ROOT / "jupyter_sm"
    )


def test_every_link_leads_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), (page.name, target)


def test_the_changelog_starts_with_this_version() -> None:
    versions = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)

    assert versions[0] == jupyter_sm.__version__
