"""A part of a mail as a file: a name that is harmless here, and its bytes as they were sent.

Nothing is unpacked, fetched or opened: a zip stays a zip, and a part that points elsewhere stays a pointer.
"""

from __future__ import annotations

import mimetypes
import re

from sdesk.files import file_name
from sdesk.mail.reading.fields import plain, split, words
from sdesk.mail.reading.limits import Budget
from sdesk.mail.reading.structure import Piece
from sdesk.mail.reading.transfer import decoded
from sdesk.mail.reading.values import Part
from sdesk.text import clean_line

_NAMES = {
    "application/pgp-signature": "signature.asc",
    "application/pgp-encrypted": "version.txt",
    "application/pkcs7-signature": "smime.p7s",
    "application/x-pkcs7-signature": "smime.p7s",
    "application/pkcs7-mime": "smime.p7m",
    "application/x-pkcs7-mime": "smime.p7m",
    "application/ms-tnef": "winmail.dat",
    "application/vnd.ms-tnef": "winmail.dat",
    "application/pgp-keys": "key.asc",
    "image/jpg": "image.jpg",
    "image/pjpeg": "image.jpg",
    "text/calendar": "invite.ics",
    "text/plain": "text.txt",
    "text/html": "page.html",
    "message/rfc822": "message.eml",
    "message/global": "message.eml",
    "message/delivery-status": "delivery report.txt",
    "message/external-body": "reference.txt",
    "message/partial": "partial message.eml",
    "text/rfc822-headers": "headers.txt",
}
_CID_NAME = re.compile(r"<([\w-]{1,60}\.[A-Za-z]\w{1,4})@")
_ENDINGS = {
    "message/delivery-status": ".txt",
    "message/rfc822": ".eml",
    "text/rfc822-headers": ".txt",
}


def is_named(piece: Piece) -> bool:
    """Whether the sender gave the part a file's name, or called it an attachment."""
    return piece.placed.word == "attachment" or bool(_given(piece))


def _given(piece: Piece) -> str:
    name = piece.placed.params.get("filename") or piece.typed.params.get("name", "")
    return clean_line(words(name))


def attached(piece: Piece, budget: Budget) -> Part:
    """The part as a file. A mail within the mail is kept whole; so is what was too deep to read."""
    whole = piece.cut or piece.media.startswith(("message/", "multipart/"))
    coding = piece.fields.first("content-transfer-encoding")
    if whole and coding.strip().lower() not in (b"base64", b"quoted-printable"):
        body = piece.body
    else:
        body = decoded(piece.body, coding, budget)
    media = "message/rfc822" if piece.media.startswith("multipart/") else piece.media
    cid = plain(piece.fields.first("content-id"), 250).strip("<> ")
    inline = bool(cid) and piece.placed.word != "attachment" and piece.inside == "multipart/related"
    return Part(_name(piece, media, budget), media, body, cid, inline or _is_pasted(piece))


def _is_pasted(piece: Piece) -> bool:
    return piece.placed.word == "inline" and piece.media.startswith("image/")


def _name(piece: Piece, media: str, budget: Budget) -> str:
    given = _given(piece)
    if given:
        return file_name(given)
    said = plain(piece.fields.first("content-description"), 120)
    if media in ("message/rfc822", "message/global") and not said:
        inner = split(piece.raw, piece.start, piece.end, budget)
        said = plain(inner.first("subject"), 120)
    if said:
        ending = _ENDINGS.get(media) or mimetypes.guess_extension(media) or ""
        return file_name(said if said.lower().endswith(ending) else said + ending)
    # Outlook names a pasted picture in its Content-ID: image001.jpg@01CD….
    if match := _CID_NAME.match(plain(piece.fields.first("content-id"), 250)):
        return file_name(match.group(1))
    kind = media.partition("/")[0]
    ending = mimetypes.guess_extension(media) or ".bin"
    return _NAMES.get(media) or file_name(
        (kind if kind in ("image", "audio", "video") else "file") + ending
    )


def uuencoded_part(name: str, body: bytes) -> Part:
    """A file that stood uuencoded in the text."""
    clean = file_name(name)
    return Part(clean, mimetypes.guess_type(clean)[0] or "application/octet-stream", body)
