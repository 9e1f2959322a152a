"""Further hostile mails: tricks that are like those of `mails`, in another encoding, header or order."""

from __future__ import annotations

import base64

from sdesk.prove.cases.mails import (
    ALICE,
    FORGED,
    HTML,
    MALLORY,
    NAMED,
    OURS,
    Mail,
    crowd,
    results,
    sent_from,
    shaped,
    with_files,
)
from sdesk.prove.mails.desks import ADDRESS, AUTHSERV, mail
from sdesk.prove.mails.samples import multipart, part

OTHERS = "evil.example"


def word(text: str, charset: str = "utf-8") -> str:
    """An encoded word."""
    return f"=?{charset}?b?{base64.b64encode(text.encode(charset)).decode()}?="


def told_in_words(message_id: str, *headers: str) -> bytes:
    """A bounce as qmail and older Exims write it: words, and below them the mail as it was."""
    head = ("From: MAILER-DAEMON@mx.customer-a.example", f"To: {ADDRESS}", "Subject: failure notice", *headers)  # fmt: skip
    text = (
        f"I wasn't able to deliver your message.\r\n\r\n<{ALICE}>:\r\nNo mailbox here by that name. (#5.1.1)\r\n\r\n"
        f"--- Below this line is a copy of the message.\r\n\r\nFrom: {ADDRESS}\r\nMessage-ID: {message_id}\r\n\r\nhello\r\n"
    )
    return "\r\n".join([*head, "", text]).encode()


def page(name: str, piece: str) -> bytes:
    return mail(f"sight {name}", f"<p>Real text</p>{piece}", **HTML)


def body(name: str, text: bytes, charset: str, *more: str) -> bytes:
    """Alice's mail in a charset, told or not."""
    head = [f"Content-Type: text/plain; charset={charset}", *more, "", ""]
    return shaped(name, "\r\n".join(head).encode() + text)


def named_files(*params: str) -> bytes:
    files = (part("application/octet-stream", "x", f"Content-Disposition: attachment; {one}") for one in params)  # fmt: skip
    return with_files("names again", *files)


HIJACKS = (
    Mail("hijack", "number in an encoded word, outsider", mail(f"{word('[SD-1001]')} VPN", author=MALLORY), requester=MALLORY, hint=1001),
    Mail("hijack", "number in the text only", mail("hi", "[SD-1001] see", author=MALLORY), requester=MALLORY),
    Mail("hijack", "Alice as reader and sender", mail(NAMED, "Cc", author=MALLORY, Cc=ALICE, Sender=ALICE, Reply_To=ALICE, Resent_From=ALICE), requester=MALLORY, hint=1001),
    Mail("hijack", "an ID that looks like ours", mail("Re: VPN", "Guess", In_Reply_To="<sd.1001.1.aaaaaaaaaa@desk.example>")),
    *(Mail("hijack", f"number {token}", mail(f"Re: {token} VPN", "n")) for token in ("SD-1001", "[SD-१००१]", "[SD-𝟏𝟎𝟎𝟏]", "[SD-①⓪⓪①]", "[SD-9223372036854775808]", "[SD-1e3]")),
    Mail("threading", "first of a long thread", mail("Re: VPN", "long", References="\r\n ".join([OURS, *(f"<r{n}@x.example>" for n in range(90))])), "append", ack=False, ticket=1001),
    Mail("threading", "number in an encoded word", mail(f"{word('[SD-1001]')} VPN", "mine"), "append", ack=False, ticket=1001),
)  # fmt: skip
VOUCHINGS = (
    *(Mail("spoofed", said[:40], results(f"{AUTHSERV}{said}"), "hold", ack=False) for said in (";\r\n\tspf=pass;\r\n\tdmarc=fail", " 1; dmarc = fail ", " (x; dmarc=pass); dmarc=fail (a (dmarc=pass) b)", "; dmarc=pass header.from=customer-a.example; dmarc=fail", '; spf=pass smtp.mailfrom="a\\"; dmarc=pass"; dmarc=fail')),
    *(Mail("spoofed", said[:40], results(said), ack=False, hint=1001) for said in (f"{AUTHSERV}.evil.example; dmarc=pass", f'"{AUTHSERV}"; dmarc=pass', f"({AUTHSERV}); dmarc=pass", f"{AUTHSERV}; x-dmarc=pass", f"{AUTHSERV}; dmarc=passfail", f"{AUTHSERV}; dkim=pass header.d=example", f"{AUTHSERV}; spf=pass smtp.mailfrom=x@evil.example@customer-a.example", f"{AUTHSERV}; dmarc=pass header.from=evil.example")),
    Mail("spoofed", "found elsewhere", mail(NAMED, "arc", auth=None, In_Reply_To=OURS, ARC_Authentication_Results=f"i=1; {FORGED}", X_Authentication_Results=FORGED), ack=False, hint=1001),
    *(Mail("identity", f"an agent, as {author}", mail(NAMED, author, author=author, auth="none"), "hold", None, False) for author in ("ANN@Desk.Example", "ann@desk.example.", "ann+x@desk.example", "help+1001@desk.example", f"bob@desk.example, {MALLORY}")),
    *(Mail("identity", f"From {author!r}", sent_from(author, OTHERS, "hello"), requester="", ack=False, hint=1001, not_from=ALICE) for author in (f"<@evil.example:{ALICE}>", "alice(x)@customer-a.example", "alice@[127.0.0.1]", f"<{MALLORY}> <{ALICE}>", word(f"Alice <{ALICE}>"), f"{ALICE}\0<{MALLORY}>", f"{MALLORY}\r\n Bcc: {ALICE}", f"{ALICE}\rFrom: {MALLORY}", "alice＠customer-a.example", "alice..x@customer-a.example", "a" * 300 + "@customer-a.example")),
    *(Mail("identity", f"From {author!r}", sent_from(author, OTHERS, "hi"), requester=MALLORY, hint=1001) for author in (f"{word(f'Alice <{ALICE}>')} <{MALLORY}>", f'"a\\"b <{ALICE}>" <{MALLORY}>', f"{MALLORY} ({ALICE})", f"{MALLORY}; {ALICE}")),
)  # fmt: skip
MACHINES = (
    Mail("bounce", "bounce in words", told_in_words(OURS, "Return-Path: <>"), "bounce", None, False),
    Mail("bounce", "bounce in words, by who failed", told_in_words(OURS, f"X-Failed-Recipients: {ALICE}"), "bounce", None, False),
    Mail("bounce", "bounce in words of nothing", told_in_words("<never@desk.example>", "Return-Path: <> (qmail)"), "machine", None, False),
    Mail("bounce", "our ID in a person's words", mail("what is this", f"Message-ID: {OURS}")),
    *(Mail("loop", f"machine {name} {value}", mail(NAMED, f"{name} again", In_Reply_To=OURS, **{name: value}), "machine", ack=False) for name, value in (("AUTO-SUBMITTED", "\r\n auto-notified"), ("Auto-Submitted", "(x) auto-replied"), ("X-Autogenerated", "Reply"), ("X-Mail-Autoreply", "yes"), ("X-Precedence", "auto_reply"), ("Return-Path", "<> (x)"))),
    *(Mail("loop", author, mail(author, author=author), requester=author, ack=False) for author in ("auto-reply@bank.example", "keine-antwort@bank.example", "ne-pas-repondre@bank.example", "no.reply@bank.example")),
)  # fmt: skip
COPIES = (
    Mail("dedupe", "the words of yesterday", mail("Base", message_id="<base3@a.example>")),
    *(Mail("dedupe", f"ID {one!r}", mail(f"id {one}", message_id=one)) for one in ("<>", " ", "abc@customer-a.example", "<one@a.example> <two@a.example>", "=?utf-8?q?=3Ca=40b=3E?=")),
)  # fmt: skip
TEXTS = (
    *(Mail("header", f"subject {said!r}", mail(said, "s"), subject=shown) for said, shown in ((word("x\r\nBcc: v@o.example"), "x Bcc: v@o.example"), (word("x\r\nBcc: v", "utf-16"), "x Bcc: v"), ("=?utf-8?q?a=E2=80=A8b?=", "a b"), ("=?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3F=3D?=", "=?utf-8?q?x?="), ("=?utf-7?q?+ADw-b+AD4-?=", "+ADw-b+AD4-"), ("=?rot13?q?uryyb?=", "uryyb"), ("=?utf-8?q?Gr=C3?= =?utf-8?q?=BC=C3=9Fe?=", "Grüße"), ("=?utf-8?b?R3LDvMOfZQ?= =?x-foo?q?=41?= =?utf-8?q?open", "GrüßeA =?utf-8?q?open"))),
    *(Mail("encoding", f"charset {label}", body(label, text, label), says="Grüße end") for label, text in (("us-ascii", "Grüße end".encode()), ("utf-8", "Grüße end".encode("latin-1")), ("iso-8859-1", "Grüße end".encode()), ("utf-16", "Grüße end".encode("utf-16-le")), ("../../x", "Grüße end".encode()))),
    *(Mail("encoding", f"codec {label}", body(label, b"\\x1b]52 end uryyb", label), says="\\x1b]52 end uryyb") for label in ("rot13", "zlib", "base64", "idna", "punycode", "undefined", "raw_unicode_escape")),
    Mail("encoding", "an unknown transfer encoding", body("cte", b"still end", "utf-8", "Content-Transfer-Encoding: x-foo"), says="still end"),
    Mail("encoding", "broken quoted-printable", body("qp", b"a=ZZ b=3 c= end=\r\n of", "utf-8", "Content-Transfer-Encoding: quoted-printable"), says="end"),
    Mail("structure", "a mark before the first header", b"\xef\xbb\xbf" + mail("bom"), subject="bom"),
    Mail("structure", "a whole mail in UTF-16", mail("wide").decode().encode("utf-16"), requester=None, ack=False),
    Mail("structure", "words after the last part", shaped("epilogue", multipart("mixed", part("text/plain", "in end")) + b"EPILOGUE"), says="in end", hides=("EPILOGUE",)),
)  # fmt: skip
SIGHTS = (
    Mail("html", "50,000 attributes", page("crowded", "<p " + " ".join(f"a{n}=b" for n in range(50_000)) + ">x</p>"), says="Real text", not_read=True),
    Mail("html", "50,000 attributes behind a bracket", page("behind", '<p x="<a>" ' + " ".join(f"a{n}" for n in range(50_000)) + ">x</p>"), says="Real text", not_read=True),
    Mail("html", "UTF-7", mail("utf-7", "+ADw-script+AD4- hello", Content_Type="text/html; charset=utf-7"), says="+ADw-script+AD4- hello"),
    Mail("html", "hidden in many ways", page("hidden", "".join(f"<p style='{style}'>HID</p>" for style in ("display:/**/none", "visibility:collapse", "font:0/0 a", "font-size:1px", "color:#fefefe", "color:transparent", "color:rgba(0,0,0,0)", "color:#000;background-color:black", "opacity:.01", "position:absolute;top:-999px", "clip:rect(0,0,0,0)", "transform:scale(0)", "max-height:0;overflow:hidden"))), says="Real text", hides=("HID",)),
    Mail("html", "hidden by a sheet", page("sheet", "<style>p.h, #q {display:none} @media print {.seen{display:none}}</style><p class=h>HID</p><b id=q>HID</b><i class=seen>Seen</i><dialog>HID</dialog>"), says="Seen", hides=("HID",)),
    Mail("weight", "10,000 heads of mails", mail("heads", "new end\r\n" + "From: \r\nSent: \r\n" * 10_000), says="new end"),
    Mail("weight", "5,000 groups", mail("groups", To="a:" * 5_000 + ";" * 5_000)),
    Mail("weight", "5,000 copies", mail("copies", **crowd("Cc"))),
    Mail("weight", "a header of a megabyte", mail("megabyte", X_Big="y" * 1_000_000), not_read=True),
)  # fmt: skip
FILES = (
    Mail("attachment", "names in other ways", named_files("filename*=utf-8''%2e%2e%2f%2e%2e%2fetc%2fpasswd", "filename*0*=utf-8''..%2F; filename*1=etc/; filename*2=x", "filename=safe.txt; filename*=utf-8''..%2fevil", 'filename="=?utf-8?q?..=2F..=2Fx?="', "filename*=utf-8''a%0d%0aBcc:%20x", "filename*=utf-8''a%1b]0;x%07b", "filename*=utf-8''" + "%E2%82%AC" * 400, 'filename="a.txt:stream"', "filename*=utf-8''%EF%BC%8F%EF%BC%8E%EF%BC%8E", 'filename="////"', "filename"), files=11),
    Mail("attachment", "files that act", with_files("acting", *(part(f"{media}; name=x", "<script>", "Content-Disposition: inline") for media in ("image/svg+xml", "text/html", "application/xml", "application/pdf"))), files=4),
    Mail("attachment", "cards, seals and the like", with_files("kinds", *(part(media, "x") for media in ("application/ms-tnef; name=winmail.dat", "text/calendar; method=REQUEST", "application/pkcs7-signature; name=smime.p7s", "message/partial; id=x; number=1; total=2", "///"))), files=None),
    Mail("ssrf", "a body at an address", shaped("address", b'Content-Type: message/external-body; access-type=URL; URL="http://169.254.169.254/"\r\n\r\nContent-Type: text/plain\r\n\r\nx'), hides=("root:",)),
    Mail("privilege", "headers that would name", mail("named", "steer", X_Sdesk_Ticket="1002", X_Sdesk_State="closed", X_Sdesk_Author="ann", Importance="high")),
)  # fmt: skip
TRICKS = (*HIJACKS, *VOUCHINGS, *MACHINES, *COPIES, *TEXTS, *SIGHTS, *FILES)
