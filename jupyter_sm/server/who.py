"""Who the process runs as."""

import grp
import os
import pwd
from dataclasses import dataclass

from ..reading import printable


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Who the process runs as; ``user`` and ``group`` are the numbers where no account has them."""

    uid: int
    gid: int
    user: str
    group: str
    has_account: bool
    home: str


def nameless() -> Who:
    """This process without what the list of accounts says."""
    uid, gid = os.geteuid(), os.getegid()
    home = os.environ.get("HOME", "")
    return Who(uid=uid, gid=gid, user=str(uid), group=str(gid), has_account=True, home=home)


def of_this_process() -> Who:
    """Who this process runs as; may wait for the list of accounts."""
    bare = nameless()
    try:
        account = pwd.getpwuid(bare.uid)
    except (KeyError, OSError):
        account = None
    return Who(
        uid=bare.uid,
        gid=bare.gid,
        user=printable(account.pw_name) if account else bare.user,
        group=_group(bare.gid),
        has_account=account is not None,
        home=bare.home or (account.pw_dir if account else ""),
    )


def _group(gid: int) -> str:
    try:
        return printable(grp.getgrgid(gid).gr_name)
    except (KeyError, OSError):
        return str(gid)
