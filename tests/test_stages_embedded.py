"""Embedded runs: written from a workspace's own, adopted by another, where they say exactly the same without being loaded."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from dlcr import stages, stages_embed, stages_embedded, stages_runs, stages_train
from dlcr.core.errors import UsageError
from dlcr.core.files import write_json
from dlcr.core.training import TrainSettings
from dlcr.embed.store import read_features
from dlcr.stages_embed import embed, find_run, network_of, not_embedded, vectors_of
from dlcr.stages_evaluate import evaluate
from dlcr.stages_runs import history
from tests.reid.people import draw_set
from tools.embedded_runs import release

BRIEF = TrainSettings(height=64, width=32, epochs=2, batch=16, photos_per_person=4)
MODULES = (stages_embed, stages_embedded, stages_runs, stages_train)
"""Those that know where the embedded runs are."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("embedded")


@pytest.fixture
def shipped(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of embedded runs with one, `tiny-cal`, trained on a small set that takes the place of `world`."""
    for module in MODULES:
        monkeypatch.setattr(module, "EMBEDDED_RUNS", home / "runs")
    monkeypatch.setattr(stages.data, "world_root", lambda: home / "world")
    monkeypatch.setattr(stages.data, "world_prompts", dict)
    if not (home / "runs").exists():
        draw_set(home / "world")
        session = stages.open_session(home / "first")
        stages_train.train(session, stages.WORLD, "mine", BRIEF)
        release(session, "tiny-cal", "mine", home / "runs")
    return home / "runs"


def test_a_fresh_workspace_knows_the_run_its_curve_features_and_results(shipped: Path, home: Path, tmp_path: Path):
    session = stages.open_session(tmp_path)
    (row,) = session.catalog.runs(stages.WORLD)
    assert (row.name, row.state, row.epochs) == ("tiny-cal", "done", 2)
    assert [epoch.epoch for epoch in history(session, "tiny-cal")] == [1, 2]
    assert not_embedded(session, stages.WORLD, ["tiny-cal"]) == []
    told = {one.protocol: one.result for one in session.catalog.evaluations("tiny-cal")}
    first = stages.open_session(home / "first")
    assert told == {one.protocol: one.result for one in first.catalog.evaluations("mine")}
    found = evaluate(session, "tiny-cal")
    assert {name: one.rank1 for name, one in found.items()} == {name: one["rank1"] for name, one in told.items()}
    assert {name: one.mAP for name, one in found.items()} == {name: one["mAP"] for name, one in told.items()}


def test_its_features_are_its_network_s(shipped: Path, tmp_path: Path):
    session = stages.open_session(tmp_path)
    kept = read_features(embed(session, stages.WORLD, "tiny-cal"))
    shutil.rmtree(session.workspace.features)
    made = read_features(embed(session, stages.WORLD, "tiny-cal"))
    assert kept.source == made.source
    np.testing.assert_array_equal(kept.ids, made.ids)
    np.testing.assert_allclose(kept.vectors, made.vectors, atol=1e-3)
    assert find_run(session, "tiny-cal").settings == BRIEF


def test_its_name_is_taken_and_a_forgotten_one_comes_back(shipped: Path, tmp_path: Path):
    session = stages.open_session(tmp_path)
    with pytest.raises(UsageError, match="embedded run"):
        stages_train.train(session, stages.WORLD, "tiny-cal", BRIEF)
    with pytest.raises(UsageError, match="comes with the program"):
        stages_runs.forget_run(session, "tiny-cal")
    session.catalog.delete_run("tiny-cal")
    assert [row.name for row in stages.open_session(tmp_path).catalog.runs()] == ["tiny-cal"]


def test_what_a_kill_left_half_adopted_is_whole_at_the_next_opening(shipped: Path, tmp_path: Path):
    session = stages.open_session(tmp_path)
    (row,) = session.catalog.runs()
    results = session.catalog.evaluations("tiny-cal")
    session.catalog.put_run(row.name, stages.WORLD, row.settings, row.facts)  # as before its end is written
    for one in results[1:]:
        session.catalog.take_out("evaluations", one.id, lambda rows: None)
    (tmp_path / results[0].file).unlink()
    again = stages.open_session(tmp_path)
    assert [one.state for one in again.catalog.runs()] == ["done"]
    assert [one.result for one in again.catalog.evaluations("tiny-cal")] == [one.result for one in results]
    assert (tmp_path / results[0].file).is_file()


def test_an_own_run_of_its_name_stays_and_can_be_removed(shipped: Path, tmp_path: Path, monkeypatch):
    with monkeypatch.context() as before:  # as a program that brought no such run
        for module in MODULES:
            before.setattr(module, "EMBEDDED_RUNS", tmp_path / "none")
        session = stages.open_session(tmp_path / "home")
        stages_train.train(session, stages.WORLD, "tiny-cal", BRIEF.model_copy(update={"epochs": 1}))
    session = stages.open_session(tmp_path / "home")
    (row,) = session.catalog.runs(stages.WORLD)
    assert (row.epochs, row.settings["epochs"], find_run(session, "tiny-cal").settings.epochs) == (1, 1, 1)
    stages_runs.forget_run(session, "tiny-cal")
    assert [row.epochs for row in stages.open_session(tmp_path / "home").catalog.runs()] == [2]


def test_a_run_of_another_world_is_left_out(shipped: Path, home: Path, tmp_path: Path, monkeypatch, caplog):
    other = shutil.copytree(shipped, tmp_path / "runs")
    for module in MODULES:
        monkeypatch.setattr(module, "EMBEDDED_RUNS", other)
    record = other / "tiny-cal" / "run.json"
    told = stages_embedded.json.loads(record.read_text())
    write_json(record, told | {"facts": told["facts"] | {"world": "0" * 16}})
    assert stages.open_session(tmp_path / "home").catalog.runs() == []
    assert "left out" in caplog.text


def test_the_repository_s_runs_score_what_they_say_and_dlcr_is_ahead(tmp_path: Path):
    session = stages.open_session(tmp_path)
    told = {(one.run, one.protocol): one.result for one in session.catalog.evaluations(dataset=stages.WORLD)}
    assert set(told) == {(run, protocol) for run in ("world-cal", "world-dlcr") for protocol in ("cc", "sc")}
    assert told["world-dlcr", "cc"]["rank1"] > told["world-cal", "cc"]["rank1"] + 0.08
    for run in ("world-cal", "world-dlcr"):
        card = (stages_embed.EMBEDDED_RUNS / run / "README.md").read_text()
        for protocol, found in evaluate(session, run).items():
            assert found.rank1 == told[run, protocol]["rank1"]
            assert f"{protocol.upper()} rank-1 {found.rank1:.3f}, mAP {found.mAP:.3f}" in card
        kept = read_features(embed(session, stages.WORLD, run))
        some = session.catalog.every_sample(stages.WORLD)[::40]
        made = vectors_of(network_of(session, run)[0], [sample.path for sample in some])
        np.testing.assert_allclose(kept.vectors[np.searchsorted(kept.ids, [one.id for one in some])], made, atol=2e-3)
