"""What the store holds anew: read at once, and while more comes in, once in a while."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from textual import work
from textual.dom import DOMNode
from textual.worker import get_current_worker

from sdesk.errors import SdeskError
from sdesk.messages import StoreChanged

if TYPE_CHECKING:
    from textual.timer import Timer

    from sdesk.app import SdeskApp
    from sdesk.desk import Desk

Found = TypeVar("Found")


class News:
    """Mixed into `DeskScreen`: a lone change is read at once, of a burst the first and what is there
    after each rest. Textual calls the handler of every class: no screen has one of its own beside it."""

    if TYPE_CHECKING:
        set_timer: Callable[..., Timer]

        @property
        def desk_app(self) -> SdeskApp: ...
        def reload(self) -> None: ...

    _gathering: Timer | None = None
    """Runs while what comes in is only noted."""
    _has_more = False

    def rest(self) -> float:
        """Seconds between two readings."""
        return self.desk_app.gather

    def take_news(self) -> None:
        """Something is another: read it."""
        self.reload()

    def on_store_changed(self, event: StoreChanged) -> None:
        self._has_more = True
        if self._gathering is None:
            self._rested()

    @property
    def is_commanding(self) -> bool:
        """A command is being typed, for what stands on the screen: it stays until that is given."""
        return False

    def _rested(self) -> None:
        self._gathering = None
        if self._has_more and self.is_commanding:
            self._gathering = self.set_timer(self.rest(), self._rested)
        elif self._has_more:
            self._has_more = False
            self._gathering = self.set_timer(self.rest(), self._rested)
            self.take_news()


@work(thread=True, exclusive=True, group="read")
def read_away(
    screen: DOMNode, read: Callable[[Desk], Found], show: Callable[[Found], None]
) -> None:
    """Read in a thread, and show it in the screen's loop; a refusal is told. What the screen began to
    read before is no longer wanted."""
    worker = get_current_worker()
    app: Any = screen.app
    try:
        found = read(app.desk)
    except SdeskError as error:
        if not worker.is_cancelled:
            app.call_from_thread(app.complain, error)
        return
    if not worker.is_cancelled:
        app.call_from_thread(show, found)
