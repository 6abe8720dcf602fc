"""CCVID's tracklets as clips, from the lists to the numbers."""

import numpy as np
import pytest
import torch

from dlcr import stages
from dlcr.core.training import TrainSettings, preset
from dlcr.reid.clips import covering_clips
from dlcr.reid.photos import Photos
from dlcr.stages_embed import network_of
from dlcr.stages_evaluate import evaluate
from dlcr.stages_train import train
from tests.reid.people import draw

BRIEF = TrainSettings(**preset("ccvid") | {"height": 64, "width": 32, "epochs": 2, "batch": 16, "clip_frames": 4})


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """Four people to train and three to test, a tracklet of 18 frames in each of two outfits."""
    root, rng = tmp_path_factory.mktemp("ccvid"), np.random.default_rng(0)
    lines: dict[str, list[str]] = {"train": [], "query": [], "gallery": []}
    for person in range(7):
        head, *bodies = rng.integers(0, 256, (3, 3))
        for outfit, body in enumerate(bodies):
            name = f"session{1 + 2 * outfit}/{person:03}_{1 + outfit:02}"
            split = "train" if person < 4 else ("query", "gallery")[outfit]
            lines[split].append(f"{name}\t{person:03}\tu{outfit}\n")
            for frame in range(18):
                draw(root / name / f"{frame:05}.png", head, body, rng)
    for split, told in lines.items():
        (root / f"{split}.txt").write_text("".join(told))
    opened = stages.open_session(tmp_path_factory.mktemp("home"))
    stages.index(opened, root, "ccvid", "videos")
    return opened


def test_a_tracklet_asks_and_answers_with_the_mean_of_its_clips(session):
    done = train(session, "videos", "v", BRIEF)
    assert (done.epochs, done.images_seen) == (2, 2 * 16 * 4)  # two tracklets a person make one batch, four frames each
    told: list[tuple[str, int, int]] = []
    found = evaluate(session, "v", on_progress=lambda *now: told.append(now))
    frames = 14 * 18
    assert [one for one in told if one[0] == "embedding"] == [
        ("embedding", done, frames) for done in (*range(0, frames, 64), frames)
    ]
    assert {name: (one.queries, one.skipped) for name, one in found.items()} == {
        "general": (3, 0), "sc": (0, 3), "cc": (3, 0),
    }  # fmt: skip
    vectors = dict(plain_tracklets(session))
    hits = []
    for _name, (pid, vector) in vectors["query"].items():
        scores = {other: float(vector @ one) for other, (_, one) in vectors["gallery"].items()}
        best = max(scores, key=scores.__getitem__)
        hits.append(vectors["gallery"][best][0] == pid)
    assert found["cc"].rank1 == pytest.approx(np.mean(hits))


def plain_tracklets(session):
    """The same features frame by frame and clip by clip, without mirror images."""
    network, _ = network_of(session, "v")
    for split in ("query", "gallery"):
        samples, made = session.catalog.every_sample("videos", split), {}
        for name in sorted({sample.tracklet for sample in samples}):
            frames = [sample for sample in samples if sample.tracklet == name]
            photos = Photos([sample.path for sample in frames], network.size)
            clips = []
            for clip in covering_clips(np.arange(len(frames)), 4, 4):
                with torch.no_grad():
                    feature = network.eval()(network.normalise(photos.batch(clip)), frames=4)[0]
                clips.append(feature / feature.norm())
            mean = torch.stack(clips).mean(0)
            made[name] = (frames[0].pid, (mean / mean.norm()).numpy())
        yield split, made


def test_the_way_there_is_tested_by_tracklets_too_and_photos_can_still_be_learned(session):
    done = train(session, "videos", "w", BRIEF.model_copy(update={"evaluate_every": 2}))
    assert done.history[-1].rank1 == evaluate(session, "w", names=["general"])["general"].rank1
    photos = BRIEF.model_copy(update={"clip_frames": 1, "epochs": 1})
    assert train(session, "videos", "p", photos).epochs == 1
    assert evaluate(session, "p", names=["cc"])["cc"].queries == 3
