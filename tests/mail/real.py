"""Real mails that lie beside the repository, with what another program reads in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

SHARED = Path(__file__).resolve().parents[3] / "shared"
ZAMMAD = SHARED / "data" / "zammad-mail"
TALON = SHARED / "data" / "talon-mail" / "fixtures"
REPLIES = SHARED / "data" / "email-reply-parser" / "emails"
HOSTILE = SHARED / "cases" / "hostile"


def expected(path: Path) -> dict[str, Any]:
    """The other program's reading: YAML with the tags of its own language, which mean nothing here."""
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        pass

    def plain(loader: Any, _suffix: str, node: Any) -> Any:
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            return loader.construct_sequence(node, deep=True)
        return loader.construct_scalar(node)

    Loader.add_multi_constructor("!ruby/", plain)
    Loader.add_constructor("!binary", yaml.SafeLoader.construct_yaml_binary)
    found: dict[str, Any] = yaml.load(path.read_bytes(), Loader)
    return found


def as_text(value: Any) -> str:
    """A YAML scalar as text; `!binary` ones are bytes."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")
