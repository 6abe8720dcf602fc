"""Files that want more than to be read: bombs, pickles with a program, pictures that are something else, names that climb."""

import io
import json
import os
import pickle
import struct
import tarfile
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from dlcr import stages
from dlcr.core.errors import BackendError, CatalogError, DlcrError, PhotoError, UsageError
from dlcr.core.images import MAX_BYTES, decode, photo_size, read_photo, write_png
from dlcr.embed.store import read_features
from dlcr.inpaint.lineage import KEY, mask_of, read_variant, variant_png
from dlcr.parsing.sam import load_sam
from dlcr.reid.published import read_published
from dlcr.stages_figures import variants_figure
from tools.fuzz.parsers import lineage

GRAY = np.full((32, 20, 3), 128, np.uint8)
MUCH = 300 * 2**20


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *more: bytes, body: bytes = b"") -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")


def tiff(width: int, height: int) -> bytes:
    tags = [
        (256, 4, width),
        (257, 4, height),
        (258, 3, 8),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 8),
        (277, 3, 1),
        (278, 4, height),
        (279, 4, 10),
    ]
    rows = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(tags)) + rows + struct.pack("<I", 0)


def gif(width: int, height: int) -> bytes:
    return (
        b"GIF89a"
        + struct.pack("<HHBBB", width, height, 0, 0, 0)
        + b","
        + struct.pack("<HHHHB", 0, 0, width, height, 0)
        + b"\x02\x01\x00\x00;"
    )


def bmp(width: int, height: int) -> bytes:
    return (
        b"BM"
        + struct.pack("<IHHI", 54, 0, 0, 54)
        + struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    )


def measured(read: Callable[[], object]) -> int:
    """The most memory that Python's own allocations took meanwhile, in bytes."""
    tracemalloc.start()
    try:
        with pytest.raises(DlcrError) as caught:
            read()
        assert caught.value.what
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


SIDES = [(50_001, 1000), (65_535, 65_535), (2**31 - 1, 2**31 - 1), (2**31 - 1, 1), (10**6, 10**6), (30_000, 30_000)]


@pytest.mark.parametrize("make", [png, tiff, gif, bmp])
@pytest.mark.parametrize(("width", "height"), SIDES)
def test_a_bomb_is_refused_by_its_head(make: Callable[[int, int], bytes], width: int, height: int) -> None:
    if make is gif and max(width, height) > 65_535:
        width, height = 65_535, 65_535
    assert measured(lambda: decode(make(width, height))) < MUCH


@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt", b"iCCP"])
def test_a_bomb_in_a_text_chunk_does_not_go_off(kind: bytes, tmp_path: Path) -> None:
    packed = zlib.compress(b"0" * (200 * 2**20), 9)
    head = {b"zTXt": b"dlcr\0\0", b"iTXt": b"dlcr\0\1\0\0\0", b"iCCP": b"x\0\0"}[kind]
    file = tmp_path / "bomb.png"
    file.write_bytes(png(32, 32, chunk(kind, head + packed), body=b"\0" + b"\0" * (32 * 97)))
    assert measured(lambda: read_variant(file)) < MUCH


def test_many_text_chunks_do_not_go_off_either(tmp_path: Path) -> None:
    packed = chunk(b"zTXt", b"dlcr\0\0" + zlib.compress(b"0" * 900_000, 9))
    file = tmp_path / "bomb.png"
    file.write_bytes(png(32, 32, *[packed] * 400, body=b"\0" + b"\0" * (32 * 97)))
    assert measured(lambda: read_variant(file)) < MUCH


@pytest.mark.parametrize(("width", "height"), SIDES)
def test_a_bomb_as_the_mask_of_a_lineage_is_refused(width: int, height: int, tmp_path: Path) -> None:
    import base64

    told = lineage()
    told["mask"]["png"] = base64.b64encode(png(width, height)).decode()
    variant = read_variant(write_png(tmp_path / "v.png", GRAY, {KEY: json.dumps(told)}))
    assert measured(lambda: mask_of(variant)) < MUCH


def test_a_file_is_too_large_before_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "large.png"
    with file.open("wb") as out:
        out.truncate(MAX_BYTES + 1)
    for read in (read_photo, photo_size):
        assert measured(lambda read=read: read(file)) < 2**20  # type: ignore[misc]


POLYGLOTS = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><script>alert(1)</script></svg>',
    "html": b"<html><body onload=alert(1)>" + b"x" * 100,
    "pdf": b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>",
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\n(/etc/passwd) (r) file\n",
    "fits": b"SIMPLE  =                    T" + b" " * 3000,
    "xpm": b'/* XPM */ static char*x[]={"16 16 1 1","a c red"};',
    "icns": b"icns\0\0\0\x08", "psd": b"8BPS\0\1" + b"\0" * 40, "webm": b"\x1aE\xdf\xa3" + b"\0" * 40,
    "wmf": b"\xd7\xcd\xc6\x9a" + b"\0" * 40, "zip": b"PK\3\4" + b"\0" * 40, "pickle": pickle.dumps([1]),
    "elf": b"\x7fELF" + b"\0" * 60, "script": b"#!/bin/sh\ntouch x\n", "empty": b"",
}  # fmt: skip


@pytest.mark.parametrize("kind", POLYGLOTS)
@pytest.mark.parametrize(
    "name", ["photo.png", "photo.jpg", "photo.svg", "../../photo.html", "a\0.png", "-rf.png", "x" * 300 + ".png"]
)
def test_what_is_no_photo_is_not_taken_for_one_whatever_it_is_called(
    session: stages.Session, kind: str, name: str
) -> None:
    before = sorted(session.workspace.home.rglob("*.*"))
    with pytest.raises(PhotoError):
        stages.add_upload(session, POLYGLOTS[kind], name)
    assert [
        file
        for file in sorted(session.workspace.home.rglob("*.*"))
        if "catalog" not in file.name and file not in before
    ] == []


@pytest.mark.parametrize("kind", ["svg", "html", "script", "zip", "pdf"])
def test_of_a_picture_that_is_also_something_else_only_the_picture_is_kept(session: stages.Session, kind: str) -> None:
    photo = stages.sample_photo(session, session.catalog.sample(1))
    stream = io.BytesIO()
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "<script>alert(1)</script>")
    Image.fromarray(photo).save(stream, "PNG", pnginfo=info)
    row = stages.add_upload(session, stream.getvalue() + POLYGLOTS[kind], f"a.{kind}")
    kept = row.path.read_bytes()
    assert (row.path.parent, row.path.suffix) == (session.workspace.uploads, ".png")
    assert b"alert(1)" not in kept
    assert np.array_equal(read_photo(row.path), photo)


CLIMBING = [
    "../x.png", "../../../../tmp/x.png", "/etc/passwd", "..\\..\\x.png", "C:\\x.png", "%2e%2e%2fx.png",
    "x/../../y.png",
    "~/x.png", "\u2025/x.png", "....//x.png", ".", "..", "", "CON", "x.png\0.jpg", "\u202egnp.exe",
]  # fmt: skip


@pytest.mark.parametrize("name", CLIMBING)
def test_the_name_of_an_upload_is_no_path(session: stages.Session, name: str) -> None:
    row = stages.add_upload(session, variant_png_bytes(), name)
    assert row.path.resolve().parent == session.workspace.uploads.resolve()


def variant_png_bytes() -> bytes:
    stream = io.BytesIO()
    Image.fromarray(GRAY).save(stream, "PNG")
    return stream.getvalue()


class Evil:
    """Unpickled by a loader that runs programs, it writes a file."""

    def __init__(self, file: Path, how: str):
        self.file, self.how = file, how

    def __reduce__(self) -> tuple:
        command = f"touch {self.file}"
        return {
            "system": (os.system, (command,)), "popen": (os.popen, (command,)),
            "eval": (eval, (f"open({str(self.file)!r}, 'w')",)),
            "exec": (exec, (f"open({str(self.file)!r}, 'w')",)), "open": (open, (str(self.file), "w")),
            "getattr": (getattr, (self.file, "touch")), "loads": (pickle.loads, (pickle.dumps(0),)),
            "import": (__import__, ("antigravity",)), "mkdir": (os.mkdir, (str(self.file),)),
            "write": (Path.touch, (self.file,)),
            "numpy": (np.load, (str(self.file),)), "torch": (torch.load, (str(self.file),)),
        }[self.how]  # fmt: skip


HOWS = ("system", "popen", "eval", "exec", "open", "getattr", "loads", "import", "mkdir", "write", "numpy", "torch")
WRAPS: dict[str, Callable[[object], object]] = {
    "alone": lambda evil: evil,
    "as the state": lambda evil: {"model_state_dict": evil},
    "in the state": lambda evil: {"model_state_dict": {"base.0.weight": evil}},
    "as a key": lambda evil: {"model_state_dict": {}, "rank1": [evil]},
}


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("wrap", WRAPS)
@pytest.mark.parametrize("form", ["zip", "legacy", "pickle", "npy", "npz"])
def test_no_file_of_weights_runs_a_program(tmp_path: Path, how: str, wrap: str, form: str) -> None:
    mark, file = tmp_path / "mark", tmp_path / "weights.pth"
    content = WRAPS[wrap](Evil(mark, how))
    if form in ("npy", "npz"):
        array = np.array([content], dtype=object)
        np.save(file, array, allow_pickle=True) if form == "npy" else np.savez(file, a=array)
        file = next(path for path in tmp_path.iterdir())
    elif form == "pickle":
        file.write_bytes(pickle.dumps(content))
    else:
        torch.save(content, file, _use_new_zipfile_serialization=form == "zip")
    for read in (read_published, read_features, lambda path: load_sam(str(path))):
        with pytest.raises((BackendError, CatalogError)) as caught:
            read(file)
        assert caught.value.remedy
    assert not mark.exists()


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_a_pickle_of_anything_is_refused_or_read(data: bytes) -> None:
    file = Path("/dev/shm") / f"dlcr-{os.getpid()}.pth" if Path("/dev/shm").is_dir() else Path(f"x-{os.getpid()}.pth")
    file.write_bytes(b"\x80\x02" + data)
    try:
        with pytest.raises(BackendError):
            read_published(file)
    finally:
        file.unlink()


def evil_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../outside.png", variant_png_bytes())
        archive.writestr(str(path.parent.parent / "outside.png"), variant_png_bytes())


def evil_tar(path: Path) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for name, link in (("../../outside", ""), ("link", "/etc/passwd")):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = (tarfile.SYMTYPE, link) if link else (tarfile.REGTYPE, "")
            archive.addfile(entry)


@pytest.mark.parametrize("make", [evil_zip, evil_tar])
def test_an_archive_is_no_data_set_and_no_release(
    session: stages.Session, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "set.zip")
    for root in (tmp_path / "set.zip", tmp_path):
        with pytest.raises(DlcrError):
            stages.index(session, root, "auto", "archive")
        with pytest.raises(DlcrError):
            stages.import_release(session, root, "world")
    assert not (tmp_path.parent / "outside.png").exists()


def test_prompts_of_a_release_are_words_and_nothing_else(session: stages.Session, tmp_path: Path) -> None:
    sample = session.catalog.sample(1)
    strip = (tmp_path / "release" / sample.image).with_suffix(".png")
    write_png(strip, stages.sample_photo(session, sample))
    strip.with_suffix(".txt").write_text("../../../etc/passwd\n")
    found = stages.import_release(session, tmp_path / "release", "world")
    assert found.variants == 1
    row = session.catalog.variants(sample.id)[0]
    assert (row.prompt, (session.workspace.home / row.file).resolve().is_relative_to(session.workspace.home)) == (
        "../../../etc/passwd",
        True,
    )


FORMULAS = ["$\\frac{$", "$x_{^$ | $$", "\\usepackage{x} $\\input{/etc/passwd}$", "a\x07b", "<b>$1</b>", "中文 $^"]


@pytest.mark.parametrize("prompt", FORMULAS)
def test_a_prompt_in_a_figure_is_no_formula(session: stages.Session, prompt: str) -> None:
    sample = session.catalog.sample(2)
    file = write_png(session.workspace.variants / "2" / "x.png", stages.sample_photo(session, sample))
    session.catalog.add_variant(2, None, file.relative_to(session.workspace.home), prompt, 1, "demo", {})
    assert variants_figure(session, 2, "svg").startswith(b"<?xml")


UNNAMEABLE = ["../../x", "/x", "a/b", "a\\b", ".hidden", "..", "-rf", "", " x", "a\0", "a\nb", "\ud800", "x" * 101]


@pytest.mark.parametrize("name", UNNAMEABLE)
def test_no_data_set_is_named_into_a_path(session: stages.Session, tmp_path: Path, name: str) -> None:
    write_png(tmp_path / "anna" / "1.png", GRAY)
    with pytest.raises(UsageError, match="cannot name a data set"):
        stages.index(session, tmp_path, "folder", name)


@pytest.mark.parametrize("name", ["world", "uploads"])
def test_nobody_takes_the_place_of_the_programs_own_sets(session: stages.Session, tmp_path: Path, name: str) -> None:
    write_png(tmp_path / "anna" / "1.png", GRAY)
    with pytest.raises(UsageError, match="belongs to the program"):
        stages.index(session, tmp_path, "folder", name)


def test_reading_a_variant_takes_its_time_by_its_size_not_by_its_words(tmp_path: Path) -> None:
    told = lineage() | {"prompt": "(" * 200_000}
    file = write_png(tmp_path / "v.png", GRAY, {KEY: json.dumps(told)})
    begun = time.process_time()
    read_variant(file)
    deep = write_png(tmp_path / "deep.png", GRAY, {KEY: "[" * 500_000})
    with pytest.raises(PhotoError):
        read_variant(deep)
    assert time.process_time() - begun < 30
    assert variant_png(read_variant(file))


MODELS = [
    "sd:../../x",
    "sd:evil/model",
    "sdxl:/etc",
    "flux-fill:evil/model",
    "sd:x@/etc/lora",
    "demo:x",
    "",
    "os:system",
    "http://127.0.0.1/",
]


@pytest.mark.parametrize("model", MODELS)
def test_a_file_does_not_choose_which_model_is_loaded(tmp_path: Path, model: str) -> None:
    told = lineage()
    told["engine"]["model"] = model
    file = write_png(tmp_path / "v.png", GRAY[:24], {KEY: json.dumps(told)})
    with pytest.raises(UsageError, match="not in use here"):
        stages.painted_by(file)


BOXES = [
    [0, 0, 10**9, 10**9], [-(10**9), 0, 1, 1], [5, 5, 5, 5], [1, 2, 3], ["a"], [0.5, 0, 1e300, 2], [None] * 4, [0, 0, 200, 24],
]  # fmt: skip


@pytest.mark.parametrize("box", BOXES)
def test_a_box_that_was_never_cut_takes_no_memory(tmp_path: Path, box: list) -> None:
    file = write_png(tmp_path / "v.png", GRAY[:24], {KEY: json.dumps(lineage() | {"box": box})})
    assert measured(lambda: read_variant(file)) < MUCH


@pytest.mark.parametrize(
    "image", ["../x.jpg", "../../etc/passwd.jpg", "/etc/x.jpg", "a/../../x.jpg", "a/../../../x.jpg"]
)
def test_a_manifest_names_nothing_outside_its_folder(session: stages.Session, tmp_path: Path, image: str) -> None:
    write_png(tmp_path / "set" / "a" / "1.png", GRAY)
    write_png(tmp_path / "x.jpg", GRAY)
    rows = f"image,split,pid,camid,clothes_id\n{image},train,1,0,x\na/1.png,train,1,0,x\n"
    (tmp_path / "set" / "manifest.csv").write_text(rows)
    found = stages.index(session, tmp_path / "set", "manifest", "outside")
    assert ([path for path, _ in found.bad] != [], found.images) == (True, 1)
    assert [row.image.as_posix() for row in session.catalog.find_samples("outside")] == ["a/1.png"]
