"""What every feature shares: values, errors, settings, images, files, registry, workspace.

May import only the standard library, numpy, Pillow, pydantic and pydantic-settings. Start with `values.py`.
"""
