"""Text-guided diffusion inpainting: crop and paste (pure), the engine, model loading, a variant's lineage.

May import `dlcr.core` and `dlcr.backend`. Start with `crop.py` (what is painted where), then `engine.py` (the sampling loop).
"""

from dlcr.inpaint.registry import INPAINTERS, load_inpainter

__all__ = ["INPAINTERS", "load_inpainter"]
