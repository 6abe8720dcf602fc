"""Training, evaluation, retrieval and projection through the stage functions, on a small drawn data set."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from dlcr import stages
from dlcr.core.errors import Cancelled, CatalogError, SettingError, TrainingError, UsageError
from dlcr.core.training import TrainSettings
from dlcr.stages_ablation import ARMS, ablation, run_name, so_far
from dlcr.stages_embed import embed, embed_variants, find_run, network_of, vectors_of
from dlcr.stages_evaluate import evaluate
from dlcr.stages_retrieve import Placing, project, retrieve
from dlcr.stages_train import train
from tests.reid.people import draw, draw_set

BRIEF = TrainSettings(height=64, width=32, epochs=3, batch=16, photos_per_person=4)


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    opened = stages.open_session(tmp_path_factory.mktemp("home"))
    stages.index(opened, draw_set(tmp_path_factory.mktemp("set")), "prcc", "small")
    return opened


@pytest.fixture(scope="module")
def run(session):
    return train(session, "small", "a", BRIEF)


@pytest.fixture(scope="module")
def variants(session):
    """Hand-made variants of every train and query sample, its head on bodies of other colours: two plain ones, one guided."""
    rng = np.random.default_rng(1)
    for sample in session.catalog.every_sample("small"):
        if sample.split == "gallery":
            continue
        head = stages.sample_photo(session, sample)[:20].mean((0, 1))
        clothes = np.arange(64)[:, None] >= np.full(32, 26)
        mask = stages.keep_mask(session, sample.id, clothes, "test").id
        for seed in (1, 2, 3):
            file = Path(f"variants/{sample.id}/{seed}.png")
            draw(session.workspace.home / file, head, rng.integers(0, 256, 3), rng)
            lineage = {"settings": {"discriminator_weight": 1.0} if seed == 3 else {"steps": 20}}
            session.catalog.add_variant(sample.id, mask, file, "other clothes", seed, "test", lineage)


def test_a_training_leaves_a_run_that_says_how_to_repeat_it(session, run):
    row = session.catalog.runs("small")[0]
    assert (row.name, row.state, row.epochs, row.images_seen) == ("a", "done", 3, run.images_seen)
    assert row.settings == BRIEF.model_dump()
    assert {"fingerprint", "variants", "version", "torch", "device"} <= set(row.facts)
    folder = session.workspace.runs / "a"
    assert {path.name for path in folder.iterdir()} == {"run.json", "model.safetensors", "checkpoints"}
    assert find_run(session, "a").settings == BRIEF


def test_the_same_call_again_changes_nothing(session, run):
    model = session.workspace.runs / "a" / "model.safetensors"
    before = model.stat().st_mtime_ns
    assert train(session, "small", "a", BRIEF).history == run.history
    assert model.stat().st_mtime_ns == before


def test_a_cancelled_training_goes_on_to_the_same_model(session, run):
    def stop(now):
        if now.epoch == 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        train(session, "small", "b", BRIEF, stop)
    assert {row.name: row.state for row in session.catalog.runs()}["b"] == "stopped"
    with pytest.raises(TrainingError, match="not finished"):
        evaluate(session, "b")
    train(session, "small", "b", BRIEF)
    models = [(session.workspace.runs / name / "model.safetensors").read_bytes() for name in "ab"]
    assert models[0] == models[1]


def test_evaluation_agrees_with_the_plain_loop_over_its_features(session, run):
    found = evaluate(session, "a")
    assert list(found) == ["cc", "sc"]
    samples = session.catalog.every_sample("small")
    vectors = load_file(embed(session, "small", "a"))["vectors"]
    for name, camera in (("cc", 2), ("sc", 1)):
        gallery = [row for row, sample in enumerate(samples) if sample.split == "gallery"]
        hits, precisions = [], []
        for q, sample in enumerate(samples):
            if sample.split != "query" or sample.camid != camera:
                continue
            order = sorted(gallery, key=lambda g: -float(vectors[q] @ vectors[g]))
            right = [rank for rank, g in enumerate(order) if samples[g].pid == sample.pid]
            hits.append(right[0])
            precisions.append(np.mean([(i + 1) / (rank + 1) for i, rank in enumerate(right)]))
        assert (found[name].queries, found[name].skipped) == (len(hits), 0)
        assert found[name].rank1 == pytest.approx(np.mean(np.array(hits) < 1))
        assert found[name].mAP == pytest.approx(np.mean(precisions), abs=1e-6)
        assert load_file(found[name].file)["first"].tolist() == hits
    kept = {row.protocol: row.result["rank1"] for row in session.catalog.evaluations("a", "small")}
    assert kept == {name: one.rank1 for name, one in found.items()}


def test_features_are_made_once_for_a_model(session, run):
    path = embed(session, "small", "a")
    before = path.stat().st_mtime_ns
    assert embed(session, "small", "a") == path
    assert path.stat().st_mtime_ns == before
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(CatalogError, match="damaged"):
        embed(session, "small", "a")
    path.unlink()


def test_half_of_each_batch_are_variants(session, run, variants):
    settings = BRIEF.model_copy(update={"variants": 2, "batch": 32, "guided": False})
    done = train(session, "small", "with", settings)
    assert done.images_seen == 2 * run.images_seen  # the same real photos, each with a variant
    assert [row.usable_variants for row in done.history] == [1, 1, 2]
    assert {row.name: row.facts for row in session.catalog.runs()}["with"]["variants"]["count"] == 2 * 96


def test_variants_of_queries_vote_and_their_votes_are_kept(session, run, variants):
    found = evaluate(session, "a", names=["cc"], refine=2)["cc"]
    kept = load_file(found.file)
    assert kept["votes"].shape == (found.queries, 5, 3)
    assert kept["items"].shape == (found.queries, 5)
    with pytest.raises(UsageError, match="fewer than 4 variants") as caught:
        evaluate(session, "a", names=["cc"], refine=4)
    assert "dlcr expand small --split query --variants 4" in caught.value.remedy


def test_answers_come_best_first_with_flags(session, run):
    query = session.catalog.find_samples("small", split="query", camid=2)[0]
    found = retrieve(session, "small", "a", query.image.as_posix(), 5)
    assert len(found.samples) == 5
    assert (np.diff(found.ranking.scores) <= 0).all()
    assert [sample.pid == query.pid for sample in found.samples] == found.ranking.right.tolist()
    by_id = retrieve(session, "small", "a", str(query.id), 5, "sc")
    assert [sample.camid for sample in by_id.samples] == [0] * 5
    assert [s.id for s in by_id.samples] == [s.id for s in found.samples]


def test_places_are_kept_for_the_next_call(session, run):
    first = project(session, "small", "a", "pca")
    assert len(first.ids) == 4 * 4 * 3
    before = first.file.stat().st_mtime_ns
    again = project(session, "small", "a", "pca")
    assert np.array_equal(first.places, again.places)
    assert again.file.stat().st_mtime_ns == before
    assert len(project(session, "small", "a", "pca", Placing(["train"])).ids) == 8 * 4 * 3


def test_variants_are_placed_beside_their_photos(session, run, variants):
    plain = project(session, "small", "a", "pca", Placing(["query"]))
    found = project(session, "small", "a", "pca", Placing(["query"], variants=2))
    assert (len(plain.variants), len(found.variants)) == (0, 2 * len(found.ids))
    assert len(found.places) == 3 * len(found.ids)
    rows = [session.catalog.variant(int(key)) for key in found.variants]
    assert [row.sample_id for row in rows] == found.ids[found.parents].tolist()
    assert (found.by_person, found.by_outfit) == (plain.by_person, plain.by_outfit)
    network = network_of(session, "a")[0]
    vectors = vectors_of(network, [session.workspace.home / row.file for row in rows])
    np.testing.assert_allclose(embed_variants(session, "small", "a", rows[::-1]), vectors[::-1], atol=1e-5)


def test_a_backbone_that_was_never_trained_can_be_evaluated_too(session, run):
    told: list[tuple[str, int, int]] = []
    found = evaluate(session, "demo", "small", ["cc"], on_progress=lambda *now: told.append(now))
    assert found["cc"].queries == 16
    assert told[0] == ("embedding", 0, 144)
    assert told[-3:] == [("embedding", 144, 144), ("scoring", 0, 1), ("scoring", 1, 1)]
    with pytest.raises(UsageError, match="--dataset"):
        evaluate(session, "demo")


def test_wrong_calls_are_named(session, run):
    with pytest.raises(SettingError, match="epochs"):
        train(session, "small", "a", BRIEF.model_copy(update={"epochs": 5}))
    with pytest.raises(UsageError, match="cannot name a run"):
        train(session, "small", "../a", BRIEF)
    with pytest.raises(UsageError, match="no data set 'moon'"):
        train(session, "moon", "m", BRIEF)
    with pytest.raises(TrainingError, match="no run 'nobody'"):
        evaluate(session, "nobody")
    with pytest.raises(UsageError, match="no protocol 'general'"):
        evaluate(session, "a", names=["general"])
    with pytest.raises(UsageError, match="no variants"):
        train(session, "world", "w", BRIEF.model_copy(update={"variants": 2}))
    with pytest.raises(UsageError, match="no clothing mask"):
        train(session, "world", "w", BRIEF.model_copy(update={"recoloured": True}))
    with pytest.raises(UsageError, match="in no tracklet"):
        train(session, "small", "w", BRIEF.model_copy(update={"clip_frames": 4}))
    with pytest.raises(UsageError, match="cannot name a run"):
        train(session, "small", "a@best", BRIEF)


def test_the_ablation_table_has_a_line_for_each_part(session, variants):
    brief = BRIEF.model_copy(update={"epochs": 1, "batch": 32})
    told: list[tuple[int, int]] = []
    rows = ablation(session, "small", 2, brief, variants=2, on_epoch=lambda *now: told.append(now))
    assert so_far(session, "small") == rows
    assert told == sorted(told)
    assert (told[0], told[-1]) == ((0, len(rows) * 2), (len(rows) * 2, len(rows) * 2))
    possible = [arm for arm in ARMS if not arm.refine]  # the queries have three variants, not four
    assert [row.name for row in rows] == [arm.name for arm in possible]
    for arm, row in zip(possible, rows, strict=True):
        run = find_run(session, run_name("small", arm, 1))
        count = 96 * (arm.with_variants * (1 if arm.guided else 2))
        assert (run.facts["variants"]["count"], run.settings.recoloured) == (count, "recoloured" in arm.name)
        assert (row.images_seen > rows[0].images_seen) == (arm.with_variants or run.settings.recoloured)


def test_the_best_network_is_kept_beside_the_last(session, run):
    settings = BRIEF.model_copy(update={"evaluate_every": 1})
    done = train(session, "small", "tested", settings)
    assert [row.loss for row in done.history] == [row.loss for row in run.history]  # a test changes nothing
    best = evaluate(session, "tested@best", names=["cc"])["cc"]
    assert best.rank1 == max(row.rank1 for row in done.history)
    assert evaluate(session, "tested@last", names=["cc"])["cc"].rank1 == done.history[-1].rank1
    folder = session.workspace.runs / "tested"
    (folder / "best.safetensors").write_bytes(b"torn")
    with pytest.raises(TrainingError, match="damaged") as caught:
        evaluate(session, "tested@best")
    assert "--checkpoint last" in caught.value.remedy
    with pytest.raises(TrainingError, match="no best network"):
        evaluate(session, "a@best")


def test_a_damaged_model_is_written_anew_from_the_checkpoint(session, run):
    model = session.workspace.runs / "a" / "model.safetensors"
    whole = model.read_bytes()
    model.write_bytes(whole[:1000])
    with pytest.raises(TrainingError, match="damaged") as caught:
        evaluate(session, "a")
    assert "Delete it and start the same" in caught.value.remedy
    model.unlink()
    train(session, "small", "a", BRIEF)
    assert model.read_bytes() == whole
