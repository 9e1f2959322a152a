"""Quotes and signatures fold; what is new never does."""

from __future__ import annotations

from sdesk.mail.reading.quotes import folds_of
from sdesk.text import without
from tests.each import each


def said(text: str) -> str:
    return without(text, folds_of(text))


QUOTED = "> Is it dead?\n> When may we come?\n"


@each(
    "introduced",
    [
        "On Mon, 2 Nov 2026 at 09:00, Help <help@desk.example> wrote:",
        "On Mon, 2 Nov 2026 at 09:00, Help\n<help@desk.example>\nwrote:",
        "Am 02.11.2026 um 09:00 schrieb Help <help@desk.example>:",
        "Le 2 nov. 2026 à 09:00, Help <help@desk.example> a écrit :",
        "El lun, 2 nov 2026 a las 9:00, Help (<help@desk.example>) escribió:",
        "Il giorno lun 2 nov 2026 alle 09:00 Help <help@desk.example> ha scritto:",
        "Op 2 nov. 2026 om 09:00 schreef Help <help@desk.example>:",
        "02.11.2026 09:00, Help <help@desk.example> пишет:",
        "Dnia 2 listopada 2026 09:00 Help <help@desk.example> napisał(a):",
        "2026年11月2日(月) 9:00 Help <help@desk.example>:",
        "help@desk.example (2026-11-02 09:00):",
    ],
)
def test_a_quote_folds_with_what_introduces_it(introduced: str) -> None:
    assert said(f"It works.\n\n{introduced}\n{QUOTED}\n") == "It works."


@each(
    "head",
    [
        "-----Original Message-----\nFrom: Help\nSent: Monday",
        "-----Ursprüngliche Nachricht-----\nVon: Help",
        "________________________________\nFrom: Help <h@desk.example>\nSent: Monday\nTo: Ana\nSubject: x",
        "*From:* Help\n*Sent:* Monday\n*To:* Ana\n*Subject:* x",
        "Von: Help\nGesendet: Montag\nAn: Ana\nBetreff: x",
        "De : Help\nEnvoyé : lundi\nÀ : Ana\nObjet : x",
        'Von:     "Help" <h@desk.example>\nAn       ana@x.example\nDatum:   Mo\nBetreff  x',
        "От: Help\nОтправлено: 2 ноября\nКому: Ana",
        "From: Help\nDate: Mon, 2 Nov\nTo: a very\n long list\nSubject: x",
        "##- Please write your answer above this line -##",
        "> ##- Bitte antworten Sie über dieser Zeile -##",
        "On Mon, 2 Nov 2026 at 09:00, Help <help@desk.example> wrote:",
        "--- On Mon, 2/11/26, Help <help@desk.example> wrote:",
    ],
)  # fmt: skip
def test_a_quote_without_marks_goes_to_the_end(head: str) -> None:
    assert said(f"It works.\n\n{head}\n\nIs it dead?\n\nHelp\n") == "It works."


def test_answers_between_quotes_stay() -> None:
    text = (
        f"On 2.11.2026 09:00 h@desk.example wrote:\n{QUOTED}\nNo.\n\n> Floor?\n> Room?\n\nThree.\n"
    )
    assert said(text).split() == ["No.", "Three."]
    assert len(folds_of(text)) == 2


@each(
    "signature",
    [
        "-- \nAna Ruiz\nAccounting",
        "--\nAna Ruiz",
        "Sent from my iPhone",
        "Von meinem iPhone gesendet",
        "Gesendet mit der Mail-App",
        "Get Outlook for iOS<https://aka.example/o>",
        "Mit freundlichen Grüßen\n\nAna Ruiz\nBuchhaltung\nACME GmbH\nTel. +49 555 123456",
        "Best regards,\nAna Ruiz\nAccounting\nACME Ltd\nwww.acme.example",
        "_______________________________________________\nusers mailing list\nhttps://lists.example/users",
    ],
)
def test_a_signature_folds(signature: str) -> None:
    assert said(f"It works.\n\n{signature}\n") == "It works."
    assert (
        said(f"It works.\n\n{signature}\n\nOn 2.11.2026 09:00 h@d.example wrote:\n{QUOTED}")
        == "It works."
    )


@each(
    "text",
    [
        "Hello\n\nSent from my desk, is much easier than my phone.",
        "Here is a fix -- this is no signature.\n\nbye",
        "Thanks, that did it. But now the scanner fails.\nIt says 404.\nSince ten.\nOn floor 3.\nwww.x.example",
        "Thank you,\nAna",
        "From here on it is text.\nTo be read.\nSubject to change.",
        "- one\n- two\n- three",
        "> one line that begins so",
        "The server says:\nerror 404",
        "Name: Ana\nEmail: ana@x.example\nDate: 2.11.2026 10:00\nProblem: printer",
        "Best regards\nAna\nP.S. the scanner is dead as well\nACME\nTel. +49 555 123456",
        "Call me:\nAna Ruiz\nana@x.example\n+49 555 123456",
        "When?\n--------\nMonday or Tuesday? Tell me at a@x.example",
        "",
        "\n\n\n",
    ],
)
def test_what_is_new_never_folds(text: str) -> None:
    assert folds_of(text) == ()


@each(
    "text",
    [
        f"On 2.11.2026 09:00 h@desk.example wrote:\n{QUOTED}",
        QUOTED,
        "From: Help\nSent: Monday\nTo: Ana\nSubject: x\n\nThe mail itself.",
        "-----Original Message-----\nthe text",
        "##- above this line -##\nthe text",
    ],
)
def test_where_nothing_else_is_said_nothing_folds(text: str) -> None:
    assert folds_of(text) == ()


def test_a_forwarded_mail_is_what_is_said() -> None:
    text = "See below.\n\n---------- Forwarded message ----------\nFrom: B\nDate: x\nSubject: y\nTo: A\n\nhi"
    assert folds_of(text) == ()


def test_spans_begin_and_end_where_lines_do_and_join_over_blank_lines() -> None:
    text = f"One.\n\nOn 2.11.2026 09:00 h@d.example wrote:\n\n{QUOTED}\n-- \nAna\n"
    (quote, signature) = [text[start:end] for start, end in folds_of(text)]
    assert quote.startswith("On 2.11")
    assert quote.endswith("When may we come?\n")
    assert signature == "-- \nAna\n"


def test_a_quote_that_goes_beyond_what_is_looked_at_folds_to_the_end() -> None:
    text = (
        f"It works.\n\nOn 2.11.2026 09:00 h@d.example wrote:\n{'> x' * 9}\n" + "> more\n" * 90_000
    )
    assert said(text) == "It works."


@each(
    "line",
    ["> " * 200, "On " + "a " * 190 + "1:20:", "From: a", "-- ", "Thanks", "=" * 40, "a 1:20 @:", "##-" * 60,
     ">" * 500, "-----Original", "Best regards,", "Word: value", "\t", "On On On wrote:"],
)  # fmt: skip
def test_a_line_over_and_over_is_no_trap(line: str) -> None:
    text = "Hello.\n" + f"{line}\n" * (60_000 // (len(line) + 1))
    folds_of(text)
