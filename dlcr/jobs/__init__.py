"""Long work as jobs: a row in the catalog, a folder, a command in its own process. Knows commands, not models.

May import only `catalog`, `core` and huey. `board.py` is what pages and verbs use: submit, follow, cancel, resume; `worker.py` runs
what is queued, `command.py` one command of it. The row is the only truth: huey (`bell.py`) only wakes a worker.
"""
