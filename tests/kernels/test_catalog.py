"""Which kernels are shown, hidden, excluded or missing, and what a requested name means."""

import pytest

from jupyter_sm.errors import Finding, KernelRefusedError, UnknownKernelError
from jupyter_sm.image import KernelSpec
from jupyter_sm.kernels import (
    Catalog,
    Choice,
    Environment,
    MissingEntry,
    Snapshot,
    Trouble,
    choose,
    spec_of,
)

from .found import BASE, CONDA_BASE, CONDA_MYENV, FOUND, IR, MYENV, PYTHON3, configured, kernel


def shown(catalog: Catalog) -> list[str]:
    return [entry.name for entry in catalog.shown]


def ids(catalog: Catalog) -> list[str]:
    return [finding.id for finding in catalog.findings]


def test_without_an_app_image_config_python3_alone_is_shown() -> None:
    catalog = choose(FOUND, Choice())

    assert shown(catalog) == ["python3"]
    assert catalog.default == "python3"
    assert catalog.find("ir").visibility == "hidden"


def test_the_configured_kernels_are_shown_in_their_order_and_the_first_is_the_default() -> None:
    catalog = choose(FOUND, configured("conda-env-myenv-py", "ir"))

    assert shown(catalog) == ["conda-env-myenv-py", "ir"]
    assert catalog.default == "conda-env-myenv-py"
    assert catalog.findings == ()


def test_a_configured_display_name_replaces_the_kernels_own_without_changing_it() -> None:
    choice = Choice(configured=(KernelSpec(name="ir", display_name="Our R"),))

    entry = choose(FOUND, choice).find("ir")

    assert spec_of(entry)["display_name"] == "Our R"
    assert IR.spec["display_name"] == "Display ir"


def test_a_configured_name_that_is_listed_twice_is_shown_once() -> None:
    assert shown(choose(FOUND, configured("ir", "ir"))) == ["ir"]


def test_everything_shows_the_configured_ones_first_and_the_rest_in_the_order_found() -> None:
    catalog = choose(FOUND, configured("conda-env-myenv-py", everything=True))

    assert shown(catalog) == ["conda-env-myenv-py", "python3", "ir", "conda-base-py"]


def test_the_base_environment_is_hidden_when_it_already_is_python3() -> None:
    base = kernel("conda-base-py", environment=BASE, resource_dir=PYTHON3.resource_dir)

    catalog = choose(Snapshot(kernels=(PYTHON3, base)), Choice(everything=True))

    assert shown(catalog) == ["python3"]
    assert catalog.find("conda-base-py").visibility == "hidden"
    assert catalog.resolve("conda-base-py").kernel is base


def test_the_base_environment_is_recognised_as_python3_through_a_link() -> None:
    native = kernel("python3", argv=["/opt/conda/bin/python", "-m", "x"])
    base = kernel("conda-base-py", environment=BASE, argv=["/opt/conda/bin/python", "-m", "x"])

    catalog = choose(Snapshot(kernels=(native, base)), Choice(everything=True))

    assert shown(catalog) == ["python3"]


def test_the_base_environment_is_shown_beside_python3_when_it_is_configured() -> None:
    base = kernel("conda-base-py", environment=BASE, resource_dir=PYTHON3.resource_dir)

    catalog = choose(Snapshot(kernels=(PYTHON3, base)), configured("conda-base-py"))

    assert shown(catalog) == ["conda-base-py"]


def test_python3_is_the_base_environment_where_nothing_else_has_that_name() -> None:
    catalog = choose(Snapshot(kernels=(CONDA_BASE, CONDA_MYENV)), Choice())

    assert shown(catalog) == ["python3"]
    assert catalog.resolve("python3").kernel is CONDA_BASE
    assert catalog.resolve("conda-base-py").kernel is CONDA_BASE


def test_the_base_environments_own_python3_goes_before_its_other_python_kernels() -> None:
    dask = kernel("conda-base-dask", environment=BASE)
    python = kernel("conda-base-py", environment=BASE, resource_dir="/opt/conda/x/python3")

    catalog = choose(Snapshot(kernels=(dask, python)), Choice())

    assert catalog.resolve("python3").kernel is python


def test_python3_can_be_started_although_it_is_not_shown() -> None:
    catalog = choose(FOUND, configured("ir"))

    assert catalog.resolve("python3").kernel is PYTHON3


def test_an_excluded_base_environment_does_not_become_python3() -> None:
    excluded = kernel("conda-base-py", environment=BASE, excluded=Trouble("filtered", ""))

    with pytest.raises(UnknownKernelError):
        choose(Snapshot(kernels=(excluded,)), Choice()).resolve("python3")


def test_a_missing_kernel_is_not_listed_and_the_environment_of_that_name_is_suggested() -> None:
    catalog = choose(FOUND, configured("myenv", "ir"))

    assert shown(catalog) == ["ir"]
    missing = catalog.entries[-1]
    assert (missing.name, missing.visibility, missing.kernel) == ("myenv", "missing", None)
    assert missing.trouble == Trouble(
        "`myenv` is not a kernel of this image", "Did you mean `conda-env-myenv-py`?"
    )
    assert ids(catalog) == ["configured-kernel-missing"]
    assert catalog.findings[0].source == "/etc/config.json"


def test_a_missing_kernel_cannot_be_started_and_says_so_with_the_suggestion() -> None:
    with pytest.raises(
        UnknownKernelError, match=r"`myenv` is not a kernel .* `conda-env-myenv-py`\?"
    ):
        choose(FOUND, configured("myenv")).resolve("myenv")


@pytest.mark.parametrize("name", ["myenv", "MyEnv", "myenv__SAGEMAKER_INTERNAL__arn:aws:x"])
def test_a_missing_kernel_is_what_starts_to_say_so(name: str) -> None:
    entry = choose(FOUND, configured("myenv", "ir")).startable(name)

    assert isinstance(entry, MissingEntry)
    assert (entry.name, entry.display_name) == ("myenv", "myenv")
    assert entry.trouble.remedy == "Did you mean `conda-env-myenv-py`?"


def test_a_kernel_that_was_found_starts_under_the_rules_of_every_request() -> None:
    catalog = choose(FOUND, configured("ir", "absent", enforce=True))

    assert catalog.startable("IR").kernel is IR
    assert catalog.startable("absent").kernel is None
    with pytest.raises(KernelRefusedError):
        catalog.startable("python3")
    with pytest.raises(UnknownKernelError):
        catalog.startable("never-heard-of")


EMPTY = Environment("/opt/conda/envs/my env", "my-env", "/opt/conda", is_base=False)


@pytest.mark.parametrize(
    "name", ["my-env", "conda-env-my-env-py", "conda-my-env-py", "conda_my-env"]
)
def test_a_name_that_means_an_environment_without_a_kernel_is_told_what_to_install(
    name: str,
) -> None:
    catalog = choose(Snapshot(kernels=(PYTHON3,), environments=(EMPTY,)), configured(name))

    assert catalog.entries[-1].trouble == Trouble(
        f"`{name}` is not a kernel of this image: the environment /opt/conda/envs/my env has none",
        "conda install --prefix '/opt/conda/envs/my env' ipykernel",
    )


def test_an_environment_that_must_not_be_used_is_not_offered_for_an_installation() -> None:
    excluded = Environment(
        EMPTY.prefix, EMPTY.name, EMPTY.root, is_base=False, excluded=Trouble("filtered", "")
    )

    catalog = choose(Snapshot(kernels=(PYTHON3,), environments=(excluded,)), configured("my-env"))

    assert "install --prefix" not in str(catalog.entries[-1].trouble)


def test_an_environment_with_a_kernel_of_another_name_is_not_said_to_have_none() -> None:
    catalog = choose(Snapshot(kernels=(CONDA_MYENV,), environments=(MYENV,)), configured("myenv"))

    assert catalog.entries[-1].trouble == Trouble(
        "`myenv` is not a kernel of this image", "Did you mean `conda-env-myenv-py`?"
    )


def test_a_misspelt_name_gets_the_nearest_one() -> None:
    with pytest.raises(UnknownKernelError) as raised:
        choose(FOUND, Choice()).resolve("conda-env-myemv-py")

    assert raised.value.remedy == "Did you mean `conda-env-myenv-py`?"


def test_a_name_like_no_other_gets_the_names_there_are() -> None:
    with pytest.raises(UnknownKernelError) as raised:
        choose(FOUND, Choice()).resolve("zzz")

    assert raised.value.remedy == (
        "Correct the name, or install that kernel: there are `python3`, `ir`, `conda-base-py`, "
        "`conda-env-myenv-py`"
    )


def test_the_names_there_are_stop_at_ten() -> None:
    many = Snapshot(kernels=tuple(kernel(f"k{i:02}") for i in range(13)))

    with pytest.raises(UnknownKernelError) as raised:
        choose(many, Choice()).resolve("zzz")

    assert raised.value.remedy.endswith("`k09` and 3 more")


def test_an_image_without_a_kernel_says_what_to_install() -> None:
    catalog = choose(Snapshot(), Choice())

    assert shown(catalog) == []
    assert catalog.default == "python3"
    with pytest.raises(UnknownKernelError, match="install ipykernel"):
        catalog.resolve("python3")


def test_another_case_is_found_listed_as_configured_and_reported() -> None:
    catalog = choose(FOUND, configured("IR"))

    assert shown(catalog) == ["IR"]
    assert catalog.resolve("ir").kernel is IR
    assert ids(catalog) == ["configured-kernel-case"]
    assert "Write `ir`" in catalog.findings[0].remedy


def test_a_configured_alias_is_listed_under_the_configured_name_without_a_finding() -> None:
    catalog = choose(FOUND, configured("conda-root-py"))

    assert shown(catalog) == ["conda-root-py"]
    assert catalog.resolve("conda-base-py").name == "conda-root-py"
    assert catalog.findings == ()


@pytest.mark.parametrize(
    "name",
    [
        "conda-env-myenv-py",
        "conda_myenv",
        "CONDA-ENV-MyEnv-PY",
        "conda-env-myenv-py__SAGEMAKER_INTERNAL__arn:aws:sagemaker:us-west-2:1:image/x",
        "conda_myenv__SAGEMAKER_INTERNAL__",
    ],
)
def test_a_requested_name_resolves_by_alias_case_and_internal_suffix(name: str) -> None:
    assert choose(FOUND, Choice()).resolve(name).kernel is CONDA_MYENV


def test_an_exact_name_wins_over_another_kernels_alias() -> None:
    other = kernel("conda_myenv")

    catalog = choose(Snapshot(kernels=(CONDA_MYENV, other)), Choice())

    assert catalog.resolve("conda_myenv").kernel is other


def test_an_exact_name_wins_over_another_spelling() -> None:
    upper, lower = kernel("K"), kernel("k")

    catalog = choose(Snapshot(kernels=(upper, lower)), Choice())

    assert catalog.resolve("k").kernel is lower
    assert catalog.resolve("K").kernel is upper


def test_an_excluded_kernel_is_neither_listed_nor_started() -> None:
    trouble = Trouble("conda_env_filter matches it", "change the filter")
    hidden = kernel("conda-env-x-py", excluded=trouble)

    catalog = choose(Snapshot(kernels=(hidden,)), Choice(everything=True))

    assert shown(catalog) == []
    with pytest.raises(
        KernelRefusedError, match=r"conda_env_filter matches it\. change the filter"
    ):
        catalog.resolve("conda-env-x-py")


def test_an_excluded_kernel_that_is_configured_is_a_finding() -> None:
    hidden = kernel("conda-env-x-py", excluded=Trouble("owned by uid 7", "chown it"))

    catalog = choose(Snapshot(kernels=(hidden,)), configured("conda-env-x-py"))

    assert shown(catalog) == []
    assert [(f.id, f.severity, f.seen, f.remedy) for f in catalog.findings] == [
        ("configured-kernel-excluded", "error", "owned by uid 7", "chown it")
    ]


def test_a_broken_kernel_is_listed_and_reported_when_it_is_shown() -> None:
    broken = kernel("conda-env-x-py", broken=Trouble("no interpreter", "install python"))

    found = Snapshot(kernels=(broken,))

    for choice in (configured("conda-env-x-py"), Choice(everything=True)):
        assert shown(choose(found, choice)) == ["conda-env-x-py"]
        assert ids(choose(found, choice)) == ["shown-kernel-broken"]
    assert ids(choose(found, Choice(everything=True, allowed=frozenset({"ir"})))) == []


def test_enforce_refuses_what_is_not_shown_even_python3() -> None:
    catalog = choose(FOUND, configured("ir", enforce=True))

    assert catalog.resolve("ir").kernel is IR
    for name in ("python3", "conda-env-myenv-py"):
        with pytest.raises(KernelRefusedError, match=r"add it to /etc/config\.json"):
            catalog.resolve(name)


def test_jupyters_allowed_kernelspecs_limit_what_is_shown() -> None:
    catalog = choose(FOUND, configured("ir", "python3", allowed=frozenset({"python3"})))

    assert shown(catalog) == ["python3"]
    entry = catalog.find("ir")
    assert entry.visibility == "hidden"
    assert entry.trouble is not None
    assert "allowed_kernelspecs" in entry.trouble.reason


def test_a_hidden_kernel_says_which_document_does_not_list_it() -> None:
    by_config = choose(FOUND, configured("ir")).find("python3").trouble
    by_default = choose(FOUND, Choice()).find("ir").trouble

    assert by_config is not None
    assert by_config.reason == "/etc/config.json does not list it"
    assert by_default is not None
    assert by_default.reason == "no AppImageConfig lists it"


def test_the_findings_of_discovery_come_first() -> None:
    finding = Finding(id="x", severity="warning", source="/x", seen="y")
    catalog = choose(Snapshot(findings=(finding,)), configured("a"))

    assert ids(catalog) == ["x", "configured-kernel-missing"]
