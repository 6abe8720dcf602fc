"""Bodies: anny's MakeHuman mesh as a template, a person's own shape at rest, and its bones in a pose. The one user of anny."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from dlcr.core.errors import BackendError
from tools.world.geometry import hermite
from tools.world.meshes import Wavefront, read_obj

ARM_BONES = ("upperarm", "lowerarm", "wrist", "finger", "metacarpal")
LEG_BONES = ("upperleg", "lowerleg", "foot", "toe")


def to_makehuman(points: np.ndarray) -> np.ndarray:
    """anny's metres, z up -> MakeHuman's decimetres, y up; (..., 3)."""
    return np.stack([points[..., 0], points[..., 2], -points[..., 1]], -1) * 10


def to_world(points: np.ndarray) -> np.ndarray:
    """MakeHuman's decimetres, y up -> metres, z up; (..., 3)."""
    return np.stack([points[..., 0], -points[..., 2], points[..., 1]], -1) * 0.1


@dataclass(frozen=True)
class Rest:
    """A person's body before posing: `points` (19158, 3) decimetres, y up; `bones` anny's rest bone poses."""

    points: np.ndarray
    bones: object


class Template:
    """The base body and its rig, built once a process (the first construction on a machine takes minutes, then seconds)."""

    def __init__(self) -> None:
        try:
            import anny
        except ImportError as error:
            raise BackendError(
                "the renderer needs anny, which is not installed.", "pip install -e .[render]"
            ) from error
        import torch

        torch.set_num_threads(1)
        self.data = Path(anny.__file__).parent / "data" / "mpfb2"
        self.model = anny.Anny(
            rig="makehuman",
            topology="makehuman-full",
            local_changes="default",
            phenotypes="all",
            pose_parameterization="local-ref",
        )
        self.base: Wavefront = read_obj(self.data / "3dobjs" / "base.obj")
        self.bones: list[str] = list(self.model.bone_labels)
        self.local_changes: list[str] = list(self.model.local_change_labels)

    @cached_property
    def skin(self) -> np.ndarray:
        """(19158, bones) float32 skin weights."""
        table = np.zeros((len(self.base.points), len(self.bones)), np.float32)
        indices, weights = self.model.vertex_bone_indices.numpy(), self.model.vertex_bone_weights.float().numpy()
        np.add.at(table, (np.arange(len(table))[:, None], indices), weights)
        return table / (table.sum(1, keepdims=True) + 1e-9)

    def bone_numbers(self, *starts: str) -> np.ndarray:
        """Numbers of the bones whose names begin with one of `starts`."""
        return np.array([number for number, bone in enumerate(self.bones) if bone.startswith(starts)])

    @cached_property
    def arm(self) -> np.ndarray:
        """(19158,) share 0..1 of the arms' bones."""
        return self.skin[:, self.bone_numbers(*ARM_BONES)].sum(1)

    @cached_property
    def leg(self) -> np.ndarray:
        """(19158,) share 0..1 of the legs' bones."""
        return self.skin[:, self.bone_numbers(*LEG_BONES)].sum(1)

    @cached_property
    def head(self) -> np.ndarray:
        """(19158,) share 0..1 of neck, head and face bones."""
        return self.skin[:, self.bones.index("neck01") :].sum(1)

    @cached_property
    def shown(self) -> np.ndarray:
        """(F,) bool: the faces of body and eyes, not the helpers."""
        return np.isin(self.base.groups, ["body", "helper-l-eye", "helper-r-eye"])

    @cached_property
    def surface(self) -> np.ndarray:
        """(19158,) bool: the vertices of the body's skin, without eyes and helpers."""
        on = np.zeros(len(self.base.points), bool)
        on[self.base.faces[self.base.groups == "body"]] = True
        return on

    @cached_property
    def normals(self) -> np.ndarray:
        """(19158, 3) unit normals of the base body."""
        from tools.world.raster import vertex_normals

        faces = self.base.faces[self.shown].astype(np.int32)
        return vertex_normals(self.base.points.astype(np.float32), faces)

    def eye(self, side: str) -> np.ndarray:
        """Vertices of the left (`l`) or right (`r`) eyeball."""
        return np.unique(self.base.faces[self.base.groups == f"helper-{side}-eye"])

    def painted(self, name: str) -> np.ndarray:
        """(19158,) 0..1: how far a vertex lies in one of the body's painted regions (lips, ears, eyelids)."""
        from PIL import Image, ImageFilter

        uv = np.zeros((len(self.base.points), 2))
        uv[self.base.faces.ravel()] = self.base.uv.reshape(-1, 2)
        with Image.open(self.data / "textures" / f"mpfb_{name}.jpg") as picture:
            map_ = np.asarray(picture.convert("L").filter(ImageFilter.GaussianBlur(2)), np.float32) / 255
        x = np.clip((uv[:, 0] * map_.shape[1]).astype(int), 0, map_.shape[1] - 1)
        y = np.clip(((1 - uv[:, 1]) * map_.shape[0]).astype(int), 0, map_.shape[0] - 1)
        return map_[y, x]

    @cached_property
    def regions(self) -> dict[str, np.ndarray]:
        """The painted regions that skin needs, by name."""
        return {name: self.painted(name) for name in ("lips", "ears", "eyelids")}

    def scalp(self, line: float) -> np.ndarray:
        """(19158,) 0..1: where hair grows, with the hair line at height `line` over the forehead (decimetres)."""
        x, y, z = np.abs(self.base.points[:, 0]), self.base.points[:, 1], self.base.points[:, 2]
        side = np.where(z > 0.2, line - (0.75 - z) * (line - 6.75) / 0.55, 6.45)
        edge = np.where(z > 0.75, line - 0.25 * np.clip(x - 0.35, 0, 1), side)
        share = hermite(-0.10, 0.14, y - edge) * (self.head > 0.6) * (1 - self.regions["ears"])
        for which in "lr":
            share[self.eye(which)] = 0
        return share

    def rest(self, phenotype: dict[str, float], face: dict[str, float]) -> Rest:
        """A person's body at rest from anny's phenotype and local-change values."""
        import torch

        pose = torch.eye(4)[None, None].repeat(1, len(self.bones), 1, 1).to(self.model.dtype)
        values = dict.fromkeys(self.model.phenotype_labels, 0.5) | phenotype
        with torch.no_grad():
            out = self.model(pose_parameters=pose, phenotype_kwargs=values, local_changes_kwargs=face)
        points = out.get("rest_vertices", out["vertices"])[0].numpy()
        return Rest(to_makehuman(points).astype(np.float64), out["rest_bone_poses"])

    def pose(self, rest: Rest, rotations: dict[str, np.ndarray]) -> np.ndarray:
        """(bones, 4, 4) float32 from rest to pose in metres; rotations (3, 3) by bone, in world axes at rest."""
        import torch

        pose = torch.eye(4, dtype=self.model.dtype)[None, None].repeat(1, len(self.bones), 1, 1)
        for bone, rotation in rotations.items():
            pose[0, self.bones.index(bone), :3, :3] = torch.as_tensor(rotation, dtype=self.model.dtype)
        with torch.no_grad():
            moved, _ = self.model.get_bone_transforms(pose, rest.bones)
        if isinstance(moved, list):
            import roma

            linear, shift = (
                torch.stack([one.linear for one in moved], 1),
                torch.stack([one.translation for one in moved], 1),
            )
            moved = roma.Rigid(linear, shift).to_homogeneous()
        return moved[0].numpy().astype(np.float32)


def skinned(points: np.ndarray, skin: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """Linear blend skinning; (V, 3) metres, (V, bones), (bones, 4, 4) -> (V, 3) float32."""
    blend = (skin @ moved.reshape(len(moved), 16)).reshape(-1, 4, 4)
    return np.einsum("vij,vj->vi", blend[:, :3, :3], points.astype(np.float32)) + blend[:, :3, 3]
