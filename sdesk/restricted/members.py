"""Who can open the second file, by the kernel's word, and who of them is an agent of the desk."""

from __future__ import annotations

import grp
import pwd
from typing import TYPE_CHECKING, NamedTuple

from sdesk.restricted import queues

if TYPE_CHECKING:
    from pathlib import Path

    from sdesk.desk import Desk


class Member(NamedTuple):
    """One user or agent, by the kernel's word and by the desk's."""

    login: str
    can_open: bool
    """In the file's group, or its owner."""
    agent: str
    """The role in the desk; empty for none."""
    queues: tuple[str, ...]
    """The restricted queues the agent works."""

    @property
    def said(self) -> str:
        """What is not as it should be."""
        if self.can_open and not self.agent:
            return "no agent of the desk, but able to open the file"
        if not self.can_open:
            return "works a restricted queue, but can't open the file"
        return ""


def group_of(path: Path) -> tuple[str, frozenset[str]]:
    """The group that may open the file (its folder's, which everybody can ask for), and its users."""
    status = path.parent.stat()
    try:
        name, listed = grp.getgrgid(status.st_gid).gr_name, grp.getgrgid(status.st_gid).gr_mem
    except KeyError:
        name, listed = str(status.st_gid), []
    primary = {entry.pw_name for entry in pwd.getpwall() if entry.pw_gid == status.st_gid}
    return name, frozenset({*listed, *primary})


def members(desk: Desk, path: Path) -> tuple[Member, ...]:
    """The group's users, and the agents of restricted queues, by login."""
    _, users = group_of(path)
    kept = set(queues(desk.read.settings()))
    agents = {agent.login: agent for agent in desk.read.agents()}
    concerned = users | {a.login for a in agents.values() if kept & set(a.queues)}
    found = []
    for login in sorted(concerned):
        agent = agents.get(login)
        own = tuple(queue for queue in agent.queues if queue in kept) if agent else ()
        found.append(Member(login, login in users, str(agent.role) if agent else "", own))
    return tuple(found)


def outsiders(path: Path, logins: tuple[str, ...]) -> tuple[str, list[str]]:
    """The file's group, and those of the logins who are users of this host and not in it."""
    name, users = group_of(path)
    return name, [login for login in logins if login not in users and _is_plain_user(login)]


def _is_plain_user(login: str) -> bool:
    """A user of this host but root, who can open everything."""
    try:
        return pwd.getpwnam(login).pw_uid != 0
    except KeyError:
        return False
