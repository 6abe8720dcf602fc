"""DLCR: expand clothes-changing re-identification data sets by repainting people's clothes and nothing else.

Start reading in `stages.py`: one function per arrow of the data flow. Features (`data`, `parsing`, `language`, `inpaint`,
`reid`, `embed`) never import each other; `core` is what they share. Importing this package loads no torch.
"""

import os

os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # before any model library: nothing is sent anywhere

__version__ = "0.1.0"
