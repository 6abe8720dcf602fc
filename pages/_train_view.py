"""Runs as HTML tables and Plotly figures; every text from files and users is escaped here."""

from __future__ import annotations

import html
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from dlcr.catalog import EvaluationRow, RunRow
from dlcr.core.training import TrainSettings
from dlcr.stages_ablation import Row
from dlcr.stages_runs import Epoch
from pages import _text as text
from pages._data_view import table_heads
from pages._jobs_view import duration
from pages._train_form import differing
from pages._widgets import say

COLOURS = ("#0969da", "#bf5b00", "#1a7f37", "#8250df", "#cf222e", "#0a7d91", "#9a6700", "#bf3989")
INK, GRID = "#6e7781", "rgba(128, 128, 128, .22)"
SHARES = ("accuracy", "rank1", "mAP")
"""Measures that are fractions of 1, shown as percent."""

e = html.escape


@dataclass(frozen=True, slots=True)
class Curves:
    """What the plot shows: a measure of each run by epoch; `smooth` 0..1 is the share of the epochs before in each point."""

    measure: str
    smooth: float
    runs: tuple[tuple[str, tuple[Epoch, ...]], ...]

    def points(self, epochs: Sequence[Epoch]) -> tuple[list[int], list[float]]:
        """Epochs and values, where the measure was taken; fractions as percent."""
        known = [one for one in epochs if self.measure in one.values]
        scale = 100.0 if self.measure in SHARES else 1.0
        return [one.epoch for one in known], [scale * one.values[self.measure] for one in known]


def smoothed(values: Sequence[float], weight: float) -> list[float]:
    """Exponential mean: each value with `weight` of the mean before it; the start is not pulled to zero."""
    found: list[float] = []
    for value in values:
        found.append(weight * found[-1] + (1 - weight) * value if found else value)
    return found


def curve_figure(curves: Curves) -> Any:
    """Lines over epochs, one colour a run; where they are smoothed the values themselves stay as thin dots."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for place, (name, epochs) in enumerate(curves.runs):
        x, y = curves.points(epochs)
        if not x:
            continue
        colour = COLOURS[place % len(COLOURS)]
        if curves.smooth:
            dots = {"color": colour, "size": 4, "opacity": 0.35}
            figure.add_scatter(x=x, y=y, mode="markers", marker=dots, showlegend=False, hoverinfo="skip")
        figure.add_scatter(
            x=x, y=smoothed(y, curves.smooth), mode="lines+markers" if len(x) < 3 else "lines", name=_short(name),
            line={"color": colour, "width": 2},
            hovertemplate=f"%{{y:.3g}}<extra>%{{fullData.name}}, {text.EPOCH.lower()} %{{x}}</extra>",
        )  # fmt: skip
    title = text.MEASURES[curves.measure] + (" (%)" if curves.measure in SHARES else "")
    last = max((epochs[-1].epoch for _, epochs in curves.runs if epochs), default=1)
    return _dressed(figure, text.EPOCH, title).update_xaxes(dtick=max(1, last // 12))


def ablation_figure(rows: Sequence[Row]) -> Any:
    """Means as dots with one standard deviation to each side, one line a row."""
    import plotly.graph_objects as go

    figure, names = go.Figure(), [_short(row.name, 44) for row in rows]
    for place, (label, mean, spread) in enumerate((("Rank-1", "rank1", "rank1_sd"), ("mAP", "mAP", "mAP_sd"))):
        figure.add_scatter(
            x=[100 * getattr(row, mean) for row in rows], y=names, mode="markers", name=label,
            error_x={"array": [100 * getattr(row, spread) for row in rows], "thickness": 1.5, "width": 4},
            marker={"color": COLOURS[place], "size": 8, "symbol": ("circle", "diamond")[place]},
            hovertemplate="%{y}: %{x:.1f} % ± %{error_x.array:.1f}<extra>" + label + "</extra>",
        )  # fmt: skip
    dressed = _dressed(figure, "%", "")
    dressed.update_yaxes(autorange="reversed", automargin=True)
    dressed.update_layout(height=90 + 34 * max(1, len(rows)))
    return dressed


def _short(name: str, longest: int = 32) -> str:
    """A name for a legend; Plotly reads some HTML in it."""
    return e(name if len(name) <= longest else f"{name[: longest - 1]}…")


def _dressed(figure: Any, x: str, y: str) -> Any:
    axis = {"gridcolor": GRID, "zeroline": False, "linecolor": GRID}
    figure.update_layout(
        height=330, margin={"l": 48, "r": 8, "t": 8, "b": 40}, paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)",
        font={"color": INK, "size": 11}, legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        showlegend=True, xaxis=axis | {"title": x}, yaxis=axis | {"title": y},
    )  # fmt: skip
    return figure


def numbers(curves: Curves) -> str:
    """The curves as text: last, lowest and highest value of each run, and every epoch on demand."""
    if not curves.runs:
        return f'<p class="empty">{e(text.NO_RUN_CHOSEN)}</p>'
    found = {name: curves.points(epochs) for name, epochs in curves.runs}
    rows = "".join(_last(place, name, *points) for place, (name, points) in enumerate(found.items()))
    heads = table_heads((text.RUN, text.EPOCH, text.LAST, text.LOWEST, text.HIGHEST))
    told = {name: dict(zip(x, smoothed(y, curves.smooth), strict=True)) for name, (x, y) in found.items()}
    every = sorted({epoch for points in told.values() for epoch in points})
    lines = "".join(
        f"<tr><td>{epoch}</td>" + "".join(f"<td>{_number(told[name].get(epoch))}</td>" for name in told) + "</tr>"
        for epoch in every
    )
    whole = f"<table><tr>{table_heads((text.EPOCH, *told))}</tr>{lines}</table>"
    return (
        f'<div class="facts"><div class="scroll"><table><tr>{heads}</tr>{rows}</table></div>'
        f'<details><summary>{e(text.EVERY_EPOCH)}</summary><div class="scroll tall" tabindex="0">{whole}</div></details></div>'
    )


def _last(place: int, name: str, x: Sequence[int], y: Sequence[float]) -> str:
    told = (str(x[-1]), *(_number(value) for value in (y[-1], min(y), max(y)))) if x else ("–",) * 4
    key = f'<i class="key" style="background:{COLOURS[place % len(COLOURS)]}" aria-hidden="true"></i>'
    return f"<tr><td>{key}{e(name)}</td>" + "".join(f"<td>{one}</td>" for one in told) + "</tr>"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def runs(
    rows: Sequence[RunRow], chosen: Sequence[str], still: Collection[str], sure: str, given: Collection[str] = ()
) -> str:
    """Every run of the data set, what can be done with it; `still` stand still before their end, `given` come with the program."""
    if not rows:
        return f'<p class="empty">{e(text.NO_RUNS)}</p>'
    lines = "".join(
        _run(row, row.name in chosen, row.name in still, row.name == sure, row.name in given) for row in rows
    )
    heads = table_heads(("", text.RUN, text.STATE, text.EPOCHS, text.TOOK, ""))
    table = f'<table class="runs"><tr>{heads}</tr>{lines}</table>'
    return f'<div class="facts scroll tall" data-group>{table}</div>'


def _run(row: RunRow, here: bool, still: bool, sure: bool, given: bool) -> str:
    name = e(row.name)
    buttons = _button("resume", name, text.GO_ON) if still else ""
    if row.state == "done":
        buttons += _button("evaluate", name, text.EVALUATE)
        buttons += _button("best", name, text.EVALUATE_BEST) if row.settings.get("evaluate_every") else ""
    if row.state == "done":
        file, words = f"/run/{quote(row.name)}.zip", f"{e(text.EXPORT_RUN)}: {name}"
        buttons += f'<a class="button" href="{file}" download aria-label="{words}">{e(text.EXPORT_RUN)}</a> '
    if not given:
        buttons += _button("sure", name, text.REALLY_REMOVE_RUN) if sure else _button("remove", name, text.REMOVE_RUN)
    show = _button("show", name, text.HIDE if here else text.SHOW, f' aria-pressed="{str(here).lower()}"')
    state = f'<i aria-hidden="true"></i>{e(text.STATES[row.state])}'
    state = f'<span class="state {"interrupted" if still else e(row.state)}">{state}</span>'
    return (
        f"<tr><td>{show}</td><td>{name}</td><td>{state}</td><td>{row.epochs} / {row.settings.get('epochs', '?')}</td>"
        f"<td>{e(duration(row.seconds))}</td><td>{buttons}</td></tr>"
    )


def _button(act: str, name: str, words: str, more: str = "") -> str:
    return (
        f'<button type="button" data-act="{act}" data-name="{name}" aria-label="{e(words)}: {name}"{more}>'
        f"{e(words)}</button> "
    )


def compared(chosen: Sequence[RunRow], scores: Sequence[EvaluationRow]) -> str:
    """Chosen runs side by side: the settings in which they differ, then what they scored; the best of a line is bold."""
    if not chosen:
        return f'<p class="empty">{e(text.NO_RUN_CHOSEN)}</p>'
    default = TrainSettings().model_dump()
    lines = [
        _line(name.replace("_", " "), [_plain(row.settings.get(name, default[name])) for row in chosen])
        for name in differing([row.settings for row in chosen])
    ]
    lines.append(_line(text.VARIANTS_USED, [f"{_used(row):,}" for row in chosen]))
    lines.append(_line(text.IMAGES_SEEN, [f"{row.images_seen:,}" for row in chosen]))
    lines.append(_line(text.TOOK, [duration(row.seconds) for row in chosen]))
    results = _results([row.name for row in chosen], scores)
    body = "".join(lines) + results
    empty = "" if results else f'<p class="empty">{e(text.NO_SCORES)}</p>'
    heads = table_heads(("", *(row.name for row in chosen)))
    same = say(text.ONLY_DIFFERENT) if len(chosen) > 1 else ""
    return f'<div class="facts">{same}<div class="scroll"><table><tr>{heads}</tr>{body}</table></div>{empty}</div>'


def _results(names: Sequence[str], scores: Sequence[EvaluationRow]) -> str:
    kinds: dict[tuple[str, str, int], dict[str, Mapping[str, Any]]] = {}
    for row in scores:
        name, _, checkpoint = row.run.rpartition("@") if row.run.endswith(("@best", "@last")) else (row.run, "", "")
        if name in names:
            kinds.setdefault((row.protocol, checkpoint, row.refine), {})[name] = row.result
    lines = ""
    for (protocol, checkpoint, refine), found in sorted(kinds.items()):
        words = protocol + (f", {checkpoint}" if checkpoint else "") + (f", {refine} {text.VOTE}" if refine else "")
        for key, label in (("rank1", "rank-1"), ("mAP", "mAP")):
            values = [found[name][key] if name in found else None for name in names]
            top = max((value for value in values if value is not None), default=None)
            cells = ["" if value is None else f"{value:.1%}" for value in values]
            marked = [value is not None and value == top and len(found) > 1 for value in values]
            lines += _line(f"{words}: {label}", cells, marked)
    return lines


def _line(name: str, cells: Sequence[str], bold: Sequence[bool] = ()) -> str:
    marks = bold or [False] * len(cells)
    told = "".join(f"<td>{f'<b>{e(one)}</b>' if mark else e(one)}</td>" for one, mark in zip(cells, marks, strict=True))
    return f"<tr><th scope=row>{e(name)}</th>{told}</tr>"


def _plain(value: Any) -> str:
    if value is None:
        return text.OWN
    return {True: text.YES, False: text.NO}[value] if isinstance(value, bool) else str(value)


def _used(row: RunRow) -> int:
    return int(row.facts.get("variants", {}).get("count", 0))


def meaning(wanted: TrainSettings) -> str:
    """What the settings come to in a batch."""
    what = text.BATCH_MEANS.format(people=wanted.people, photos=wanted.photos_per_person)
    other = text.HALF_VARIANTS if wanted.variants else text.HALF_RECOLOURED if wanted.recoloured else text.HALF_NONE
    return say(f"{what} {other}")


def ablation(rows: Sequence[Row], protocol: str) -> str:
    """The ablation table."""
    if not rows:
        return f'<p class="empty">{e(text.NO_ABLATION)}</p>'
    lines = "".join(
        f"<tr><td>{e(row.name)}</td><td>{row.seeds}</td><td>{row.rank1:.1%} ± {row.rank1_sd:.1%}</td>"
        f"<td>{row.mAP:.1%} ± {row.mAP_sd:.1%}</td><td>{e(duration(row.seconds))}</td><td>{row.images_seen:,.0f}</td></tr>"
        for row in rows
    )
    heads = table_heads((text.ARM, text.SEEDS, "Rank-1", "mAP", text.TOOK, text.IMAGES_SEEN))
    note = say(text.ABLATION_NOTE.format(protocol=protocol))
    return f'<div class="facts"><div class="scroll"><table><tr>{heads}</tr>{lines}</table></div>{note}</div>'


def outcome(verb: str, told: Mapping[str, Any]) -> str:
    """What a job that is done trained or found, in a line."""
    if verb == "train":
        numbers = {"epochs": told.get("epochs", 0), "seen": f"{told.get('images_seen', 0):,}"}
        line = text.TRAINED.format(
            **numbers, time=duration(float(told.get("seconds", 0.0))), loss=f"{told.get('loss', 0):.3f}"
        )
        return say(line)
    if verb == "evaluate":
        found = {name: one for name, one in told.items() if isinstance(one, Mapping)}
        return say("; ".join(f"{name}: rank-1 {one['rank1']:.1%}, mAP {one['mAP']:.1%}" for name, one in found.items()))
    return say(text.ABLATED.format(count=len(told.get("rows", []))))
