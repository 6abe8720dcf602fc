"""Outside text and bytes, made up: `python -m tools.fuzz` gives every parser of them what nobody would write.

Start at `parsers.py` (what is read, and what must hold), then `given.py` (what it is given); `__main__.py` runs them for long, the
unit tests (tests/fuzz) shortly. A parser may answer or raise a DlcrError; anything else is a crash.
"""
