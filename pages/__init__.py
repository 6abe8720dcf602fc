"""One module per page: TITLE, PATH, plain handlers, `build()`; shared widgets in `_widgets.py`, all words in `_text`.

May import `dlcr.stages`, `dlcr.jobs`, `dlcr.catalog` (read), `dlcr.core` and gradio. Handlers are plain functions, tested without a
browser; `build()` only lays out widgets and wires handlers to them. Start with `studio.py`.
"""
