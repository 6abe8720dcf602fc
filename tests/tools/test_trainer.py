"""What the trainers share: time, pace, average, and a state that is whole."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tools import trainer
from tools.trainer import Run, cosine, late, mixed


def make(folder: Path, ema: float = 0.5) -> tuple[torch.nn.Parameter, Run]:
    weight = torch.nn.Parameter(torch.zeros(2))
    return weight, Run(folder / "state.pt", torch.optim.SGD([weight], lr=0.1), [weight], ema=ema, clip=10)


def go(run: Run, weight: torch.nn.Parameter, steps: int) -> list[torch.Tensor]:
    """Take `steps` steps of a constant slope; the weights after each."""
    seen = []

    def loss(rng: np.random.Generator) -> torch.Tensor:
        seen.append(weight.detach().clone())
        if len(seen) == steps + 1:
            raise KeyboardInterrupt
        return -weight.sum()

    with pytest.raises(KeyboardInterrupt):
        run.go(loss, lambda: None, minutes=60, save_every=60)
    return seen[1:]


def test_the_rate_rises_at_first_and_falls_with_time():
    assert [cosine(share) for share in (0, 0.5, 1)] == pytest.approx([1, 0.5, 0])
    assert [late(share) for share in (0, 0.5, 0.75, 1)] == [1, 1, 0.5, 0]


@pytest.mark.parametrize("kind", ["float32", "bfloat16"])
def test_half_precision_is_used_where_it_is_computed(monkeypatch: pytest.MonkeyPatch, kind: str):
    monkeypatch.setenv("DLCR_DTYPE", kind)
    one = torch.ones(2, 2)
    with mixed("cpu"):
        assert (one @ one).dtype == getattr(torch, kind)


def test_the_rate_of_each_step_is_that_of_its_time(tmp_path: Path):
    weight, run = make(tmp_path)
    steps = torch.stack([torch.zeros(2), *go(run, weight, 120)]).diff(dim=0)[:, 0]
    assert steps[0].item() == pytest.approx(0.1 * 1.01 / trainer.WARM_UP)
    assert steps[110].item() == pytest.approx(0.1 * 1.01, rel=1e-3)


def test_the_average_is_that_of_its_definition(tmp_path: Path):
    weight, run = make(tmp_path, ema=0.5)
    seen = go(run, weight, 12)
    average = seen[0]
    for step, one in enumerate(seen, 1):
        decay = min(0.5, (step + 1) / (step + 10))
        average = decay * average + (1 - decay) * one
    own = weight.detach().clone()
    with run.averaged():
        assert torch.allclose(weight, average)
        assert not torch.allclose(weight, own)
    assert torch.equal(weight, own)


def test_without_average_the_weights_are_shipped_themselves(tmp_path: Path):
    weight, run = make(tmp_path, ema=0)
    go(run, weight, 3)
    own = weight.detach().clone()
    with run.averaged():
        assert torch.equal(weight, own)


def test_a_state_goes_on_with_all_it_had(tmp_path: Path):
    weight, run = make(tmp_path)
    go(run, weight, 5)
    run.minutes = 7.5
    run.save(weight=weight.detach())
    _, again = make(tmp_path)
    assert torch.equal(again.resume("cpu")["weight"], weight)
    assert (again.step, again.minutes, again.loss) == (5, 7.5, run.loss)
    assert torch.equal(again.average[0], run.average[0])
    assert again.tops == [0.1]
    assert [file.name for file in tmp_path.iterdir()] == ["state.pt"]


def test_it_saves_now_and_then_and_in_the_end(tmp_path: Path):
    weight, run = make(tmp_path)
    saved = []
    run.go(lambda rng: weight.sum(), lambda: saved.append(run.step), minutes=0.002, save_every=0)
    assert saved == [*range(1, run.step + 1), run.step]
    assert run.minutes >= 0.002
    run.go(lambda rng: weight.sum(), lambda: saved.append(-1), minutes=0.002, save_every=0)
    assert saved[-1] == -1
    assert saved.count(-1) == 1
