"""Whether rows and files of a workspace agree, and mending what a kill, a bad disk or an outside hand left.

`care` is what `dlcr doctor` says and does: `find` lists what is wrong, `repair` mends it. Nothing that holds somebody's work
is destroyed: files go to `lost+found/`, rows that are taken out into `lost+found/rows.jsonl`; only half-written files are
removed. Start with `ward.py`, then `check.py`.
"""

from dlcr.integrity.care import Care, care
from dlcr.integrity.check import find, repair
from dlcr.integrity.ward import Damage, Ward, open_ward

__all__ = ["Care", "Damage", "Ward", "care", "find", "open_ward", "repair"]
