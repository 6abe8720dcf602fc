"""How a body stands and walks: joint angles of normal gait, and MakeHuman's standing poses."""

from pathlib import Path

import numpy as np

from dlcr.core.errors import LayoutError
from tools.world.geometry import turn_x, turn_y, turn_z
from tools.world.people import Gait

Pose = dict[str, np.ndarray]

HIP = (30, 25, 15, 4, -6, -11, -5, 14, 26, 32)
KNEE = (5, 18, 16, 8, 5, 10, 38, 62, 54, 22)
ANKLE = (0, -5, 3, 7, 10, 5, -18, -10, 0, 2)
"""Flexion in degrees at each tenth of the gait cycle from heel strike (after Winter 2009, Biomechanics, normal cadence)."""
STANDING = ("standing01", "standing02", "standing03", "standing04")


def joint(table: tuple[int, ...], phase: float) -> float:
    """A joint's angle in radians at `phase` 0..1 of the cycle: the table's periodic Fourier interpolation, four harmonics."""
    wave = np.fft.rfft(table) / len(table)
    turns = 2j * np.pi * phase * np.arange(1, 5)
    return float(np.radians(wave[0].real + 2 * (wave[1:5] * np.exp(turns)).real.sum()))


def walking(phase: float, gait: Gait, *, amplitude: float = 1.0) -> Pose:
    """Rotations (3, 3) by bone, at `phase` 0..1 from the left heel's strike. The lower foot stands; nothing slides in a still."""
    pose = _upright(gait)
    reach = gait.stride * amplitude
    for side, sign, turn in (("L", 1, phase), ("R", -1, phase + 0.5)):
        hip, knee, ankle = reach * joint(HIP, turn), amplitude * joint(KNEE, turn), amplitude * joint(ANKLE, turn)
        pose[f"upperleg01.{side}"] = turn_x(-hip) @ turn_y(sign * (0.09 + gait.splay))
        pose[f"lowerleg01.{side}"] = turn_x(knee)
        pose[f"foot.{side}"] = turn_x(-ankle) @ turn_y(-sign * 0.06)
        swing = -0.9 * gait.swing * amplitude * (joint(HIP, turn) - 0.16)
        pose[f"upperarm01.{side}"] = turn_x(-swing) @ turn_y(sign * gait.drop)
        bend = gait.elbow + 0.5 * max(0.0, swing)
        pose[f"lowerarm01.{side}"] = turn_x(0.5 - bend)
    twist = 0.10 * amplitude * np.cos(2 * np.pi * phase) * gait.stride
    pose["spine05"] = turn_z(-0.6 * twist)
    pose["spine02"] = turn_z(1.6 * twist)
    pose["head"] = turn_z(-twist) @ turn_x(0.4 * gait.nod)
    return pose


def _upright(gait: Gait) -> Pose:
    pose = {"spine01": turn_x(gait.lean), "spine03": turn_x(0.5 * gait.lean), "neck01": turn_x(gait.nod - gait.lean)}
    for side, sign in (("L", 1), ("R", -1)):
        pose[f"shoulder01.{side}"] = turn_y(sign * 0.10)
        for finger in range(2, 6):
            pose |= {f"finger{finger}-{bone}.{side}": turn_y(sign * 0.22) for bone in range(1, 4)}
    return pose


def read_bvh(path: Path) -> Pose:
    """The rotations of a one-frame `.bvh` on MakeHuman's own rig (z up, x to the left); LayoutError if it is not there."""
    if not path.is_file():
        raise LayoutError(
            f"{path} is missing.", "Name MakeHuman's asset folder (the one that holds base/) with --makehuman."
        )
    joints: list[tuple[str, list[str]]] = []
    name = ""
    lines = path.read_text().splitlines()
    for line in lines:
        words = line.split()
        if words and words[0] in ("ROOT", "JOINT"):
            name = words[1]
        elif words and words[0] == "CHANNELS":
            joints.append((name, words[2:]))
    values = iter(float(word) for word in lines[_frame(lines)].split())
    turns = {"X": turn_x, "Y": turn_y, "Z": turn_z}
    pose: Pose = {}
    for bone, channels in joints:
        rotation = np.eye(3)
        for channel in channels:
            value = next(values)
            if channel.endswith("rotation"):
                rotation = rotation @ turns[channel[0]](np.radians(value))
        if bone != "root":
            pose[bone] = rotation
    return pose


def _frame(lines: list[str]) -> int:
    return next(number for number, line in enumerate(lines) if line.startswith("Frame Time")) + 1
