"""resource-metadata.json: the identity from the ARN's end, each field with where it came from."""

import dataclasses
import json
import os
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_sm.errors import Finding
from jupyter_sm.image import Identity, MetadataReading, Sourced, read_metadata

# As AWS's guide and the tests of aws/aws-toolkit-vscode and sagemaker-studio have them, account
# numbers aside.
DATA = os.path.join(os.path.dirname(__file__), "data", "metadata_samples.json")
with open(DATA, encoding="utf-8") as _file:
    SAMPLES: dict[str, Any] = json.load(_file)

JUPYTERLAB: dict[str, Any] = SAMPLES["jupyterlab"]
ARN = "arn:aws:sagemaker:us-west-2:111122223333:app/d-f0lwireyzpjp/test-ae-3/JupyterLab/default"
ABSENT = Sourced(None, "absent")

# The sample on AWS's page about Code Editor images lacks a quotation mark and has a stray semicolon.
CODE_EDITOR_ON_ONE_LINE = (
    b'{"AppType":"CodeEditor","DomainId":"example-domain-id",'
    b'"UserProfileName":"example-user-profile-name,'
    b'"ResourceArn":"arn:aws:sagemaker:us-west-2:111122223333;:app/domain-ID/user-ID/CodeEditor/default",'
    b'"ResourceName":"default","AppImageVersion":"current"}'
)
CODE_EDITOR_AS_PRINTED = b"""{
  "AppType": "CodeEditor",
  "DomainId": "example-domain-id",
  "UserProfileName": "example-user-profile-name,
  "ResourceArn": "arn:aws:sagemaker:us-west-2:111122223333;:app/domain-ID/user-ID/CodeEditor/default",
  "ResourceName": "default",
  "AppImageVersion":"current"
}
"""


def read_bytes(data: bytes | None, **environ: str) -> MetadataReading:
    return read_metadata(data, source="meta.json", environ=environ, user="joan")


def read(document: object, **environ: str) -> MetadataReading:
    return read_bytes(json.dumps(document).encode(), **environ)


def identity_of(document: object, **environ: str) -> Identity:
    return read(document, **environ).identity


def only_finding(document: object, **environ: str) -> Finding:
    (finding,) = read(document, **environ).findings
    return finding


def app_arn(tail: str, region: str = "us-west-2", account: str = "111122223333") -> str:
    return f"arn:aws:sagemaker:{region}:{account}:app/{tail}"


# Published samples


def test_a_kernel_gateway_sample_keeps_its_placeholder_account() -> None:
    reading = read(SAMPLES["kernel-gateway"])
    identity = reading.identity
    assert identity.kind == "studio-app"
    assert identity.app_type == Sourced("KernelGateway", "ResourceArn")
    assert identity.domain_id == Sourced("d-xxxxxxxxxxxx", "ResourceArn")
    assert identity.owner == Sourced("profile-name", "ResourceArn")
    assert identity.user_profile_name == Sourced("profile-name", "UserProfileName")
    assert identity.space_name == ABSENT
    assert identity.region == Sourced("us-east-2", "ResourceArn")
    assert identity.account_id == Sourced("account-id", "ResourceArn")
    assert identity.app_image_version == ABSENT
    assert [(f.id, f.severity, f.source) for f in reading.findings] == [
        ("metadata-field-unusual", "info", "meta.json $.ResourceArn")
    ]


def test_the_arn_gives_the_app_name_though_resource_name_is_the_image() -> None:
    identity = identity_of(SAMPLES["kernel-gateway"])
    assert identity.app_name == Sourced("datascience--1-0-ml-t3-medium", "ResourceArn")
    assert identity.resource_name == Sourced("datascience--1-0-ml", "ResourceName")


def test_a_space_name_that_is_not_the_arns_is_kept_and_reported() -> None:
    reading = read(SAMPLES["kernel-gateway-in-a-space"])
    identity = reading.identity
    assert identity.owner == Sourced("tag-testing", "ResourceArn")
    assert identity.space_name == Sourced("my_space", "SpaceName")
    assert identity.user_profile_name == ABSENT
    assert len(identity.app_name.value or "") == 63
    assert [(f.id, f.severity, f.source) for f in reading.findings] == [
        ("metadata-fields-disagree", "warning", "meta.json $.SpaceName"),
        ("metadata-field-unusual", "info", "meta.json $.SpaceName"),
    ]


def test_a_jupyterlab_space_has_no_user_profile() -> None:
    reading = read(JUPYTERLAB)
    arn = "ResourceArnCaseSensitive"
    role = (
        "arn:aws:iam::111122223333:role/service-role/AmazonSageMaker-ExecutionRole-20250415T091941"
    )
    assert reading.present
    assert reading.findings == ()
    assert reading.identity == Identity(
        kind="studio-app",
        app_type=Sourced("JupyterLab", arn),
        domain_id=Sourced("d-f0lwireyzpjp", arn),
        owner=Sourced("test-ae-3", arn),
        user_profile_name=ABSENT,
        space_name=Sourced("test-ae-3", "SpaceName"),
        app_name=Sourced("default", arn),
        region=Sourced("us-west-2", arn),
        account_id=Sourced("111122223333", arn),
        partition=Sourced("aws", arn),
        resource_arn=Sourced(ARN, arn),
        execution_role_arn=Sourced(role, "ExecutionRoleArn"),
        app_image_version=ABSENT,
        resource_name=Sourced("default", "ResourceName"),
        ip_address_type=Sourced("ipv4", "IpAddressType"),
        additional={},
    )


def test_a_unified_studio_app_is_read_from_its_case_sensitive_arn() -> None:
    reading = read(SAMPLES["unified-studio"])
    identity = reading.identity
    assert identity.kind == "unified-studio-app"
    assert identity.app_type == Sourced("JupyterServer", "ResourceArnCaseSensitive")
    assert identity.additional == {
        "DataZoneDomainId": "dzd_1234567890abcd",
        "DataZoneDomainRegion": "us-east-1",
        "DataZoneScopeName": "dev",
        "PrivateSubnets": "subnet-1,subnet-2",
    }
    assert [(f.id, f.severity) for f in reading.findings] == [("metadata-field-unusual", "info")]


def test_the_placeholders_of_the_notebook_instance_sample_are_survived() -> None:
    reading = read(SAMPLES["notebook-instance-placeholders"])
    assert reading.identity.kind == "notebook-instance"
    assert reading.identity.resource_arn == Sourced("NotebookInstanceArn", "ResourceArn")
    assert reading.identity.resource_name == Sourced("NotebookInstanceName", "ResourceName")
    assert [f.id for f in reading.findings] == ["metadata-arn-unknown"]


@pytest.mark.parametrize(
    ("sample", "where", "found"),
    [
        (CODE_EDITOR_ON_ONE_LINE, "1:102", "'ResourceArn\":\"arn:aw'"),
        (CODE_EDITOR_AS_PRINTED, "4:49", "the end of the line"),
    ],
)
def test_the_malformed_sample_of_the_code_editor_page_falls_back_with_line_and_column(
    sample: bytes, where: str, found: str
) -> None:
    reading = read_bytes(sample, AWS_REGION="eu-west-1")
    (finding,) = reading.findings
    assert (finding.id, finding.severity) == ("document-not-json", "error")
    assert finding.source == f"meta.json:{where}"
    assert finding.seen.endswith(f"found {found}")
    assert "quotation mark" in finding.remedy
    assert reading.present
    assert reading.identity == read_bytes(None, AWS_REGION="eu-west-1").identity


def test_the_stray_semicolon_of_the_code_editor_sample_is_information_only() -> None:
    mended = CODE_EDITOR_ON_ONE_LINE.replace(b'name,"Res', b'name","Res')
    reading = read_bytes(mended)
    assert reading.identity.account_id == Sourced("111122223333;", "ResourceArn")
    assert reading.identity.app_image_version == Sourced("current", "AppImageVersion")
    assert {f.id for f in reading.findings if f.severity == "warning"} == {
        "metadata-fields-disagree"
    }


# No document


def test_without_a_document_the_identity_is_local_and_nothing_is_wrong() -> None:
    reading = read_bytes(None)
    assert not reading.present
    assert reading.findings == ()
    assert reading.identity == Identity(
        kind="local",
        app_type=Sourced("KernelGateway", "default"),
        domain_id=Sourced("local", "default"),
        owner=Sourced("joan", "default"),
        user_profile_name=Sourced("joan", "default"),
        app_name=Sourced("default", "default"),
    )


def test_without_a_document_region_and_account_are_the_environments() -> None:
    identity = read_bytes(
        None, AWS_DEFAULT_REGION="eu-west-1", AWS_ACCOUNT_ID="111122223333"
    ).identity
    assert identity.region == Sourced("eu-west-1", "environment AWS_DEFAULT_REGION")
    assert identity.account_id == Sourced("111122223333", "environment AWS_ACCOUNT_ID")


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b"{", b"[" * 200_000, b'{"a": NaN}'])
def test_an_unusable_document_falls_back_with_one_error(data: bytes) -> None:
    reading = read_bytes(data)
    assert reading.present
    assert reading.identity == read_bytes(None).identity
    assert [finding.severity for finding in reading.findings] == ["error"]


@pytest.mark.parametrize("document", [{}, {"AppImageVersion": "1"}, {"ResourceArn": ""}])
def test_a_document_that_identifies_nothing_falls_back_with_a_warning(document: object) -> None:
    reading = read(document)
    assert reading.present
    assert reading.identity.kind == "local"
    assert [finding.id for finding in reading.findings] == ["metadata-without-identity"]


# The ARN


def test_the_case_sensitive_arn_comes_first() -> None:
    document = JUPYTERLAB | {
        "SpaceName": None,
        "ResourceArn": app_arn("d-1/space-a/jupyterlab/default"),
        "ResourceArnCaseSensitive": app_arn("d-1/Space-A/JupyterLab/default"),
        "DomainId": "d-1",
    }
    identity = identity_of(document)
    assert identity.owner == Sourced("Space-A", "ResourceArnCaseSensitive")


@pytest.mark.parametrize("empty", ["", None])
def test_an_empty_case_sensitive_arn_is_as_good_as_none(empty: object) -> None:
    reading = read(JUPYTERLAB | {"ResourceArnCaseSensitive": empty})
    assert reading.identity.resource_arn == Sourced(ARN, "ResourceArn")
    assert reading.identity.domain_id.source == "ResourceArn"
    assert reading.findings == ()


@pytest.mark.parametrize("bad", ["nonsense", "arn:aws:sagemaker:us-west-2:111122223333:app/d-1/x"])
def test_a_bad_case_sensitive_arn_gives_way_to_the_other(bad: str) -> None:
    document = JUPYTERLAB | {"ResourceArnCaseSensitive": bad}
    finding = only_finding(document)
    assert (finding.id, finding.severity) == ("metadata-arn-unknown", "warning")
    assert finding.source == "meta.json $.ResourceArnCaseSensitive"
    assert identity_of(document).resource_arn == Sourced(ARN, "ResourceArn")


@pytest.mark.parametrize(
    "resource", ["app/d-1/x", "app/d-1/x/JupyterLab/default/more", "app/d-1//JupyterLab/x", "x", ""]
)
def test_region_and_account_are_taken_from_an_arn_of_another_shape(resource: str) -> None:
    reading = read({"DomainId": "d-1", "ResourceArn": f"arn:aws-cn:x:cn-1:111122223333:{resource}"})
    identity = reading.identity
    assert identity.region == Sourced("cn-1", "ResourceArn")
    assert identity.account_id == Sourced("111122223333", "ResourceArn")
    assert identity.partition == Sourced("aws-cn", "ResourceArn")
    assert identity.domain_id == Sourced("d-1", "DomainId")
    assert identity.owner == ABSENT
    assert [finding.id for finding in reading.findings] == ["metadata-arn-unknown"]


@pytest.mark.parametrize("text", ["arn", "arn:aws:x", "urn:aws:a:b:c:app/a/b/c/d", "arn:a:b:c:d"])
def test_what_is_no_arn_gives_no_part_of_one(text: str) -> None:
    reading = read({"DomainId": "d-1", "ResourceArn": text})
    identity = reading.identity
    assert identity.resource_arn == Sourced(text, "ResourceArn")
    assert identity.owner == identity.region == identity.account_id == identity.partition == ABSENT
    assert [finding.id for finding in reading.findings] == ["metadata-arn-unknown"]


def test_a_colon_in_the_end_of_an_arn_belongs_to_the_end() -> None:
    document = {"ResourceArn": app_arn("d-1/lee/KernelGateway/a:b")}
    assert identity_of(document).app_name == Sourced("a:b", "ResourceArn")


def test_the_app_type_of_a_small_letter_arn_is_restored() -> None:
    document = {"ResourceArn": app_arn("d-1/tom/jupyterserver/default")}
    reading = read(document)
    assert reading.identity.app_type == Sourced("JupyterServer", "ResourceArn")
    assert reading.findings == ()


def test_an_app_type_that_the_api_does_not_know_is_kept_with_information() -> None:
    document = {"ResourceArn": app_arn("d-1/tom/Notebook/default")}
    assert identity_of(document).app_type == Sourced("Notebook", "ResourceArn")
    finding = only_finding(document)
    assert (finding.id, finding.severity) == ("metadata-field-unusual", "info")
    assert "app type 'Notebook'" in finding.seen


def test_members_restore_what_small_letters_lost_in_the_arn() -> None:
    reading = read(
        {
            "ResourceArn": app_arn("d-1/tom-smith/jupyterserver/my-app"),
            "AppType": "JupyterServer",
            "DomainId": "d-1",
            "UserProfileName": "Tom-Smith",
            "ResourceName": "My-App",
        }
    )
    identity = reading.identity
    assert reading.findings == ()
    assert identity.owner == Sourced("Tom-Smith", "UserProfileName")
    assert identity.app_name == Sourced("My-App", "ResourceName")


def test_without_an_arn_the_members_speak() -> None:
    document = JUPYTERLAB | {"ResourceArn": None, "ResourceArnCaseSensitive": None}
    reading = read(document, AWS_REGION="us-west-2")
    identity = reading.identity
    assert reading.findings == ()
    assert identity.kind == "studio-app"
    assert identity.app_type == Sourced("JupyterLab", "AppType")
    assert identity.domain_id == Sourced("d-f0lwireyzpjp", "DomainId")
    assert identity.owner == Sourced("test-ae-3", "SpaceName")
    assert identity.app_name == Sourced("default", "ResourceName")
    assert identity.region == Sourced("us-west-2", "environment AWS_REGION")
    assert identity.account_id == Sourced("111122223333", "ExecutionRoleArn")
    assert identity.partition == Sourced("aws", "ExecutionRoleArn")


# User profile or space


def owned_by(app_type: str = "KernelGateway", **members: str) -> MetadataReading:
    return read({"ResourceArn": app_arn(f"d-1/lee/{app_type}/x"), "DomainId": "d-1", **members})


def test_the_owner_is_the_user_profile_when_the_document_names_that() -> None:
    reading = owned_by(UserProfileName="lee")
    assert reading.identity.user_profile_name == Sourced("lee", "UserProfileName")
    assert reading.identity.space_name == ABSENT
    assert reading.findings == ()


@pytest.mark.parametrize("members", [("lee", "ada"), ("ada", "lee")])
def test_with_both_named_the_owner_may_be_either(members: tuple[str, str]) -> None:
    user, space = members
    reading = owned_by(UserProfileName=user, SpaceName=space)
    assert reading.identity.owner == Sourced("lee", "ResourceArn")
    assert reading.identity.user_profile_name.value == user
    assert reading.identity.space_name.value == space
    assert reading.findings == ()


def test_without_an_arn_the_user_profile_owns_the_app_when_no_space_is_named() -> None:
    reading = read({"DomainId": "d-1", "UserProfileName": "lee"})
    assert reading.identity.owner == Sourced("lee", "UserProfileName")


def test_with_neither_named_the_owner_of_a_kernel_gateway_is_assumed_to_be_a_user() -> None:
    identity = owned_by().identity
    assert identity.user_profile_name.value == "lee"
    assert "assumed" in identity.user_profile_name.source
    assert identity.space_name == ABSENT


@pytest.mark.parametrize("app_type", ["JupyterLab", "CodeEditor", "jupyterlab"])
def test_with_neither_named_the_owner_of_a_space_app_is_assumed_to_be_a_space(
    app_type: str,
) -> None:
    identity = owned_by(app_type).identity
    assert identity.space_name.value == "lee"
    assert identity.space_name.source.startswith("ResourceArn, assumed")
    assert identity.user_profile_name == ABSENT


# Contradictions


@pytest.mark.parametrize(
    ("key", "field", "from_arn"),
    [
        ("DomainId", "domain_id", "d-1"),
        ("AppType", "app_type", "KernelGateway"),
        ("UserProfileName", "owner", "lee"),
        ("SpaceName", "owner", "lee"),
    ],
)
def test_a_member_that_contradicts_the_arn_is_a_warning_and_the_arn_wins(
    key: str, field: str, from_arn: str
) -> None:
    reading = owned_by(**{key: "d-other" if key == "DomainId" else "Canvas"})
    (finding,) = reading.findings
    assert (finding.id, finding.severity) == ("metadata-fields-disagree", "warning")
    assert finding.source == f"meta.json $.{key}"
    assert repr(from_arn) in finding.wanted
    assert "ResourceArn" in finding.wanted
    assert getattr(reading.identity, field) == Sourced(from_arn, "ResourceArn")


def test_the_arns_region_wins_over_the_environments_with_a_warning() -> None:
    finding = only_finding(JUPYTERLAB, AWS_REGION="eu-west-1", AWS_DEFAULT_REGION="us-west-2")
    assert (finding.id, finding.severity) == ("metadata-region-differs", "warning")
    assert "AWS_REGION" in finding.seen
    identity = identity_of(JUPYTERLAB, AWS_REGION="eu-west-1")
    assert identity.region == Sourced("us-west-2", "ResourceArnCaseSensitive")


def test_the_arns_account_wins_over_the_environments_with_a_warning() -> None:
    finding = only_finding(JUPYTERLAB, AWS_ACCOUNT_ID="999999999999")
    assert (finding.id, finding.severity) == ("metadata-account-differs", "warning")
    identity = identity_of(JUPYTERLAB, AWS_ACCOUNT_ID="999999999999")
    assert identity.account_id == Sourced("111122223333", "ResourceArnCaseSensitive")


def test_an_environment_that_agrees_or_is_empty_is_no_finding() -> None:
    same = {"AWS_REGION": "us-west-2", "AWS_ACCOUNT_ID": "111122223333"}
    assert read(JUPYTERLAB, **same).findings == ()
    assert read(JUPYTERLAB, AWS_REGION="", AWS_DEFAULT_REGION="us-west-2").findings == ()


def test_an_empty_variable_gives_way_to_the_next() -> None:
    identity = identity_of({"DomainId": "d-1"}, AWS_REGION="", AWS_DEFAULT_REGION="eu-west-1")
    assert identity.region == Sourced("eu-west-1", "environment AWS_DEFAULT_REGION")


# Kinds


def test_a_notebook_instance_is_known_by_its_arn() -> None:
    arn = "arn:aws:sagemaker:us-east-1:111122223333:notebook-instance/my-notebook"
    reading = read({"ResourceArn": arn, "ResourceName": "my-notebook"})
    identity = reading.identity
    assert reading.findings == ()
    assert identity.kind == "notebook-instance"
    assert identity.resource_name == Sourced("my-notebook", "ResourceName")
    assert identity.region == Sourced("us-east-1", "ResourceArn")
    assert identity.domain_id == identity.app_type == identity.app_name == ABSENT
    assert identity.owner == identity.user_profile_name == ABSENT


@pytest.mark.parametrize("key", ["ResourceArn", "ResourceName"])
def test_what_has_a_resource_and_no_domain_is_taken_for_a_notebook_instance(key: str) -> None:
    assert identity_of({key: "NotebookInstance"}).kind == "notebook-instance"


@pytest.mark.parametrize("key", ["DomainId", "AppType", "UserProfileName", "SpaceName"])
def test_any_member_of_studio_alone_makes_a_studio_app(key: str) -> None:
    assert identity_of({key: "x"}).kind == "studio-app"


def test_a_unified_studio_notebook_has_its_ids_among_the_additional_fields() -> None:
    reading = read({"DomainId": "d-1", "NotebookId": "nb", "NotebookRunId": "run"})
    assert reading.identity.kind == "unified-studio-app"
    assert reading.identity.additional == {"NotebookId": "nb", "NotebookRunId": "run"}


@pytest.mark.parametrize("additional", [{}, {"Unknown": "x"}, {"DataZoneStage": ""}, None])
def test_additional_metadata_without_a_known_field_is_a_studio_app(additional: object) -> None:
    reading = read(JUPYTERLAB | {"AdditionalMetadata": additional})
    assert reading.identity.kind == "studio-app"
    assert reading.findings == ()


# Wrong and unknown parts


@pytest.mark.parametrize("bad", [3, 1.5, True, [], ["x"], {}, "\x00", "\ud800"])
@pytest.mark.parametrize("key", ["AppType", "SpaceName", "ResourceArn", "IpAddressType"])
def test_a_member_of_the_wrong_type_is_reported_and_absent(key: str, bad: object) -> None:
    finding = only_finding(JUPYTERLAB | {key: bad})
    assert finding.severity == "warning"
    assert finding.source == f"meta.json $.{key}"
    assert finding.remedy


def test_additional_fields_of_the_wrong_type_are_reported_with_their_path() -> None:
    document = JUPYTERLAB | {"AdditionalMetadata": {"DataZoneStage": 1, "Unknown": 1}}
    assert only_finding(document).source == "meta.json $.AdditionalMetadata.DataZoneStage"
    document = JUPYTERLAB | {"AdditionalMetadata": "x"}
    assert only_finding(document).source == "meta.json $.AdditionalMetadata"


def test_unknown_members_are_ignored_quietly() -> None:
    assert read(JUPYTERLAB | {"Future": [1], "domainid": 3}).findings == ()


def test_a_value_that_breaks_a_pattern_is_information_told_once() -> None:
    reading = read({"AppType": "JupyterLab", "DomainId": "domain-ID", "SpaceName": "my_space"})
    assert [(f.severity, f.source) for f in reading.findings] == [
        ("info", "meta.json $.DomainId"),
        ("info", "meta.json $.SpaceName"),
    ]
    assert reading.identity.space_name == Sourced("my_space", "SpaceName")


# Any bytes at all

KEYS = [
    *JUPYTERLAB,
    "UserProfileName",
    "AdditionalMetadata",
    "NotebookId",
    "DataZoneScopeName",
    "ResourceName",
]
TEXTS = st.text(max_size=20) | st.sampled_from(
    [ARN, "arn:::::", "arn:aws:a:b:c:app/a/b/c/d", "d-1", "JupyterLab", "jupyterlab", ""]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS
JSON: st.SearchStrategy[object] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=9)
    ),
    max_leaves=20,
)


def assert_sound(data: bytes) -> None:
    reading = read_bytes(data, AWS_REGION="eu-west-1", AWS_ACCOUNT_ID="111122223333")
    assert reading.present
    for field in dataclasses.fields(Identity):
        value = getattr(reading.identity, field.name)
        if isinstance(value, Sourced):
            assert value.value != ""
            assert value.source
            assert (value.value is None) == (value.source == "absent")
    msgspec.json.encode(reading.identity)
    for finding in reading.findings:
        assert finding.source.startswith("meta.json")
        assert finding.seen
        assert finding.sentence().encode()
        assert "\n" not in finding.sentence()


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.binary())
def test_any_bytes_give_an_identity(data: bytes) -> None:
    assert_sound(data)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(JSON)
def test_any_json_gives_an_identity(value: object) -> None:
    assert_sound(json.dumps(value).encode())


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.dictionaries(st.sampled_from(KEYS), SCALARS))
def test_any_values_in_the_known_members_give_an_identity(members: dict[str, object]) -> None:
    assert_sound(json.dumps(JUPYTERLAB | members).encode())


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.data())
def test_a_valid_document_with_a_few_bytes_changed_gives_an_identity(data: st.DataObject) -> None:
    content = bytearray(json.dumps(SAMPLES["unified-studio"]).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        end = data.draw(st.integers(start, min(len(content), start + 9)))
        content[start:end] = data.draw(st.binary(max_size=4))
    assert_sound(bytes(content))
