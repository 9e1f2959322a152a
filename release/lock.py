"""Write locks/: every package that sdesk brings with it, each version and hash, for every platform.

`make lock` keeps the versions that are locked where pyproject.toml still allows them; `make lock
UPGRADE=1` takes the newest. The index is the one that pip is configured for; it is named nowhere.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from release import ALL, LOCKS, ROOT, sets


def main(words: list[str]) -> int:
    LOCKS.mkdir(exist_ok=True)
    for name in [ALL, *(each for each in sets() if each != ALL)]:
        _compile(name, upgrade="--upgrade" in words and name == ALL)
        print(f"locks/{name}.txt")
    return 0


def _compile(name: str, *, upgrade: bool) -> None:
    """Of the sets, `all` is solved first; the others take their versions from it."""
    chosen = {ALL: ["--all-extras"], "base": []}.get(name, ["--extra", name])
    bound = [] if name == ALL else ["--constraints", str(LOCKS / f"{ALL}.txt")]
    subprocess.run(
        [
            _uv(), "pip", "compile", "pyproject.toml", *chosen, *bound, *(["--upgrade"] if upgrade else []), "--universal",
            "--generate-hashes", "--no-header", "--no-annotate", "--quiet", "--output-file", str(LOCKS / f"{name}.txt"),
        ],
        cwd=ROOT, env=os.environ | _index(), check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip


def _uv() -> str:
    return str(Path(sys.executable).with_name("uv"))


def _index() -> dict[str, str]:
    """What pip is told of the index, in uv's words."""
    said = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    known = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
    told = {name.rpartition(".")[2]: value.strip("'\"") for name, value in known.items()}
    env = {"UV_DEFAULT_INDEX": told.get("index-url", ""), "SSL_CERT_FILE": told.get("cert", "")}
    return {name: value for name, value in env.items() if value}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
