"""Bodies from timm: the embedded EfficientNet-Lite0 and any other by name."""

from collections.abc import Mapping
from typing import Any

import timm
import torch
from torch import Tensor, nn

from dlcr.core.errors import BackendError
from dlcr.reid.backbone import Trunk, load_trunk
from dlcr.reid.network import Body

HALF = (0.5, 0.5, 0.5)
SIZE = (160, 80)
"""The embedded backbone's photos: at 128x64 a face is eight pixels wide, and changed clothes are told apart by luck."""
PAPER_SIZE = (384, 192)


def demo_body(argument: str | None, size: tuple[int, int] | None, pretrained: bool) -> Body:
    """EfficientNet-Lite0 cut at stride 16 (112 channels), with the embedded ImageNet weights; 160x80 unless told otherwise."""
    if argument:
        raise BackendError(f"the backbone 'demo' takes no argument, got '{argument}'.", "Write just: demo")
    trunk = load_trunk("cpu").train() if pretrained else Trunk()
    return Body(nn.Sequential(trunk.conv_stem, trunk.bn1, trunk.blocks), 112, size or SIZE, HALF, HALF)


def timm_body(argument: str | None, size: tuple[int, int] | None, pretrained: bool) -> Body:
    """Any model of timm by name, ImageNet weights if `pretrained`; residual networks keep stride 16 in their last stage."""
    size = size or PAPER_SIZE
    if not argument or not timm.is_model(argument.partition(".")[0]):
        near = ", ".join(timm.list_models(f"*{(argument or 'resnet50').partition('.')[0][:6]}*")[:6])
        raise BackendError(
            f"timm has no model '{argument or ''}'.", f"Write timm:NAME, such as timm:resnet50 ({near})."
        )
    try:
        model = _create(argument, size, pretrained)
    except (OSError, RuntimeError, ValueError) as error:  # no network, no such weights: timm raises all three
        raise BackendError(
            f"cannot get the weights of 'timm:{argument}': {str(error).splitlines()[0]}",
            "Connect to the network once (they are kept in the Hugging Face cache), or choose the backbone 'demo'.",
        ) from error
    if hasattr(model, "layer4"):
        _stride_one(model.get_submodule("layer4.0"))
    places = Places(model)
    with torch.no_grad():
        channels = places.eval()(torch.zeros(1, 3, *size)).shape[1]
    told: Mapping[str, Any] = getattr(model, "pretrained_cfg")  # noqa: B009 (no attribute that mypy knows)
    return Body(places.train(), channels, size, tuple(told["mean"]), tuple(told["std"]))


def _create(name: str, size: tuple[int, int], pretrained: bool) -> nn.Module:
    try:  # transformers must know the size of their photos, convolutional networks do not take it
        model: nn.Module = timm.create_model(name, pretrained=pretrained, num_classes=0, img_size=size)
    except TypeError:
        model = timm.create_model(name, pretrained=pretrained, num_classes=0)
    return model


def _stride_one(block: nn.Module) -> None:
    """Undo the last down-sampling of a residual network (Luo et al. 2019, last stride)."""
    for name, module in list(block.named_modules()):
        if isinstance(module, nn.AvgPool2d):
            block.set_submodule(name, nn.Identity())
        elif isinstance(module, nn.Conv2d):
            module.stride = (1, 1)


class Places(nn.Module):
    """A timm model up to its last features, as places (N, C, h, w); tokens of a transformer are places in a row."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.model.forward_features(x)  # type: ignore[operator]
        if found.ndim == 3:
            first = int(getattr(self.model, "num_prefix_tokens", 0))
            return found[:, first:].transpose(1, 2)[..., None]
        if found.shape[1] != self.model.num_features and found.shape[-1] == self.model.num_features:
            return found.permute(0, 3, 1, 2)  # Swin and its kin keep channels last
        return found
