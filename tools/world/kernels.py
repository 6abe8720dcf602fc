"""The decorator of every compiled kernel, with a cache that never outlives the sources.

numba notices a change of the file a kernel is in, not of the kernels it calls in other files; so the cache's folder is named
after all of this package's sources, and pictures depend on the present code only.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

HERE = Path(__file__).parent


def sources_digest() -> str:
    """Sixteen hexadecimal digits that change with any source file of this package."""
    digest = hashlib.sha256()
    for path in sorted(HERE.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile on first use, without IEEE strictness, and keep the machine code beside the sources."""
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(HERE / "__pycache__" / _DIGEST)
    try:
        return numba.njit(cache=True, fastmath=True)(function)
    finally:
        numba.config.CACHE_DIR = before


_DIGEST = sources_digest()
