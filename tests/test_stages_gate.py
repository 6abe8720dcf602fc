"""The quality gate: measures by hand, verdicts from thresholds, repainting that may stop anywhere."""

import shutil

import cv2
import numpy as np
import pytest

from dlcr import stages, stages_gate
from dlcr.core.errors import Cancelled, UsageError
from dlcr.core.settings import Backends, GateSettings, PaintSettings
from dlcr.inpaint.crop import cut, mask_box
from dlcr.language import agreement
from dlcr.reid.backbone import features, load_trunk
from dlcr.stages_check import Look, look_at
from tests.inpaint.conftest import save_tiny
from tests.painted import own_files, paint_small
from tests.small import save_small

QUICK = PaintSettings(steps=2, batch=3)
LOOSE = {"max_drift": 2.0, "max_head_drift": 2.0, "min_agreement": 0.0, "max_seam": 1000.0}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A workspace with variants of a small data set by a tiny inpainter, all of them checked."""
    place = tmp_path_factory.mktemp("place")
    patch = pytest.MonkeyPatch()
    patch.setenv("DLCR_DTYPE", "float32")
    session = paint_small(place, QUICK, variants=2, limit=4)
    shutil.copytree(place / "home", place / "unchecked")
    found = stages_gate.gate_dataset(session, "small")
    assert (found.checked, found.kept, found.failures) == (8, 0, ())
    session.catalog.close()
    yield place
    patch.undo()


@pytest.fixture
def session(place, tmp_path, monkeypatch):
    monkeypatch.setenv("DLCR_DTYPE", "float32")

    def opened(name="home", template="home", **backends):
        if not (tmp_path / name).exists():
            shutil.copytree(place / template, tmp_path / name)
        told = {"device": "cpu", "inpainter": f"sd:{place / 'sd'}"} | backends
        return stages.open_session(tmp_path / name, Backends(**told))

    return opened


def rows_of(session):
    return [row for _, row in stages_gate.all_variants(session, "small", None)]


def state(session):
    """Every variant's file, checks and verdict by name; rows and files must agree."""
    home = session.workspace.home
    rows = rows_of(session)
    assert {row.file for row in rows} == set(own_files(home))
    return {row.file: ((home / row.file).read_bytes(), row.checks, row.verdict, row.reason, row.judge) for row in rows}


def half(session, name):
    """A threshold that some variants miss and some do not."""
    values = sorted({row.checks[name] for row in rows_of(session)})
    assert len(values) > 1
    return (values[len(values) // 2 - 1] + values[len(values) // 2]) / 2


def test_what_is_measured_is_what_one_measures_by_hand(session):
    now = session()
    rows = rows_of(now)
    trunk = load_trunk("cpu")
    for row in rows[:3]:
        photo, image = stages.sample_photo(now, now.catalog.sample(row.sample_id)), stages.variant_image(now, row)
        parsed, mask = stages.parse_photo(now, photo), stages.load_mask(now, row.mask_id)
        head = mask_box(parsed.labels.where(*parsed.labels.protected))
        a, b, c, d = features(trunk, [cut(p, box) for box in (parsed.box, head) for p in (photo, image)])
        assert row.checks["drift"] == pytest.approx(1 - a @ b, abs=1e-3)
        assert row.checks["head_drift"] == pytest.approx(1 - c @ d, abs=1e-3)
        assert row.checks["outside_changed"] == (image != photo)[~mask].any() == 0
        band = cv2.dilate(mask.astype(np.uint8), np.ones((3, 3))) > cv2.erode(mask.astype(np.uint8), np.ones((3, 3)))
        energy = []
        for picture in (image, photo):
            grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
            energy.append(np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))[band].mean())
        assert row.checks["seam"] == pytest.approx(energy[0] / energy[1], abs=1e-3)
        seen = stages.caption_photo(now, image, now.parser.parse(image))
        assert row.checks["seen"] == str(seen.outfit)
        assert row.checks["agreement"] == pytest.approx(agreement(row.prompt, seen), abs=1e-4)
    assert stages_gate.gate_dataset(now, "small").kept == 8


def test_what_is_found_does_not_depend_on_which_others_are_looked_at(session):
    now, looks = session(), []
    for row in rows_of(now)[:3]:
        photo = stages.sample_photo(now, now.catalog.sample(row.sample_id))
        mask = stages.load_mask(now, row.mask_id)
        looks.append(Look(photo, stages.variant_image(now, row), mask, row.prompt, stages.parse_photo(now, photo)))
    together = look_at(now, looks, size=4)
    assert [look_at(now, [one], size=4)[0] for one in looks] == together


def test_quantiles_and_failing_counts_are_those_of_all_variants(session):
    now = session()
    limit = half(now, "drift")
    found = stages_gate.gate_dataset(now, "small", GateSettings(**LOOSE | {"max_drift": limit}))
    values = [row.checks["drift"] for row in rows_of(now)]
    assert found.measures["drift"]["median"] == pytest.approx(np.median(values))
    assert found.measures["drift"]["q95"] == pytest.approx(np.quantile(values, 0.95))
    assert found.measures["drift"]["failing"] == sum(value > limit for value in values) > 0
    assert found.passed == sum(value <= limit for value in values) > 0
    assert not any(row.verdict for row in rows_of(now))  # keep judges nobody


def test_flagging_rejects_what_fails_takes_back_what_passes_and_leaves_peoples_verdicts(session):
    now = session()
    limit = half(now, "drift")
    worst = max(rows_of(now), key=lambda row: row.checks["drift"])
    best = min(rows_of(now), key=lambda row: row.checks["drift"])
    now.catalog.add_verdict(worst.id, "accepted", "I like it")
    now.catalog.add_verdict(best.id, "rejected", "sleeve lost")
    tight = GateSettings(gate="flag", **LOOSE | {"max_drift": limit})
    found = stages_gate.gate_dataset(now, "small", tight)
    rejected = {row.id for row in rows_of(now) if row.judge == "gate"}
    assert rejected == {row.id for row in rows_of(now) if row.checks["drift"] > limit} - {worst.id}
    assert (found.rejected, found.judged) == (len(rejected), 2)
    assert all(row.reason.startswith("identity drift 0.") for row in rows_of(now) if row.id in rejected)
    usable = {file for files in now.catalog.usable_variants("small", "train").values() for file in files}
    assert usable == {row.file for row in rows_of(now)} - {r.file for r in rows_of(now) if r.id in rejected | {best.id}}
    before = state(now)
    stages_gate.gate_dataset(now, "small", tight)
    assert state(now) == before
    stages_gate.gate_dataset(now, "small", GateSettings(gate="flag", **LOOSE))
    assert {(row.id, row.verdict) for row in rows_of(now) if row.verdict} == {
        (worst.id, "accepted"),
        (best.id, "rejected"),
    }


def test_what_fails_is_painted_again_with_other_seeds_and_not_for_ever(session):
    now = session()
    first = rows_of(now)
    strict = GateSettings(gate="repaint", attempts=2, **LOOSE | {"max_drift": half(now, "drift")})
    found = stages_gate.gate_dataset(now, "small", strict)
    rows = rows_of(now)
    assert found.repainted == len(rows) - len(first) > 0
    assert max(row.lineage["source"].get("attempt", 0) for row in rows) <= 2
    for row in rows:
        followers = [
            one for one in rows
            if (one.sample_id, one.prompt) == (row.sample_id, row.prompt)
            and one.lineage["source"].get("attempt", 0) == row.lineage["source"].get("attempt", 0) + 1
        ]  # fmt: skip
        wanted = row.verdict == "rejected" and row.lineage["source"].get("attempt", 0) < 2
        assert len(followers) == wanted
        assert all(one.seed != row.seed for one in followers)
    assert found.stuck == sum(row.verdict == "rejected" and row.lineage["source"].get("attempt") == 2 for row in rows)
    again = stages_gate.gate_dataset(now, "small", strict)
    assert (again.checked, again.repainted, again.kept) == (0, 0, len(rows))
    last = max(rows, key=lambda row: row.lineage["source"].get("attempt", 0))
    assert stages.replay(now, now.workspace.home / last.file).identical


def test_a_gated_run_that_stops_goes_on_and_ends_the_same(session):
    limit = half(session(), "drift")
    strict = GateSettings(gate="repaint", attempts=2, batch=3, **LOOSE | {"max_drift": limit})
    whole = session("whole", "unchecked")
    stages_gate.gate_dataset(whole, "small", strict)
    now = session("stopped", "unchecked")
    for place, at in (("checking", 3), ("checking", 3), ("painting", 1)):

        def on_progress(what, done, total, place=place, at=at):
            if what == place and done >= at:
                raise Cancelled

        with pytest.raises(Cancelled):
            stages_gate.gate_dataset(now, "small", strict, on_progress=on_progress)
    assert len(state(now)) > 8
    found = stages_gate.gate_dataset(now, "small", strict)
    assert (found.kept, found.checked + found.kept) == (8, len(state(now)))
    assert state(now) == state(whole)


def test_another_model_of_drift_measures_again(session):
    now = session()
    before = {row.id: row.checks["drift"] for row in rows_of(now)}
    found = stages_gate.gate_dataset(now, "small", GateSettings(run="demo", batch=8))
    assert (found.checked, found.kept) == (8, 0)
    after = rows_of(now)
    assert {row.checks["by"]["drift"].split()[0] for row in after} == {"demo"}
    assert any(abs(row.checks["drift"] - before[row.id]) > 0.01 for row in after)


def test_what_cannot_be_looked_at_is_listed_and_another_inpainters_is_not_painted_again(session, tmp_path):
    now = session(inpainter=f"sd:{save_tiny(tmp_path / 'other', 'tiny')}")
    victim = rows_of(now)[3]
    (now.workspace.home / victim.file).write_bytes(b"no picture")
    now.catalog.put_checks({victim.id: {}})
    strict = GateSettings(gate="repaint", **LOOSE | {"max_drift": 0.0})
    found = stages_gate.gate_dataset(now, "small", strict)
    assert [one.name for one in found.failures] == [str(victim.file)]
    assert (found.rejected, found.repainted, found.stuck) == (7, 0, 7)
    stages.index(now, save_small(tmp_path / "bare"), "prcc", "bare")
    with pytest.raises(UsageError, match=r"'bare' has no variants.*dlcr expand bare"):
        stages_gate.gate_dataset(now, "bare")
