"""Known holes in what is installed, by pip-audit: `python -m tools.audit`. Where nobody can be asked it says so and passes."""

from __future__ import annotations

import json
import subprocess
import sys

PATIENCE = 180
"""Seconds to wait for the index."""


def main() -> int:
    """1 if a package has a known hole; 0 if none has, or nobody could be asked."""
    command = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off", "--skip-editable"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
        told = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        print("pip-audit: nobody could be asked")
        return 0
    holes = [f"{one['name']} {one['version']}: {hole['id']}" for one in told for hole in one.get("vulns", [])]
    unknown = sum("skip_reason" in one for one in told)
    print("\n".join([*holes, f"pip-audit: {len(told) - unknown} packages asked about, {unknown} unknown to the index"]))
    return int(bool(holes))


if __name__ == "__main__":
    sys.exit(main())
