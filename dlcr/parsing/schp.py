"""SCHP (Li et al., "Self-Correction for Human Parsing", TPAMI 2020) as an ONNX file, run by onnxruntime.

Preparation as in its released code: the photo is scaled into a square keeping its aspect (black beyond it), channels in
BGR order, normalised with ImageNet's mean and spread.
"""

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from dlcr.core.errors import BackendError
from dlcr.core.values import Labels
from dlcr.parsing.labelsets import ATR, LIP, LabelSet
from dlcr.parsing.people import enlarged, parse_largest

MEAN = np.array([0.406, 0.456, 0.485], np.float32)
STD = np.array([0.225, 0.224, 0.229], np.float32)
BY_CLASSES = {len(LIP.classes): LIP, len(ATR.classes): ATR}
SIDES = {len(LIP.classes): 473, len(ATR.classes): 512}
"""Input sides of the published models, used where the file leaves them open."""


class Schp:
    """`parse` photos with an onnxruntime session; the number of its classes tells LIP from ATR."""

    def __init__(self, session: Any, name: str):
        self.session, self.input = session, session.get_inputs()[0].name
        shape = session.get_inputs()[0].shape
        outputs = [out for out in session.get_outputs() if len(out.shape) == 4 and out.shape[1] in BY_CLASSES]
        if len(shape) != 4 or shape[1] != 3 or not outputs:
            raise BackendError(
                f"{name} is no SCHP model for LIP (20 classes) or ATR (18 classes): it gives "
                f"{[out.shape for out in session.get_outputs()]} from {shape}.",
                "Export SCHP's LIP or ATR checkpoint to ONNX: (1, 3, side, side) in, (1, classes, h, w) out.",
            )
        self.output = outputs[-1].name  # the last one is the refined parsing, after the fusion with edges
        count = outputs[-1].shape[1]
        self.kind: LabelSet = BY_CLASSES[count]
        self.height, self.width = (side if isinstance(side, int) else SIDES[count] for side in shape[2:])

    def parse(self, photo: np.ndarray) -> Labels:
        """(H, W, 3) uint8 -> labels (H, W) of the largest person; all background where there is none."""
        return parse_largest(photo, self._predict, self.kind)

    def _predict(self, photo: np.ndarray) -> np.ndarray:
        height, width = photo.shape[:2]
        scale = min(self.height / height, self.width / width)
        inner = (max(1, round(width * scale)), max(1, round(height * scale)))
        x0, y0 = (self.width - inner[0]) // 2, (self.height - inner[1]) // 2
        square = np.zeros((self.height, self.width, 3), np.uint8)
        square[y0 : y0 + inner[1], x0 : x0 + inner[0]] = cv2.resize(photo, inner, interpolation=cv2.INTER_LINEAR)
        pixels = (square[..., ::-1].astype(np.float32) / 255 - MEAN) / STD
        logits = self.session.run([self.output], {self.input: pixels.transpose(2, 0, 1)[None]})[0][0]
        # to the square's pixels first: the person's part of it is cut at whole pixels there
        full = np.stack([cv2.resize(one, (self.width, self.height), interpolation=cv2.INTER_LINEAR) for one in logits])
        return enlarged(full[:, y0 : y0 + inner[1], x0 : x0 + inner[0]].astype(np.float32), width, height)


def load_schp(argument: str | None, device: str = "auto") -> Schp:
    """`schp:PATH.onnx`, SCHP exported to ONNX; the extra `schp` installs onnxruntime."""
    if not argument:
        raise BackendError("schp needs an ONNX file.", "For example schp:exp-schp-201908261155-lip.onnx")
    path = Path(argument).expanduser()
    if not path.is_file():
        raise BackendError(
            f"there is no ONNX file {path}.",
            "Get SCHP's LIP checkpoint (267 MB, github.com/GoGoDuck912/Self-Correction-Human-Parsing) and export it to ONNX.",
        )
    try:
        import onnxruntime
    except ImportError as error:
        raise BackendError(
            "schp needs onnxruntime, which is not installed.", "Run: pip install 'dlcr-studio[schp]'"
        ) from error
    wanted = ["CPUExecutionProvider"]
    if device != "cpu" and "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        wanted.insert(0, "CUDAExecutionProvider")
    try:
        session = onnxruntime.InferenceSession(path, providers=wanted)
    except Exception as error:  # onnxruntime has a dozen exception types without a common base
        reason = str(error).splitlines()[0][:300]
        raise BackendError(f"{path} could not be loaded: {reason}.", "Is it an ONNX file, and complete?") from error
    return Schp(session, f"schp:{argument}")
