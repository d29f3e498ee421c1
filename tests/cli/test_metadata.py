"""`jupyter sm metadata`: the identity, its sources, and what is wrong with the document."""

import json
from pathlib import Path

from .machine import Command

DOCUMENT = {
    "AppType": "KernelGateway",
    "DomainId": "d-fnytsoocmwo1",
    "UserProfileName": "me",
    "ResourceArn": "arn:aws:sagemaker:us-east-1:177118115371:app/d-fnytsoocmwo1/me/kernelgateway/my-app",
    "ResourceName": "my-app",
    "AdditionalMetadata": {"DataZoneProjectId": "project"},
}


def write(tmp_path: Path, text: str) -> str:
    path = tmp_path / "resource-metadata.json"
    path.write_text(text)
    return f"--JupyterSM.metadata_file={path}"


def test_outside_sagemaker_that_is_said_and_defaults_are_marked(
    sm: Command, tmp_path: Path
) -> None:
    outcome = sm("metadata", f"--JupyterSM.metadata_file={tmp_path}/none.json")
    assert outcome.status == 0
    assert "is not there: this is no app of" in " ".join(outcome.out.split())
    header = next(i for i, line in enumerate(outcome.lines) if line.startswith("FIELD"))
    rows = [line.split() for line in outcome.lines[header + 1 :]]
    assert rows[:3] == [
        ["kind", "local"],
        ["app_type", "KernelGateway", "default"],
        ["domain_id", "local", "default"],
    ]
    assert ["space_name", "-", "absent"] in rows


def test_each_field_stands_with_its_source(sm: Command, tmp_path: Path) -> None:
    outcome = sm("metadata", write(tmp_path, json.dumps(DOCUMENT)))
    assert outcome.status == 0
    assert "is not there" not in outcome.out
    rows = {line.split()[0]: line.split()[1:] for line in outcome.lines if line}
    assert rows["domain_id"][0] == "d-fnytsoocmwo1"
    assert rows["app_name"] == ["my-app", "ResourceArn"]
    assert rows["region"] == ["us-east-1", "ResourceArn"]
    assert rows["DataZoneProjectId"] == ["project", "DataZoneProjectId"]
    assert max(map(len, outcome.lines)) <= 80


def test_a_malformed_document_is_a_finding_with_line_and_column(
    sm: Command, tmp_path: Path
) -> None:
    outcome = sm("metadata", write(tmp_path, '{"AppType": "KernelGateway"\n"DomainId"}'))
    assert outcome.status == 1
    last = "".join(outcome.out.partition("error: ")[2].split())
    assert last.startswith(f"{tmp_path}/resource-metadata.json:2:1:notJSON".replace(" ", ""))


def test_json_is_what_the_rest_route_answers(sm: Command, tmp_path: Path) -> None:
    document = sm("metadata", "--json", write(tmp_path, json.dumps(DOCUMENT))).json()
    assert set(document) == {"file", "present", "identity", "findings"}
    assert document["present"] is True
    assert document["identity"]["app_name"] == {"value": "my-app", "source": "ResourceArn"}
