"""Backbones by name, and published checkpoints written as their authors write them."""

import zipfile

import numpy as np
import pytest
import torch
import torchvision
from torch import nn

from dlcr.core.errors import BackendError
from dlcr.reid.backbone import load_trunk
from dlcr.reid.network import ClothesClassifier, extract
from dlcr.reid.registry import build_network


@pytest.fixture
def photos():
    return torch.from_numpy(np.random.default_rng(0).integers(0, 256, (4, 128, 64, 3), np.uint8))


def test_the_embedded_backbone_pools_maximum_and_mean_of_the_imagenet_trunk(photos):
    network = build_network("demo").eval()
    x = network.normalise(photos)
    expected = network.bn(load_trunk("cpu")(photos.permute(0, 3, 1, 2).float() / 127.5 - 1))
    assert torch.allclose(network(x), expected, atol=1e-4)


def test_features_have_length_one_and_do_not_depend_on_the_batch_or_a_flip(photos):
    network = build_network("demo")
    whole = extract(network, [photos])
    parts = extract(network, [photos[:1], photos[1:]])
    mirrored = extract(network, [photos.flip(2)])
    assert np.allclose(np.linalg.norm(whole, axis=1), 1, atol=1e-5)
    assert np.allclose(whole, parts, atol=1e-5)
    assert np.allclose(whole, mirrored, atol=1e-5)
    assert not np.allclose(extract(network, [photos], flip=False), whole, atol=1e-3)
    assert network.training  # as it was


def test_no_photos_give_no_features():
    assert extract(build_network("demo"), []).shape == (0, 224)


@pytest.mark.parametrize(
    ("name", "size", "places", "channels"),
    [
        ("resnet50", (96, 48), (6, 3), 2048),
        ("resnet18d", (96, 48), (6, 3), 512),
        ("vit_tiny_patch16_224", (96, 48), (18, 1), 192),
    ],
)
def test_timm_models_give_places_and_residual_ones_keep_stride_16(name, size, places, channels):
    network = build_network(f"timm:{name}", size, pretrained=False).eval()
    assert network.body(torch.zeros(1, 3, *size)).shape == (1, channels, *places)
    assert network(torch.zeros(2, 3, *size)).shape == (2, 2 * channels)


def test_a_vision_encoder_of_transformers_is_a_backbone(tmp_path):
    from transformers import ViTConfig, ViTModel

    config = ViTConfig(
        hidden_size=24, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32, image_size=32, patch_size=8
    )
    ViTModel(config).save_pretrained(tmp_path)
    network = build_network(f"hf:{tmp_path}", (64, 32)).eval()
    assert network.body(torch.zeros(1, 3, 64, 32)).shape == (1, 24, 32, 1)


def test_cosines_of_the_clothes_classifier_ignore_lengths():
    classifier = ClothesClassifier(8, 3)
    features = torch.randn(5, 8)
    cosines = classifier(features)
    assert cosines.shape == (5, 3)
    assert cosines.abs().max().item() <= 1 + 1e-6
    assert torch.allclose(cosines, classifier(7 * features), atol=1e-6)


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A file as the release writes it: state dicts, both classifiers, epoch, and rank-1 as a numpy scalar."""
    torch.manual_seed(0)
    resnet = torchvision.models.resnet50(weights=None)
    base, bn = nn.Sequential(*list(resnet.children())[:-2]), nn.BatchNorm1d(4096)
    model = {f"base.{k}": v for k, v in base.state_dict().items()} | {f"bn.{k}": v for k, v in bn.state_dict().items()}
    model["bn.weight"] = torch.rand(4096)
    heads = {"classifier.weight": torch.zeros(150, 4096)}
    content = {
        "model_state_dict": model, "classifier_state_dict": heads,
        "clothes_classifier_state_dict": {"weight": torch.zeros(9, 4096)}, "rank1": np.float64(0.552), "epoch": 59,
    }  # fmt: skip
    path = tmp_path_factory.mktemp("cal") / "best_model.pth.tar"
    torch.save(content, path)
    return path, content, resnet


def test_a_published_checkpoint_gives_its_networks_features(released):
    path, content, resnet = released
    network = build_network(f"cal:{path}", (64, 32)).eval()
    resnet.layer4[0].conv2.stride = resnet.layer4[0].downsample[0].stride = (1, 1)
    x = torch.randn(2, 3, 64, 32)
    places = nn.Sequential(*list(resnet.eval().children())[:-2])(x)
    pooled = torch.cat([places.amax((2, 3)), places.mean((2, 3))], 1)
    expected = pooled / (1 + 1e-5) ** 0.5 * content["model_state_dict"]["bn.weight"]
    assert places.shape[2:] == (4, 2)
    assert torch.allclose(network(x), expected, atol=1e-4)


def test_files_written_under_numpy_1_load_too(released, tmp_path):
    path, old = released[0], tmp_path / "old.pth"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(old, "w") as target:
        for entry in source.infolist():
            data = source.read(entry)
            if entry.filename.endswith("data.pkl"):
                assert b"numpy._core.multiarray" in data
                data = data.replace(b"numpy._core.multiarray", b"numpy.core.multiarray")
            target.writestr(entry.filename, data)
    assert build_network(f"cal:{old}", (64, 32)).width == 4096


class Harmful:
    def __reduce__(self):
        return (print, ("this must not run",))


def test_a_pickle_that_would_run_code_is_refused(tmp_path, capsys):
    torch.save({"model_state_dict": Harmful()}, tmp_path / "bad.pth")
    with pytest.raises(BackendError, match="bad.pth"):
        build_network(f"cal:{tmp_path / 'bad.pth'}")
    assert "must not run" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("resnet", "unknown backbone"),
        ("timm:no_such_net", "timm has no model"),
        ("timm:resnet50.tv_in1k", "cannot get the weights"),
        ("cal:no-such.pth", "no checkpoint"),
        ("hf:no/such", "cannot load"),
        ("demo:x", "takes no argument"),
    ],
)
def test_what_cannot_be_built_is_named(spec, says):
    with pytest.raises(BackendError, match=says):
        build_network(spec)


def test_other_files_are_no_published_checkpoint(tmp_path):
    (tmp_path / "text.pth").write_text("hello")
    torch.save({"epoch": 3}, tmp_path / "empty.pth")
    torch.save({"model_state_dict": {"base.0.weight": torch.zeros(1)}}, tmp_path / "other.pth")
    for name, says in (("text", "cannot load"), ("empty", "no model_state_dict"), ("other", "no image model of CAL")):
        with pytest.raises(BackendError, match=says):
            build_network(f"cal:{tmp_path / name}.pth")
