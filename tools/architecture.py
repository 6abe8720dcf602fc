"""The architecture in one picture, made from the imports: `python -m tools.architecture` writes docs/pictures/architecture.*.

Places, arrows and words are the code's own (`tests/test_arrows.py` reads the imports, docstrings say what a place is); rows follow
from the longest way of arrows to a place. Everything imports `core`: those arrows are left out.
"""

from __future__ import annotations

import ast
import html
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tests.test_arrows import imports, ours, place, sources

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
NAME = "architecture"
CORE = "core"
BOX, TALL, BETWEEN, EDGE = 132, 74, 18, 26
"""Width and height of a box, room beside it, and at the picture's edge."""
FLOOR = 48
"""Height of the box below all others."""
ROW = 132
"""From the top of a row to that of the next."""
WORDS = 20
"""Letters of a line in a box."""
SWEEPS = 24

Arrows = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Spot:
    """The middle of a box, or of the gap that an arrow takes through a row."""

    x: float
    y: float
    box: bool


def arrows() -> dict[str, frozenset[str]]:
    """Place -> the places it imports, `core` left out."""
    found: dict[str, set[str]] = {}
    for module, path in sources():
        here = place(module)
        if here:
            used = {place(name) for name in imports(module, path) if ours(name)} - {here, CORE, "", "__version__"}
            found.setdefault(here, set()).update(used)
    return {here: frozenset(found[here]) for here in sorted(found)}


def words(name: str) -> str:
    """What the docstring of a place says it is: its first clause."""
    for path in (ROOT / f"{name}.py", *(ROOT / "dlcr" / one for one in (f"{name}.py", f"{name}/__init__.py")),
                 ROOT / name / "__init__.py"):  # fmt: skip
        if path.is_file():
            said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            return min((said.partition(mark)[0] for mark in (":", ".", ";", ",")), key=len).replace("`", "")
    return ""


def rows(links: Arrows) -> dict[str, int]:
    """Place -> its row: the longest way of arrows that leads to it."""
    found = dict.fromkeys(links, 0)
    for _ in links:
        for here, used in links.items():
            for name in used:
                found[name] = max(found[name], found[here] + 1)
    return found


def ways(links: Arrows, row: Mapping[str, int]) -> list[list[str]]:
    """Each arrow as names from top to bottom; where it passes a row there is a name of its own."""
    found = []
    for here, used in links.items():
        for name in sorted(used):
            between = [f"{here}>{name}@{level}" for level in range(row[here] + 1, row[name])]
            found.append([here, *between, name])
    return found


def ordered(paths: Sequence[Sequence[str]], row: Mapping[str, int]) -> list[list[str]]:
    """The names of each row from left to right, few arrows crossing: each moves to the mean of its neighbours, again and again."""
    levels: list[list[str]] = [[] for _ in range(max(row.values()) + 1)]
    for name, number in row.items():
        levels[number].append(name)
    near: dict[str, list[str]] = {name: [] for name in row}
    for path in paths:
        for number, name in enumerate(path, row[path[0]]):
            if name not in near:
                near[name] = []
                levels[number].append(name)
        for one, other in pairwise(path):
            near[one].append(other)
            near[other].append(one)
    for _ in range(SWEEPS):
        at = {name: (place + 0.5) / len(level) for level in levels for place, name in enumerate(level)}
        for level in levels:
            level.sort(key=lambda name: (_mean([at[other] for other in near[name]]), name))
    return levels


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.5


def spots(levels: Sequence[Sequence[str]]) -> tuple[dict[str, Spot], float]:
    """Where every name is drawn, and the width of the picture."""
    sizes = [[BOX if ">" not in name else BETWEEN for name in level] for level in levels]
    lengths = [sum(level) + BETWEEN * (len(level) - 1) for level in sizes]
    wide = max(lengths) + 2 * EDGE
    found = {}
    for number, (level, widths) in enumerate(zip(levels, sizes, strict=True)):
        gap = (wide - 2 * EDGE - sum(widths)) / (len(level) + 1) if len(level) < max(map(len, levels)) else BETWEEN
        x = EDGE + (gap if gap != BETWEEN else 0)
        for name, width in zip(level, widths, strict=True):
            found[name] = Spot(x + width / 2, EDGE + number * ROW + TALL / 2, width == BOX)
            x += width + gap
    return found, wide


def svg() -> str:
    """The picture: paper of its own, so that it reads on light and dark pages."""
    links = arrows()
    boxes = {name: used for name, used in links.items() if name != CORE}
    row = rows(boxes)
    paths = ways(boxes, row)
    where, wide = spots(ordered(paths, row))
    floor = EDGE + max(row.values()) * ROW + TALL + BETWEEN
    high = floor + FLOOR + EDGE
    title = "The parts of DLCR Studio and which imports which"
    lines = [_curve([where[name] for name in path]) for path in paths]
    drawn = [_box(name, where[name].x - BOX / 2, where[name].y - TALL / 2) for name in boxes]
    drawn.append(_box(CORE, EDGE, floor, wide - 2 * EDGE, FLOOR, "; everything above imports it"))
    style = (
        "text{font:13px 'DejaVu Sans',Verdana,sans-serif;fill:#1f2937}.n{font-weight:bold;font-size:15px}"
        ".l{fill:none;stroke:#64748b;stroke-width:1.4}rect{fill:#eff6ff;stroke:#2563eb;stroke-width:1.4}"
    )
    head = (
        '<marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="#64748b"/></marker>'
    )
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:g} {high:g}" width="{wide:g}" height="{high:g}" role="img">',
        f"<title>{title}</title><style>{style}</style><defs>{head}</defs>",
        f'<rect width="{wide:g}" height="{high:g}" rx="14" style="fill:#ffffff;stroke:none"/>',
        *lines, *drawn, "</svg>\n",
    ])  # fmt: skip


def _curve(spots: Sequence[Spot]) -> str:
    """An arrow from below the first box to above the last, straight down through the gaps between."""
    start, end = spots[0], spots[-1]
    points = [(start.x, start.y + TALL / 2)]
    for gap in spots[1:-1]:
        points += [(gap.x, gap.y - TALL / 2), (gap.x, gap.y + TALL / 2)]
    points.append((end.x, end.y - TALL / 2))
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for number, (one, other) in enumerate(pairwise(points)):
        half = (other[1] - one[1]) / 2
        bend = f"C{one[0]:.1f} {one[1] + half:.1f} {other[0]:.1f} {other[1] - half:.1f} "
        path += f"{'L' if number % 2 else bend}{other[0]:.1f} {other[1]:.1f}"
    return f'<path class="l" d="{path}" marker-end="url(#a)"/>'


def _box(name: str, x: float, y: float, width: float = BOX, height: float = TALL, more: str = "") -> str:
    said = textwrap.wrap(words(name) + more, int(WORDS * width / BOX))
    middle = x + width / 2
    texts = [f'<text class="n" x="{middle:.1f}" y="{y + 20:.1f}" text-anchor="middle">{name}</text>']
    texts += [
        f'<text x="{middle:.1f}" y="{y + 37 + 14 * number:.1f}" font-size="11" text-anchor="middle" style="font-size:11px">'
        f"{html.escape(line)}</text>"
        for number, line in enumerate(said)
    ]
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height}" rx="7"/>{"".join(texts)}'


def main() -> None:
    """Write the picture twice: as SVG, and as PNG at twice its size, drawn by Chromium."""
    from tools.pictures import chromium

    PICTURES.mkdir(parents=True, exist_ok=True)
    drawn = svg()
    (PICTURES / f"{NAME}.svg").write_text(drawn, encoding="utf-8")
    with chromium() as browser:
        page = browser.new_page(device_scale_factor=2, viewport={"width": 1400, "height": 1000})
        page.set_content(f"<style>body{{margin:0}}svg{{display:block}}</style>{drawn}")
        page.locator("svg").screenshot(path=PICTURES / f"{NAME}.png", omit_background=True)


if __name__ == "__main__":
    main()
