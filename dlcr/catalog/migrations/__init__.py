"""Alembic's scripts: one file in `versions` for every change of `tables.py`, run when a catalog is opened."""
