"""Hostile mails of our own making, in their order, each with what must become of it.

They go through one store, an hour apart: SD-1001 is Alice's, SD-1002 Carol's and restricted, each
with a letter of ours. The order matters where one is like another.
"""

from __future__ import annotations

import base64
import io
import zipfile
from typing import NamedTuple

from sdesk.prove.mails.desks import ADDRESS, AUTHSERV, PASS, mail
from sdesk.prove.mails.samples import multipart, part

ALICE, CAROL, MALLORY = "alice@customer-a.example", "carol@customer-b.example", "mallory@evil.example"  # fmt: skip
OURS = "<sd.1001.1.kq3v9x7c2m@desk.example>"
OURS_TO_CAROL = "<sd.1002.1.p8w4n6b1zt@desk.example>"
FORGED = f"{PASS}customer-a.example"
NAMED = "Re: [SD-1001] VPN"
HTML = {"Content-Type": "text/html; charset=utf-8"}
REPORT = "multipart/report; report-type=delivery-status; boundary=BB"


class Mail(NamedTuple):
    """A mail, and what must become of it. `requester`: "" for nobody; None where it doesn't matter."""

    cls: str
    name: str
    raw: bytes
    outcome: str = "new"
    requester: str | None = ALICE
    ack: bool = True
    hint: int | None = None
    """The ticket that agents are told it may belong to."""
    says: str = ""
    hides: tuple[str, ...] = ()
    subject: str | None = None
    told: str = ""
    """What agents are told about it in the ticket."""
    ticket: int | None = None
    """Where it is appended."""
    files: int | None = None
    not_read: bool | None = None
    """Whether it must be marked as not fully read."""
    twin: str = ""
    """The mail that it is the same as."""
    not_from: str = ""
    seconds: float = 2.0


def results(*values: str) -> bytes:
    """Alice's reply under Authentication-Results of somebody's making, the topmost first."""
    head = "".join(f"Authentication-Results: {value}\r\n" for value in values)
    return head.encode() + mail(NAMED, str(values), auth=None, In_Reply_To=OURS)


def bounce(quoted: str, **headers: str) -> bytes:
    text = (
        "--BB\r\n\r\nNot delivered\r\n--BB\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.a.example\r\n\r\nFinal-Recipient: rfc822; alice@a.example\r\nAction: failed\r\n"
        f"Status: 5.1.1\r\n\r\n--BB\r\nContent-Type: text/rfc822-headers\r\n\r\n{quoted}\r\n--BB--\r\n"
    )
    known = {"Return-Path": "<>", "Content-Type": REPORT, **headers}
    return mail("Undelivered", text, author="MAILER-DAEMON@a.example", auth=None, **known)


def sent_from(author: str, domain: str = "customer-a.example", subject: str = NAMED) -> bytes:
    head = f"Authentication-Results: {PASS}{domain}\r\n".encode()
    return head + mail(subject, author=author, auth=None, In_Reply_To=OURS)


def crowd(header: str, count: int = 5_000) -> dict[str, str]:
    return {header: ",\r\n ".join(f"u{n} <u{n}@x.example>" for n in range(count))}


def shaped(name: str, body: bytes) -> bytes:
    """Alice's mail with a body that brings its own Content-Type."""
    head, _, _ = mail(name).partition(b"\r\n\r\n")
    return head + b"\r\n" + body


def with_files(name: str, *files: bytes) -> bytes:
    text = part("text/plain; charset=utf-8", "See the files.")
    return shaped(name, multipart("mixed", text, *files, boundary="=_files"))


def file(name: str, body: bytes = b"x", media: str = "application/octet-stream") -> bytes:
    said = f'Content-Disposition: attachment; filename="{name}"'
    return part(media, base64.encodebytes(body), said, "Content-Transfer-Encoding: base64")


def zip_of_zeros(size: int = 20_000_000) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("zeros", bytes(size))
    return made.getvalue()


EVIL_NAMES = (
    "../../../../home/ann/.ssh/authorized_keys", "/etc/cron.d/x", "..\\..\\windows\\x.exe", "\u200b.htaccess",
    "-rf", "a\x00b.png", "x" * 400, "CON", ".", "..", "a/b", "\u202egnp.exe", "$(id).txt", "`id`", "a\tb", "|sh",
)  # fmt: skip


PAGE = (
    "<p>Real text</p><img src=https://t.example/o.gif><input value=SECRET><div style='display:none'>HID</div>"
    "<i style='font-size:0'>HID</i><b style='position:absolute;left:-9999px'>HID</b><script>HID</script>"
)
STEERING = {f"X-{name}": value for name, value in (("Sdesk-Queue", "security"), ("Sdesk-Owner", "bob"), ("RT-Queue", "security"), ("OTRS-Priority", "1"), ("Zammad-Ticket-Owner", "bob"))}  # fmt: skip

# A line is a mail, however long; the order is that in which they come.

HIJACKS = (
    Mail("hijack", "outsider", mail(NAMED, author=MALLORY), requester=MALLORY, hint=1001),
    Mail("hijack", "outsider, nobody vouches", mail(NAMED, "Again", author=MALLORY, auth="none"), requester=MALLORY, ack=False, hint=1001),
    Mail("hijack", "outsider in our thread", mail("Fwd: VPN", "They wrote", author=MALLORY, References=f"<a@b> {OURS}"), requester=MALLORY, hint=1001),
    Mail("hijack", "customer of another", mail(NAMED, author=CAROL), requester=CAROL, hint=1001),
    Mail("hijack", "notification of ours, forged", mail(NAMED, "A refund", author="Ann <ann@desk.example>", In_Reply_To="<notify-1001-1-deadbeef@desk.example>"), "hold", None, False),
    Mail("hijack", "ours to Carol, by Alice", mail("Re: VPN", "Mine?", In_Reply_To=OURS_TO_CAROL), hint=1002),
    *(Mail("hijack", f"number {token[:20]}", mail(f"Re: {token} VPN")) for token in ("[SD-１００１]", "[SD-١٠٠١]", "[ＳＤ-1001]", "[ſD-1001]", "[SD-1001²]", "[SD‐1001]", "[SD--1001]", "[SD- 1001]", "[SD-" + "9" * 5_000 + "]")),
)  # fmt: skip
VOUCHINGS = (
    Mail("spoofed", "fail", mail(NAMED, "failed", auth="fail", In_Reply_To=OURS), "hold", ack=False),
    Mail("spoofed", "fail, and a pass below", results(f"{AUTHSERV}; dmarc=fail header.from=customer-a.example", FORGED), "hold", ack=False),
    Mail("spoofed", "fail, and another server's pass above", results(f"mx.evil.example; {FORGED.partition(' ')[2]}", f"{AUTHSERV}; dmarc=fail"), "hold", ack=False),
    Mail("spoofed", "pass within quotes", results(f'{AUTHSERV} 1; spf=pass smtp.mailfrom="x; dmarc=pass"@evil.example; DMARC=Fail (p=REJECT)'), "hold", ack=False),
    Mail("spoofed", "only another server's pass", results("mx.evil.example; dmarc=pass header.from=customer-a.example"), ack=False, hint=1001),
)  # fmt: skip
IDENTITIES = (
    Mail("identity", "two From", b"From: mallory@evil.example\r\n" + mail(NAMED), "hold", None, False),
    Mail("identity", "two From, in two spellings", b"FROM : mallory@evil.example\r\n" + mail(NAMED, "Again"), "hold", None, False),
    Mail("identity", "From the desk", mail("hello", author=ADDRESS), "hold", None, False),
    Mail("identity", "Reply-To an agent", mail("hello", "to ann", author=MALLORY, Reply_To="ann@desk.example"), requester=MALLORY),
    Mail("identity", "two authors", mail("hello", "of two", author=f"{MALLORY}, {ALICE}", auth=None, Authentication_Results=f"{PASS}evil.example"), requester=MALLORY, ack=True),
    Mail("identity", "no From", mail("hello", "of nobody").replace(b"From: Alice <alice@customer-a.example>\r\n", b""), requester="", ack=False),
    Mail("identity", "confusing From", sent_from("alice@customer-a.example)<mallory@evil.example>", "evil.example", "hello"), requester=None, ack=False, not_from=ALICE, hint=1001),
    Mail("identity", "name like an address", mail("hello", "of me", author=f'"{ALICE}" <{MALLORY}>'), requester=MALLORY),
    *(Mail("identity", f"From {author!r}", sent_from(author), requester="", ack=False, hint=1001) for author in ("undisclosed:;", "friends: alice@customer-a.example;", "<>", "alice@customer-a。example", "alice@ｃustomer-a.example", "ａlice@customer-a.example", "al\u200bice@customer-a.example", "ali\0ce@customer-a.example", "=?utf-8?q?alice=40customer-a.example?=", "<=?utf-8?q?alice?=@customer-a.example>", "<\u212aim@customer-a.example>")),
    Mail("identity", "Cyrillic name", sent_from("Alice <\u0430lice@customer-a.example>"), requester="\u0430lice@customer-a.example", ack=False, hint=1001, told="look like others"),
    Mail("identity", "Cyrillic domain", sent_from("Alice <alice@\u0441ustomer-a.example>", "\u0441ustomer-a.example"), requester="alice@xn--ustomer-a-u3h.example", hint=1001),
    Mail("identity", "sharp s", sent_from("Ann <ann@straße.example>", "strasse.example"), requester="", ack=False, hint=1001),
)  # fmt: skip
THREADS = (
    Mail("threading", "the requester's answer", mail("Re: VPN", "Still so", In_Reply_To=OURS), "append", ack=False, ticket=1001),
    Mail("threading", "by its number alone", mail("re: [sd-1001] vpn", "By number", author="ALICE@Customer-A.example"), "append", ack=False, ticket=1001),
    Mail("threading", "two numbers, one hers", mail("Re: [SD-1002] [SD-1001] VPN", "Both", In_Reply_To=OURS), "append", ack=False, ticket=1001),
)  # fmt: skip
LOOPS = (
    Mail("bounce", "bounce", bounce(f"Message-ID: {OURS}"), "bounce", None, False),
    Mail("bounce", "bounce that names us in its References", bounce("From: x@y.example", References=OURS), "bounce", None, False),
    Mail("bounce", "bounce of nothing", bounce("Message-ID: <sd.1001.1.forged@desk.example>"), "machine", None, False),
    *(Mail("loop", f"loop {value!r}", mail(f"back {value}", X_Sdesk_Loop=value), "drop", None, False) for value in (ADDRESS, "<HELP@Desk.example>", "desk.example", "mx.desk.example", "1", "SD-1001", OURS, " ")),
    Mail("loop", "another desk's loop", mail("hello", X_Sdesk_Loop="help@other.example")),
    Mail("loop", "our Message-ID", mail("back", message_id=OURS), "drop", None, False),
    *(Mail("loop", f"machine {name} {value}", mail(NAMED, f"{name} {value}", In_Reply_To=OURS, **{name: value}), "machine", ack=False) for name, value in (("X-Auto-Response-Suppress", "All"), ("X-Auto-Response-Suppress", "DR, RN"), ("Precedence", "JUNK"), ("Precedence", "auto_reply"), ("Auto-Submitted", "auto-generated (cron)"), ("Auto-Submitted", "auto-replied"), ("X-Autoreply", "yes"), ("X-Autorespond", "Away"), ("Return-Path", "< >"), ("List-Id", "<news.vendor.example>"), ("Precedence", "bulk"))),
    Mail("loop", "a person says no", mail("person", Auto_Submitted="NO; owner=x")),
    *(Mail("loop", author, mail(author, author=author), requester=author.lower(), ack=False) for author in ("postmaster@bank.example", "do_not_reply@bank.example", "MAILER-DAEMON@bank.example", "noreply+1@bank.example")),
    Mail("loop", "form in a victim's name", mail("FREE https://spam.example", "Claim", author="victim@third.example", auth="fail"), "hold", None, False),
)  # fmt: skip
COPIES = (
    Mail("dedupe", "one", mail("Base", message_id="<base@a.example>")),
    Mail("dedupe", "it again", mail("[EXT] Base", message_id="<base@a.example>"), "duplicate", ack=False, twin="one"),
    Mail("dedupe", "its ID of another", mail("Base", author=MALLORY, message_id="<base@a.example>"), requester=MALLORY, told="the same Message-ID"),
    Mail("dedupe", "its ID with other words", mail("Base", "Pay here", message_id="<base@a.example>"), told="the same Message-ID"),
    Mail("dedupe", "no ID", mail("none", "no id", message_id="")),
    Mail("dedupe", "no ID again", mail("none", "no id", message_id=""), "duplicate", ack=False, twin="no ID"),
    Mail("dedupe", "no ID, another day", mail("none", "no id", message_id="", Date="Tue, 03 Nov 2026 09:00:00 +0100")),
    Mail("dedupe", "two IDs", mail("two", message_id="<a@b.example>\r\nMessage-ID: <c@d.example>")),
    Mail("dedupe", "a garbled ID", mail("bad id", message_id="<a b\x01" + "x" * 2_000 + ">")),
)  # fmt: skip
TEXTS = (
    Mail("structure", "nothing at all", b"", requester="", ack=False),
    Mail("structure", "nothing at all, otherwise", b"\r\n", requester="", ack=False),
    Mail("terminal", "OSC 52", mail("Hi \x1b]52;c;ZXZpbA==\x07there"), subject="Hi there"),
    Mail("terminal", "OSC 52 in an encoded word", mail("=?utf-8?q?Hi_=C2=9D52;c;ZXZpbA=3D=3D=C2=9Cthere?="), subject="Hi there"),
    Mail("terminal", "markup", mail("[@click=app.quit]Invoice.pdf[/] [/nope]"), subject="[@click=app.quit]Invoice.pdf[/] [/nope]"),
    Mail("terminal", "bidi", mail("exe\u202egnp\u200b"), subject="exegnp"),
    Mail("header", "a line break in an encoded word", mail("=?utf-8?q?x=0D=0ABcc:_evil=40x.example?="), subject="x Bcc: evil@x.example"),
    Mail("template", "template", mail("{{7*7}} $name {0.__class__} %s", "{text} ${7*7}", author='"{{7*7}}" <t@customer-a.example>'), requester="t@customer-a.example", says="{text} ${7*7}", subject="{{7*7}} $name {0.__class__} %s"),
    *(Mail("encoding", f"charset {label[:20]}", mail(label, "+ADw-script+AD4- end", Content_Type=f"text/plain; charset={label}"), says="+ADw-script+AD4- end") for label in ("csUnicode11UTF7", "x-unicode-2-0-utf-7", "hex_codec", "x-klingon", "a" * 5_000)),
    Mail("encoding", "a codec of Python's own", mail("escape", "\\x1b]52 end", Content_Type="text/plain; charset=unicode_escape"), says="\\x1b]52 end"),
    Mail("encoding", "bytes that are no UTF-8", shaped("surrogates", b"Content-Type: text/plain; charset=utf-8\r\n\r\nok \xff\xfe\xed\xa0\x80 end\r\n"), says="end"),
    Mail("encoding", "ISO-2022-JP", shaped("jp right", b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n" + "プリンタ".encode("iso2022_jp") + b"\r\n"), says="プリンタ"),
    Mail("encoding", "ESC as a charset's own", mail("jp", "ok \x1b]52;c;AAAA\x07 end", Content_Type="text/plain; charset=iso-2022-jp"), says="end", hides=("52;c",)),
    Mail("encoding", "UTF-8 in a header as it is", mail("Grüße ✓", "raw"), subject="Grüße ✓"),
    Mail("encoding", "NUL", mail("N\0UL", "before\0 end"), says="end"),
    *(Mail("encoding", f"date {date}", mail("date", f"{date} end", Date=date), says="end") for date in ("", "Mon, 02 Nov 9999 09:00:00 +0100", "Fri, 31 Feb 2026 00:00:00 -9999999999", "9" * 40)),
)  # fmt: skip
WEIGHTS = (
    Mail("weight", "5,000 recipients", mail("crowd", **crowd("To"))),
    Mail("weight", "5,000 authors", mail("authors", author=f"Alice <{ALICE}>, " + crowd("x")["x"], auth=None), ack=False),
    Mail("weight", "comments within comments", mail("comments", To="(" * 3_000 + ADDRESS)),
    Mail("weight", "1,000 parts within parts", shaped("deep", b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(1_000))), not_read=True),
    Mail("weight", "300 mails within mails", shaped("forwards", b"Content-Type: message/rfc822\r\n\r\n" * 300 + b"Subject: x\r\n\r\nthe first\r\n"), not_read=True),
    Mail("weight", "5,000 parts", shaped("parts", multipart("mixed", *[part("text/plain", "x")] * 5_000)), not_read=True),
    Mail("weight", "300 signs of quoting", mail("quotes", "a" * 50_000 + "!\r\n" + ("> " * 300 + "x\r\n") * 300)),
    Mail("weight", "20,000 signatures", mail("signatures", "-- \r\n" * 20_000)),
    *(Mail("html", f"HTML {piece}", mail(f"html {piece[:9]}", "<p>Real text</p>" + piece * 1_500, **HTML), says="Real text") for piece in ("<a <a", "<a x='", "<!--", "<![CDATA[", "</", "&#")),
    Mail("html", "what nobody sees", mail("page", PAGE, **HTML), says="Real text", hides=("HID", "SECRET", "t.example")),
)  # fmt: skip
SHAPES = (
    Mail("structure", "lines of an old Macintosh", mail("mac", "still readable").replace(b"\r\n", b"\r"), says="still readable"),
    Mail("structure", "no boundary", mail("nb", "still readable", Content_Type="multipart/mixed"), says="still readable"),
    Mail("structure", "a boundary never closed", mail("nc", "--B\r\n\r\nstill readable", Content_Type="multipart/mixed; boundary=B"), says="still readable"),
    Mail("structure", "a type that is none", mail("ct", "still readable", Content_Type='x;;;="///'), says="still readable"),
    Mail("structure", "an mbox's first line", b"From alice Mon Nov  2 09:00:00 2026\r\n" + mail("mbox", "From here on"), says="From here on"),
    Mail("structure", "headers only", b"From: alice@customer-a.example", ack=False),
    Mail("structure", "no header", b"Not a mail\nstill readable", requester="", ack=False, says="still readable"),
    Mail("structure", "every byte", bytes(range(256)), requester="", ack=False),
    Mail("structure", "two mails in one", mail("smuggled", "one\r\n.\r\nMAIL FROM:<evil@x.example>\r\nDATA\r\ntwo"), says="two"),
)  # fmt: skip
FILES = (
    Mail("attachment", "evil names", with_files("names", *(file(name, name.encode()) for name in EVIL_NAMES)), files=len(EVIL_NAMES)),
    Mail("attachment", "zip bomb", with_files("bomb", file("zeros.zip", zip_of_zeros(), "application/zip")), files=1),
    Mail("attachment", "cut off in a file", with_files("cut", file("a.bin", bytes(900)))[:-700], files=1),
    Mail("ssrf", "a body elsewhere", shaped("elsewhere", b'Content-Type: message/external-body; access-type=local-file; name="/etc/passwd"\r\n\r\nContent-Type: text/plain\r\n\r\nhttp://169.254.169.254/\r\n'), hides=("root:",)),
    Mail("privilege", "headers that would steer", mail("steer", "Mine", Priority="urgent", X_Priority="1", **STEERING)),
)  # fmt: skip
MAILS = (*HIJACKS, *VOUCHINGS, *IDENTITIES, *THREADS, *LOOPS, *COPIES, *TEXTS, *WEIGHTS, *SHAPES, *FILES)  # fmt: skip
