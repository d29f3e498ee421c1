"""Names of environments and their kernels: the peer's, unique, and never re-pointed."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_sm.kernels.discovery.environments import Place
from jupyter_sm.kernels.discovery.kernel_json import KernelJson
from jupyter_sm.kernels.discovery.kernel_names import name_kernels
from jupyter_sm.kernels.discovery.kernelspecs import SpecFile
from jupyter_sm.kernels.discovery.names import clean_name, name_environments, own_name, path_hash

SPEC = KernelJson(argv=["python"], display_name="Python 3")


def meanings(*places: Place, excluded: tuple[str, ...] = ()) -> dict[str, str]:
    """Every listed name of a ``python3`` kernel in each place, with the prefix that it means."""
    named_ones, _findings = name_environments(places, "/root", excluded)
    pairs = [(env, SpecFile("python3", env.place.prefix, SPEC, ())) for env in named_ones]
    kernels, _more = name_kernels(pairs, (), "/root", {"/root/envs"})
    return {
        kernel.name: env.place.prefix for kernel, (env, _file) in zip(kernels, pairs, strict=True)
    }


def listed_as(prefix: str, start: str) -> str:
    return f"{start}-{path_hash(prefix)}-py"


@pytest.mark.parametrize(
    ("prefix", "name"),
    [
        ("/root/envs/myenv", "myenv"),
        ("/dupA/envs/same", "dupA-same"),
        ("/proj/envs/p1", "proj-p1"),
        ("/other/loose", "loose"),
        ("/home/u/.conda/envs/foo", ".conda-foo"),
        ("/root/envs/outer/envs/inner", "outer-inner"),
        ("/root/envs/base", "root-base"),
        ("/pool/a", "a"),
        ("/a", "a"),
    ],
)
def test_an_environment_is_called_as_nb_conda_kernels_calls_it(prefix: str, name: str) -> None:
    assert own_name(prefix, "/root") == name


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("MixedCase.Dots-1_x", "MixedCase.Dots-1_x"),
        ("with space", "with_space"),
        ("größe", "gro_e"),
        ("tÆst_env2", "t_st_env2"),
        ("环境", "__"),
        ("it's;$x", "it_s__x"),
        ("new\nline", "new_line"),
        ("", ""),
    ],
)
def test_what_jupyter_does_not_allow_in_a_name_is_replaced(name: str, cleaned: str) -> None:
    assert clean_name(name) == cleaned


def test_the_hash_depends_on_the_path_alone_and_never_changes() -> None:
    assert path_hash("/opt/conda/envs/myenv") == "f41a291a"


def test_the_base_environment_keeps_its_name_whatever_else_is_called_base() -> None:
    assert meanings(Place("/x/base"), Place("/root")) == {
        "conda-base-py": "/root",
        listed_as("/x/base", "conda-env-base"): "/x/base",
    }


def test_root_envs_name_keeps_the_plain_name_wherever_it_exists() -> None:
    for order in itertools.permutations([Place("/root/envs/a"), Place("/pool/a", ("t", 1))]):
        assert meanings(*order) == {
            "conda-env-a-py": "/root/envs/a",
            listed_as("/pool/a", "conda-env-a"): "/pool/a",
        }


def test_an_exact_name_goes_before_one_that_had_to_be_cleaned() -> None:
    assert meanings(Place("/root/envs/a b"), Place("/root/envs/a_b")) == {
        "conda-env-a_b-py": "/root/envs/a_b",
        listed_as("/root/envs/a b", "conda-env-a_b"): "/root/envs/a b",
    }


def test_a_cleaned_name_in_the_installation_goes_before_any_elsewhere() -> None:
    assert meanings(Place("/pool/a_b"), Place("/root/envs/a b"))["conda-env-a_b-py"] == (
        "/root/envs/a b"
    )


def test_of_equals_the_one_registered_first_keeps_the_name() -> None:
    late, early = Place("/a/loose", ("txt", 9)), Place("/b/loose", ("txt", 2))

    assert meanings(late, early) == {
        "conda-env-loose-py": "/b/loose",
        listed_as("/a/loose", "conda-env-loose"): "/a/loose",
    }


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (None, None),
        (("txt", 1), None),
        (("txt", 1), ("other txt", 1)),
    ],
)
def test_of_equals_none_keeps_the_name_when_nobody_knows_which_was_first(
    first: tuple[str, int] | None, second: tuple[str, int] | None
) -> None:
    assert meanings(Place("/a/loose", first), Place("/b/loose", second)) == {
        listed_as("/a/loose", "conda-env-loose"): "/a/loose",
        listed_as("/b/loose", "conda-env-loose"): "/b/loose",
    }


def test_two_names_that_become_one_are_both_listed_under_their_hash() -> None:
    assert meanings(Place("/root/envs/环境"), Place("/root/envs/测试")) == {
        listed_as("/root/envs/环境", "conda-env-__"): "/root/envs/环境",
        listed_as("/root/envs/测试", "conda-env-__"): "/root/envs/测试",
    }


def test_what_must_not_be_started_takes_no_name_from_what_may() -> None:
    places = Place("/root/envs/a"), Place("/pool/a")

    assert meanings(*places, excluded=("/root/envs/a",))["conda-env-a-py"] == "/pool/a"


def test_an_environment_that_is_called_like_a_hashed_name_keeps_its_own() -> None:
    mark = path_hash("/a/x")
    places = Place("/a/x"), Place("/b/x"), Place(f"/c/x-{mark}")

    found = meanings(*places)

    assert found[f"conda-env-x-{mark}-py"] == f"/c/x-{mark}"
    assert len(found) == 3


PREFIXES = st.sampled_from(
    [
        f"{folder}/{name}"
        for folder in ("/root/envs", "/a", "/b", "/p/envs", "/q/p/envs", "/.conda/envs")
        for name in ("x", "a b", "a_b", "a-b", "p-x", "base", "é", "è", "x-py")
    ]
)


@settings(deadline=None, max_examples=50)
@given(st.lists(PREFIXES, unique=True, max_size=7), st.data())
def test_adding_an_environment_never_makes_a_name_mean_another_one(
    prefixes: list[str], data: st.DataObject
) -> None:
    count = len(prefixes)
    registered = data.draw(st.lists(st.booleans(), min_size=count, max_size=count))
    places = [
        Place(prefix, ("txt", line) if known else None)
        for line, (prefix, known) in enumerate(zip(prefixes, registered, strict=True))
    ]

    before: dict[str, str] = {}
    for end in range(count + 1):
        after = meanings(Place("/root"), *places[:end])
        assert len(after) == end + 1
        for name in before.keys() & after.keys():
            if not after[name].startswith("/root/envs/"):
                assert after[name] == before[name]
        before = after


@settings(deadline=None, max_examples=50)
@given(st.lists(PREFIXES, unique=True, min_size=1, max_size=7), st.data())
def test_removing_an_environment_takes_no_plain_name_from_one_that_stays(
    prefixes: list[str], data: st.DataObject
) -> None:
    places = [
        Place(prefix, ("txt", line) if data.draw(st.booleans()) else None)
        for line, prefix in enumerate(prefixes)
    ]
    gone = data.draw(st.sampled_from(places))

    before = meanings(Place("/root"), *places)
    after = meanings(Place("/root"), *(place for place in places if place != gone))

    assert set(after.values()) == {*before.values()} - {gone.prefix}
    for name, prefix in before.items():
        if prefix != gone.prefix and not name.endswith(f"-{path_hash(prefix)}-py"):
            assert after[name] == prefix


def test_a_plain_name_passes_to_the_next_when_the_first_one_goes() -> None:
    first, second = Place("/a/loose", ("txt", 1)), Place("/b/loose", ("txt", 2))

    assert meanings(first, second)["conda-env-loose-py"] == "/a/loose"
    assert meanings(second) == {"conda-env-loose-py": "/b/loose"}


@settings(deadline=None, max_examples=50)
@given(st.lists(PREFIXES, unique=True, max_size=7), st.randoms())
def test_names_do_not_depend_on_the_order_in_which_environments_are_found(
    prefixes: list[str], random: object
) -> None:
    places = [Place(prefix) for prefix in prefixes]
    shuffled = list(places)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis' Random

    assert meanings(*places) == meanings(*shuffled)
