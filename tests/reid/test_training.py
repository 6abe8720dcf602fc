"""The training loop on a small drawn set: it learns, resumes exactly, and stops where it must."""

import json
import pickle
import signal
import subprocess
import sys
from dataclasses import asdict, replace
from functools import partial

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save

from dlcr.core.errors import Cancelled, SettingError, TrainingError
from dlcr.core.settings import checked
from dlcr.core.training import TrainSettings
from dlcr.core.whole import seal
from dlcr.reid.batches import Batch, TrainingSet, draw_batches
from dlcr.reid.checkpoint import checkpoints, path_of, read
from dlcr.reid.losses import identity_loss
from dlcr.reid.photos import Photos
from dlcr.reid.schedule import Schedule
from dlcr.reid.training import Learner, Reached, train


def numbers(history):
    """What a training computed, without its times."""
    return [{k: v for k, v in asdict(row).items() if k not in ("time", "seconds")} for row in history]


def same_weights(first, second):
    return all(
        torch.equal(a, b) for a, b in zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    )


def test_it_learns_who_is_who(small, pictures, brief, tmp_path):
    history = train(small(), pictures, brief.model_copy(update={"epochs": 48, "learning_rate": 1e-2}), tmp_path)
    assert history[-1].accuracy > 0.8 > history[0].accuracy
    assert history[-1].identity < history[0].identity
    assert [row.adversarial > 0 for row in history] == [epoch >= 20 for epoch in range(48)]
    assert {-row.images % 32 for row in history} <= {0, 1}  # one photo has no variant


def test_the_same_seed_gives_the_same_weights_and_another_others(small, pictures, brief, tmp_path):
    made = []
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        made.append(small())
        train(made[-1], pictures, brief.model_copy(update={"seed": seed}), tmp_path / name)
    assert same_weights(made[0], made[1])
    assert not same_weights(made[0], made[2])


def test_stopped_in_the_middle_of_an_epoch_it_ends_with_the_same_losses(small, pictures, brief, tmp_path):
    whole, parts = small(), small()
    expected = train(whole, pictures, brief, tmp_path / "whole")

    def stop(progress):
        if progress.epoch == 2 and progress.step == 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        train(parts, pictures, brief, tmp_path / "parts", on_step=stop)
    parts = small(seed=5)  # whatever is in memory: the checkpoint decides
    assert numbers(train(parts, pictures, brief, tmp_path / "parts")) == numbers(expected)
    assert same_weights(whole, parts)


PROGRAM = """
import os, pickle, signal, sys, torch
from dlcr.reid.training import train
torch.set_num_threads(1)
network, data, settings, folder = pickle.loads(open(sys.argv[1], "rb").read())
train(network, data(), settings, folder, on_step=lambda now: now.epoch == 3 and os.kill(os.getpid(), signal.SIGKILL))
"""


def test_killed_it_goes_on_from_the_last_epoch(small, pictures, brief, tmp_path):
    torch.set_num_threads(1)
    expected = train(small(), pictures, brief, tmp_path / "whole")
    rebuild = partial(
        again, pictures.photos.paths, pictures.photos.size, pictures.pid, pictures.clothes, pictures.variants
    )
    (tmp_path / "work").write_bytes(pickle.dumps((small(), rebuild, brief, tmp_path / "killed")))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, tmp_path / "work"], capture_output=True, text=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert [path.name for path in checkpoints(tmp_path / "killed")] == [
        "epoch-0002.safetensors",
        "epoch-0003.safetensors",
    ]
    assert numbers(train(small(), pictures, brief, tmp_path / "killed")) == numbers(expected)


def again(paths, size, *labels):
    return TrainingSet(Photos(paths, size), *labels)


def test_a_damaged_checkpoint_is_named_and_the_one_before_it_offered(small, pictures, brief, tmp_path):
    expected = train(small(), pictures, brief, tmp_path)
    newest = path_of(tmp_path, 4)
    content = bytearray(newest.read_bytes())
    for damaged in (content[: len(content) // 2], content[:-3] + bytes([content[-3] ^ 1]) + content[-2:]):
        newest.write_bytes(damaged)
        with pytest.raises(TrainingError, match="epoch-0004") as caught:
            train(small(), pictures, brief, tmp_path)
        assert "epoch-0003" in caught.value.remedy
    newest.unlink()
    assert numbers(train(small(), pictures, brief, tmp_path)) == numbers(expected)


@pytest.mark.parametrize("facts", [{}, {"facts": "["}])
def test_a_file_of_any_name_whose_facts_are_missing_or_no_json_is_a_damaged_checkpoint(facts, tmp_path):
    (tmp_path / "file").write_bytes(seal(save({"a": torch.zeros(2)}, facts)))
    with pytest.raises(TrainingError, match="facts"):
        read(tmp_path / "file")


def test_a_loss_that_is_not_finite_stops_and_keeps_the_last_good_state(small, pictures, brief, tmp_path):
    network = small()

    def spoil(progress):
        if progress.epoch == 2:
            with torch.no_grad():
                network.bn.weight.fill_(float("nan"))

    with pytest.raises(TrainingError, match="epoch 2"):
        train(network, pictures, brief, tmp_path, on_step=spoil)
    tensors, facts = read(checkpoints(tmp_path)[-1])
    assert all(torch.isfinite(value).all() for value in tensors.values())
    assert len(facts["history"]) == 2


def test_other_settings_do_not_continue_a_training(small, pictures, brief, tmp_path):
    train(small(), pictures, brief, tmp_path)
    with pytest.raises(SettingError, match="learning_rate"):
        train(small(), pictures, brief.model_copy(update={"learning_rate": 1e-4}), tmp_path)


def test_the_log_has_a_line_an_epoch(small, pictures, brief, tmp_path):
    history = train(small(), pictures, brief, tmp_path)
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert rows == [asdict(row) for row in history]


def test_a_log_that_a_kill_left_out_is_written_by_the_next_start_though_nothing_is_left_to_learn(
    small, pictures, brief, tmp_path
):
    train(small(), pictures, brief, tmp_path)
    log = (tmp_path / "log.jsonl").read_bytes()
    (tmp_path / "log.jsonl").unlink()
    train(small(), pictures, brief, tmp_path)
    assert (tmp_path / "log.jsonl").read_bytes() == log


def test_variants_count_for_identity_only(small, pictures, brief):
    learner = Learner(small(), pictures, brief.model_copy(update={"erasing": 0.0}), "cpu")
    learner.network.eval()
    real, variant = np.arange(1, 9) * 6, np.array([pictures.variants[row][0] for row in np.arange(1, 9) * 6])
    batch = Batch(real[:, None], variant[:, None])
    photos = pictures.photos.batch(batch.lines.ravel())
    features = learner.network(learner.network.normalise(photos))
    logits = learner.classifier(features)
    identity = identity_loss(logits, torch.from_numpy(pictures.pid[np.concatenate([real, real])]))
    cosines = 16 * learner.wardrobe(features[:8])
    clothes = torch.nn.functional.cross_entropy(cosines, torch.from_numpy(pictures.clothes[real]))
    losses = learner.step(batch, photos, clothes_losses=True)
    assert losses[1] == pytest.approx(identity.item(), rel=1e-5)
    assert losses[2] == pytest.approx(clothes.item(), rel=1e-5)


def test_the_adversarial_loss_leaves_the_clothes_classifier_alone(small, pictures, brief):
    learner = Learner(small(), pictures, brief, "cpu")
    batch = Batch(np.arange(8)[:, None], np.full((8, 1), -1))
    learner.step(batch, pictures.photos.batch(batch.lines.ravel()), clothes_losses=True)
    before = learner.wardrobe.directions.detach().clone()
    learner.step(batch, pictures.photos.batch(batch.lines.ravel()), clothes_losses=False)
    assert torch.equal(learner.wardrobe.directions, before)


def test_the_best_tested_epoch_is_kept_and_ties_keep_the_earlier(small, pictures, brief, tmp_path):
    scores, kept = iter([0.2, 0.6, 0.6]), []
    settings = brief.model_copy(update={"epochs": 5, "evaluate_every": 2})
    history = train(
        small(),
        pictures,
        settings,
        tmp_path,
        test=lambda: Reached(next(scores), 0.1),
        on_best=lambda one: kept.append(one.rank1),
    )
    assert [row.rank1 for row in history] == [None, 0.2, None, 0.6, 0.6]  # every second epoch, and the last
    assert kept == [0.2, 0.6]


def test_recoloured_copies_stand_where_variants_would_and_keep_what_is_no_clothing(pictures, brief, tmp_path):
    masks = []
    for row in range(len(pictures.pid)):
        mask = np.zeros((*pictures.photos.size, 3), np.uint8)
        mask[12:] = 255
        masks.append(tmp_path / f"{row}.png")
        Image.fromarray(mask).save(masks[-1])
    data = replace(pictures, masks=Photos(masks, pictures.photos.size))
    settings = brief.model_copy(update={"variants": 0, "recoloured": True})
    batch = draw_batches(data, settings, Schedule(4), 0, np.random.default_rng(0))[0]
    photos = batch.load(data, np.arange(32)).numpy()
    assert np.array_equal(photos[:16, :12], photos[16:, :12])
    assert (np.abs(photos[:16, 12:].astype(int) - photos[16:, 12:]).mean((1, 2, 3)) > 2).mean() > 0.9
    assert np.array_equal(batch.parents[:16], batch.parents[16:])


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"batch": 8, "variants": 10}, "two persons"),
        ({"height": 128}, "belong together"),
        ({"epochs": 0}, "epochs"),
        ({"variants": 2, "recoloured": True}, "not both"),
        ({"clip_frames": 8, "recoloured": True}, "clips cannot"),
        ({"lr": 1}, "lr"),
    ],
)
def test_settings_that_make_no_training_are_named(values, says):
    with pytest.raises(SettingError, match=says):
        checked(TrainSettings, **values)
