import numpy as np
import pytest

from dlcr.reid.backbone import features, load_trunk


@pytest.fixture(scope="module")
def trunk():
    return load_trunk("cpu")


def test_features_have_length_one_whatever_the_photos_size(trunk):
    rng = np.random.default_rng(0)
    photos = [rng.integers(0, 256, shape, np.uint8) for shape in ((256, 128, 3), (60, 20, 3), (300, 400, 3))]
    vectors = features(trunk, photos)
    assert (vectors.shape, vectors.dtype) == ((3, 224), np.float32)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_photo_is_nearer_to_its_brighter_self_than_to_another(trunk):
    rng = np.random.default_rng(0)
    stripes = np.zeros((256, 128, 3), np.uint8)
    stripes[::16], stripes[8::16] = 200, 90
    disc = np.fromfunction(lambda y, x, _: 200.0 * ((y - 128) ** 2 + (x - 64) ** 2 < 2500), (256, 128, 3)).astype(
        np.uint8
    )
    noisy = np.clip(stripes + rng.integers(0, 6, stripes.shape), 0, 255).astype(np.uint8)
    a, b, c = features(trunk, [stripes, noisy, disc])
    assert a @ b > a @ c


def test_no_photos_no_features(trunk):
    assert features(trunk, []).shape == (0, 224)
