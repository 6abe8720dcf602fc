"""From linear light to the photo a camera delivers: sensor pixels, exposure, white balance, tone, blur, noise, JPEG."""

import io

import cv2
import numpy as np
from PIL import Image

from tools.world.cameras import Camera
from tools.world.palette import encoded

SHOULDER = 0.72


def develop(
    light: np.ndarray, camera: Camera, *, gain: float, sensor_rows: float, rng: np.random.Generator
) -> np.ndarray:
    """Linear light (H * k, W * k, 3) float32 -> a photo (256, 128, 3) uint8.

    `sensor_rows` is how many rows of the camera's sensor the crop covers: fewer than 256 are scaled up, as trackers do.
    """
    rows = int(np.clip(round(sensor_rows), 96, 256))
    small = cv2.resize(np.ascontiguousarray(light, np.float32), (rows // 2, rows), interpolation=cv2.INTER_AREA)
    small = toned(small * (camera.exposure * gain) * np.array(camera.white, np.float32), camera)
    small = cv2.GaussianBlur(small, (0, 0), camera.blur)
    grain = rng.normal(0, camera.noise, small.shape[:2])[..., None] + rng.normal(0, 0.5 * camera.noise, small.shape)
    small = small + grain * (1.15 - 0.5 * small)
    if rows != 256:
        small = cv2.resize(small, (128, 256), interpolation=cv2.INTER_CUBIC)
    return (np.clip(small, 0, 1) * 255 + 0.5).astype(np.uint8)


def toned(light: np.ndarray, camera: Camera) -> np.ndarray:
    """Linear light >= 0 of any shape (..., 3) to sRGB 0..1: soft shoulder, contrast about middle grey, saturation."""
    over = np.maximum(light - SHOULDER, 0)
    light = np.where(light < SHOULDER, light, SHOULDER + (1 - SHOULDER) * (1 - np.exp(-over / (1 - SHOULDER))))
    tone = encoded(np.clip(light, 0, 1))
    tone = 0.46 + (tone - 0.46) * camera.contrast
    grey = tone @ np.array([0.299, 0.587, 0.114])
    return np.clip(grey[..., None] + (tone - grey[..., None]) * camera.saturation, 0, 1).astype(np.float32)


def jpeg(photo: np.ndarray, quality: int) -> bytes:
    """A photo (H, W, 3) uint8 as a JPEG file."""
    stream = io.BytesIO()
    Image.fromarray(photo).save(stream, "JPEG", quality=quality, subsampling=2)
    return stream.getvalue()


def png(labels: np.ndarray) -> bytes:
    """Labels (H, W) uint8 as an 8-bit PNG file."""
    stream = io.BytesIO()
    Image.fromarray(labels).save(stream, "PNG", optimize=True)
    return stream.getvalue()
