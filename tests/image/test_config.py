"""AppImageConfig: every limit is held, each wrong part names its path and costs only itself."""

import json
import os
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_sm.errors import DocumentError, Finding
from jupyter_sm.image import (
    AppImageConfig,
    AppImageConfigReading,
    ContainerConfig,
    FileSystemConfig,
    JupyterLabAppImageConfig,
    KernelSpec,
    read_app_image_config,
)

# The nine examples of aws-samples/sagemaker-studio-custom-image-samples (licence MIT-0).
DATA = os.path.join(os.path.dirname(__file__), "data", "published_app_image_configs.json")
with open(DATA, encoding="utf-8") as _file:
    PUBLISHED: dict[str, Any] = json.load(_file)

DESCRIBED: dict[str, Any] = {
    "AppImageConfigArn": "arn:aws:sagemaker:eu-west-1:111122223333:app-image-config/my-config",
    "AppImageConfigName": "my-config",
    "CreationTime": 1707403360.291,
    "LastModifiedTime": "2024-02-08T15:23:57.631000+00:00",
    "KernelGatewayImageConfig": {
        "KernelSpecs": [{"Name": "python3", "DisplayName": "My Python"}],
        "FileSystemConfig": {
            "MountPath": "/home/sagemaker-user",
            "DefaultUid": 1000,
            "DefaultGid": 100,
        },
    },
    "JupyterLabAppImageConfig": {"ContainerConfig": {"ContainerEntrypoint": ["jupyter-lab"]}},
    "CodeEditorAppImageConfig": {
        "ContainerConfig": {
            "ContainerArguments": ["--host", "0.0.0.0"],
            "ContainerEnvironmentVariables": {"TZ": "Europe/Dublin", "EMPTY": ""},
        }
    },
}


def read(document: object) -> AppImageConfigReading:
    return read_app_image_config(json.dumps(document).encode(), source="config.json")


def config_of(document: object) -> AppImageConfig:
    config = read(document).config
    assert config is not None
    return config


def with_kernels(*entries: object) -> dict[str, Any]:
    ids = {"DefaultUid": 0, "DefaultGid": 0}
    return {"KernelGatewayImageConfig": {"KernelSpecs": [*entries], "FileSystemConfig": ids}}


def with_file_system(value: object) -> dict[str, Any]:
    section = {"KernelSpecs": [{"Name": "python3"}], "FileSystemConfig": value}
    return {"KernelGatewayImageConfig": section}


def with_container(value: object, section: str = "JupyterLabAppImageConfig") -> dict[str, Any]:
    return {section: {"ContainerConfig": value}}


def only_finding(document: object, path: str) -> Finding:
    (finding,) = read(document).findings
    assert finding.source == f"config.json {path}"
    return finding


def kernel_names(document: object) -> list[str]:
    return [kernel.name for kernel in config_of(document).kernels or ()]


def container_of(document: object) -> ContainerConfig:
    section = config_of(document).jupyter_lab_app_image_config
    assert section is not None
    assert section.container_config is not None
    return section.container_config


def file_system_of(document: object) -> FileSystemConfig | None:
    section = config_of(document).kernel_gateway_image_config
    assert section is not None
    return section.file_system_config


# What is right is read without a finding


@pytest.mark.parametrize("example", PUBLISHED)
def test_each_config_that_aws_publishes_is_read_without_a_finding(example: str) -> None:
    document = PUBLISHED[example]
    reading = read(document)
    assert reading.findings == ()
    assert json.loads(msgspec.json.encode(reading.config)) == {
        "AppImageConfigArn": None,
        "CreationTime": None,
        "LastModifiedTime": None,
        "JupyterLabAppImageConfig": None,
        "CodeEditorAppImageConfig": None,
        **document,
    }


def test_the_published_configs_are_all_nine() -> None:
    kernels = {name for document in PUBLISHED.values() for name in kernel_names(document)}
    assert len(PUBLISHED) == 9
    assert kernels == {"python3", "echo", "julia-1.5", "ir", "scala213", "conda-env-rapids-py"}


def test_each_section_of_a_described_config_is_read_on_its_own() -> None:
    reading = read(DESCRIBED)
    config = reading.config
    assert config is not None
    assert reading.findings == ()
    assert config.kernels == (KernelSpec(name="python3", display_name="My Python"),)
    assert config.jupyter_lab_app_image_config == JupyterLabAppImageConfig(
        container_config=ContainerConfig(container_entrypoint=("jupyter-lab",))
    )
    editor = config.code_editor_app_image_config
    assert editor is not None
    assert editor.container_config == ContainerConfig(
        container_arguments=("--host", "0.0.0.0"),
        container_environment_variables={"TZ": "Europe/Dublin", "EMPTY": ""},
    )


def test_times_are_kept_as_given() -> None:
    config = config_of(DESCRIBED)
    assert config.creation_time == 1707403360.291
    assert config.last_modified_time == "2024-02-08T15:23:57.631000+00:00"
    assert config_of({"CreationTime": 1707403360}).creation_time == 1707403360


def test_unknown_members_are_ignored_quietly() -> None:
    document = with_kernels({"Name": "python3", "Colour": "blue"})
    document |= {"Tags": [], "ResponseMetadata": {"RetryAttempts": 0}}
    document["KernelGatewayImageConfig"]["Future"] = [1]
    assert read(document).findings == ()


def test_null_is_the_same_as_not_given() -> None:
    document = {**DESCRIBED, "JupyterLabAppImageConfig": None, "CreationTime": None}
    reading = read(document)
    assert reading.findings == ()
    assert reading.config is not None
    assert reading.config.jupyter_lab_app_image_config is None


def test_a_config_is_immutable() -> None:
    with pytest.raises(AttributeError):
        config_of(DESCRIBED).app_image_config_name = "other"  # type: ignore[misc]  # what is tested


# Which kernels


def test_without_a_kernel_gateway_section_no_kernels_are_configured() -> None:
    assert config_of({"AppImageConfigName": "only-a-name"}).kernels is None
    assert config_of(with_container({})).kernels is None


def test_a_section_without_one_usable_kernel_configures_none() -> None:
    assert config_of(with_kernels({"Name": ""})).kernels is None


def test_kernels_keep_their_order() -> None:
    names = ["ir", "conda-env-b-py", "python3", "conda-env-a-py"]
    document = with_kernels(*({"Name": name} for name in names))
    assert kernel_names(document) == names
    assert read(document).findings == ()


def test_case_is_kept() -> None:
    assert kernel_names(with_kernels({"Name": "IR"}, {"Name": "ir"})) == ["IR", "ir"]


@pytest.mark.parametrize("display_name", [None, ""])
def test_an_empty_display_name_is_none(display_name: str | None) -> None:
    document = with_kernels({"Name": "ir", "DisplayName": display_name})
    assert config_of(document).kernels == (KernelSpec(name="ir"),)
    assert read(document).findings == ()


@pytest.mark.parametrize(
    ("entry", "path", "kind"),
    [
        ({"DisplayName": "R"}, "[1]", "document-member-missing"),
        ({"Name": None}, "[1]", "document-member-missing"),
        ({"Name": ""}, "[1].Name", "document-text-limit"),
        ({"Name": "x" * 1025}, "[1].Name", "document-text-limit"),
        ({"Name": 3}, "[1].Name", "document-member-type"),
        ({"Name": ["ir"]}, "[1].Name", "document-member-type"),
        ({"Name": "i\x00r"}, "[1].Name", "document-text-unreadable"),
        ({"Name": "\ud800"}, "[1].Name", "document-text-unreadable"),
        ("ir", "[1]", "document-member-type"),
        (None, "[1]", "document-member-type"),
    ],
)
def test_a_wrong_kernel_entry_costs_only_itself(entry: object, path: str, kind: str) -> None:
    document = with_kernels({"Name": "python3"}, entry, {"Name": "echo"})
    finding = only_finding(document, f"$.KernelGatewayImageConfig.KernelSpecs{path}")
    assert (finding.id, finding.severity) == (kind, "error")
    assert kernel_names(document) == ["python3", "echo"]


@pytest.mark.parametrize("display_name", [7, "\ud800", {}])
def test_a_wrong_display_name_does_not_cost_the_kernel(display_name: object) -> None:
    document = with_kernels({"Name": "ir", "DisplayName": display_name})
    path = "$.KernelGatewayImageConfig.KernelSpecs[0].DisplayName"
    assert only_finding(document, path).severity == "error"
    assert config_of(document).kernels == (KernelSpec(name="ir"),)


def test_a_display_name_that_is_too_long_is_cut_and_told() -> None:
    document = with_kernels({"Name": "ir", "DisplayName": "x" * 1025})
    finding = only_finding(document, "$.KernelGatewayImageConfig.KernelSpecs[0].DisplayName")
    assert (finding.id, finding.seen) == (
        "document-text-limit",
        "a text of 1025 characters; it is cut",
    )
    assert config_of(document).kernels == (KernelSpec(name="ir", display_name="x" * 1024),)


def test_a_name_that_stands_twice_in_an_object_is_told_and_the_last_one_counts() -> None:
    data = (
        b'{"KernelGatewayImageConfig": {"KernelSpecs": [{"Name": "a"}], "KernelSpecs": '
        b'[{"Name": "b"}], "FileSystemConfig": {"DefaultUid": 0, "DefaultGid": 0}}}'
    )
    reading = read_app_image_config(data, source="config.json")

    (finding,) = reading.findings
    assert (finding.id, finding.severity) == ("document-member-twice", "warning")
    assert finding.seen == "'KernelSpecs' more than once in one object; the last one counts"
    assert reading.config is not None
    assert reading.config.kernels == (KernelSpec(name="b"),)


def test_a_mistake_made_many_times_is_told_twenty_times_and_then_counted() -> None:
    findings = read(with_kernels(*[1] * 1000, {"Name": "x y"})).findings

    assert [finding.id for finding in findings] == [
        "document-count-limit",
        *["document-member-type"] * 20,
        "kernel-name-unusual",
        "document-member-type",
    ]
    assert findings[-1].seen == "and 980 more like these"
    assert findings[-1].source == "config.json"


@pytest.mark.parametrize("name", ["my kernel", "python3!", "a/b", " ", "é"])
def test_a_name_that_jupyter_does_not_like_is_a_warning_and_kept(name: str) -> None:
    document = with_kernels({"Name": name})
    finding = only_finding(document, "$.KernelGatewayImageConfig.KernelSpecs[0].Name")
    assert (finding.id, finding.severity) == ("kernel-name-unusual", "warning")
    assert kernel_names(document) == [name]


@pytest.mark.parametrize("name", ["conda-env-rapids-py", "julia-1.5", "A_b.C-9"])
def test_a_name_that_jupyter_accepts_is_no_finding(name: str) -> None:
    assert read(with_kernels({"Name": name})).findings == ()


def test_more_than_five_kernels_are_an_error_and_all_kept() -> None:
    document = with_kernels(*({"Name": f"k{index}"} for index in range(6)))
    finding = only_finding(document, "$.KernelGatewayImageConfig.KernelSpecs")
    assert (finding.id, finding.seen, finding.wanted) == (
        "document-count-limit",
        "6 entries",
        "1 to 5",
    )
    assert len(kernel_names(document)) == 6


def test_the_second_entry_for_a_kernel_is_a_warning_and_the_first_counts() -> None:
    document = with_kernels(
        {"Name": "ir", "DisplayName": "R"}, {"Name": "ir", "DisplayName": "Other"}, {"Name": "b"}
    )
    finding = only_finding(document, "$.KernelGatewayImageConfig.KernelSpecs[1]")
    assert (finding.id, finding.severity) == ("kernel-spec-twice", "warning")
    assert config_of(document).kernels == (
        KernelSpec(name="ir", display_name="R"),
        KernelSpec(name="b"),
    )


def test_two_equal_entries_are_reported_too() -> None:
    document = with_kernels({"Name": "ir"}, {"Name": "ir"})
    assert [finding.id for finding in read(document).findings] == ["kernel-spec-twice"]


@pytest.mark.parametrize(
    ("specs", "path", "kind"),
    [
        ([], ".KernelSpecs", "document-count-limit"),
        ("python3", ".KernelSpecs", "document-member-type"),
        ({"Name": "python3"}, ".KernelSpecs", "document-member-type"),
        (None, "", "document-member-missing"),
    ],
)
def test_a_wrong_kernel_list_does_not_cost_the_file_system(
    specs: object, path: str, kind: str
) -> None:
    ids = {"DefaultUid": 0, "DefaultGid": 0}
    document = {"KernelGatewayImageConfig": {"KernelSpecs": specs, "FileSystemConfig": ids}}
    assert only_finding(document, f"$.KernelGatewayImageConfig{path}").id == kind
    assert file_system_of(document) == FileSystemConfig(default_uid=0, default_gid=0)
    assert config_of(document).kernels is None


# The file system


@pytest.mark.parametrize(("uid", "gid"), [(1000, 100), (0, 0)])
def test_the_two_supported_pairs_of_ids_are_accepted(uid: int, gid: int) -> None:
    document = with_file_system({"DefaultUid": uid, "DefaultGid": gid})
    assert read(document).findings == ()
    assert file_system_of(document) == FileSystemConfig(default_uid=uid, default_gid=gid)


@pytest.mark.parametrize(("uid", "gid"), [(1000, 0), (0, 100), (1000, 1000), (65535, 65535)])
def test_every_other_pair_of_ids_is_an_error(uid: int, gid: int) -> None:
    document = with_file_system({"DefaultUid": uid, "DefaultGid": gid})
    finding = only_finding(document, "$.KernelGatewayImageConfig.FileSystemConfig")
    assert (finding.id, finding.severity) == ("file-system-ids", "error")
    assert f"{uid}/{gid}" in finding.seen
    assert finding.wanted == "1000/100 or 0/0"
    assert file_system_of(document) is None


def test_one_stated_id_is_held_against_the_default_of_the_other() -> None:
    finding = only_finding(
        with_file_system({"DefaultUid": 0}), "$.KernelGatewayImageConfig.FileSystemConfig"
    )
    assert "0/100" in finding.seen


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"MountPath": "home"}, ".MountPath"),
        ({"MountPath": "/" + "x" * 1024}, ".MountPath"),
        ({"MountPath": 3}, ".MountPath"),
        ({"DefaultUid": 65536}, ".DefaultUid"),
        ({"DefaultUid": -1}, ".DefaultUid"),
        ({"DefaultGid": "100"}, ".DefaultGid"),
        ({"DefaultGid": True}, ".DefaultGid"),
        ({"DefaultGid": 100.0}, ".DefaultGid"),
        ("/home", ""),
        ([], ""),
    ],
)
def test_a_wrong_file_system_is_left_out_whole_and_does_not_cost_the_kernels(
    value: object, path: str
) -> None:
    document = with_file_system(value)
    finding = only_finding(document, f"$.KernelGatewayImageConfig.FileSystemConfig{path}")
    assert finding.severity == "error"
    assert file_system_of(document) is None
    assert kernel_names(document) == ["python3"]


def test_what_is_wrong_is_shown_with_what_was_wanted() -> None:
    path = "$.KernelGatewayImageConfig.FileSystemConfig"
    finding = only_finding(with_file_system({"MountPath": "home"}), f"{path}.MountPath")
    assert (finding.seen, finding.wanted) == ("'home'", r"an absolute path (\/.*)")
    finding = only_finding(with_file_system({"DefaultUid": 65536}), f"{path}.DefaultUid")
    assert (finding.seen, finding.wanted) == ("65536", "a whole number from 0 to 65535")


def test_who_leaves_the_file_system_out_is_told_to_state_it() -> None:
    document = {"KernelGatewayImageConfig": {"KernelSpecs": [{"Name": "python3"}]}}
    finding = only_finding(document, "$.KernelGatewayImageConfig")
    assert (finding.id, finding.severity) == ("file-system-ids-unstated", "info")
    assert "0/0" in finding.wanted
    assert "state" in finding.remedy


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        ({"MountPath": "/root"}, "no DefaultUid and no DefaultGid"),
        ({"DefaultUid": 1000}, "no DefaultGid"),
    ],
)
def test_who_leaves_an_id_out_is_told_to_state_it(value: object, seen: str) -> None:
    path = "$.KernelGatewayImageConfig.FileSystemConfig"
    finding = only_finding(with_file_system(value), path)
    assert (finding.id, finding.severity, finding.seen) == (
        "file-system-ids-unstated",
        "info",
        seen,
    )


def test_a_mount_path_in_a_reserved_folder_is_a_warning_and_kept() -> None:
    document = with_file_system({"MountPath": "/opt/ml/code", "DefaultUid": 0, "DefaultGid": 0})
    finding = only_finding(document, "$.KernelGatewayImageConfig.FileSystemConfig.MountPath")
    assert (finding.id, finding.severity) == ("file-system-mount-reserved", "warning")
    file_system = file_system_of(document)
    assert file_system is not None
    assert file_system.mount_path == "/opt/ml/code"


@pytest.mark.parametrize("section", ["JupyterLabAppImageConfig", "CodeEditorAppImageConfig"])
def test_a_file_system_of_a_space_app_is_a_warning_and_kept(section: str) -> None:
    value = {"MountPath": "/home/sagemaker-user", "DefaultUid": 1000, "DefaultGid": 100}
    document = {section: {"FileSystemConfig": value}}
    finding = only_finding(document, f"$.{section}.FileSystemConfig")
    assert (finding.id, finding.severity) == ("file-system-unsupported", "warning")
    config = config_of(document)
    kept = config.jupyter_lab_app_image_config or config.code_editor_app_image_config
    assert kept is not None
    assert kept.file_system_config == FileSystemConfig()


# The container


def test_the_largest_container_config_is_accepted() -> None:
    document = with_container(
        {
            "ContainerArguments": ["x" * 64] * 50,
            "ContainerEntrypoint": ["x" * 256],
            "ContainerEnvironmentVariables": {f"V{i}": "x" * 256 for i in range(25)},
        }
    )
    assert read(document).findings == ()
    assert len(container_of(document).container_arguments) == 50


def test_an_empty_container_config_is_accepted() -> None:
    empty: dict[str, object] = {
        "ContainerArguments": [],
        "ContainerEntrypoint": [],
        "ContainerEnvironmentVariables": {},
    }
    assert read(with_container(empty)).findings == ()
    assert container_of(with_container(empty)) == ContainerConfig()


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("ContainerArguments", ["x"] * 51, "at most 50"),
        ("ContainerEntrypoint", ["sh", "-c"], "at most 1"),
        ("ContainerEnvironmentVariables", {f"V{i}": "" for i in range(26)}, "at most 25"),
    ],
)
def test_too_many_entries_are_an_error_and_kept(key: str, value: Any, wanted: str) -> None:
    document = with_container({key: value})
    finding = only_finding(document, f"$.JupyterLabAppImageConfig.ContainerConfig.{key}")
    assert (finding.id, finding.severity, finding.wanted) == (
        "document-count-limit",
        "error",
        wanted,
    )
    kept = msgspec.to_builtins(container_of(document))[key]
    assert len(kept) == len(value)


@pytest.mark.parametrize("key", ["ContainerArguments", "ContainerEntrypoint"])
@pytest.mark.parametrize("bad", ["x" * 257, "", "  ", "two\nlines", 8888, None, "\x00"])
def test_a_command_line_with_a_wrong_part_is_left_out_whole(key: str, bad: object) -> None:
    document = with_container({key: [bad], "ContainerEnvironmentVariables": {"A": "b"}})
    path = f"$.JupyterLabAppImageConfig.ContainerConfig.{key}[0]"
    assert only_finding(document, path).severity == "error"
    assert container_of(document) == ContainerConfig(container_environment_variables={"A": "b"})


def test_one_wrong_argument_leaves_no_hole_in_the_others() -> None:
    document = with_container({"ContainerArguments": ["--a", "x" * 65, "--b"]})
    finding = only_finding(
        document, "$.JupyterLabAppImageConfig.ContainerConfig.ContainerArguments[1]"
    )
    assert (finding.seen, finding.wanted) == ("a text of 65 characters", "at most 64 characters")
    assert container_of(document).container_arguments == ()


@pytest.mark.parametrize(
    ("name", "value", "step"),
    [
        ("A", "x" * 257, ".A"),
        ("A", 1, ".A"),
        ("A", None, ".A"),
        ("", "x", "['']"),
        ("  ", "x", "['  ']"),
        ("N" * 257, "x", f"['{'N' * 59}…']"),
    ],
)
def test_a_wrong_variable_costs_only_itself(name: str, value: object, step: str) -> None:
    document = with_container({"ContainerEnvironmentVariables": {name: value, "B": "kept"}})
    path = "$.JupyterLabAppImageConfig.ContainerConfig.ContainerEnvironmentVariables"
    assert only_finding(document, path + step).severity == "error"
    assert container_of(document).container_environment_variables == {"B": "kept"}


def test_values_that_may_be_secret_are_never_shown() -> None:
    secret = "hunter2"
    document = with_container(
        {
            "ContainerArguments": [f"--token={secret}\n"],
            "ContainerEntrypoint": [f"{secret}\nx"],
            "ContainerEnvironmentVariables": {"A": secret + "\x00", "B": secret * 40},
        }
    )
    findings = read(document).findings
    assert len(findings) == 4
    assert not any(secret in finding.sentence() for finding in findings)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("ContainerArguments", "--host"),
        ("ContainerEntrypoint", {}),
        ("ContainerEnvironmentVariables", []),
    ],
)
def test_a_container_part_of_the_wrong_type_costs_only_itself(key: str, value: object) -> None:
    document = with_container({key: value})
    path = f"$.JupyterLabAppImageConfig.ContainerConfig.{key}"
    assert only_finding(document, path).id == "document-member-type"
    assert container_of(document) == ContainerConfig()


def test_a_container_config_that_is_no_object_costs_only_itself() -> None:
    document = with_container("jupyter-lab", "CodeEditorAppImageConfig")
    finding = only_finding(document, "$.CodeEditorAppImageConfig.ContainerConfig")
    assert finding.seen == "'jupyter-lab'"
    assert config_of(document).code_editor_app_image_config is not None


# The document


@pytest.mark.parametrize(
    "section",
    ["KernelGatewayImageConfig", "JupyterLabAppImageConfig", "CodeEditorAppImageConfig"],
)
def test_a_wrong_section_costs_only_itself(section: str) -> None:
    document = {**DESCRIBED, section: ["wrong"]}
    finding = only_finding(document, f"$.{section}")
    assert (finding.id, finding.seen, finding.wanted) == (
        "document-member-type",
        "a list of 1",
        "an object",
    )
    expected = msgspec.to_builtins(config_of(DESCRIBED)) | {section: None}
    assert msgspec.to_builtins(config_of(document)) == expected


@pytest.mark.parametrize("name", ["my_config", "x" * 64, 3, ""])
def test_a_wrong_name_costs_only_itself(name: object) -> None:
    document = {**DESCRIBED, "AppImageConfigName": name}
    assert only_finding(document, "$.AppImageConfigName").severity == "error"
    assert config_of(document).app_image_config_name is None
    assert config_of(document).kernels


def test_an_odd_arn_is_a_warning_and_kept() -> None:
    arn = "arn:aws:sagemaker:…:app-image-config/…"
    document = {**DESCRIBED, "AppImageConfigArn": arn}
    finding = only_finding(document, "$.AppImageConfigArn")
    assert (finding.id, finding.severity) == ("app-image-config-arn", "warning")
    assert config_of(document).app_image_config_arn == arn


@pytest.mark.parametrize("arn", [5, "\ud800"])
def test_an_arn_that_is_no_text_is_left_out(arn: object) -> None:
    document = {**DESCRIBED, "AppImageConfigArn": arn}
    assert only_finding(document, "$.AppImageConfigArn").severity == "error"
    assert config_of(document).app_image_config_arn is None


@pytest.mark.parametrize("time", [True, [], {}, "\x00"])
def test_a_time_of_the_wrong_type_is_left_out(time: object) -> None:
    document = {**DESCRIBED, "CreationTime": time}
    only_finding(document, "$.CreationTime")
    assert config_of(document).creation_time is None


def test_a_time_beyond_all_numbers_is_left_out() -> None:
    reading = read_app_image_config(b'{"CreationTime": 1e999}', source="config.json")
    assert reading.config == AppImageConfig()
    assert [finding.id for finding in reading.findings] == ["document-member-type"]


@pytest.mark.parametrize(
    ("document", "path", "right"),
    [
        ({"AppImageConfigname": "x", **DESCRIBED}, "$.AppImageConfigname", "AppImageConfigName"),
        (
            {"kernel_gateway_image_config": {}, **DESCRIBED},
            "$.kernel_gateway_image_config",
            "KernelGatewayImageConfig",
        ),
        (
            with_kernels({"Name": "ir", "displayName": "R"}),
            "$.KernelGatewayImageConfig.KernelSpecs[0].displayName",
            "DisplayName",
        ),
        (
            with_file_system({"DefaultUid": 0, "DefaultGid": 0, "DefaultGID": 0}),
            "$.KernelGatewayImageConfig.FileSystemConfig.DefaultGID",
            "DefaultGid",
        ),
        (
            with_container({"containerArguments": []}),
            "$.JupyterLabAppImageConfig.ContainerConfig.containerArguments",
            "ContainerArguments",
        ),
    ],
)
def test_a_member_that_is_misspelt_in_case_only_is_a_warning_with_the_right_spelling(
    document: object, path: str, right: str
) -> None:
    finding = only_finding(document, path)
    assert (finding.id, finding.severity) == ("document-member-misspelt", "warning")
    assert finding.wanted == right
    assert right in finding.remedy


@pytest.mark.parametrize("document", [{}, {"AppType": "KernelGateway"}, {"AppImageConfig": {}}])
def test_another_document_is_an_error_and_no_config(document: object) -> None:
    reading = read(document)
    assert reading.config is None
    assert [finding.id for finding in reading.findings] == ["app-image-config-unrecognised"]
    assert reading.findings[0].severity == "error"


def test_malformed_json_is_refused_with_line_and_column() -> None:
    with pytest.raises(DocumentError, match=r"^config\.json:2:35: not JSON") as caught:
        read_app_image_config(
            b'{\n  "AppImageConfigName": "my-conf" "KernelGatewayImageConfig": {}\n}',
            source="config.json",
        )
    assert "found '\"KernelGatewayImageC'" in caught.value.finding.seen


# Any bytes at all

KEYS = [
    *DESCRIBED,
    *DESCRIBED["KernelGatewayImageConfig"],
    "Name",
    "DisplayName",
    "MountPath",
    "DefaultUid",
    "DefaultGid",
    "ContainerConfig",
    "ContainerArguments",
    "ContainerEntrypoint",
    "ContainerEnvironmentVariables",
]
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=70)
)
JSON: st.SearchStrategy[object] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=7)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=7)
    ),
    max_leaves=25,
)


def assert_sound(data: bytes) -> None:
    try:
        reading = read_app_image_config(data, source="config.json")
    except DocumentError as error:
        findings: tuple[Finding, ...] = (error.finding,)
    else:
        findings = reading.findings
        msgspec.json.encode(reading.config)
    for finding in findings:
        assert finding.source.startswith("config.json")
        assert finding.seen
        assert finding.sentence().encode()
        assert "\n" not in finding.sentence()


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(st.binary())
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    assert_sound(data)


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(JSON)
def test_any_json_is_read_or_refused(value: object) -> None:
    assert_sound(json.dumps(value).encode())


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(st.sampled_from(["KernelGatewayImageConfig", "JupyterLabAppImageConfig"]), JSON)
def test_any_section_is_read(section: str, value: object) -> None:
    assert_sound(json.dumps({**DESCRIBED, section: value}).encode())


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(st.data())
def test_a_valid_document_with_a_few_bytes_changed_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(json.dumps(DESCRIBED).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        end = data.draw(st.integers(start, min(len(content), start + 9)))
        content[start:end] = data.draw(st.binary(max_size=4))
    assert_sound(bytes(content))
