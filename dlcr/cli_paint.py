"""The verbs that paint: expand, paint, replay. Part of `cli.py`."""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from dlcr.cli_app import (
    CaptionerName,
    Device,
    DiscriminatorName,
    DiscriminatorWeight,
    Grow,
    Home,
    InpainterName,
    Json,
    Limbs,
    ParserName,
    ProfileName,
    SummariserName,
    app,
    mask_settings,
    open_session,
    paint_settings,
    say,
)
from dlcr.cli_bars import bar
from dlcr.cli_look import named
from dlcr.cli_scale import Address, EngineName, GpusPerWorker, Workers, executor
from dlcr.core.errors import MaskError, UsageError


@app.command()
def expand(
    dataset: str, variants: Annotated[int | None, typer.Option(help="Variants a photo; 10 if not said.")] = None,
    split: Annotated[str | None, typer.Option(help="Whose photos; train if not said.")] = None,
    limit: Annotated[int | None, typer.Option(help="Only the first photos.")] = None,
    seed: Annotated[int | None, typer.Option()] = None,
    diverse: Annotated[bool, typer.Option(help="Spread outfits over garments and colours.")] = False,
    compile_: Annotated[bool, typer.Option("--compile", help="Compile the model first.")] = False,
    steps: Annotated[int | None, typer.Option()] = None, guidance: Annotated[float | None, typer.Option()] = None,
    guided: Annotated[float | None, typer.Option(help="Share of the steps with guidance.")] = None,
    scheduler: Annotated[str | None, typer.Option()] = None, batch: Annotated[int | None, typer.Option()] = None,
    discriminator_weight: DiscriminatorWeight = None, discriminator: DiscriminatorName = None,
    inpainter: InpainterName = None, parser: ParserName = None, captioner: CaptionerName = None,
    summariser: SummariserName = None, profile: ProfileName = None, device: Device = None,
    engine: EngineName = "local", address: Address = None, workers: Workers = None, gpus_per_worker: GpusPerWorker = None,
    as_json: Json = False, home: Home = None,
) -> None:  # fmt: skip
    """Dress every photo of a data set in other outfits; run it again to go on where it stopped."""
    from dlcr import stages, stages_expand
    from dlcr.core.settings import ExpandSettings, checked

    settings = checked(
        ExpandSettings, variants=variants, split=split, limit=limit, seed=seed, diverse=diverse, compile=compile_
    )
    how = paint_settings(
        profile, steps=steps, guidance=guidance, guided=guided, scheduler=scheduler, batch=batch,
        discriminator_weight=discriminator_weight,
    )  # fmt: skip
    session = open_session(
        home, profile, inpainter=inpainter, parser=parser, captioner=captioner, summariser=summariser, device=device
    )
    with executor(session, dataset, engine, address, workers, gpus_per_worker) as by, bar("expanding") as show:
        found = stages_expand.expand(
            session, dataset, settings, paint=stages.named(session, how, discriminator), executor=by,
            on_progress=lambda now: show(now.made + now.kept + now.failed, now.total),
        )  # fmt: skip
    text = f"{found.made} made, {found.kept} kept, {found.failed} failed; {found.images_per_second:.2f} images/s"
    say(as_json, asdict(found), text + "".join(f"\nfailed: {one.name}: {one.reason}" for one in found.failures))


@app.command()
def paint(
    photo: Path, prompt: Annotated[str, typer.Option(help="Garments: 'red t-shirt | blue jeans | white shoes'.")],
    out: Annotated[Path, typer.Option(help="Folder for the variants.")],
    count: Annotated[int, typer.Option("-n", min=1, max=1000)] = 4, seed: Annotated[int, typer.Option(min=0, max=2**31 - 1)] = 0,
    mask: Annotated[Path | None, typer.Option(help="Mask picture of the photo's size, white = repaint.")] = None,
    limbs: Limbs = False, grow: Grow = 0,
    steps: Annotated[int | None, typer.Option()] = None, guidance: Annotated[float | None, typer.Option()] = None,
    guided: Annotated[float | None, typer.Option(help="Share of the steps with guidance.")] = None,
    scheduler: Annotated[str | None, typer.Option()] = None, strength: Annotated[float | None, typer.Option()] = None,
    negative_prompt: Annotated[str | None, typer.Option()] = None, batch: Annotated[int | None, typer.Option()] = None,
    discriminator_weight: DiscriminatorWeight = None, discriminator: DiscriminatorName = None,
    inpainter: InpainterName = None, parser: ParserName = None, profile: ProfileName = None, device: Device = None,
    as_json: Json = False, home: Home = None,
) -> None:  # fmt: skip
    """Repaint the clothes of one photo; everything else keeps its own pixels."""
    import numpy as np

    from dlcr import stages
    from dlcr.core.files import make_folder
    from dlcr.core.images import read_mask, read_photo

    start = time.monotonic()
    settings = paint_settings(
        profile, steps=steps, guidance=guidance, guided=guided, scheduler=scheduler, strength=strength,
        negative_prompt=negative_prompt, batch=batch, discriminator_weight=discriminator_weight,
    )  # fmt: skip
    how = mask_settings(limbs, grow)
    if mask is not None and (limbs or grow):
        raise UsageError(
            "--limbs and --grow change the parser's mask, and --mask brings its own.", "Leave one of them out."
        )
    picture = read_photo(photo)
    session = open_session(home, profile, inpainter=inpainter, parser=parser, device=device)
    settings = stages.named(session, settings, discriminator)
    stages.understood(session, prompt)
    make_folder(out)
    if mask is None:
        parsed = named(photo, lambda: stages.parse_photo(session, picture))
        hole, person = stages.mask_as(parsed, how), parsed.box
    else:
        hole, person = read_mask(mask, picture.shape[:2]), None
    if not hole.any():
        raise MaskError(
            f"{mask or photo}: the clothing mask is empty.", "Give a mask with white where to repaint (--mask)."
        )
    variants = stages.paint(
        session, picture, hole, [prompt] * count, stages.variant_seeds(seed, count), settings=settings, person=person,
        source={"photo": photo.name},
    )  # fmt: skip
    rows: list[dict[str, Any]] = []
    worst = 0
    for variant in variants:
        file = stages.write_variant(out / f"{photo.stem}-{stages.variant_name(variant)}", variant)
        difference = np.abs(read_photo(file).astype(np.int16) - picture)[~hole]
        worst = max(worst, int(difference.max(initial=0)))
        rows.append({"path": str(file), "prompt": variant.prompt, "seed": variant.seed})
    read = variants[0].lineage["read"]
    result = {"variants": rows, "outside_mask_max_diff": worst, "seconds": time.monotonic() - start, "read": read}
    say(as_json, result, f"read as: {read}\n" + "\n".join(row["path"] for row in rows))


@app.command()
def replay(
    file: Path, photo: Annotated[Path | None, typer.Option(help="Needed only if strength was below 1.")] = None,
    inpainter: InpainterName = None, device: Device = None, as_json: Json = False, home: Home = None,
) -> None:  # fmt: skip
    """Paint a variant again from its own lineage and compare; a model that is not in use here is loaded only if it is named."""
    from dlcr import stages
    from dlcr.core.images import read_photo

    session = open_session(home, inpainter=inpainter or stages.painted_by(file), device=device)
    found = stages.replay(session, file, None if photo is None else read_photo(photo))
    text = "identical" if found.identical else f"differs by at most {found.max_diff}"
    if not found.identical and not found.differs:
        text += "\nnothing recorded differs: another processor rounds otherwise, or the picture was altered"
    say(as_json, asdict(found), text + "".join(f"\n{difference}" for difference in found.differs))
