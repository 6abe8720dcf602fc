"""The harness of faults itself: some of each cheap kind, on the first two verbs."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_faults_of_different_kinds_end_as_undisturbed_work_does():
    kinds = "kill at a touch,kill at a moment,disk full,disk protected,rights taken,file cut,row altered"
    words = ["--faults", "7", "--seed", "11", "--verbs", "index,parse", "--kinds", kinds, "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "tools.torture", *words], cwd=ROOT, capture_output=True, text=True, timeout=600
    )
    told = json.loads(done.stdout.splitlines()[-1])
    assert (done.returncode, told["tried"], told["wrong"]) == (0, 7, 0), done.stderr[-3000:]
    assert told["faults"] >= 4
    assert len({one["fault"]["kind"] for one in told["outcomes"]}) >= 4
    assert any(one["repaired"] for one in told["outcomes"])
