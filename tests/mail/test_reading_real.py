"""Real and hostile mails that lie beside the repository, against what others read in them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from sdesk.files import file_name
from sdesk.mail.reading import Message
from sdesk.mail.reading.addresses import mailboxes
from sdesk.mail.reading.charsets import decode
from sdesk.mail.reading.html_text import html_text
from sdesk.mail.reading.limits import Budget
from sdesk.mail.reading.quotes import folds_of
from sdesk.mail.reading.reader import read_or_raise
from sdesk.text import clean_line, without
from tests.each import each
from tests.mail.real import HOSTILE, REPLIES, TALON, ZAMMAD, as_text, expected

ADDRESS = (
    "an author is one valid address in one From header, or nobody; the other program guesses on"
)
EXCEPTIONS: dict[str, tuple[set[str], str]] = {
    "mail016": ({"author"}, f"no From header; {ADDRESS}"),
    "mail017": ({"author"}, f"two From headers; {ADDRESS}"),
    "mail019": ({"author"}, f"From is `<>`; {ADDRESS}"),
    "mail025": ({"parts"}, "the text is one uuencoded file: we read it as the file it is"),
    "mail035": ({"author"}, f"From is a quoted name; {ADDRESS}"),
    "mail044": ({"author"}, "the domain ends in a dot, which folding takes off"),
    "mail046": ({"subject", "name", "parts"}, "raw GB2312 that no header names: the other program guesses by statistics; a mail's own Content-Description names the file"),
    "mail053": ({"author", "parts"}, "From is `MAILER-DAEMON` without a domain; the part has a description, where the other says `file`"),
    "mail059": ({"name"}, "a comma parts the name, not two people: we keep both halves"),
    "mail062": ({"parts"}, "two HTML parts without a name are read as text; equal names are not numbered"),
    "mail064": ({"parts"}, "letters and their accents come apart: we join them, the other shows them wrong"),
    "mail065": ({"name"}, "an encoded word with a comma and a space in it: we read the name"),
    "mail068": ({"subject", "author", "to"}, "a program has taken the indent off folded headers: what follows is the text, all of it is shown"),
    "mail071": ({"author"}, f"an address with blanks in it; {ADDRESS}"),
    "mail073": ({"parts"}, "a name in raw Latin-1: we read its ö, the other has U+FFFD"),
    "mail076": ({"author"}, f"an unopened bracket; {ADDRESS}"),
    "mail085": ({"parts"}, "the second HTML part is unnamed: a footer, not a file"),
    "mail100": ({"parts"}, "a part without a name or a type is called file.bin, not by its Content-ID"),
}  # fmt: skip
BOXES = sorted(ZAMMAD.glob("*.box"))
FACTS: list[dict[str, Any]] = (
    json.loads((HOSTILE / "index.json").read_text("utf-8"))["mail"] if HOSTILE.exists() else []
)
beside = pytest.mark.skipif(not BOXES or not FACTS, reason="no ../shared beside the repository")


def differing(box: Path, message: Message) -> set[str]:
    """In what the reading differs from the other program's."""
    other = expected(box.with_suffix(".yml"))
    author = message.author.addr if message.author else ""
    pairs: dict[str, tuple[Any, Any]] = {
        "subject": (clean_line(as_text(other.get("subject"))), message.subject),
        "author": (as_text(other.get("from_email")).casefold(), author.casefold()),
        "name": (
            clean_line(as_text(other.get("from_display_name"))),
            message.author and message.author.name,
        ),
    }
    for name in ("to", "cc"):
        wanted = mailboxes([as_text(other.get(name)).encode()], Budget())
        pairs[name] = ([w.addr for w in wanted], [a.addr for a in getattr(message, name)])
    files = [
        file_name(as_text(one["filename"]))
        for one in other.get("attachments") or []
        # The HTML of a mail that has plain text as well is kept in the raw mail here.
        if not (one.get("preferences") or {}).get("content-alternative")
    ]
    pairs["parts"] = (files, [part.name for part in message.parts])
    found = {name for name, (wanted, got) in pairs.items() if wanted != got}
    return found - {"name"} if "author" in found else found


@beside
@each("box", BOXES, ids=lambda box: box.stem)
def test_a_real_mail_is_read_as_others_read_it(box: Path) -> None:
    message = read_or_raise(box.read_bytes())
    assert differing(box, message) == EXCEPTIONS.get(box.stem, (set(), ""))[0]


@beside
@each("fact", FACTS, ids=lambda fact: fact["id"])
def test_a_hostile_mail_is_read_as_it_must_be(fact: dict[str, Any]) -> None:
    message = read_or_raise((HOSTILE / fact["file"]).read_bytes())
    must = fact["expect"]
    if "subject_is" in must:
        assert message.subject == must["subject_is"]
    assert must.get("body_contains", "") in message.text
    assert len(message.parts) == must.get("attachments", len(message.parts))
    assert bool(message.damaged) >= bool(must.get("degraded"))
    author = message.author.addr if message.author else None
    assert author != must.get("requester_not", "")
    if must["requester"] and must["outcome"] != "hold":
        assert author is not None
        assert author.casefold() == must["requester"]


TALON_REPLIES = {"iphone": "Hello", "reply-quotations-share-block": "Hi Katharine."}


@beside
@each("mail", sorted(TALON.glob("**/*.eml")), ids=lambda mail: mail.stem)
def test_the_reply_of_every_mail_program_is_found(mail: Path) -> None:
    message = read_or_raise(mail.read_bytes())
    wanted = TALON_REPLIES.get(mail.stem, "Hello")
    assert message.said.startswith(wanted)
    assert wanted != "Hello" or message.said == wanted


@beside
@each("page", sorted(TALON.glob("html_replies/*.html")), ids=lambda page: page.stem)
def test_the_reply_is_found_in_every_page(page: Path) -> None:
    text = html_text(decode(page.read_bytes())[0], Budget())
    assert without(text, folds_of(text)).split() == ["Hi.", "I", "am", "fine.", "Thanks,", "Alex"]


SIGNED = {
    "camel_case": "nothing marks it",
    "jeff": "a name and `via mobile`: nothing marks it",
    "johndoeexamplecom": "lines marked for training, no signature a person writes",
    "long": "four lines of a card: an answer could look the same",
    "short_url": "two lines: folding them saves nothing",
}
"""Signatures that stay visible, because new text must never fold on a guess."""


@beside
@each(
    "body", sorted(TALON.glob("signature/emails/stripped/*_body")), ids=lambda body: body.name[:-5]
)
def test_a_signature_that_says_so_folds(body: Path) -> None:
    text = body.read_text("utf-8")
    signature = body.with_name(body.name.replace("_body", "_signature")).read_text("utf-8").strip()
    rest = without(text, folds_of(text))
    is_folded = bool(signature) and signature.split()[-1] not in rest
    assert is_folded == (body.name[:-5] not in SIGNED)


ENDS = {
    "correct_sig": "-- signature.", "email_1_1": "-Abhishek Kona", "email_1_2": "delete them all individually.\"",
    "email_1_3": "-Abhishek Kona", "email_1_4": "problem with it.", "email_1_5": "for a while.",
    "email_1_6": "rendering as well.", "email_1_7": ":+1:", "email_1_8": "and under this.",
    "email_2_1": "Outlook with a reply", "email_2_2": "directly above line", "email_2_3": "directly above line",
    "email_BlackBerry": "another email", "email_bullets": "- and another", "email_iPhone": "another email",
    "email_long_quote": "lists.basho.com", "email_multi_word_sent_from_my_mobile_device": "another email",
    "email_one_is_not_on": "when I run...", "email_sent_from_my_not_signature": "then my mobile phone.",
    "email_sig_delimiter_in_middle_of_line": "kthxbai", "greedy_on": "the tunnel is not working.",
    "pathological": "get back to a computer.",
}  # fmt: skip
"""How the reply in each text ends. In the long one a signature stands beyond what is looked at."""


@beside
@each("name", sorted(path.stem for path in REPLIES.glob("*.txt")))
def test_a_reply_ends_where_the_quote_begins(name: str) -> None:
    text = (REPLIES / f"{name}.txt").read_text("utf-8")
    found = without(text, folds_of(text))
    assert found.endswith(ENDS[name])
    assert not re.search(r"^(?:>|On .* wrote:)", found, re.MULTILINE)
