"""Which of several statements about an app counts, and a finding where they contradict.

"Told" is what the app's ARN says, "stated" what a member of the metadata document says itself.
"""

from collections.abc import Mapping

from . import limits
from .document import Place, describe
from .identity import ABSENT, Sourced

_REMEDY = "correct or unset the variable, unless the image means to reach another place"


def first_of(*candidates: Sourced) -> Sourced:
    """The first that has a value."""
    return next((candidate for candidate in candidates if candidate.value), ABSENT)


def variable(environ: Mapping[str, str], *names: str) -> Sourced:
    """The first environment variable that is set and not empty."""
    return first_of(*(Sourced(environ.get(name), f"environment {name}") for name in names))


def agreed(root: Place, told: Sourced, stated: Sourced) -> Sourced:
    """The ARN's word, in the member's spelling when only the case differs; the member's without an ARN.

    A member that says something else is reported.
    """
    if told.value and stated.value and not _same(told, stated):
        root.child(stated.source, None).report(
            "metadata-fields-disagree",
            describe(stated.value),
            wanted=f"{describe(told.value)}, as in {told.source}",
        )
    return respelled(told, stated)


def respelled(told: Sourced, stated: Sourced) -> Sourced:
    """The same, where the member may say something else by design."""
    if told.value != stated.value and _same(told, stated):
        return stated
    return first_of(told, stated)


def _same(one: Sourced, other: Sourced) -> bool:
    return (one.value or "").lower() == (other.value or "").lower()


def app_type_of(sourced: Sourced) -> Sourced:
    """An app type in the API's spelling, where the API knows it."""
    value = (sourced.value or "").lower()
    known = (name for name in limits.APP_TYPES if name.lower() == value)
    return Sourced(next(known, sourced.value), sourced.source)


def owner_of(root: Place, told: Sourced, space: Sourced, user: Sourced) -> Sourced:
    """The user profile or space that owns the app: the ARN's, else the space before the user."""
    stated = (candidate for candidate in (space, user) if candidate.value)
    matching = (candidate for candidate in stated if _same(candidate, told))
    return agreed(root, told, next(matching, first_of(space, user)))


def user_and_space(
    owner: Sourced, app_type: Sourced, user: Sourced, space: Sourced
) -> tuple[Sourced, Sourced]:
    """Both as the document states them; when it states neither, the owner by the kind of app."""
    if user.value or space.value or not owner.value:
        return user, space
    assumed = Sourced(
        owner.value, f"{owner.source}, assumed: no UserProfileName and no SpaceName is there"
    )
    return (ABSENT, assumed) if app_type.value in limits.SPACE_APP_TYPES else (assumed, ABSENT)


def located(root: Place, what: str, told: Sourced, variable: Sourced) -> Sourced:
    """The document's region or account, else the environment's; reported when the two differ."""
    if told.value and variable.value and told.value != variable.value:
        root.child(told.source, None).report(
            f"metadata-{what}-differs",
            f"{what} {describe(told.value)}, but {describe(variable.value)} in {variable.source}",
            wanted="the same in both",
            remedy=_REMEDY,
        )
    return first_of(told, variable)
