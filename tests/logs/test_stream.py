"""The names that SageMaker gives, their paths, the way back, and what is refused."""

from dataclasses import replace
from typing import Any

import pytest

from jupyter_sm.image import Identity, Sourced
from jupyter_sm.logs.stream import (
    Stream,
    StreamNameError,
    app_stream,
    endpoint_stream,
    notebook_stream,
    processing_stream,
    training_stream,
    transform_stream,
)

ROOT = "/var/log/jupyter_sm"


def identity(**fields: str) -> Identity:
    kind = "notebook-instance" if "resource_name" in fields else "studio-app"
    values = {name: Sourced(value, "test") for name, value in fields.items()}
    return Identity(kind=kind, **values)  # type: ignore[arg-type]  # of the literal type Kind


STREAMS = [
    (
        app_stream("d-1", "me", "KernelGateway", "app"),
        ("/aws/sagemaker/studio", "d-1/me/KernelGateway/app"),
        ("app", {"domain": "d-1", "owner": "me", "app_type": "KernelGateway", "app": "app"}),
    ),
    (
        app_stream("d-1", "space", "JupyterLab", "default", "LifecycleConfigOnStart"),
        ("/aws/sagemaker/studio", "d-1/space/JupyterLab/default/LifecycleConfigOnStart"),
        (
            "app",
            {
                "domain": "d-1",
                "owner": "space",
                "app_type": "JupyterLab",
                "app": "default",
                "purpose": "LifecycleConfigOnStart",
            },
        ),
    ),
    (
        training_stream("job", 2, 1_700_000_000),
        ("/aws/sagemaker/TrainingJobs", "job/algo-2-1700000000"),
        ("training-job", {"job": "job", "number": "2", "epoch": "1700000000"}),
    ),
    (
        processing_stream("job", "ip-10-0-0-1", 1_700_000_000),
        ("/aws/sagemaker/ProcessingJobs", "job/ip-10-0-0-1-1700000000"),
        ("processing-job", {"job": "job", "host": "ip-10-0-0-1", "epoch": "1700000000"}),
    ),
    (
        transform_stream("job", "i-0", 1_700_000_000, "data-log"),
        ("/aws/sagemaker/TransformJobs", "job/i-0-1700000000/data-log"),
        (
            "transform-job",
            {"job": "job", "instance": "i-0", "epoch": "1700000000", "purpose": "data-log"},
        ),
    ),
    (
        endpoint_stream("end", "AllTraffic", "i-0"),
        ("/aws/sagemaker/Endpoints/end", "AllTraffic/i-0"),
        ("endpoint", {"endpoint": "end", "variant": "AllTraffic", "instance": "i-0"}),
    ),
    (
        notebook_stream("nb"),
        ("/aws/sagemaker/NotebookInstances", "nb/jupyter.log"),
        ("notebook-instance", {"instance": "nb", "purpose": "jupyter.log"}),
    ),
]


@pytest.mark.parametrize(("stream", "names", "parts"), STREAMS)
def test_every_resource_has_its_group_and_stream_and_the_way_back(
    stream: Stream, names: tuple[str, str], parts: tuple[str, dict[str, str]]
) -> None:
    assert (stream.group, stream.name) == names
    path = stream.path(ROOT)
    assert path == f"{ROOT}{names[0]}/{names[1]}.log"
    assert stream.folder(ROOT) == path.rpartition("/")[0]
    assert Stream.parse(ROOT, path) == stream
    found = stream.parts()
    assert found is not None
    assert (found.resource, found.names) == parts


def test_an_app_is_known_by_its_identity() -> None:
    who = identity(domain_id="d-1", owner="my_space", app_type="KernelGateway", app_name="app")

    assert Stream.of(who) == app_stream("d-1", "my_space", "KernelGateway", "app")
    assert Stream.of(identity(resource_name="nb")) == notebook_stream("nb")


def test_an_identity_without_a_name_has_no_stream() -> None:
    with pytest.raises(StreamNameError, match="the app's name is not known"):
        Stream.of(identity(domain_id="d-1", owner="me", app_type="KernelGateway"))


def refused(**fields: Any) -> str:
    """Why an identity has no stream; its other fields are good."""
    good = identity(domain_id="d-1", owner="me", app_type="KernelGateway", app_name="app")
    with pytest.raises(StreamNameError) as error:
        Stream.of(replace(good, **fields))
    return str(error.value)


def test_a_field_that_is_no_name_is_told_with_its_source_and_the_remedy() -> None:
    assert refused(owner=Sourced("../../etc", "UserProfileName")) == (
        "the user profile or space (from UserProfileName) has '../../etc' in it, which is no name "
        "of a file or folder; correct it in the metadata document"
    )
    assert refused(domain_id=Sourced("a.log", "DomainId")) == (
        "the domain id (from DomainId): a folder must not be called as a log file is: 'a.log'; "
        "correct it in the metadata document"
    )
    assert refused(app_name=Sourced("x" * 235, "environment APP")).startswith(
        "the app's name (from environment APP) has a name too long for a file: "
    )
    assert refused(app_name=Sourced("a*", "environment APP")).endswith("; correct that variable")
    assert refused(owner=Sourced("a:b", "default")).endswith(
        "; give another one in a metadata document"
    )
    assert "the app type (from AppType)" in refused(app_type=Sourced("..", "AppType"))


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "../..", "a:b", "a*", "a\0", "a\n", "\x7f", "\ud800", "x" * 235]
)
def test_what_leaves_the_folder_or_what_the_service_refuses_is_refused(name: str) -> None:
    with pytest.raises(StreamNameError):
        app_stream("d-1", "me", "KernelGateway", name)
    if len(name) < 200:
        with pytest.raises(StreamNameError):
            app_stream(name, "me", "KernelGateway", "app")


@pytest.mark.parametrize("purpose", ["..", "a/../b", "/a", "a/", "a//b"])
def test_a_purpose_stays_below_the_app(purpose: str) -> None:
    with pytest.raises(StreamNameError):
        app_stream("d-1", "me", "KernelGateway", "app", purpose)


@pytest.mark.parametrize("folder", ["a.log", "a.ship", "a.lock", "a.log.00000001"])
def test_no_folder_has_the_name_of_another_streams_file(folder: str) -> None:
    with pytest.raises(StreamNameError, match="as a log file is"):
        app_stream("d-1", "me", folder, "app")


@pytest.mark.parametrize(
    "group", ["", "aws/x", "/a b", "/a:b", "/a/../b", "/a//b", "/a/", "x" * 513, "/ä"]
)
def test_a_group_that_the_service_refuses_is_refused(group: str) -> None:
    with pytest.raises(StreamNameError):
        Stream(group, "name")


def test_a_name_has_at_most_512_characters() -> None:
    Stream("/g", "/".join(["x" * 127] * 4) + "x")
    with pytest.raises(StreamNameError, match="512"):
        Stream("/g", "/".join(["x" * 127] * 4) + "xx")


def test_a_name_is_held_to_the_bytes_of_a_file_name() -> None:
    app_stream("d-1", "me", "KernelGateway", "ü" * 115)
    with pytest.raises(StreamNameError, match="too long"):
        app_stream("d-1", "me", "KernelGateway", "ü" * 118)


def test_every_valid_name_of_sagemaker_is_a_stream() -> None:
    stream = app_stream("d-" + "a" * 61, "b" * 63, "KernelGateway", "c" * 63)

    assert stream.name.count("/") == 3


@pytest.mark.parametrize(
    "path",
    [
        f"{ROOT}/aws/sagemaker/studio/d-1/me/KernelGateway/app.ship",
        f"{ROOT}/aws/sagemaker/studio/d-1/me/KernelGateway/app.log.00000001",
        f"{ROOT}/aws/sagemaker/studio.log",
        f"{ROOT}/aws/sagemaker/other/a.log",
        "/elsewhere/aws/sagemaker/studio/a.log",
    ],
)
def test_a_path_of_no_stream_is_refused(path: str) -> None:
    with pytest.raises(StreamNameError):
        Stream.parse(ROOT, path)


def test_a_stream_of_nobody_known_has_no_parts() -> None:
    assert Stream("/mine", "a/b").parts() is None
