"""Backbones by name; nothing heavy is imported until one is built."""

from typing import TYPE_CHECKING

from dlcr.core.registry import resolve

if TYPE_CHECKING:
    from dlcr.reid.network import Network

BACKBONES = {
    "demo": "dlcr.reid.bodies:demo_body",
    "timm": "dlcr.reid.bodies:timm_body",
    "cal": "dlcr.reid.published:cal_body",
    "hf": "dlcr.reid.hub:hub_body",
}
"""`demo` embedded; `timm:NAME` with ImageNet weights (the paper's is `timm:resnet50.tv_in1k`); `cal:PATH` a published CAL
checkpoint; `hf:HUB_ID` or `hf:FOLDER` a vision encoder of transformers."""


def build_network(
    spec: str, size: tuple[int, int] | None = None, *, pretrained: bool = True, video: bool = False
) -> "Network":
    """The network of a backbone for photos of (height, width), else of the backbone's own size; on the CPU, float32.

    Without `pretrained` the weights are random: a run's own are loaded over them; `video` pools for clips. BackendError says
    what there is or is missing.
    """
    from dlcr.reid.network import Network

    factory, parsed = resolve("backbone", BACKBONES, spec)
    return Network(factory(parsed.argument, size, pretrained), video=video)
