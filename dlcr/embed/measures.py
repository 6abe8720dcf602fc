"""Measures of a feature space (pure)."""

import numpy as np


def drift(a: np.ndarray, b: np.ndarray) -> float:
    """1 - cosine of two feature vectors (D,): 0 = same direction, 1 = unrelated, 2 = opposite; 1 if one is zero."""
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return 1.0 - float(np.clip(np.dot(a, b) / size, -1.0, 1.0)) if size else 1.0
