"""The embedded parser's network: EfficientNet-Lite0 from timm under a small U-Net decoder.

The decoder stops at half size; its head names the four pixels of each square at once (sub-pixel convolution, Shi et al., CVPR
2016), which keeps the edges of full size at the price of half. What the encoder's first stride loses of them joins there: the
four pixels themselves, read by two convolutions.
"""

import torch
import torch.nn.functional as F
from segmentation_models_pytorch.decoders.unet.decoder import UnetDecoder
from segmentation_models_pytorch.encoders import get_encoder
from torch import nn

DECODER = (96, 48, 32, 24)
DETAIL = 16
"""Channels of what is read from the pixels themselves."""


class Network(nn.Module):
    """(N, 3, H, W) float in [-1, 1], H and W multiples of 32 -> (N, classes, H, W) logits."""

    def __init__(self, classes: int):
        super().__init__()
        self.encoder = get_encoder("tu-tf_efficientnet_lite0", in_channels=3, depth=5, weights=None, output_stride=32)
        self.decoder = UnetDecoder(self.encoder.out_channels, DECODER, n_blocks=len(DECODER))
        self.detail = _conv(3 * 4, DETAIL)
        self.join = _conv(DECODER[-1] + DETAIL, DECODER[-1])
        self.head = nn.Conv2d(DECODER[-1], 4 * classes, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        seen = self.decoder(self.encoder(x))
        detail = self.detail(F.pixel_unshuffle(x, 2))
        return F.pixel_shuffle(self.head(seen + self.join(torch.cat([seen, detail], 1))), 2)


def _conv(before: int, after: int) -> nn.Sequential:
    layer = nn.Conv2d(before, after, 3, padding=1, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(after), nn.ReLU())
