"""Mails of our own making, as bytes: one of each kind that reading must know."""

from __future__ import annotations

import base64

HEAD = (
    b"From: Ana Ruiz <ana@customer.example>\r\nTo: Help <help@desk.example>\r\n"
    b"Subject: Printer\r\nDate: Mon, 02 Nov 2026 09:00:00 +0100\r\n"
    b"Message-ID: <a1@customer.example>\r\nMIME-Version: 1.0\r\n"
)


def mail(*headers: str | bytes, body: str | bytes = "", start: bytes = HEAD) -> bytes:
    """A mail with these headers after the usual ones."""
    made = [one.encode() if isinstance(one, str) else one for one in headers]
    text = body.encode() if isinstance(body, str) else body
    return start + b"".join(one + b"\r\n" for one in made) + b"\r\n" + text


def sent_from(value: str | bytes) -> bytes:
    """A mail whose From header is that."""
    return mail(b"From: " + (value.encode() if isinstance(value, str) else value), start=b"")


def multipart(kind: str, *parts: bytes, boundary: str = "=_b", params: str = "") -> bytes:
    """A multipart with these parts, each with its own headers."""
    lines = [b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts]
    closed = b"".join(lines) + b"--" + boundary.encode() + b"--\r\n"
    return (
        f'Content-Type: multipart/{kind}; boundary="{boundary}"{params}\r\n\r\n'.encode() + closed
    )


def part(media: str, body: str | bytes, *headers: str) -> bytes:
    """A part of this type."""
    head = "".join(f"{one}\r\n" for one in (f"Content-Type: {media}", *headers))
    return head.encode() + b"\r\n" + (body.encode() if isinstance(body, str) else body)


PLAIN = part("text/plain; charset=utf-8", "The printer on floor 3 is dead.")
HTML = part(
    "text/html; charset=utf-8",
    "<html><head><style>p{color:red}</style></head><body><p>The printer is <b>dead</b>, see "
    '<a href="https://wiki.customer.example/p">the page</a>.</p>'
    '<blockquote type="cite"><p>How is it?</p></blockquote></body></html>',
)
PICTURE = part(
    'image/png; name="shot.png"',
    base64.encodebytes(b"\x89PNG" + bytes(range(60))),
    "Content-Transfer-Encoding: base64",
    "Content-ID: <shot@1>",
    "Content-Disposition: inline",
)
FORWARD = part("message/rfc822", mail("Content-Type: text/plain", body="the first mail"))
BOUNCE = multipart(
    "report",
    part("text/plain", "I'm sorry to have to tell you"),
    part(
        "message/delivery-status",
        "Reporting-MTA: dns; mx.example\r\n\r\n"
        "Final-Recipient: rfc822; gone@customer.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 No such\r\n user here\r\n",
        "Content-Description: Delivery report",
    ),
    part(
        "message/rfc822",
        "From: help@desk.example\r\nMessage-ID: <sd.7.1.k3@desk.example>\r\nSubject: Re: x\r\n\r\nhi",
        "Content-Description: Undelivered Message",
    ),
    params="; report-type=delivery-status",
)
REPLY = (
    "It works again, thank you!\r\n\r\nMonday at ten is fine.\r\n\r\n"
    "On Mon, 2 Nov 2026 at 09:00, Help <help@desk.example> wrote:\r\n\r\n"
    "> Is it dead?\r\n> When may we come?\r\n\r\n-- \r\nAna Ruiz\r\nAccounting\r\n"
)

SAMPLES: tuple[bytes, ...] = (
    mail("Content-Type: text/plain; charset=utf-8", body=REPLY),
    HEAD + multipart("alternative", PLAIN, HTML),
    HEAD + multipart("mixed", PLAIN, PICTURE, FORWARD),
    HEAD + multipart("related", HTML, PICTURE),
    HEAD + BOUNCE,
    HEAD + HTML,
    HEAD
    + multipart(
        "signed",
        PLAIN,
        part("application/pgp-signature", "-----BEGIN PGP SIGNATURE-----"),
        params="; micalg=pgp-sha256",
    ),
    mail(
        "Content-Type: text/plain; charset=iso-2022-jp",
        body=b"\x1b$B%W%j%s%?\x1b(B",
        start=HEAD.replace(b"Printer", b"=?iso-2022-jp?b?GyRCM05HJxsoQg==?="),
    ),
    mail(
        "Content-Type: text/plain; format=flowed; delsp=yes",
        "Content-Transfer-Encoding: quoted-printable",
        body="a long =\r\nline =C3=A4 \r\nof text\r\n> quoted \r\n> too\r\n",
    ),
    mail(body="see\r\nbegin 644 a.txt\r\n#86)C\r\n`\r\nend\r\nthat\r\n"),
    b"From ana@customer.example Mon Nov  2 09:00:00 2026\n"
    + HEAD.replace(b"\r\n", b"\n")
    + b"\nhi\n",
    HEAD.replace(b"Printer", "Größe ✓".encode()) + b"\r\n\xff\xfe\xed\xa0\x80",
    b"Subject: only",
    b"",
)
