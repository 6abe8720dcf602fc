"""A query tried on in other outfits: ranks and similarities are those of the features, and nothing is kept."""

import numpy as np
import pytest

from dlcr import stages, stages_wear
from dlcr.core.errors import Cancelled, UsageError
from dlcr.core.files import write_bytes
from dlcr.core.images import png_bytes
from dlcr.core.settings import PaintSettings
from dlcr.stages_embed import network_of, vectors_of
from dlcr.stages_look import Galleries
from dlcr.stages_wear import Outfit, Stand

QUICK = PaintSettings(steps=2)
OUTFITS = (Outfit("", "red t-shirt, blue jeans"), Outfit("", "green dress"))


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    return stages.open_session(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def looks(session):
    galleries = Galleries(session)
    return [galleries.open("world", run, "cc") for run in ("world-cal", "world-dlcr")]


@pytest.fixture(scope="module")
def query(session, looks):
    return looks[0].samples[looks[0].asked[3]]


@pytest.fixture(scope="module")
def worn(session, looks, query):
    return list(stages_wear.wear(session, looks, query.id, OUTFITS, settings=QUICK))


def plain(look, query, vector):
    """Rank and mean cosine written out: other outfits of the person by other cameras are right, its other photos do not count."""
    mine, others = [], []
    for row in look.answers:
        sample = look.samples[row]
        cosine = float(
            look.whole.vectors[row] @ vector / np.linalg.norm(look.whole.vectors[row]) / np.linalg.norm(vector)
        )
        if sample.pid != query.pid:
            others.append(cosine)
        elif sample.camid != query.camid and sample.clothes_id != query.clothes_id:
            mine.append(cosine)
    return sum(one > max(mine) for one in others), np.mean(mine)


def test_ranks_and_similarities_are_those_of_the_painted_picture(session, looks, query, worn, tmp_path):
    assert [one.outfit for one in worn] == list(OUTFITS)
    for number, one in enumerate(worn):
        file = write_bytes(tmp_path / f"{number}.png", png_bytes(one.variant.image))
        for look, found in zip(looks, one.stands, strict=True):
            vector = vectors_of(network_of(session, look.run)[0], [file])[0]
            rank, similarity = plain(look, query, vector)
            assert found.first == rank
            assert found.similarity == pytest.approx(similarity, abs=1e-5)


def test_as_it_was_the_query_stands_where_its_evaluation_says(looks, query):
    for look in looks:
        before = stages_wear.stand(look, query.id)
        assert before.first == look.scores.first[look.place_of[query.id]]
        vector = look.whole.vectors[look.row_of[query.id]]
        assert before.similarity == pytest.approx(plain(look, query, vector)[1], abs=1e-5)


def test_only_the_clothes_change_and_nothing_is_kept(session, query, worn):
    from dlcr.core.images import read_photo

    photo, first, second = read_photo(query.path), *(one.variant.image for one in worn)
    mask = stages.parse_photo(session, photo).mask
    assert np.array_equal(first[~mask], photo[~mask])
    assert not np.array_equal(first, second)
    assert session.catalog.variants(query.id) == []
    assert session.catalog.newest_masks([query.id]) == {}


def test_sensitivity_is_the_mean_absolute_change():
    before = Stand(0, 0.5)
    assert stages_wear.sensitivity(before, [Stand(3, 0.2), Stand(0, 0.6)]) == pytest.approx(0.2)
    assert np.isnan(stages_wear.sensitivity(before, []))


def test_it_stops_when_asked_and_names_what_it_cannot_use(session, looks, query):
    def stop(number, step):
        if number == 1:
            raise Cancelled

    made = stages_wear.wear(session, looks, query.id, OUTFITS, settings=QUICK, on_step=stop)
    assert next(made).outfit == OUTFITS[0]
    with pytest.raises(Cancelled):
        next(made)
    with pytest.raises(UsageError, match="not of 'world'"):
        stages_wear.stand(looks[0], 10**9)


def test_a_person_without_a_right_answer_stands_nowhere(session, looks):
    train = session.catalog.every_sample("world", "train")[0]
    found = stages_wear.stand(looks[0], train.id)
    assert found.first == -1
    assert np.isnan(found.similarity)
