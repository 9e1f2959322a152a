"""What we ship is locked, named with its reason, listed, and free of the advisories that we know."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import release
from release import audit, sbom
from sdesk import __version__

PROJECT = tomllib.loads((release.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
DECLARED = {
    "base": PROJECT["dependencies"],
    **{n: [*PROJECT["dependencies"], *of] for n, of in EXTRAS.items()},
}
AT = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize("name", [*DECLARED, "all"])
def test_a_lock_holds_what_is_declared_in_versions_that_are_allowed(name: str) -> None:
    known = {one.name: one.version for one in release.locked(name)}
    wanted = DECLARED.get(name) or [each for of in DECLARED.values() for each in of]
    for each in map(Requirement, wanted):
        version = known.get(release.normal(each.name))
        assert version is not None, f"locks/{name}.txt lacks {each.name}: make lock"
        assert Version(version) in each.specifier, f"{each.name} {version}: make lock"


def test_there_is_a_lock_for_each_extra_and_all_agree() -> None:
    assert sorted(path.stem for path in release.LOCKS.glob("*")) == sorted(release.sets())
    every = {one.name: one for one in release.locked()}
    for name in release.sets():
        for one in release.locked(name):
            assert (one.version, one.hashes) == (every[one.name].version, every[one.name].hashes)
            assert one.hashes, f"{one.name} has no hash"


def test_a_lock_holds_what_its_packages_need_in_turn() -> None:
    known = {one.name: one.version for one in release.locked()}
    for name, version in known.items():
        try:
            if metadata.version(name) != version:
                continue
        except metadata.PackageNotFoundError:
            continue
        for each in map(Requirement, metadata.requires(name) or ()):
            if each.marker is None or each.marker.evaluate({"extra": ""}):
                needed = known.get(release.normal(each.name))
                assert needed is not None, f"{name} needs {each.name}, which isn't locked"
                assert Version(needed) in each.specifier


def test_a_lock_names_no_index_and_no_place_of_a_machine() -> None:
    for path in release.LOCKS.iterdir():
        text = path.read_text(encoding="utf-8")
        assert not re.search(
            r"https?:|file:|--(?:extra-)?index|--find-links|(?<![\w.])/[a-z]+/", text
        ), path


def test_every_dependency_and_extra_has_its_reason_in_the_architecture() -> None:
    text = (release.ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    part = text.partition("## Dependencies")[2].partition("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in part.splitlines()
        if line.startswith("|")
    ]
    reasons: dict[tuple[str, str], str] = {}
    for *extra, packages, why in rows:
        for package in re.sub(r"\(.*?\)", "", packages).split(","):
            reasons[extra[0].strip("`") if extra else "", package.strip()] = why
    declared = [("", each) for each in PROJECT["dependencies"]] + [
        (n, each) for n, of in EXTRAS.items() for each in of
    ]
    for extra, each in declared:
        assert len(reasons.get((extra, Requirement(each).name), "")) > 10, (
            f"no reason for {extra} {each}"
        )
    known = {(extra, Requirement(each).name) for extra, each in declared} | {
        ("", "package"),
        ("extra", "package"),
    }
    assert {key for key in reasons if "---" not in key[1]} <= known


def test_no_locked_package_is_older_than_a_fix_that_concerns_us() -> None:
    fixes = audit.known_fixes()
    assert {fix["package"] for fix in fixes} <= {one.name for one in release.locked()}
    assert not audit.below(fixes)
    planted = {"package": "rich", "version": "999.0", "id": "X-1", "why": "planted"}
    assert "X-1" in audit.below([planted])[0]


@pytest.mark.parametrize(
    ("report", "status"),
    [
        ([{"name": "a", "version": "1", "vulns": []}], 0),
        ([{"name": "a", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}], 1),
        (
            [{"name": "a", "skip_reason": "not found"}, {"name": "b", "version": "1", "vulns": []}],
            3,
        ),
        (None, 3),
    ],
)
def test_an_audit_that_could_not_ask_is_no_success(
    report: list[dict[str, Any]] | None,
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(audit, "_asked", lambda: report)
    assert audit.main() == status
    said = capsys.readouterr()
    assert said.out.strip() or said.err.strip()


def test_the_bill_of_materials_keeps_the_rules_of_its_format() -> None:
    bill = sbom.bill(__version__, AT)
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", bill["serialNumber"])
    assert bill["metadata"]["timestamp"] == "2026-11-22T00:00:00Z"
    own, parts = bill["metadata"]["component"], bill["components"]
    refs = [own["bom-ref"], *(part["bom-ref"] for part in parts)]
    assert len(refs) == len(set(refs)) == len(release.locked()) + 1
    for part in (own, *parts):
        assert part["type"] in ("application", "library")
        assert part["purl"] == f"pkg:pypi/{part['name']}@{part['version']}"
        assert part.get("scope", "required") in ("required", "optional")
        assert all(
            h["alg"] == "SHA-256" and re.fullmatch("[0-9a-f]{64}", h["content"])
            for h in part.get("hashes", ())
        )
        assert part["name"] == "sdesk" or part["licenses"], part["name"]
        for licence in part.get("licenses", ()):
            ((kind, said),) = licence.items()
            assert (kind == "license" and len(said) == 1) or (
                kind == "expression" and len(part["licenses"]) == 1
            )
            assert set(said) <= {"id", "name"} if kind == "license" else said
    assert {each["ref"] for each in bill["dependencies"]} == set(refs)
    assert {ref for each in bill["dependencies"] for ref in each["dependsOn"]} <= set(refs)
    assert json.dumps(bill) == json.dumps(sbom.bill(__version__, AT))
