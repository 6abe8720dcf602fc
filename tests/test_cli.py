"""The command line as a contract: real processes, their last line, their exit codes."""

import json
import shutil
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dlcr.core.images import read_photo, write_png
from dlcr.data import world_root
from dlcr.stages_expansion import EXPANSION, folder_of
from tests.core.disks import needs_disks, small_disk, write_protect
from tests.data.sets import build

PROMPT = "red t-shirt | blue jeans | white shoes"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


def dlcr(*args, home=None, code=0):
    """Run a verb; its JSON answer, after checking the exit code and that no stack trace was shown."""
    command = [sys.executable, "-m", "dlcr", *map(str, args), "--json", *(["--home", str(home)] if home else [])]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == code, done.stderr[-2000:] + done.stdout[-500:]
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


@pytest.fixture(scope="module")
def photo():
    return sorted((world_root() / "rgb" / "test" / "A").glob("*/*.jpg"))[0]


def test_doctor_finds_everything(home):
    answer = dlcr("doctor", home=home)
    assert answer["ok"] is True
    assert answer["problems"] == []
    assert {model["step"] for model in answer["models"]} == {"parser", "captioner", "summariser", "inpainter"}


def test_index_counts_by_prccs_rules(home):
    answer = dlcr("index", world_root(), "--layout", "prcc", "--name", "mine", home=home)
    assert (answer["images"], answer["pids"], answer["clothes"], answer["cameras"]) == (1680, 100, 200, 3)
    assert answer["splits"] == {"gallery": 320, "query": 640, "train": 720}
    assert answer["bad"] == []


def test_index_recognises_layouts_and_tells_the_health_of_files(home, tmp_path):
    root = build("vcclothes", tmp_path / "2024-01-02-03_c9")
    (root / "query" / "0001-03-01-02.jpg").write_bytes(b"")
    answer = dlcr("index", root, "--name", "vc", home=home)
    assert (answer["layout"], answer["images"], answer["pids"], answer["clothes"], answer["cameras"]) == (
        "vcclothes", 4, 2, 4, 4,
    )  # fmt: skip
    assert "pictures looked at fit" in answer["why"]
    assert answer["health"]["unreadable"] == {"count": 1, "examples": ["query/0001-03-01-02.jpg"]}
    assert [one["path"] for one in answer["bad"]] == ["query/0001-03-01-02.jpg"]


def test_a_release_comes_in_and_goes_out(home, tmp_path, photo):
    strip = np.concatenate([read_photo(photo), 255 - read_photo(photo)], axis=1)
    file = (tmp_path / "in" / photo.relative_to(world_root())).with_suffix(".png")
    write_png(file, strip)
    file.with_suffix(".txt").write_text("red coat\nblue coat\n")
    came = dlcr("import", tmp_path / "in", "--dataset", "world", home=home)
    assert (came["dataset"], came["images"], came["variants"], came["bad"]) == ("world", 1, 2, [])
    went = dlcr("export", "world", tmp_path / "out", "--layout", "release", home=home)
    given = [*EXPANSION.rglob("*.png")]  # every workspace has these, and the photo's own come first in its strip
    assert went["variants"] == len(given) + 2
    assert went["images"] == len(
        {one.parent for one in given} | {EXPANSION / folder_of(photo.relative_to(world_root()))}
    )
    out = read_photo(tmp_path / "out" / file.relative_to(tmp_path / "in"))
    assert np.array_equal(out[:, -strip.shape[1] :], strip)


def test_paint_twice_gives_the_same_bytes_and_another_seed_others(home, photo, tmp_path):
    def run(name, seed):
        out = tmp_path / name
        answer = dlcr(
            "paint", photo, "--prompt", PROMPT, "-n", 4, "--seed", seed, "--steps", 4, "--out", out, home=home
        )
        assert answer["outside_mask_max_diff"] == 0
        files = [Path(one["path"]) for one in answer["variants"]]
        assert len(files) == len({*files}) == 4
        assert all(read_photo(file).shape == read_photo(photo).shape for file in files)
        return [file.read_bytes() for file in files]

    first = run("a", 7)
    assert run("b", 7) == first
    assert not {*run("c", 8)} & {*first}
    for file in sorted((tmp_path / "a").iterdir())[:2]:
        assert dlcr("replay", file, home=home) == {"identical": True, "max_diff": 0, "differs": []}


def test_painting_says_what_it_does_and_nothing_of_the_libraries_below(home, photo, tmp_path):
    args = ("paint", photo, "--prompt", PROMPT, "-n", 1, "--steps", 2, "--out", tmp_path, "--home", home)
    done = subprocess.run([sys.executable, "-m", "dlcr", *map(str, args)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0
    (file,) = tmp_path.iterdir()
    assert (done.stdout + done.stderr).splitlines() == ["read as: red t-shirt blue jeans white shoes", str(file)]


@pytest.mark.parametrize("size", [(60, 120), (500, 400), (1500, 2200)])
def test_photos_of_any_size_are_painted_in_their_own_size(home, photo, tmp_path, size):
    width, height = size
    picture = Image.new("RGB", size, (150, 160, 140))
    person = Image.open(photo).resize((int(height * 0.45), int(height * 0.9)))
    picture.paste(person, ((width - person.width) // 2, (height - person.height) // 2))
    picture.save(tmp_path / "p.png")
    answer = dlcr(
        "paint", tmp_path / "p.png", "--prompt", PROMPT, "-n", 1, "--steps", 2, "--out", tmp_path / "o", home=home
    )
    made = read_photo(answer["variants"][0]["path"])
    assert made.shape == (height, width, 3)
    assert answer["outside_mask_max_diff"] == 0


def test_a_mask_of_ones_own_is_obeyed(home, photo, tmp_path):
    picture = read_photo(photo)
    mask = np.zeros(picture.shape[:2], bool)
    mask[100:140, 50:80] = True
    write_png(tmp_path / "m.png", mask)
    answer = dlcr(
        "paint",
        photo,
        "--prompt",
        PROMPT,
        "-n",
        1,
        "--steps",
        2,
        "--mask",
        tmp_path / "m.png",
        "--out",
        tmp_path,
        home=home,
    )
    made = read_photo(answer["variants"][0]["path"])
    assert np.array_equal(made[~mask], picture[~mask])
    assert (made[mask] != picture[mask]).any()


def test_limbs_widen_the_parsers_mask_and_go_with_no_mask_of_ones_own(home, photo, tmp_path):
    shares = [dlcr("parse", photo, *more, home=home)["coverage"] for more in ((), ("--limbs", "--grow", 4))]
    assert shares[0] < shares[1]
    asked = (
        "paint",
        photo,
        "--prompt",
        PROMPT,
        "-n",
        1,
        "--steps",
        2,
        "--out",
        tmp_path / "out",
        "--limbs",
        "--grow",
        4,
    )
    answer = dlcr(*asked, home=home)
    made, picture = read_photo(answer["variants"][0]["path"]), read_photo(photo)
    assert answer["outside_mask_max_diff"] == 0
    assert (made != picture).any(axis=2).mean() > shares[0]
    write_png(tmp_path / "m.png", np.ones(picture.shape[:2], bool))
    assert "--limbs" in dlcr(*asked, "--mask", tmp_path / "m.png", home=home, code=2)["what"]


def test_an_empty_mask_names_its_file(home, photo, tmp_path):
    write_png(tmp_path / "none.png", np.zeros(read_photo(photo).shape[:2], bool))
    out = tmp_path / "out"
    answer = dlcr("paint", photo, "--prompt", PROMPT, "--mask", tmp_path / "none.png", "--out", out, home=home, code=1)
    assert "none.png" in answer["what"]
    assert not list(out.glob("*"))


def test_parse_writes_masks_at_their_relative_paths(home, tmp_path, photo):
    answer = dlcr("parse", photo, "--out", tmp_path / "one.png", home=home)
    assert (answer["count"], answer["path"]) == (1, str(tmp_path / "one.png"))
    assert read_photo(tmp_path / "one.png").shape == read_photo(photo).shape
    folder = tmp_path / "photos"
    for person in ("061", "062"):
        shutil.copytree(world_root() / "rgb" / "test" / "C" / person, folder / person)
    answer = dlcr("parse", folder, "--out", tmp_path / "all", home=home)
    expected = {path.relative_to(folder).with_suffix(".png") for path in folder.rglob("*.jpg")}
    assert {path.relative_to(tmp_path / "all") for path in (tmp_path / "all").rglob("*.png")} == expected
    assert answer["count"] == len(expected)


def test_describe_says_what_is_worn(home, photo):
    answer = dlcr("describe", photo, home=home)
    assert (answer["captions"], answer["prompts"]) == (1, 1)
    assert "|" in answer["outfits"][photo.name]


def png_header(width, height):
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + body
        + struct.pack(">I", zlib.crc32(body))
        + b"\0\0\0\0IEND\xaeB`\x82"
    )


@pytest.fixture
def bad(tmp_path, photo):
    """Pictures that cannot be used, by name."""
    made = {
        "text.jpg": b"this is no picture",
        "cut.jpg": photo.read_bytes()[:900],
        "huge.png": png_header(30_000, 30_000),
        "empty.png": b"",
    }
    for name, content in made.items():
        (tmp_path / name).write_bytes(content)
    Image.new("RGB", (1, 1)).save(tmp_path / "tiny.png")
    Image.new("RGB", (128, 256), (127, 127, 127)).save(tmp_path / "nobody.png")
    return tmp_path


@pytest.mark.parametrize(
    "name", ["text.jpg", "cut.jpg", "huge.png", "empty.png", "tiny.png", "nobody.png", "missing.jpg"]
)
def test_unusable_pictures_fail_with_one_clear_line(home, bad, name):
    answer = dlcr("paint", bad / name, "--prompt", PROMPT, "--out", bad / "out", home=home, code=1)
    assert name in answer["what"]
    assert answer["remedy"]
    assert not list(bad.glob("out/*"))


def test_an_animation_gives_its_first_frame(home, photo, tmp_path):
    first = Image.open(photo)
    first.save(tmp_path / "walk.gif", save_all=True, append_images=[Image.new("RGB", first.size)])
    answer = dlcr(
        "paint", tmp_path / "walk.gif", "--prompt", PROMPT, "-n", 1, "--steps", 2, "--out", tmp_path, home=home
    )
    assert answer["outside_mask_max_diff"] == 0


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["--prompt", "", "--out", "o"], 1, "prompt is empty"),
        (["--prompt", PROMPT, "--out", "o", "--inpainter", "crayon"], 1, "unknown inpainter"),
        (["--prompt", PROMPT, "--out", "o", "--parser", "eyes"], 1, "unknown parser"),
        (["--prompt", PROMPT, "--out", "o", "--steps", "0"], 2, "steps"),
        (["--prompt", PROMPT, "--out", "o", "--scheduler", "fast"], 2, "unknown scheduler"),
        (["--prompt", PROMPT], 2, "out"),
    ],
)
def test_wrong_calls_name_what_is_wrong(home, photo, tmp_path, monkeypatch, args, code, says):
    monkeypatch.chdir(tmp_path)
    answer = dlcr("paint", photo, *args, home=home, code=code)
    assert says in answer["what"]
    assert not list(tmp_path.glob("o/*"))


def test_unknown_data_sets_and_files_name_the_known_ones(home):
    answer = dlcr("parse", "no-such-thing", home=home, code=2)
    assert "world" in answer["remedy"]


def test_a_workspace_that_is_a_file_is_a_clear_error(tmp_path, photo):
    (tmp_path / "w").write_text("")
    answer = dlcr("doctor", home=tmp_path / "w", code=1)
    assert any(str(tmp_path / "w") in problem for problem in answer["problems"])
    answer = dlcr("describe", photo, home=tmp_path / "w", code=1)
    assert str(tmp_path / "w") in answer["what"]


@needs_disks
def test_a_full_disk_is_named_and_nothing_half_written_stays(home, photo, tmp_path):
    with small_disk(tmp_path / "full", 24) as full:
        answer = dlcr("paint", photo, "--prompt", PROMPT, "-n", 4, "--steps", 2, "--out", full, home=home, code=1)
        assert str(full) in answer["what"]
        assert "space" in answer["remedy"]
        for path in full.rglob("*"):
            assert path.suffix == ".png"
            assert read_photo(path).shape == read_photo(photo).shape


@needs_disks
def test_a_workspace_on_a_full_disk_is_a_clear_error(photo, tmp_path):
    with small_disk(tmp_path / "full", 24) as full:
        answer = dlcr("describe", photo, home=full / "home", code=1)
        assert str(full) in answer["what"] + answer["remedy"]


@needs_disks
def test_a_read_only_workspace_is_a_clear_error(photo, tmp_path):
    with small_disk(tmp_path / "fixed", 4000) as fixed:
        write_protect(fixed)
        answer = dlcr("describe", photo, home=fixed / "home", code=1)
        assert str(fixed) in answer["what"]
        assert "read-only" in answer["what"] + answer["remedy"]
