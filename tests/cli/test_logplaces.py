"""Where a log is looked for, and what is seen of folders that are another user's."""

from functools import partial
from pathlib import Path

from unprivileged import as_ordinary_user

from jupyter_sm.cli.logplaces import Found, Place, not_there, of_file
from jupyter_sm.logs.stream import Stream

from .logged import STREAM, Logged, event


def told(found: Found) -> str:
    return "\n".join(not_there(found))


def test_a_folder_that_another_user_closed_is_said(tmp_path: Path) -> None:
    logged = Logged(tmp_path)
    logged.add(event("secret"))
    place = Place(str(logged.path), Stream("/aws/sagemaker/studio", STREAM))
    found = Found((str(logged.root),), (place,))
    assert place.trouble() == ""
    assert found.newest() == place
    as_ordinary_user(partial(told, found), owning=logged.root)  # imports what it needs
    logged.path.parent.chmod(0)
    try:
        text = as_ordinary_user(partial(told, found))
    finally:
        logged.path.parent.chmod(0o700)
    assert f"    {logged.path}: permission denied" in text.splitlines()
    assert "Other logs are there" not in text


def test_a_path_in_the_layout_tells_the_stream(tmp_path: Path) -> None:
    """Through links, and nothing else does."""
    logged = Logged(tmp_path)
    logged.add(event("x"))
    (tmp_path / "link").symlink_to(logged.path)
    place = of_file(str(tmp_path / "link"))
    assert place.path == str(logged.path.resolve())
    assert place.stream == Stream("/aws/sagemaker/studio", STREAM)
    assert of_file("/tmp/app.log").stream is None
    assert of_file("/aws/sagemaker/other.txt").stream is None
    assert of_file("/aws/sagemaker/studio/d/u/t/a.log").stream == Stream(
        "/aws/sagemaker/studio", "d/u/t/a"
    )
    closed = of_file(f"{logged.path}.00000001")
    assert closed.stream is None


def test_of_very_many_other_logs_the_newest_are_listed(tmp_path: Path) -> None:
    logged = Logged(tmp_path)
    for n in range(25):
        logged.add(event("x"), path=logged.path.with_name(f"{n}.log"))
    found = Found((str(logged.root),), (Place(str(logged.path), None),))
    lines = told(found).splitlines()
    assert lines[-1] == "    and 5 more"
    assert sum("--file" in line for line in lines) == 20
