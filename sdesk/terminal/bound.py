"""A key that does something, and that nobody on its way up looks at, does it at once.

Textual hands a key to what has the focus, and from there through the queue of everything that this
stands in, before it asks what the key is bound to: a quarter of the time until a list's cursor has moved.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from textual.events import Key
from textual.widget import Widget

if TYPE_CHECKING:
    from textual.app import App


async def do_bound(app: App[Any], event: Key) -> bool:
    """Whether the key was bound, and has been answered; else it is to go its usual way."""
    # Escape also ends a selection by the mouse; a key brings the focus back to a window that had lost it.
    if event.key == "escape" or event.is_forwarded or not app.app_focus:
        return False
    nodes = (app.focused or app.screen).ancestors_with_self
    if not all(node is app or _looks_at_no_key(type(node)) for node in nodes):
        return False
    return await app._check_bindings(event.key, True) or await app._check_bindings(event.key)


@lru_cache(maxsize=256)
def _looks_at_no_key(kind: type) -> bool:
    """Whether widgets of that class have no handler of their own for keys."""
    for each in kind.__mro__:
        names = vars(each)
        if each is not Widget and ("on_key" in names or "_on_key" in names):
            return False
        if Key in names.get("_decorated_handlers", ()):
            return False
    own = (name for name in dir(kind) if name.startswith(("key_", "_key_")))
    return all(name == "_key_escape" for name in own)
