"""Who a mail is from and to. An identity is one valid address or nobody; what looks wrong is said.

Programs read a strange From header in different ways (CVE-2023-27043): one checks the first address
and another answers the second. So anything but `address`, `address (name)` or `name <address>` names
nobody. Encoded words are read only inside names, after the structure is known. Linear, not recursive.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from sdesk.mail.reading import limits
from sdesk.mail.reading.fields import unfolded, words
from sdesk.mail.reading.limits import Budget
from sdesk.mail.reading.values import Address
from sdesk.text import clean_line, cut

_TOKEN = re.compile(r'[^",;<>()\\:]+|.', re.DOTALL)
_ATOM = r"[\w!#$%&'*+/=?^`{|}~-]{1,64}"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM}){{0,30}}")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_WITHIN = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
DEEPEST = 20
"""Comments within comments."""


@dataclass
class _Mailbox:
    """One piece of an address list, as it was written."""

    name: str = ""
    bare: str = ""
    """What stands outside quotes, comments and angle brackets."""
    angle: str | None = None
    comment: str = ""
    flaws: list[str] = field(default_factory=list)
    in_group: bool = False

    def is_empty(self) -> bool:
        return not (self.name.strip() or self.angle or self.comment.strip() or self.flaws)


class _Reader:
    """The tokens of an address list, one after another, into mailboxes."""

    def __init__(self) -> None:
        self.found: list[_Mailbox] = []
        self.now = _Mailbox()
        self.depth = self.deepest = 0
        self.quoted = self.angled = self.escaped = self.group = False

    def read(self, text: str) -> list[_Mailbox]:
        for token in _TOKEN.findall(text):
            if self.escaped:
                self._text(token)
                self.escaped = False
            elif token == "\\" and (self.quoted or self.depth):
                self.escaped = True
            elif self.quoted:
                self._in_quotes(token)
            elif self.depth or token in "()":
                self._in_comment(token)
            else:
                self._outside(token)
            if len(self.found) > limits.MAILBOXES:
                return self.found
        if self.quoted or self.depth or self.angled:
            self.now.flaws.append("something in it is never closed")
        self._end()
        if self.group and len(self.found) == 1:
            self.found[0].in_group = False  # `JIRA: Alerts <a@x.example>`: a name with a colon
        return self.found

    def _in_quotes(self, token: str) -> None:
        if token == '"':
            self.quoted = False
        else:
            self._text(token)

    def _in_comment(self, token: str) -> None:
        if token == "(":
            self.depth += 1
            self.deepest = max(self.deepest, self.depth)
            if self.angled:
                self.now.flaws.append("there is a comment within the address")
        elif token == ")" and self.depth:
            self.depth -= 1
        elif token == ")":
            self.now.flaws.append("a bracket closes that was never opened")
        else:
            self._text(token)

    def _outside(self, token: str) -> None:
        now = self.now
        if token == '"':
            self.quoted = True
            if self.angled:
                now.flaws.append("there are quotes within the address")
        elif token == "<":
            if now.angle is not None:
                now.flaws.append("it has more than one address")
            now.angle, self.angled = "", True
        elif token == ">":
            if not self.angled:
                now.flaws.append("a bracket closes that was never opened")
            self.angled = False
        elif token in ",;" and not self.angled:
            self._end()
            self.group = self.group and token == ","
        elif token == ":" and not self.angled:
            named_one = "@" in now.name
            self.now, self.group = _Mailbox(), True
            if named_one:
                self.now.flaws.append("a colon follows an address")
        else:
            self._text(token)

    def _text(self, token: str) -> None:
        now = self.now
        if self.depth:
            now.comment += token if len(now.comment) < 200 else ""
        elif self.angled:
            now.angle = (now.angle or "") + token
        else:
            if now.angle is not None and token.strip():
                now.flaws.append("something follows the address")
            elif now.comment and token.strip() and not self.quoted and "@" in now.name + token:
                now.flaws.append("there is a comment within the address")
            now.name += token
            now.bare += '"' if self.quoted else token

    def _end(self) -> None:
        self.now.in_group = self.group
        if not self.now.is_empty():
            self.found.append(self.now)
        self.now, self.angled = _Mailbox(), False


def address(text: str) -> str:
    """The address-spec with its domain folded, or '' where it isn't a valid one."""
    local, at, domain = text.strip().rpartition("@")
    domain = _domain(domain)
    if not at or not domain or len(local) > 64 or not _LOCAL.fullmatch(local):
        return ""
    plain = unicodedata.normalize("NFC", local)
    # An encoded word is no name of a mailbox, and some server behind us would read it as one.
    sound = clean_line(plain) == plain and "=?" not in plain
    return f"{plain}@{domain}" if sound and not _passes_for_another(local) else ""


def _domain(text: str) -> str:
    """A domain in ASCII and lower case, or '' where it is none, or would become another's by that:
    a full-width letter is not the plain one, a sharp s not two of them."""
    domain = text.rstrip(".").lower()
    if not domain.isascii():
        plain = unicodedata.normalize("NFC", domain)
        try:
            domain = plain.encode("idna").decode("ascii")
            if domain.encode("ascii").decode("idna") != plain:
                return ""
        except UnicodeError:
            return ""
    sound = len(domain) <= 253 and all(_LABEL.fullmatch(label) for label in domain.split("."))
    return domain if sound else ""


def _passes_for_another(local: str) -> bool:
    """Whether a name with letters of the world is, once folded, one of plain letters."""
    if local.isascii():
        return False
    folded = unicodedata.normalize("NFKC", local)
    return folded != unicodedata.normalize("NFC", local) or folded.casefold().isascii()


def _address_of(box: _Mailbox) -> Address:
    given = box.angle if box.angle is not None else box.bare
    name = box.name if box.angle is not None else box.comment
    shown = cut(clean_line(words(name)).strip("'\" "), 200)
    return Address(shown, address(given) if len(given) < 400 else "")


def _boxes(value: bytes, budget: Budget) -> list[_Mailbox]:
    reader = _Reader()
    found = reader.read(unfolded(value, limits.HEADERS))
    if b"\0" in value and found:
        # Programs end a text there, or go on behind it: it is not one address to all of them.
        found[0].flaws.append("there is a NUL within it")
    if reader.deepest > DEEPEST:
        budget.damage(f"An address has comments more than {DEEPEST} deep.")
    if len(found) > limits.MAILBOXES:
        budget.damage(f"Of its recipients only the first {limits.MAILBOXES} are read.")
    return found[: limits.MAILBOXES]


def mailboxes(values: list[bytes], budget: Budget) -> tuple[Address, ...]:
    """The valid addresses of these headers, each once."""
    found: dict[str, Address] = {}
    for value in values[: limits.MAILBOXES]:
        for box in _boxes(value, budget):
            one = _address_of(box)
            if one.addr and len(found) < limits.MAILBOXES:
                found.setdefault(one.addr.casefold(), one)
    return tuple(found.values())


def author(
    values: list[bytes], budget: Budget
) -> tuple[Address | None, tuple[Address, ...], tuple[str, ...]]:
    """The one who wrote it, the further ones, and what looks wrong about it."""
    if len(values) != 1:
        said = f"It has {len(values)} From headers." if values else "It has no From header."
        return None, (), (said,)
    boxes = _whole(_boxes(values[0], budget))
    wrong = _confusion(boxes)
    if wrong:
        return None, (), (f"Its From header names nobody for certain: {wrong}.",)
    first, *others = [_address_of(box) for box in boxes]
    if not first.addr:
        return None, (), ("Its From header has no valid address.",)
    doubts = list(_doubts(first, boxes[0]))
    if others:
        doubts.append(f"It names {len(boxes)} authors; the first one counts.")
    return first, tuple(one for one in others if one.addr), tuple(doubts)


def _whole(boxes: list[_Mailbox]) -> list[_Mailbox]:
    """`Doe, John <john@x.example>`: a comma that should stand in quotes parts a name, not two people.

    Only where nothing but the last piece could be an address.
    """
    if len(boxes) < 2 or any("@" in box.name + (box.angle or "") for box in boxes[:-1]):
        return boxes
    last = boxes[-1]
    last.name = ", ".join(box.name.strip() for box in [*boxes[:-1], last])
    last.flaws += [flaw for box in boxes[:-1] for flaw in box.flaws]
    return [last]


def _confusion(boxes: list[_Mailbox]) -> str:
    """Why programs could disagree on who this is; '' where they can't."""
    if not boxes:
        return "it is empty"
    if any(box.in_group for box in boxes):
        return "it is a group"
    for box in boxes:
        if box.flaws:
            return box.flaws[0]
        other = address(box.bare) if box.angle is not None else ""
        if other and other.casefold() != address(box.angle or "").casefold():
            return "it has more than one address"
    return ""


def _doubts(who: Address, box: _Mailbox) -> list[str]:
    found = []
    shown = clean_line(words(box.name + " " + box.comment))
    named = _WITHIN.findall(unicodedata.normalize("NFKC", shown))
    if any(one.casefold() != who.addr.casefold() for one in named):
        found.append(f"The name looks like another address; it was sent by {who.addr}.")
    if "xn--" in who.addr or not who.addr.isascii():
        found.append(f"The address has letters that look like others: {who.addr}.")
    if _is_mixed(who.name):
        found.append("The name mixes letters of several alphabets.")
    return found


def _is_mixed(name: str) -> bool:
    """Whether one word has letters of Latin and of an alphabet that looks like it."""
    for word in name.split():
        alphabets = {unicodedata.name(c, "").split(" ")[0] for c in word if c.isalpha()}
        if len(alphabets & {"LATIN", "CYRILLIC", "GREEK", "CHEROKEE", "ARMENIAN"}) > 1:
            return True
    return False
