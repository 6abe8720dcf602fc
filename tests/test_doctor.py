"""What doctor says of real backends, without loading one."""

import socket

import pytest
import ray

from dlcr import doctor


@pytest.fixture
def report(tmp_path, monkeypatch):
    def examine(**backends):
        for step, spec in backends.items():
            monkeypatch.setenv(f"DLCR_{step.upper()}", spec)
        found = doctor.examine(tmp_path, "cpu")
        return found, {model.step: model for model in found.models}

    return examine


def test_places_sizes_and_number_types_are_said(report, tmp_path, monkeypatch):
    monkeypatch.setenv("DLCR_DTYPE", "bfloat16")
    found, models = report(
        parser="segformer:mattmdjaga/segformer_b2_clothes#Pants", captioner="vlm:some/model", inpainter=f"sd:{tmp_path}"
    )
    assert found.ok
    assert models["parser"].note == "from the hub on first use, about 110 MB, bfloat16 on cpu"
    assert models["captioner"].note == "from the hub on first use, bfloat16 on cpu"
    assert models["inpainter"].note == "a folder here, bfloat16 on cpu"
    assert found.ray == ray.__version__


def test_an_adapter_is_looked_for_beside_its_model(report, tmp_path):
    (tmp_path / "fast.safetensors").write_bytes(b"")
    _, models = report(inpainter=f"sd:some/model@{tmp_path / 'fast.safetensors'}")
    assert models["inpainter"].note.startswith("from the hub on first use, its adapter a file here")
    found, models = report(inpainter=f"sd:{tmp_path}@./none.safetensors")
    assert not models["inpainter"].present
    assert any("there is no ./none.safetensors" in problem for problem in found.problems)


def test_what_is_not_there_is_a_problem(report, tmp_path):
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
        found, models = report(parser=f"schp:{tmp_path}/none.onnx", captioner=f"openai:http://127.0.0.1:{port}/v1#m")
        assert [model.present for model in models.values()] == [False, False, True, True]
        assert any("none.onnx" in problem for problem in found.problems)
        assert any("no server answers" in problem for problem in found.problems)
        one.listen()
        assert report(captioner=f"openai:http://127.0.0.1:{port}/v1#m")[1]["captioner"].present
