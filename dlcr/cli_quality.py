"""The verbs about how good variants are: guide, check. Part of `cli.py`."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

import typer

from dlcr.cli_app import (
    CaptionerName,
    Device,
    Home,
    InpainterName,
    Json,
    ParserName,
    ProfileName,
    app,
    open_session,
    say,
)
from dlcr.cli_bars import bars


@app.command()
def guide(
    dataset: str, split: Annotated[str | None, typer.Option(help="Whose photos and variants; train if not said.")] = None,
    steps: Annotated[int | None, typer.Option(help="Updates; 2000 if not said.")] = None,
    minutes: Annotated[float | None, typer.Option(min=0, help="Stop after so long; run it again to go on.")] = None,
    batch: Annotated[int | None, typer.Option()] = None, width: Annotated[int | None, typer.Option()] = None,
    levels: Annotated[int | None, typer.Option()] = None, learning_rate: Annotated[float | None, typer.Option()] = None,
    limit: Annotated[int | None, typer.Option(help="Variants to learn from at most.")] = None,
    seed: Annotated[int | None, typer.Option()] = None,
    inpainter: InpainterName = None, profile: ProfileName = None, device: Device = None,
    as_json: Json = False, home: Home = None,
) -> None:  # fmt: skip
    """Train the discriminator that tells photos from their variants; `expand --discriminator-weight 1` then uses it."""
    from dlcr import stages_guide
    from dlcr.core.settings import GuideSettings, checked

    settings = checked(
        GuideSettings, split=split, steps=steps, batch=batch, width=width, levels=levels, learning_rate=learning_rate,
        limit=limit, seed=seed,
    )  # fmt: skip
    session = open_session(home, profile, inpainter=inpainter, device=device)
    with bars() as report:
        found = stages_guide.guide(
            session, dataset, settings, minutes=minutes, on_progress=lambda now: report(now.what, now.done, now.total)
        )
    bands = ", ".join(f"{band}: {value:.1%}" for band, value in found.bands.items())
    text = f"{found.path}\n{found.steps} steps; accuracy on held-out people {found.accuracy:.1%} (timesteps {bands})"
    if found.accuracy < 0.55:
        text += "\nhardly better than chance: give it more variants, or fewer steps if it learned these by heart"
    if not found.finished:
        text += "\nthe time was up: the same command goes on"
    say(as_json, asdict(found) | {"path": str(found.path), "accuracy": found.accuracy}, text)


@app.command()
def check(
    dataset: str, gate: Annotated[str | None, typer.Option(help="keep: measure; flag: reject what fails; repaint: again.")] = None,
    split: Annotated[str | None, typer.Option(help="Whose variants; all if not said.")] = None,
    run: Annotated[str | None, typer.Option(help="Re-ID run or backbone that measures drift; else ImageNet's.")] = None,
    max_outside: Annotated[int | None, typer.Option()] = None, max_drift: Annotated[float | None, typer.Option()] = None,
    max_head_drift: Annotated[float | None, typer.Option()] = None,
    min_agreement: Annotated[float | None, typer.Option()] = None, max_seam: Annotated[float | None, typer.Option()] = None,
    attempts: Annotated[int | None, typer.Option(help="Times a variant is painted again.")] = None,
    batch: Annotated[int | None, typer.Option(help="Variants that are looked at together.")] = None,
    inpainter: InpainterName = None, parser: ParserName = None, captioner: CaptionerName = None,
    profile: ProfileName = None, device: Device = None, as_json: Json = False, home: Home = None,
) -> None:  # fmt: skip
    """Measure every variant of a data set; reject those that fall short, or paint them again."""
    from dlcr import stages_gate
    from dlcr.core.settings import GateSettings, checked

    settings = checked(
        GateSettings, gate=gate, split=split, run=run, max_outside=max_outside, max_drift=max_drift,
        max_head_drift=max_head_drift, min_agreement=min_agreement, max_seam=max_seam, attempts=attempts, batch=batch,
    )  # fmt: skip
    session = open_session(home, profile, inpainter=inpainter, parser=parser, captioner=captioner, device=device)
    with bars() as report:
        found = stages_gate.gate_dataset(session, dataset, settings, on_progress=report)
    text = f"{found.checked} checked, {found.kept} kept, {len(found.failures)} failed; {found.checks_per_second:.1f} a second\n"
    text += _table(found.measures)
    text += f"\n{found.passed} pass, {found.rejected} rejected by the gate, {found.judged} judged by people"
    if settings.gate == "repaint":
        text += f"; {found.repainted} painted again, {found.stuck} given up"
    say(as_json, asdict(found), text + "".join(f"\nfailed: {one.name}: {one.reason}" for one in found.failures))


def _table(measures: Mapping[str, Mapping[str, Any]]) -> str:
    """One line a measure: quantiles, threshold, how many fail."""
    from dlcr.stages_gate import MEASURES, QUANTILES

    lines = [f"{'':16}" + "".join(f"{name:>8}" for name in QUANTILES) + f"{'limit':>8}{'fail':>8}"]
    for name, told in measures.items():
        values = "".join(f"{told[key]:8.3g}" if key in told else f"{'-':>8}" for key in QUANTILES)
        lines.append(f"{name:16}{values}{told[MEASURES[name][0]]:8.3g}{told['failing']:8.0f}")
    return "\n".join(lines)
