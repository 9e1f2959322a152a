"""A new ticket: the caller first, found by a few letters, with what is open for them already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from textual import events, on, work
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from sdesk.errors import Invalid, SdeskError
from sdesk.model import IMPACTS, LEVEL_NAMES, PRIORITY_NAMES, Channel, Kind, Person
from sdesk.ops import Open, SavePerson
from sdesk.present import counted
from sdesk.rules.priority import priority
from sdesk.screens.dialogs.form import Form, FormLine
from sdesk.screens.dialogs.prompt import Prompt
from sdesk.text import clean_line
from sdesk.widgets.choice_list import Choice, ChoiceList, Row
from sdesk.widgets.following import Following
from sdesk.widgets.option_line import OptionLine
from sdesk.widgets.text_box import TextBox

if TYPE_CHECKING:
    from sdesk.app import SdeskApp
    from sdesk.model import Change, TicketRow

LEVELS = [(level, f"{level} {LEVEL_NAMES[level]}") for level in IMPACTS]
CHANNELS = [(str(c), str(c)) for c in Channel if c != Channel.IMPORT]


class NewTicket(Form[Open]):
    """Returns an `Open`, or None. A caller nobody knows is saved on the way, when their name is taken."""

    TITLE = "New ticket"

    def __init__(self, *, text: str = "", subject: str = "") -> None:
        super().__init__()
        self.caller: Person | None = None
        self.who = CallerInput(
            placeholder="name, e-mail or telephone; empty for nobody", select_on_focus=False
        )
        self.found = ChoiceList(most=5)
        self.following = Following(lambda: self.who.value.strip(), self._look_for)
        self._saving = False
        """A new person is being asked for and saved."""
        self.known = Static(Content(""), classes="hint known")
        self.kind = OptionLine([(str(kind), str(kind)) for kind in list(Kind)[:4]])
        self.subject = Input(clean_line(subject), placeholder="in one line", select_on_focus=False)
        self.text = TextBox(text)
        self.queue = OptionLine([])
        self.impact = OptionLine(LEVELS, 2)
        self.urgency = OptionLine(LEVELS, 2)
        self.channel = OptionLine(CHANNELS)
        self.restricted = OptionLine([("", "no"), ("yes", "yes: only for its members")])

    @property
    def desk_app(self) -> SdeskApp:
        return self.app  # type: ignore[return-value]

    def fields(self) -> Iterable[Widget]:
        settings = self.desk_app.desk.settings
        queues = self.desk_app.desk.read.queues()
        self.queue = OptionLine([(q.key, q.key) for q in queues], settings.intake_queue)
        yield FormLine("caller", self.who)
        yield self.found
        yield self.known
        yield FormLine("by", self.channel)
        yield FormLine("kind", self.kind)
        yield FormLine("subject", self.subject)
        line = FormLine("text", self.text)
        line.add_class("-tall")
        yield line
        yield FormLine("queue", self.queue)
        yield FormLine("impact", self.impact)
        yield FormLine("urgency", self.urgency)
        if len(self.desk_app.desk.places()) > 1:
            yield FormLine("restricted", self.restricted)

    def on_mount(self) -> None:
        super().on_mount()
        self.found.display = self.known.display = False
        self.who.focus()

    @property
    def is_opening(self) -> bool:
        """It isn't known yet who calls: keys behind that wait."""
        return self._saving or self.following.is_waiting

    def give_up(self, late: bool) -> bool | None:
        """Esc while the people are read: no ticket. A person that is being saved is waited for."""
        if self._saving:
            return None
        self.following.forget()
        self.action_close()
        return True

    def echo(self) -> str:
        level = priority(int(str(self.impact.value or 2)), int(str(self.urgency.value or 2)))
        who = f" for {clean_line(self.caller.name)}" if self.caller else ""
        return f"P{level} {PRIORITY_NAMES[level]} {self.kind.value}{who}"

    def result(self) -> Open:
        if not self.subject.value.strip():
            self.subject.focus()
            raise Invalid("A ticket needs a subject.")
        return Open(
            subject=self.subject.value.strip(), text=self.text.text.strip(), kind=str(self.kind.value),
            requester=self.caller.id if self.caller else None, queue=str(self.queue.value or ""),
            impact=int(str(self.impact.value)), urgency=int(str(self.urgency.value)),
            channel=str(self.channel.value), restricted=bool(self.restricted.value),
        )  # fmt: skip

    # The caller

    @on(Input.Changed, "CallerInput")
    def find(self) -> None:
        self.following.follow()

    def _look_for(self, typed: str) -> None:
        self.caller = None
        self.known.display = False
        self._find(typed)

    @work(thread=True, exclusive=True, group="caller")
    def _find(self, typed: str) -> None:
        try:
            people = self.desk_app.desk.read.people(typed, limit=20) if typed else ()
        except SdeskError as error:
            self.app.call_from_thread(self._not_found, typed, error)
        else:
            self.app.call_from_thread(self._offer, typed, people)

    def _not_found(self, typed: str, error: SdeskError) -> None:
        self.following.failed(typed)
        self.desk_app.complain(error)

    def _offer(self, typed: str, people: Sequence[Person]) -> None:
        if not self.is_mounted or typed != self.who.value.strip():
            return
        rows = [
            Row(Choice(person, person.name or person.email, about(person))) for person in people
        ]
        if typed:
            rows.append(Row(Choice(typed, f"+ {typed}", "a new person")))
        self.found.show(tuple(rows))
        self.found.display = bool(rows)
        self.following.stands(typed)

    @on(Input.Submitted, "CallerInput")
    def take_caller(self, event: Input.Submitted) -> None:
        """Enter on the caller: the person under the cursor, or a new one."""
        event.stop()
        self.following.then(self._take)

    def _take(self) -> None:
        choice = self.found.current if self.found.display else None
        if choice is None or self.caller is not None:
            self.go_on()
        elif isinstance(choice.value, Person):
            self._called(choice.value)
        else:
            self._saving = True
            self._save_person(str(choice.value))

    @on(ChoiceList.Chosen)
    def take_clicked(self, event: ChoiceList.Chosen) -> None:
        if isinstance(event.choice.value, Person):
            self._called(event.choice.value)

    def _called(self, person: Person) -> None:
        self.caller = person
        self.found.display = False
        self.who.value = clean_line(person.name)
        self.following.stands(self.who.value.strip())
        self.known.update(Content(about(person)))
        self.known.display = True
        self._show_open(person)
        self.look()
        self.subject.focus()

    @work(thread=True, exclusive=True, group="caller")
    def _show_open(self, person: Person) -> None:
        rows = self.desk_app.desk.read.requester_tickets(person.id, limit=20)
        live = [row for row in rows if row.category in ("new", "open", "waiting")]
        self.app.call_from_thread(self._tell_open, person, live)

    def _tell_open(self, person: Person, rows: Sequence[TicketRow]) -> None:
        if self.caller is not person or not self.is_mounted:
            return
        words = [about(person) or clean_line(person.name)]
        words[0] += f" · {counted(len(rows), 'open ticket')}" if rows else " · nothing open"
        words += [
            f"  {row.ref} P{row.priority} {clean_line(row.state)}  {clean_line(row.subject)}"
            for row in rows[:3]
        ]
        self.known.update(Content("\n".join(words)))

    @work(exclusive=True, group="dialog")
    async def _save_person(self, name: str) -> None:
        prompt = Prompt(
            f"E-mail of {name}",
            "",
            "may be empty",
            validate=lambda text: SavePerson(name, text),
        )
        try:
            if (email := await self.app.push_screen_wait(prompt)) is None:
                return
            change: Change = await self.desk_app.write(None, SavePerson(name, email))
            number = next(e.details["id"] for e in change.events if e.kind == "person_saved")
            self._called(self.desk_app.desk.read.person(number))
        except SdeskError as error:
            self.desk_app.complain(error)
        finally:
            self._saving = False


class CallerInput(Input):
    """The caller's line: up and down move in the people found."""

    async def on_key(self, event: events.Key) -> None:
        form = self.screen
        if isinstance(form, NewTicket) and form.found.display and event.key in ("up", "down"):
            form.following.then(partial(form.found.move, 1 if event.key == "down" else -1))
            event.stop()
            event.prevent_default()


def about(person: Person) -> str:
    """Organization, VIP mark, e-mail and telephone in one line."""
    parts = ("★ VIP" if person.vip else "", person.organization, person.email, person.phone)
    return " · ".join(clean_line(part) for part in parts if part)
