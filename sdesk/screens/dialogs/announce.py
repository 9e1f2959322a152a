"""Tell many people of something: an announcement, how it stands, its end. None of them writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

from textual import work
from textual.widget import Widget
from textual.widgets import Input
from textual.worker import get_current_worker

from sdesk.errors import Invalid, SdeskError
from sdesk.model import Instant
from sdesk.ops import Announce, EndAnnouncement, ReviseAnnouncement
from sdesk.present import counted, moment, stamp
from sdesk.rules.when import parse_any
from sdesk.screens.dialogs.form import Form, FormLine
from sdesk.text import clean_line
from sdesk.widgets.option_line import OptionLine
from sdesk.widgets.text_box import TextBox

if TYPE_CHECKING:
    from sdesk.announced import Announcement
    from sdesk.desk import Desk

Made = TypeVar("Made", Announce, ReviseAnnouncement, EndAnnouncement)
KINDS = (("outage", "outage"), ("planned", "planned work"))
SCOPES = (
    ("all", "everybody"), ("organization", "organization"), ("site", "site"), ("tickets", "around a ticket"),
)  # fmt: skip
NAMED = {
    "all": "", "organization": "Which organization? Its name.", "site": "Which site? As the queues have it.",
    "tickets": "Around which ticket? Its number.",
}  # fmt: skip
WHEN = "fri 20:00 · tomorrow 6:00 · 2h · 2026-12-24 09:00"


def letters_to(count: int) -> str:
    """How many people a mail would go to, as the forms and the last question say it."""
    if not count:
        return "no mail goes out: shown in the desk"
    return f"a mail goes to {counted(count, 'person', 'people')}"


class TellingForm(Form[Made]):
    """Text and times, as all of them have them."""

    DEFAULT_CSS = "TellingForm .line.-tall { height: 5; }"

    def __init__(self, desk: Desk, text: str = "", starts: Instant | None = None, ends: Instant | None = None) -> None:  # fmt: skip
        super().__init__()
        self.desk = desk
        zone = desk.settings.zone
        self.text = TextBox(text)
        self.starts = Input(stamp(starts, zone), placeholder=WHEN, select_on_focus=False)
        self.ends = Input(
            stamp(ends, zone), placeholder="as above; may be empty", select_on_focus=False
        )

    def tall(self) -> FormLine:
        line = FormLine("text", self.text)
        line.add_class("-tall")
        return line

    def instant(self, line: Input) -> Instant | None:
        typed = line.value.strip()
        now, zone = self.desk.now(), self.desk.settings.zone
        return parse_any(typed, now=now, zone=zone) if typed else None

    def times(self) -> str:
        """What was understood."""
        now, zone = self.desk.now(), self.desk.settings.zone
        found = [
            f"{word} {moment(at, zone, now)}"
            for word, line in (("from", self.starts), ("until", self.ends))
            if (at := self.instant(line)) is not None
        ]
        return " ".join(found)

    def need_text(self) -> str:
        if not (text := self.text.text.strip()):
            self.text.focus()
            raise Invalid("What are people told? The text is empty.")
        return text


class AnnounceForm(TellingForm[Announce]):
    """Returns an `Announce`, or None; `op` is one to go on with."""

    TITLE = "Announcement"

    def __init__(self, desk: Desk, op: Announce | None = None) -> None:
        old = op or _Blank
        super().__init__(desk, old.text, old.starts_at, old.ends_at)
        self.kind = OptionLine(KINDS, old.kind)
        self.named = Input(clean_line(old.title), placeholder="in one line: VPN", select_on_focus=False)  # fmt: skip
        self.scope = OptionLine(SCOPES, old.scope)
        known = desk.ref(old.ticket) if old.ticket is not None else clean_line(old.target)
        self.whom = Input(known, placeholder="everybody: nothing to name", select_on_focus=False)
        self.reach = ""
        self._asked: tuple[str, str] | None = None

    def fields(self) -> Iterable[Widget]:
        yield FormLine("kind", self.kind)
        yield FormLine("title", self.named)
        yield self.tall()
        yield FormLine("starts", self.starts)
        yield FormLine("ends", self.ends)
        yield FormLine("to", self.scope)
        yield FormLine("name", self.whom)

    def echo(self) -> str:
        scope = str(self.scope.value)
        self.whom.placeholder = NAMED[scope] or "everybody: nothing to name"
        asked = scope, self.whom.value.strip() if scope != "all" else ""
        if asked != self._asked:
            self._asked, self.reach = asked, ""
            self._count(*asked)
        return " · ".join(filter(None, (self.times(), self.reach)))

    @work(thread=True, exclusive=True, group="reach")
    def _count(self, scope: str, name: str) -> None:
        worker = get_current_worker()
        try:
            said = letters_to(reach(self.desk, scope, name)) if name or scope == "all" else ""
        except SdeskError as error:
            said = str(error)
        if not worker.is_cancelled:
            self.app.call_from_thread(self._reached, said)

    def _reached(self, said: str) -> None:
        if self.is_mounted and self.is_current:
            self.reach = said
            self.look()

    def result(self) -> Announce:
        scope, name = str(self.scope.value), self.whom.value.strip()
        if not self.named.value.strip():
            self.named.focus()
            raise Invalid("An announcement has a title.")
        text = self.need_text()
        if scope != "all" and not name:
            self.whom.focus()
            raise Invalid(NAMED[scope])
        ticket = self.desk.read.resolve(name) if scope == "tickets" else None
        target = name if scope in ("organization", "site") else ""
        if target:
            self.desk.reached(scope, target)  # names the nearest, where there is none such
        return Announce(
            str(self.kind.value), self.named.value.strip(), text, scope, target,
            self.instant(self.starts), self.instant(self.ends), ticket,
        )  # fmt: skip


class _Blank:
    kind, title, text, scope, target = "outage", "", "", "all", ""
    starts_at = ends_at = ticket = None


def reach(desk: Desk, scope: str, name: str) -> int:
    """How many people would be written to. Raises `NotFound`, `Invalid`."""
    if scope == "tickets":
        return desk.reached(scope, "", desk.read.resolve(name))
    return desk.reached(scope, name)


class ReviseForm(TellingForm[ReviseAnnouncement]):
    """Returns a `ReviseAnnouncement`, or None."""

    def __init__(self, desk: Desk, one: Announcement, op: ReviseAnnouncement | None = None) -> None:
        text = one.text if op is None else op.text
        starts = one.starts_at if op is None or op.starts_at is None else op.starts_at
        ends = one.ends_at if op is None or op.ends_at is None else op.ends_at
        super().__init__(desk, text, starts, ends)
        self.one = one

    def heading(self) -> str:
        return f"How it stands with: {clean_line(self.one.title)}"

    def fields(self) -> Iterable[Widget]:
        yield self.tall()
        yield FormLine("starts", self.starts)
        yield FormLine("ends", self.ends)

    def echo(self) -> str:
        return self.times()

    def result(self) -> ReviseAnnouncement:
        text = self.need_text()
        return ReviseAnnouncement(
            self.one.id, text, self._other(self.starts, self.one.starts_at),
            self._other(self.ends, self.one.ends_at),
        )  # fmt: skip

    def _other(self, line: Input, before: Instant | None) -> Instant | None:
        """None for a time that is left as it was: a line has no seconds."""
        same = line.value.strip() == stamp(before, self.desk.settings.zone)
        return None if same else self.instant(line)


class EndForm(TellingForm[EndAnnouncement]):
    """Returns an `EndAnnouncement` of the first of these, or None."""

    def __init__(
        self, desk: Desk, chosen: Sequence[Announcement], op: EndAnnouncement | None = None
    ) -> None:
        super().__init__(desk, "" if op is None else op.text)
        self.chosen = chosen
        over = "it works again" if chosen[0].kind == "outage" else "it is done"
        self.how = OptionLine(
            [(False, over), (True, "does not take place")], op is not None and op.cancelled
        )

    def heading(self) -> str:
        many = counted(len(self.chosen), "announcement")
        return f"The end of: {clean_line(self.chosen[0].title) if len(self.chosen) == 1 else many}"

    def fields(self) -> Iterable[Widget]:
        yield self.tall()
        yield FormLine("end", self.how)

    def echo(self) -> str:
        return "the text may be empty"

    def result(self) -> EndAnnouncement:
        return EndAnnouncement(
            self.chosen[0].id, self.text.text.strip(), cancelled=bool(self.how.value)
        )
