"""One promise in this process: `python -m sdesk.prove KEY --folder F --store S …`, for `running`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from sdesk.prove.model import Bench
from sdesk.prove.running import run_here


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sdesk.prove")
    parser.add_argument("key")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--store", required=True)
    parser.add_argument("--engine", default="sqlite")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", default="")
    parser.add_argument("--report", type=int, default=1)
    asked = parser.parse_args()

    def report(said: dict[str, Any]) -> None:
        os.write(asked.report, json.dumps(said).encode() + b"\n")

    # Processes that the proof starts must not hold the other end open.
    os.set_inheritable(asked.report, False)
    bench = Bench(
        asked.folder, asked.store, asked.engine, asked.scale, asked.seed,
        asked.cases, lambda text: report({"tell": text}),
    )  # fmt: skip
    report(run_here(asked.key, bench))
    return 0


if __name__ == "__main__":
    sys.exit(main())
