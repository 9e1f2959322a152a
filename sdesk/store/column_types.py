"""The two sorts of column that nearly every table is made of."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Text, text

_BY_BYTES = Text().with_variant(Text(collation="C"), "postgresql")
"""In the order of its bytes on both engines."""


def text_column(default: str = "", *, key: bool = False) -> Column[str]:
    return Column(_BY_BYTES, nullable=False, server_default=default, primary_key=key)


def integer_column(default: int | None = 0) -> Column[int]:
    if default is None:
        return Column(BigInteger, nullable=True)
    return Column(BigInteger, nullable=False, server_default=text(str(default)))
