"""Vision encoders of transformers (`hf:HUB_ID` or `hf:FOLDER`)."""

import inspect
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel

from dlcr.core.errors import BackendError
from dlcr.reid.network import Body

SIZE = (256, 128)


def hub_body(argument: str | None, size: tuple[int, int] | None, pretrained: bool) -> Body:
    """The encoder's last hidden states as places; BackendError if it cannot be loaded or gives none."""
    if not argument:
        raise BackendError("the backbone 'hf' needs a name.", "Write hf:HUB_ID or hf:FOLDER.")
    size = size or SIZE
    try:
        config = AutoConfig.from_pretrained(argument)
        model = AutoModel.from_pretrained(argument) if pretrained else AutoModel.from_config(config)
    except (OSError, ValueError) as error:
        raise BackendError(
            f"cannot load 'hf:{argument}': {str(error).splitlines()[0]}",
            f"Get it with `hf download {argument}`, or give the folder of a model.",
        ) from error
    places = Encoder(getattr(model, "vision_model", model))
    try:
        with torch.no_grad():
            channels = places.eval()(torch.zeros(1, 3, *size)).shape[1]
    except (TypeError, ValueError, AttributeError, RuntimeError) as error:
        raise BackendError(
            f"'hf:{argument}' does not read photos of {size[0]}x{size[1]}: {str(error).splitlines()[0]}",
            "Choose a vision encoder, or its own size with --size.",
        ) from error
    return Body(places.train(), channels, size)


class Encoder(nn.Module):
    """A transformers vision model as places (N, C, h, w); tokens are places in a row, without the class token."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model
        known = inspect.signature(model.forward).parameters
        self.more: dict[str, Any] = {"interpolate_pos_encoding": True} if "interpolate_pos_encoding" in known else {}

    def forward(self, x: Tensor) -> Tensor:
        hidden: Tensor = self.model(pixel_values=x, **self.more).last_hidden_state
        if hidden.ndim == 4:
            return hidden
        grid = hidden.shape[1] - 1
        return hidden[:, -grid:].transpose(1, 2)[..., None]
