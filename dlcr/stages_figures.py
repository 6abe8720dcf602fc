"""Figures for papers, PNG or SVG: ways to change clothes (1), variants with their prompts (A3), retrieval (A4), two spaces (A5).

Part of the stages. The letters are those of the paper's appendix. What is right is told by a solid frame, wrong by a dashed, junk
by a dotted one. In privacy mode faces are blurred.
"""

import io
import textwrap
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcr.catalog import SampleRow
from dlcr.core.errors import UsageError
from dlcr.core.images import read_mask
from dlcr.session import Session
from dlcr.stages_privacy import shown as shown_picture
from dlcr.stages_privacy import shown_sample, shown_variant
from dlcr.stages_retrieve import Projected

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, FigureBase

    from dlcr.catalog import Coverage
    from dlcr.stages_first import Dressed
    from dlcr.stages_look import Answers

KINDS = {"png": "image/png", "svg": "image/svg+xml"}
DPI = 200
COLUMN, TALL = 1.0, 2.0
"""A picture's cell, in inches."""
FRAMES = {"right": ("#1a7f37", "solid"), "wrong": ("#cf222e", "dashed"), "junk": ("#57606a", "dotted")}
FONT = "DejaVu Sans"
OTHER_FONTS = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "Microsoft YaHei", "SimHei", "PingFang SC", "Hiragino Sans GB",
    "Heiti TC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback", "Arial Unicode MS",
)  # fmt: skip
"""For what FONT lacks, Chinese names and prompts above all; those installed here are asked in this order."""
STYLE: Any = {
    "font.size": 7, "svg.fonttype": "path", "svg.hashsalt": "dlcr",
    "text.parse_math": False,
}  # fmt: skip
"""A prompt with dollars in it is no formula."""
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#f0e442", "#000000")
"""Okabe and Ito's, told apart with any colour vision."""
SHAPES = ("o", "^", "s", "D", "v", "P", "X", "*")
MOST_PEOPLE = 20
WAY_WORDS = {"recoloured": "recolouring", "unmasked": "diffusion without a mask", "dlcr": "DLCR"}


def first_figure(session: Session, figure: "Dressed", kind: str = "png") -> bytes:
    """Figure 1: a photo and its three ways to other clothes with what was measured; below, its split before and after."""
    sheet = _sheet(6.4, 5.2)
    parts: Any = sheet.subfigures(2, 1, height_ratios=(3.6, 1.6))
    upper, lower = parts
    shown = [(shown_picture(session, figure.photo), f"photo\n{_short(figure.prompt)}")]
    for way in figure.ways:
        drift = f"identity drift {way.checks.drift:.3f}\nof the head {way.checks.head_drift:.3f}"
        words = f"{WAY_WORDS[way.name]}\n{drift}\nclothing change {way.change:.1f}\noutside: {way.checks.outside_changed} px"
        shown.append((shown_picture(session, way.picture), words))
    for cell, (picture, words) in zip(upper.subplots(1, 4), shown, strict=True):
        _picture(cell, picture)
        cell.set_xlabel(words, fontsize=6)
    draw_growth(lower, session.catalog.coverage(figure.dataset, figure.split))
    lower.suptitle(f"{figure.dataset}, {figure.split}", fontsize=7)
    return _bytes(sheet, kind)


def growth_figure(session: Session, dataset: str, split: str, kind: str = "png") -> bytes:
    """The second half of Figure 1: images and outfits of a split before and after its variants; CatalogError if it is not there."""
    found = session.catalog.coverage(dataset, split)
    if not found.people:
        raise UsageError(f"'{dataset}' has no photos in the split '{split}'.", "Choose one of its splits.")
    sheet = _sheet(6.4, 1.6)
    draw_growth(sheet, found)
    return _bytes(sheet, kind)


def draw_growth(sheet: "FigureBase", found: "Coverage") -> None:
    """Two pairs of bars: images and outfits before, and after with what was generated on top of them."""
    for axes, name, (before, made) in zip(
        sheet.subplots(1, 2), ("images", "outfits of persons"), found.growth(), strict=True
    ):
        axes.barh([1, 0], [before, before], color=COLOURS[0], label="real", height=0.6)
        axes.barh(
            [0], [made], left=[before], color=COLOURS[1], hatch="///", edgecolor="white", label="generated", height=0.6
        )
        times = f"\n{(before + made) / before:.1f} times" if before else ""
        axes.set_yticks([1, 0], [f"before\n{before:,}", f"after\n{before + made:,}{times}"], fontsize=6)
        axes.set_xticks([])
        axes.set_xlim(0, max(1, before + made))
        axes.set_title(name, fontsize=7)
        axes.spines[["top", "right", "bottom"]].set_visible(False)
    sheet.legend(*axes.get_legend_handles_labels(), fontsize=6, frameon=False, ncols=2, loc="outside lower center")


def _short(prompt: str) -> str:
    return "\n".join(textwrap.wrap(prompt.replace(" | ", ", "), 28)[:4])


def variants_figure(session: Session, sample_id: int, kind: str = "png", most: int = 8) -> bytes:
    """Figure A3: a photo, its newest variant's mask and the newest variants (rejected ones left out), each with its
    prompt."""
    sample = session.catalog.sample(sample_id)
    rows = [row for row in session.catalog.variants(sample_id) if row.verdict != "rejected"][:most]
    if not rows:
        raise UsageError("the photo has no variants.", "Paint some first.")
    photo = shown_sample(session, sample)
    shown = [(photo, f"person {sample.pid}, outfit {sample.clothes_id}")]
    if rows[0].mask_id is not None:
        file = session.workspace.home / session.catalog.mask(rows[0].mask_id).file
        shown.append((read_mask(file, photo.shape[:2]).astype(np.uint8) * 255, "clothes"))
    shown += [(shown_variant(session, row), row.prompt) for row in rows]
    figure, cells = _grid(1, len(shown), COLUMN, TALL + 0.55)
    for cell, (picture, words) in zip(cells[0], shown, strict=True):
        _picture(cell, picture)
        cell.set_title("\n".join(textwrap.wrap(words.replace(" | ", ", "), 19)[:6]), fontsize=5.5, y=-0.03, va="top")
    return _bytes(figure, kind)


def retrieval_figure(
    session: Session, runs: Sequence[str], asked: Sequence[Sequence["Answers"]], kind: str = "png"
) -> bytes:
    """Figure A4: one line a query and run: the query, then the best answers framed as right, wrong or junk.

    `asked` holds, for each query, the answers of each of the `runs`.
    """
    lines = [(run, answers) for some in asked for run, answers in zip(runs, some, strict=True)]
    if not lines:
        raise UsageError("there is no query to draw.", "Choose one.")
    count = max(len(answers.samples) for _, answers in lines)
    figure, cells = _grid(len(lines), count + 1, COLUMN, TALL)
    for row, (run, answers) in zip(cells, lines, strict=True):
        _picture(row[0], shown_sample(session, answers.query))
        row[0].set_title(f"person {answers.query.pid}", fontsize=6, pad=2)
        row[0].set_ylabel(run, fontsize=7)
        for place, (cell, sample) in enumerate(zip(row[1:], answers.samples, strict=False)):
            right, junk = bool(answers.ranking.right[place]), bool(answers.ranking.junk[place])
            _picture(cell, shown_sample(session, sample), "junk" if junk else "right" if right else "wrong")
            rank = "–" if answers.ranks[place] < 0 else str(answers.ranks[place] + 1)
            cell.set_title(f"{rank} · {answers.ranking.scores[place]:.2f}", fontsize=6, pad=2)
        for cell in row[1 + len(answers.samples) :]:
            cell.axis("off")
    return _bytes(figure, kind)


def space_figure(
    runs: Sequence[str], found: Sequence[Projected], samples: Sequence[SampleRow], kind: str = "png"
) -> bytes:
    """Figure A5: the same photos as each run sees them; a colour a person, a shape each of its outfits."""
    people = sorted({sample.pid for sample in samples})
    if not 0 < len(people) <= MOST_PEOPLE:
        raise UsageError(
            f"{len(people)} people cannot be told apart by colours.", f"Choose 1 to {MOST_PEOPLE} people for a figure."
        )
    sample_of = {sample.id: sample for sample in samples}
    figure, cells = _grid(1, len(runs), 3.0, 3.2)
    for cell, run, one in zip(cells[0], runs, found, strict=True):
        points = [sample_of[int(key)] for key in one.ids]
        for number, pid in enumerate(people):
            outfits = sorted({sample.clothes_id for sample in points if sample.pid == pid})
            for shape, outfit in enumerate(outfits):
                mine = [row for row, sample in enumerate(points) if (sample.pid, sample.clothes_id) == (pid, outfit)]
                x, y = one.places[mine].T
                cell.scatter(
                    x, y, s=16, marker=SHAPES[shape % len(SHAPES)], color=COLOURS[number % len(COLOURS)],
                    linewidths=0.4, edgecolors="white", label=None if shape else f"{pid}",
                )  # fmt: skip
        cell.set_xticks([])
        cell.set_yticks([])
        cell.set_title(run)
        cell.set_xlabel(
            f"silhouette by person {one.by_person:.2f}, by outfit {one.by_outfit:.2f}\ntrustworthiness {one.trustworthiness:.3f}",
            fontsize=6,
        )
    cells[0][-1].legend(
        title="person", fontsize=6, title_fontsize=6, loc="upper left", bbox_to_anchor=(1.02, 1), frameon=False
    )
    return _bytes(figure, kind)


def _sheet(width: float, height: float) -> "Figure":
    """An empty figure, sides in inches."""
    import matplotlib
    from matplotlib.figure import Figure

    matplotlib.rcParams.update(STYLE | {"font.family": [FONT, *other_fonts()]})
    return Figure(figsize=(width, height), layout="constrained")


@cache
def other_fonts() -> list[str]:
    """Those of OTHER_FONTS that are installed; fonts that came after matplotlib made its list are made known to it."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    if not set(OTHER_FONTS) & set(fontManager.get_font_names()):
        known = {entry.fname for entry in fontManager.ttflist}
        for path in set(findSystemFonts()) - known:
            with suppress(OSError, RuntimeError):  # not a font that it reads
                fontManager.addfont(path)
    here = fontManager.get_font_names()
    return [name for name in OTHER_FONTS if name in here]


def _grid(rows: int, columns: int, width: float, height: float) -> tuple["Figure", list[list["Axes"]]]:
    figure = _sheet(columns * width, rows * height)
    cells: list[list[Any]] = figure.subplots(rows, columns, squeeze=False).tolist()
    return figure, cells


def _picture(cell: "Axes", picture: np.ndarray, flag: str = "") -> None:
    cell.imshow(picture, cmap="gray")
    cell.set_xticks([])
    cell.set_yticks([])
    colour, style = FRAMES.get(flag, ("#1f2328", "solid"))
    for spine in cell.spines.values():
        spine.set(color=colour, linestyle=style, linewidth=1.8 if flag else 0.6)


def checked_kind(kind: str) -> str:
    """A kind of file that figures are written as; UsageError lists them."""
    if kind not in KINDS:
        raise UsageError(f"no figure is written as '{kind}'.", f"Choose one of: {', '.join(KINDS)}.")
    return kind


def _bytes(figure: "Figure", kind: str) -> bytes:
    """The figure's file; the same figure gives the same bytes."""
    stream = io.BytesIO()
    figure.savefig(
        stream, format=checked_kind(kind), dpi=DPI, metadata={"Date": None} if kind == "svg" else {"Software": None}
    )
    return stream.getvalue()
