"""Inpainters by name; nothing heavy is imported until one is loaded."""

from typing import TYPE_CHECKING

from dlcr.core.registry import resolve

if TYPE_CHECKING:
    from dlcr.inpaint.engine import Engine

INPAINTERS = {
    "demo": "dlcr.inpaint.load:load_demo",
    "sd": "dlcr.inpaint.load:load_sd",
    "sdxl": "dlcr.inpaint.load:load_sdxl",
    "flux-fill": "dlcr.inpaint.load:load_flux",
}


def load_inpainter(spec: str, device: str = "auto") -> "Engine":
    """The engine of `demo`, `sd:MODEL`, `sdxl:MODEL` or `flux-fill:MODEL` (hub id or folder).

    BackendError says what is missing and how to get it.
    """
    factory, parsed = resolve("inpainter", INPAINTERS, spec)
    engine: Engine = factory(parsed.argument, device=device)
    return engine
