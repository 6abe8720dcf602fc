"""The losses of CAL (Gu et al., CVPR 2022) and the triplet loss; each takes logits or features and gives one number."""

import torch
from torch import Tensor
from torch.nn import functional

SCALE = 16.0
"""Scale of cosine logits (Gu et al. 2022, section 4.2)."""
EPSILON = 0.1


def identity_loss(logits: Tensor, pid: Tensor, smoothing: float = 0.1) -> Tensor:
    """Cross-entropy with label smoothing. logits (N, P), pid (N,) in 0..P-1."""
    return functional.cross_entropy(logits, pid, label_smoothing=smoothing)


def clothes_loss(cosines: Tensor, clothes: Tensor, scale: float = SCALE) -> Tensor:
    """CosFace with margin 0: cross-entropy of scaled cosines. cosines (N, C) in -1..1, clothes (N,) in 0..C-1."""
    return functional.cross_entropy(scale * cosines, clothes)


def clothes_adversarial_loss(
    cosines: Tensor, clothes: Tensor, owned: Tensor, scale: float = SCALE, epsilon: float = EPSILON
) -> Tensor:
    """Asks the features to serve every outfit of the person alike (Gu et al. 2022, eq. 6 to 8).

    cosines (N, C) in -1..1; clothes (N,) in 0..C-1; owned (N, C) bool, True for the outfits of the photo's person. Each positive
    stands against all negatives, never against another positive.
    """
    logits = scale * cosines
    negatives = torch.logsumexp(logits.masked_fill(owned, float("-inf")), dim=1, keepdim=True)
    log_share = logits - torch.logaddexp(logits, negatives)
    own = functional.one_hot(clothes, cosines.shape[1]).to(cosines.dtype)
    positives = owned.to(cosines.dtype)
    weights = (1 - epsilon) * own + epsilon * positives / positives.sum(dim=1, keepdim=True)
    return -(weights * log_share).sum(dim=1).mean()


def triplet_loss(features: Tensor, pid: Tensor, margin: float = 0.3) -> Tensor:
    """Hardest positive and hardest negative of each anchor in the batch, cosine distance (Hermans et al. 2017).

    features (N, D), pid (N,). The anchor is its own positive where it has no other; 0 if the batch holds one person only.
    """
    directions = functional.normalize(features, dim=1)
    distances = 1 - directions @ directions.T
    same = pid[:, None] == pid[None, :]
    positive = distances.masked_fill(~same, float("-inf")).amax(dim=1)
    negative = distances.masked_fill(same, float("inf")).amin(dim=1)
    return functional.relu(positive - negative + margin).mean()
