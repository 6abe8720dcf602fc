import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

from dlcr.core.errors import SettingError
from dlcr.embed import projection
from dlcr.embed.projection import METHODS, project, silhouette, trust


def unit(vectors):
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def clusters():
    """Four groups of 20 points around far directions."""
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(4), 20)
    return unit(rng.standard_normal((4, 16))[labels] * 4 + rng.standard_normal((80, 16)) * 0.5), labels


@pytest.mark.parametrize("method", METHODS)
def test_groups_stay_together_and_the_seed_decides(clusters, method):
    vectors, labels = clusters
    made, again = project(vectors, method, 1), project(vectors, method, 1)
    assert (made.places.shape, made.places.dtype) == ((80, 2), np.float32)
    assert np.array_equal(made.places, again.places)
    centres = np.stack([made.places[labels == k].mean(0) for k in range(4)])
    nearest = np.linalg.norm(made.places[:, None] - centres[None], axis=2).argmin(1)
    assert (nearest == labels).mean() > 0.95
    assert made.trustworthiness > 0.6
    assert np.abs(made.places.mean(0)).max() < 1e-4


def test_umap_of_many_points_keeps_groups_together_too(clusters, monkeypatch):
    usual = project(clusters[0], "umap", 1).places
    monkeypatch.setattr(projection, "LARGE", 50)
    test_groups_stay_together_and_the_seed_decides(clusters, "umap")
    assert not np.array_equal(project(clusters[0], "umap", 1).places, usual)  # it was another way indeed
    assert np.isfinite(project(unit(np.ones((60, 8))), "umap").places).all()


def test_places_equal_to_the_space_are_fully_trusted_and_random_ones_are_not():
    rng = np.random.default_rng(0)
    angles = rng.uniform(0, 2 * np.pi, 100)
    circle = np.stack([np.cos(angles), np.sin(angles)], 1)
    assert trust(circle, circle) == pytest.approx(1)
    assert trust(circle, rng.standard_normal((100, 2))) < 0.6


def test_silhouette_tells_who_rules_the_space(clusters):
    vectors, labels = clusters
    assert silhouette(vectors, labels) > 0.8
    assert silhouette(vectors, np.tile(np.arange(4), 20)) < 0.05
    assert np.isnan(silhouette(vectors, np.zeros(80, int)))


@pytest.mark.parametrize("method", ["tsne", "pca"])
def test_few_and_equal_points_still_make_a_picture(method):
    same = unit(np.ones((3, 8)))
    assert np.isfinite(project(same, method).places).all()
    assert project(unit(np.eye(4, 8)), method).places.shape == (4, 2)


def test_tsne_sees_fifty_components_with_the_asked_perplexity():
    """Against scikit-learn called by hand."""
    vectors = unit(np.random.default_rng(3).standard_normal((120, 80)))
    components = PCA(50, random_state=4).fit_transform(vectors)
    start = components[:, :2] / components[:, 0].std() * 1e-4
    plain = TSNE(perplexity=7.0, init=start, random_state=4).fit_transform(components)
    made = project(vectors, "tsne", 4, neighbours=7).places
    plain = plain - plain.mean(0)
    assert np.allclose(made, plain / plain.std(0).max(), atol=1e-4)
    assert not np.allclose(made, project(vectors, "tsne", 4).places, atol=1e-2)


def test_wrong_calls_are_named():
    with pytest.raises(SettingError, match="neighbours must be from 2 to 200, got 900"):
        project(np.eye(5, dtype=np.float32), "umap", neighbours=900)
    with pytest.raises(SettingError, match="unknown projection 'mds'"):
        project(np.eye(5, dtype=np.float32), "mds")
    with pytest.raises(SettingError, match="2 points"):
        project(np.eye(2, dtype=np.float32), "pca")
