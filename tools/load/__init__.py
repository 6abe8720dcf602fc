"""Many people at once: `python -m tools.load` starts the real app and uses it as browsers and programs do.

`tab.py` is one tab of a browser as the server sees it, `users.py` what a person does, `__main__.py` counts and tells.
"""
