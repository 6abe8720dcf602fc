"""Faults on purpose: `python -m tools.torture --faults N --seed S` kills, fills, revokes, damages and looks whether all is well.

One process imports everything once and forks a child for each command, so that a fault costs seconds; part of the faults hit
real commands, workers, the app and Ray. After each the workspace is examined by `dlcr doctor`, mended where that is called for,
the work goes on, and its end is compared with that of work that nobody disturbed. Start with `__main__.py`, then `faults.py`.
"""
