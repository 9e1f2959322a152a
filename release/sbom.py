"""Write the bill of materials of a release, as CycloneDX 1.6 JSON, from locks/all.txt.

Licences and who needs whom come from the metadata of what is installed beside this; of what isn't, the
licences from `ELSEWHERE`. The same lock gives the same bytes.
"""

from __future__ import annotations

import json
import os
import re
import sys
import uuid
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from release import ROOT, Locked, locked, normal, sets

NAMED = {"MIT", "BSD-3-Clause", "BSD-2-Clause", "Apache-2.0", "MPL-2.0", "LGPL-3.0-only", "PSF-2.0", "ISC", "0BSD"}  # fmt: skip
"""Licences by their SPDX names; others are given by their own words."""
ELSEWHERE = {
    "anyio": "MIT", "argon2-cffi": "MIT", "argon2-cffi-bindings": "MIT", "cffi": "MIT", "colorama": "BSD-3-Clause",
    "h11": "MIT", "itsdangerous": "BSD-3-Clause", "jinja2": "BSD-3-Clause", "pycparser": "BSD-3-Clause",
    "python-multipart": "Apache-2.0", "starlette": "BSD-3-Clause", "uvicorn": "BSD-3-Clause",
}  # fmt: skip
"""Licences of what is not installed where a release is made: an extra that nothing uses yet, another system's."""
_NEEDED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)")


def bill(version: str, at: datetime) -> dict[str, Any]:
    """The whole document."""
    packages = locked()
    base = {one.name for one in locked("base")}
    refs = {one.name: _purl(one.name, one.version) for one in packages}
    own = _purl("sdesk", version)
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([own, sorted(refs.values())]))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "timestamp": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {
                "type": "application", "bom-ref": own, "name": "sdesk", "version": version, "purl": own,
                "licenses": [{"license": {"id": "MIT"}}],
            },
        },
        "components": [_component(one, refs[one.name], one.name in base) for one in packages],
        "dependencies": [
            {"ref": own, "dependsOn": sorted(refs[name] for name in _direct() if name in refs)},
            *({"ref": refs[one.name], "dependsOn": _needs(one.name, refs)} for one in packages),
        ],
    }  # fmt: skip


def _component(one: Locked, ref: str, is_base: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": "library", "bom-ref": ref, "name": one.name, "version": one.version, "purl": ref,
        "scope": "required" if is_base else "optional",
        "hashes": [{"alg": "SHA-256", "content": each} for each in one.hashes],
    }  # fmt: skip
    if licences := _licences(one.name):
        found["licenses"] = licences
    wanted = [name for name in sets()[1:-1] if one.name in {each.name for each in locked(name)}]
    said = [("sdesk:extra", name) for name in wanted if not is_base]
    said += [("sdesk:marker", one.marker)] if one.marker else []
    if said:
        found["properties"] = [{"name": name, "value": value} for name, value in said]
    return found


def _purl(name: str, version: str) -> str:
    return f"pkg:pypi/{name}@{version}"


def _licences(name: str) -> list[dict[str, Any]]:
    try:
        known = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return [{"license": {"id": ELSEWHERE[name]}}] if name in ELSEWHERE else []
    if said := known.get("License-Expression"):
        return [{"license": {"id": said}}] if said in NAMED else [{"expression": said}]
    kinds = [c.rpartition(":: ")[2] for c in known.get_all("Classifier", []) if c.startswith("License ::")]  # fmt: skip
    words = (known.get("License") or "").split("\n")[0][:80]
    return [{"license": {"name": each}} for each in (kinds or [words]) if each]


def _direct() -> set[str]:
    """What pyproject.toml names."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [project["dependencies"], *project["optional-dependencies"].values()]
    return {_name(each) for some in named for each in some}


def _needs(name: str, refs: dict[str, str]) -> list[str]:
    try:
        required = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return []
    return sorted({refs[_name(r)] for r in required if "extra ==" not in r and _name(r) in refs})


def _name(requirement: str) -> str:
    found = _NEEDED.match(requirement)
    return normal(found[1]) if found else ""


def main(words: list[str]) -> int:
    from sdesk import __version__

    at = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0") or 0), UTC)
    if not at.timestamp():
        at = datetime.now(UTC)
    folder = Path(words[0]) if words else ROOT / "dist"
    folder.mkdir(exist_ok=True)
    file = folder / f"sdesk-{__version__}.cdx.json"
    file.write_text(json.dumps(bill(__version__, at), indent=1) + "\n", encoding="utf-8")
    print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
