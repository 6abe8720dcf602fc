"""What the model backends of every feature share: device and number type (`device.py`), a model by name (`hub.py`).

May import `dlcr.core` only; imports no model library until a function is called. Features may import it.
"""
