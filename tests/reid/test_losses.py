"""Each loss against its formula, spelled out in plain loops."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcr.reid.losses import clothes_adversarial_loss, clothes_loss, identity_loss, triplet_loss

seeds = st.integers(0, 2**31)


def case(seed):
    """Cosines (N, C), true outfit (N,), owned (N, C), pid (N,) of a random small wardrobe."""
    rng = np.random.default_rng(seed)
    owner = np.sort(np.concatenate([np.arange(3), rng.integers(0, 3, rng.integers(1, 6))]))
    clothes = rng.integers(0, len(owner), 7)
    cosines = rng.uniform(-1, 1, (7, len(owner)))
    return cosines, clothes, owner[clothes][:, None] == owner[None], owner[clothes]


@given(seeds)
@settings(max_examples=60, deadline=None)
def test_adversarial_loss_is_the_papers_equation(seed):
    cosines, clothes, owned, _ = case(seed)
    total = 0.0
    for n in range(7):
        negatives = sum(math.exp(16 * cosines[n, c]) for c in range(cosines.shape[1]) if not owned[n, c])
        for c in np.flatnonzero(owned[n]):
            log_share = 16 * cosines[n, c] - math.log(math.exp(16 * cosines[n, c]) + negatives)
            total -= ((0.9 if c == clothes[n] else 0.0) + 0.1 / owned[n].sum()) * log_share
    found = clothes_adversarial_loss(*map(torch.from_numpy, (cosines, clothes, owned)))
    assert float(found) == pytest.approx(total / 7, rel=1e-9)


@given(seeds)
@settings(max_examples=40, deadline=None)
def test_clothes_and_identity_losses_are_cross_entropies(seed):
    cosines, clothes, _, _ = case(seed)
    shares = np.exp(16 * cosines) / np.exp(16 * cosines).sum(1, keepdims=True)
    expected = -np.log(shares[np.arange(7), clothes]).mean()
    assert float(clothes_loss(torch.from_numpy(cosines), torch.from_numpy(clothes))) == pytest.approx(expected)
    target = np.full(cosines.shape, 0.1 / cosines.shape[1])
    target[np.arange(7), clothes] += 0.9
    logs = cosines - np.log(np.exp(cosines).sum(1, keepdims=True))
    expected = -(target * logs).sum(1).mean()
    assert float(identity_loss(torch.from_numpy(cosines), torch.from_numpy(clothes))) == pytest.approx(expected)


@given(seeds)
@settings(max_examples=40, deadline=None)
def test_triplet_loss_takes_the_hardest_of_the_batch(seed):
    cosines, _, _, pid = case(seed)
    unit = cosines / np.linalg.norm(cosines, axis=1, keepdims=True)
    total = 0.0
    for n in range(7):
        distance = [1 - unit[n] @ unit[m] for m in range(7)]
        worst = max(d for m, d in enumerate(distance) if pid[m] == pid[n])
        near = min((d for m, d in enumerate(distance) if pid[m] != pid[n]), default=math.inf)
        total += max(0.0, worst - near + 0.3)
    assert float(triplet_loss(torch.from_numpy(cosines), torch.from_numpy(pid))) == pytest.approx(total / 7, abs=1e-9)


def test_gradients_stay_finite_at_extreme_logits_and_with_one_person_only():
    cosines = torch.tensor([[1.0, -1.0], [-1.0, 1.0]], requires_grad=True)
    both = torch.ones(2, 2, dtype=torch.bool)
    for owned in (both, torch.eye(2, dtype=torch.bool)):
        loss = clothes_adversarial_loss(100 * cosines, torch.tensor([0, 1]), owned)
        (gradient,) = torch.autograd.grad(loss, cosines)
        assert torch.isfinite(loss)
        assert torch.isfinite(gradient).all()
