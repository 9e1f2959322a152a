"""What a value of an operation must be, as far as that needs no store."""

from __future__ import annotations

from sdesk.errors import Invalid, did_you_mean

MAX_SUBJECT = 500
MAX_TEXT = 1_000_000


def one_of(what: str, value: object, known: tuple[object, ...] | list[str]) -> None:
    if value not in known:
        names = [str(item) for item in known]
        raise Invalid(f"{what}: '{value}' is not known.", did_you_mean(str(value), names))


def some_text(what: str, value: str, most: int = MAX_TEXT, *, empty: bool = False) -> None:
    if not empty and not value.strip():
        raise Invalid(f"{what}: there is no text.")
    if len(value) > most:
        raise Invalid(
            f"{what}: {len(value):,} characters are more than the {most:,} that are kept."
        )


def check_tag(tag: str) -> None:
    if not tag or len(tag) > 60 or any(c.isspace() or c in ',"()' for c in tag):
        raise Invalid(f"Tag '{tag}': a tag is one word of up to 60 characters without , \" ( or ).")


def check_key(what: str, key: str) -> None:
    if not key or len(key) > 60 or not all(c.isalnum() or c in "-_." for c in key):
        raise Invalid(f"{what} '{key}': letters, digits, '-', '_' and '.' only, up to 60 of them.")
