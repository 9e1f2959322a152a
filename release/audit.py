"""Ask an advisory service about every package of locks/all.txt.

pip-audit calls a lock clean whose packages it could not look up. Here that is no success: exit status
0 says that each was asked for and none is known to be bad, 1 that some are, 3 that nobody could be asked.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from release import ALL, LOCKS, ROOT, locked

CLEAN, BAD, UNASKED = 0, 1, 3


def main() -> int:
    short = below(known_fixes())
    for said in short:
        print(said)
    report = _asked()
    if report is None:
        print("No advisory service can be reached from here: nothing was asked.", file=sys.stderr)
        return BAD if short else UNASKED
    skipped = [one["name"] for one in report if one.get("skip_reason")]
    bad = [(one["name"], one["version"], each) for one in report for each in one.get("vulns", ())]
    for name, version, each in bad:
        fixed = ", ".join(each["fix_versions"]) or "nothing yet"
        print(f"{name} {version}: {each['id']}, fixed in {fixed}")
    if skipped:
        print(
            f"The advisory service did not know {len(skipped)} of {len(report)} packages: {', '.join(skipped[:5])} …\n"
            "Nothing can be said of them. Run it where the service can be reached.",
            file=sys.stderr,
        )
    if bad or short:
        return BAD
    print("" if skipped else f"{len(report)} packages, no advisory.", end="" if skipped else "\n")
    return UNASKED if skipped else CLEAN


def _asked() -> list[dict[str, Any]] | None:
    """Each package with what the service knows; None where it can't be reached."""
    tool = Path(sys.executable).with_name("pip-audit")
    if not tool.exists():
        print("pip-audit is not installed here: pip install --group release", file=sys.stderr)
        return None
    ran = subprocess.run(
        [
            tool, "--requirement", LOCKS / f"{ALL}.txt", "--require-hashes", "--disable-pip", "--format", "json",
            "--progress-spinner", "off", "--desc", "off",
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    try:
        found: list[dict[str, Any]] = json.loads(ran.stdout)["dependencies"]
    except (ValueError, KeyError):
        return None
    return found


def known_fixes() -> list[dict[str, str]]:
    """What is written down here of advisories that concern us."""
    file = ROOT / "release" / "advisories.toml"
    fixed: list[dict[str, str]] = tomllib.loads(file.read_text(encoding="utf-8"))["fixed"]
    return fixed


def below(fixes: list[dict[str, str]]) -> list[str]:
    """A sentence for each locked package that is older than its fix."""
    versions = {one.name: one.version for one in locked()}
    return [
        f"{fix['package']} {versions[fix['package']]}: {fix['id']} ({fix['why']}), fixed in {fix['version']}"
        for fix in fixes
        if fix["package"] in versions and _order(versions[fix["package"]]) < _order(fix["version"])
    ]


def _order(version: str) -> tuple[int, ...]:
    return tuple(int("".join(filter(str.isdigit, part)) or 0) for part in version.split("."))


if __name__ == "__main__":
    sys.exit(main())
