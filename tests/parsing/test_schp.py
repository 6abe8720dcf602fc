"""SCHP's preparation and labels through onnxruntime, with an ONNX file that calls every pixel by its nearest colour."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from dlcr.core.errors import BackendError
from dlcr.parsing import compose, iou, largest_person, load_parser
from dlcr.parsing.labelsets import ATR, LIP
from tests.parsing.figure import COLOURS, figure

MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])  # ImageNet's, in RGB order


def save_onnx(path, kind, side=256, edges=True, channels=None):
    """A 1x1 convolution, BGR normalised in, nearest colour out; half its size, as SCHP's own output is smaller too."""
    count = channels or len(kind.classes)
    weights, biases = np.zeros((count, 3, 1, 1), np.float32), np.full(count, -1e4, np.float32)
    for name, colour in COLOURS.items():
        centre = ((np.array(colour) / 255 - MEAN) / STD)[::-1]
        index = kind.classes.index(name)
        weights[index, :, 0, 0], biases[index] = 2 * centre, -(centre**2).sum()
    nodes = [helper.make_node("Conv", ["input", "w", "b"], ["logits"], strides=[2, 2])]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, count, side // 2, side // 2])]
    if edges:
        nodes.append(helper.make_node("Slice", ["input", "zero", "two", "one"], ["edge"]))
        outputs.append(helper.make_tensor_value_info("edge", TensorProto.FLOAT, [1, 2, side, side]))
    graph = helper.make_graph(
        nodes, "tiny", [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, side, side])], outputs,
        [numpy_helper.from_array(weights, "w"), numpy_helper.from_array(biases, "b")]
        + [numpy_helper.from_array(np.array([n], np.int64), name) for n, name in ((0, "zero"), (2, "two"), (1, "one"))],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, path)
    return path


@pytest.mark.parametrize("kind", [LIP, ATR], ids=["lip", "atr"])
def test_the_number_of_classes_tells_the_set_and_the_colours_come_out_as_labels(tmp_path, kind):
    parser = load_parser(f"schp:{save_onnx(tmp_path / 'm.onnx', kind)}")
    photo, truth = figure()
    labels = parser.parse(photo)
    assert labels.classes == kind.classes
    assert labels.map.shape == photo.shape[:2]
    for name, where in truth.items():
        assert iou(labels.where(name), where) > 0.9
    assert iou(compose(labels, labels.clothing), truth["upper-clothes"] | truth["pants"]) > 0.93


def test_a_small_person_in_a_wide_photo_is_parsed_again_from_close_by(tmp_path):
    parser = load_parser(f"schp:{save_onnx(tmp_path / 'm.onnx', LIP)}")
    photo, truth = figure()
    wide = np.empty((400, 900, 3), np.uint8)
    wide[:] = COLOURS["background"]
    wide[200:360, 500:564] = photo
    labels = parser.parse(wide)
    assert iou(labels.where("pants")[200:360, 500:564], truth["pants"]) > 0.85
    assert labels.map[:190].max() == 0
    assert largest_person(parser.parse(np.full_like(wide, 120))) is None


def test_what_is_no_schp_is_one_clear_line(tmp_path):
    with pytest.raises(BackendError, match="needs an ONNX file"):
        load_parser("schp")
    with pytest.raises(BackendError, match="there is no ONNX file"):
        load_parser(f"schp:{tmp_path / 'none.onnx'}")
    (tmp_path / "bad.onnx").write_bytes(b"nonsense")
    with pytest.raises(BackendError, match="could not be loaded"):
        load_parser(f"schp:{tmp_path / 'bad.onnx'}")
    with pytest.raises(BackendError, match=r"LIP \(20 classes\) or ATR"):
        load_parser(f"schp:{save_onnx(tmp_path / 'seven.onnx', LIP, channels=21)}")
