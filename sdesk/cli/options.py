"""The options and arguments that many commands share."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Format(StrEnum):
    TABLE = "table"
    TSV = "tsv"
    CSV = "csv"
    JSON = "json"
    JSONL = "jsonl"


Store = Annotated[
    str | None,
    typer.Option("--store", metavar="PATH", help="The desk's database; else $SDESK_STORE, else the configured one."),
]  # fmt: skip
RowFormat = Annotated[
    Format | None,
    typer.Option("--format", help="How rows come out: table on a terminal, tsv in a pipe.", show_default=False),
]  # fmt: skip
References = Annotated[
    list[str],
    typer.Argument(metavar="REF…", help="SD-1042, or 1042; - reads them from standard input.", show_default=False),
]  # fmt: skip
Reference = Annotated[
    str, typer.Argument(metavar="REF", help="SD-1042, or 1042.", show_default=False)
]
