"""The embedded parser's network: EfficientNet-Lite0 from timm under a small U-Net decoder that stops at half size."""

import torch
import torch.nn.functional as F
from segmentation_models_pytorch.decoders.unet.decoder import UnetDecoder
from segmentation_models_pytorch.encoders import get_encoder
from torch import nn

DECODER = (96, 48, 32, 24)


class Network(nn.Module):
    """(N, 3, H, W) float in [-1, 1], H and W multiples of 32 -> (N, classes, H, W) logits."""

    def __init__(self, classes: int):
        super().__init__()
        self.encoder = get_encoder("tu-tf_efficientnet_lite0", in_channels=3, depth=5, weights=None, output_stride=32)
        self.decoder = UnetDecoder(self.encoder.out_channels, DECODER, n_blocks=len(DECODER))
        self.head = nn.Conv2d(DECODER[-1], classes, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        half = self.head(self.decoder(self.encoder(x)))
        return F.interpolate(half, scale_factor=2.0, mode="bilinear", align_corners=False)
