"""What has to be done to share, rename and reorder views. Pure: views in, operations out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdesk.errors import NotFound, Refused
from sdesk.ops import DropView, Op, SaveView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdesk.model import View

STEP = 10
"""Between two views, so that a third one finds room."""


def named(views: Sequence[View], name: str, *, shared: bool | None = None) -> View:
    """The view with that name; an own one before a shared one. Raises `NotFound`."""
    fitting = [v for v in views if shared is None or bool(v.owner) != shared]
    found = [v for v in fitting if v.name.casefold() == name.casefold()]
    if not found:
        raise NotFound.named("view", name, [v.name for v in fitting])
    return max(found, key=lambda view: bool(view.owner))


def saved(view: View, *, name: str = "", shared: bool | None = None, position: int | None = None) -> SaveView:  # fmt: skip
    """The operation that makes this very view, but for what is named here."""
    return SaveView(
        name or view.name, view.query,
        shared=not view.owner if shared is None else shared,
        position=view.position if position is None else position,
        columns=view.columns, colours=view.colours,
    )  # fmt: skip


def share(view: View) -> tuple[Op, ...]:
    """For everybody from now on."""
    if not view.owner:
        raise Refused(f"The view '{view.name}' is shared already.")
    return saved(view, shared=True), DropView(view.name)


def unshare(view: View) -> tuple[Op, ...]:
    """For the acting agent alone from now on."""
    if view.owner:
        raise Refused(f"The view '{view.name}' is yours alone already.")
    return saved(view, shared=False), DropView(view.name, shared=True)


def rename(view: View, name: str, views: Sequence[View]) -> tuple[Op, ...]:
    if any(
        v.name.casefold() == name.casefold() and v.owner == view.owner and v != view for v in views
    ):
        raise Refused(f"There is a view '{name}' already.")
    return saved(view, name=name), DropView(view.name, shared=not view.owner)


def reorder(views: Sequence[View], view: View, place: int) -> tuple[Op, ...]:
    """Put a view at a place, counted from 1. The others move only where there is no room between two."""
    others = [v for v in views if v != view]
    at = max(0, min(place - 1, len(others)))
    before = others[at - 1].position if at else (others[0].position - 2 * STEP if others else 0)
    after = others[at].position if at < len(others) else before + 2 * STEP
    if after - before > 1:
        return (saved(view, position=(before + after) // 2),)
    order = [*others[:at], view, *others[at:]]
    wanted = [(v, STEP * number) for number, v in enumerate(order, start=1)]
    return tuple(saved(v, position=to) for v, to in wanted if v.position != to)
