"""From "priority=2" on the command line to an operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk import ops
from sdesk.cli.edit import NOBODY, agent
from sdesk.errors import Invalid, NotFound, Refused, Usage, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sdesk.desk import Desk
    from sdesk.model import PersonId

TRUE, FALSE = ("1", "yes", "true", "on"), ("0", "no", "false", "off")
AUTO = ("", "auto")
EXAMPLE_REASON = "agreed with the customer"
PLAIN = ("subject", "kind", "category", "service", "channel")


def operations(desk: Desk, settings: Sequence[str]) -> list[ops.Op]:
    """The operations that set every FIELD=VALUE, in the order given."""
    pairs = [_split(setting) for setting in settings]
    reason = next((value for name, value in pairs if name == "reason"), "")
    made = []
    for name, value in pairs:
        if name == "due" or name.startswith("due."):
            made.append(_due(desk, name.removeprefix("due").removeprefix("."), value, reason))
        elif name != "reason":
            made.append(_operation(desk, name, value))
    if not made:
        raise Usage("A reason is for a due date.", 'For example: due="fri 16:00" reason="agreed"')
    return made


def _due(desk: Desk, target: str, value: str, reason: str) -> ops.Op:
    """ "fri 16:00" for the resolution or the target named; "auto" lets the policy decide again."""
    from sdesk.rules.when import parse_until

    target = target or "resolution"
    if value.casefold() in (*AUTO, *NOBODY):
        return ops.SetDue(target, None, reason)
    if not reason:
        raise Usage("A due date set by hand needs a reason.", f'Add: reason="{EXAMPLE_REASON}"')
    at = parse_until(value, now=desk.now(), zone=desk.settings.zone)
    return ops.SetDue(target, at, reason)


def _split(setting: str) -> tuple[str, str]:
    name, _, value = setting.partition("=")
    return name.strip(), value.strip()


def _operation(desk: Desk, name: str, value: str) -> ops.Op:
    if name.startswith("field."):
        return ops.SetField(name.removeprefix("field."), value)
    name = name.casefold()
    if name in PLAIN:
        return ops.Edit(name, value)
    if (make := _MAKERS.get(name)) is None:
        known = [*_MAKERS, *PLAIN, "field.NAME", "due", "due.TARGET"]
        raise Usage(
            f"There is no field '{name}'.",
            did_you_mean(name, known) or "Known: " + ", ".join(known),
        )
    return make(desk, value)


def _tag(_: Desk, value: str) -> ops.Op:
    words = tuple(tag.lstrip("+-") for tag in value.split(",") if tag.strip("+-"))
    return ops.RemoveTags(words) if value.startswith("-") else ops.AddTags(words)


def _priority(_: Desk, value: str) -> ops.Op:
    text = value.casefold().removeprefix("p")
    return ops.SetPriority(None if value.casefold() in AUTO else number("Priority", text))


def _level(name: str) -> Callable[[Desk, str], ops.Op]:
    words = {"high": 1, "medium": 2, "low": 3}

    def make(_: Desk, value: str) -> ops.Op:
        return ops.Edit(name, words.get(value.casefold()) or number(name.capitalize(), value))

    return make


def _parent(desk: Desk, value: str) -> ops.Op:
    return ops.Edit("parent", None if value.casefold() in NOBODY else desk.read.resolve(value))


def _requester(desk: Desk, value: str) -> ops.Op:
    return ops.Edit("requester", None if value.casefold() in NOBODY else person(desk, value))


_MAKERS: dict[str, Callable[[Desk, str], ops.Op]] = {
    "state": lambda desk, value: ops.SetState(state(desk, value)),
    "queue": lambda desk, value: ops.Move(queue(desk, value)),
    "assignee": lambda desk, value: ops.Assign(agent(desk, value)),
    "owner": lambda desk, value: ops.Edit("owner", agent(desk, value)),
    "priority": _priority,
    "impact": _level("impact"),
    "urgency": _level("urgency"),
    "restricted": lambda _, value: ops.Edit("restricted", claim("Restricted", value)),
    "parent": _parent,
    "requester": _requester,
    "tag": _tag,
    "tags": _tag,
}


def number(what: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise Invalid(f"{what}: '{text}' is not a number.")
    return int(text)


def claim(what: str, text: str) -> bool:
    if text.casefold() in TRUE + FALSE:
        return text.casefold() in TRUE
    raise Invalid(f"{what}: '{text}' is neither yes nor no.")


def state(desk: Desk, text: str) -> str:
    """The key of the state with that key or name. Raises `NotFound`."""
    return _key("state", text, {item.key: item.name for item in desk.read.states()})


def queue(desk: Desk, text: str) -> str:
    return _key("queue", text, {item.key: item.name for item in desk.read.queues()})


def _key(what: str, text: str, known: dict[str, str]) -> str:
    wanted = text.casefold()
    for key, name in known.items():
        if wanted in (key.casefold(), name.casefold()):
            return key
    raise NotFound.named(what, text, known)


def person(desk: Desk, text: str) -> PersonId:
    """The one person with that number, address or name. Raises `NotFound`, or `Refused` for several."""
    if text.isascii() and text.isdigit():
        return desk.read.person(int(text)).id
    from sdesk.text import fold

    found = desk.read.people(text, limit=20)
    exact = [
        p for p in found if fold(p.name) == fold(text) or p.email.casefold() == text.casefold()
    ]
    matching = exact or list(found)
    if not matching:
        raise NotFound(
            f"No person is called '{text}'.", 'Make one: --new-requester "Name <address>"'
        )
    if len(matching) > 1:
        names = "; ".join(f"{p.id} {p.name} <{p.email}>" for p in matching[:6])
        raise Refused(f"Several people match '{text}': {names}.", "Give the number or the address.")
    return matching[0].id
