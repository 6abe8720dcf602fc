"""The verbs of re-identification: train, evaluate, embed, retrieve, project, ablation. Part of `cli.py`."""

import sys
import time
from dataclasses import asdict
from typing import Annotated, Any

import typer

from dlcr.cli_app import Device, Home, Json, app, open_session, say
from dlcr.cli_bars import bar, bars
from dlcr.cli_scale import Address, EngineName, GpusPerWorker, Workers, executor
from dlcr.core.training import VARIANTS

Run = Annotated[str, typer.Option("--run", help="Name of the run, or a backbone such as demo or timm:resnet50.")]
NameList = Annotated[
    str | None, typer.Option("--protocol", help="general, cc, sc; several with commas. Default: all of the set.")
]


@app.command()
def train(
    dataset: str, run: Annotated[str, typer.Option("--run", help="Name of the new run, or of one to go on with.")],
    with_variants: Annotated[bool, typer.Option("--with-variants", help="Half of each batch are variants.")] = False,
    variants: Annotated[
        int | None, typer.Option(min=1, help=f"--with-variants, up to so many of each photo; {VARIANTS} if not said.")
    ] = None,
    accepted_only: Annotated[bool, typer.Option("--accepted-only")] = False,
    no_progressive: Annotated[bool, typer.Option("--no-progressive", help="All variants from the start.")] = False,
    no_clothes_losses: Annotated[bool, typer.Option("--no-clothes-losses", help="Plain cross-entropy, no CAL.")] = False,
    backbone: Annotated[str | None, typer.Option(help="demo, timm:NAME, cal:PATH, hf:HUB_ID.")] = None,
    epochs: Annotated[int | None, typer.Option()] = None, batch: Annotated[int | None, typer.Option()] = None,
    photos_per_person: Annotated[int | None, typer.Option()] = None, seed: Annotated[int | None, typer.Option()] = None,
    height: Annotated[int | None, typer.Option()] = None, width: Annotated[int | None, typer.Option()] = None,
    learning_rate: Annotated[float | None, typer.Option()] = None, triplet_weight: Annotated[float | None, typer.Option()] = None,
    clip_frames: Annotated[int | None, typer.Option(help="Frames of a tracklet a clip; 1 = single photos.")] = None,
    clip_stride: Annotated[int | None, typer.Option()] = None,
    guided: Annotated[
        bool | None,
        typer.Option("--guided/--unguided", help="Only variants painted with discriminator guidance, or only others."),
    ] = None,
    recoloured: Annotated[bool, typer.Option("--recoloured", help="Recoloured clothes in place of variants.")] = False,
    evaluate_every: Annotated[int | None, typer.Option(help="Test every so many epochs and keep the best; 0 = never.")] = None,
    device: Device = None, as_json: Json = False, home: Home = None,
) -> None:  # fmt: skip
    """Train a re-ID run; a stopped one goes on after its last epoch.

    Over N processes: torchrun --nproc_per_node N -m -- dlcr train ...
    """
    from dlcr import stages_train
    from dlcr.core.settings import checked
    from dlcr.core.training import TrainSettings, preset

    session = open_session(home, device=device)
    given = {
        "backbone": backbone, "epochs": epochs, "batch": batch, "photos_per_person": photos_per_person, "seed": seed,
        "height": height, "width": width, "learning_rate": learning_rate, "triplet_weight": triplet_weight,
        "clip_frames": clip_frames, "clip_stride": clip_stride, "guided": guided, "evaluate_every": evaluate_every,
    }  # fmt: skip
    chosen = preset(session.catalog.dataset(dataset).layout, backbone)
    chosen |= {name: value for name, value in given.items() if value is not None}
    settings = checked(
        TrainSettings, **chosen, variants=variants or (VARIANTS if with_variants else 0), accepted_only=accepted_only,
        recoloured=recoloured, progressive=not no_progressive, clothes_losses=not no_clothes_losses,
    )  # fmt: skip
    if settings.variants:
        photos, dressed = stages_train.training_samples(session, dataset, settings)
        if len(dressed) < len(photos):
            print(f"only {len(dressed)} of {len(photos)} photos have variants", file=sys.stderr)
    with bar("training") as move:
        done = stages_train.train(
            session, dataset, run, settings,
            lambda now: move(now.epoch * now.steps + now.step, now.epochs * now.steps),
        )  # fmt: skip
    if not done.leads:
        return
    result = {"run": run, "epochs": done.epochs, "seconds": done.seconds, "images_seen": done.images_seen}
    result |= {"photos": done.photos, "with_variants": done.with_variants}
    last = done.history[-1]
    text = f"{run}: {done.epochs} epochs, {done.seconds:.0f} s, {done.images_seen} photos; loss {last.loss:.3f}"
    if settings.variants:
        text += f"; {done.with_variants} of {done.photos} photos had variants"
    say(as_json, result | {"loss": last.loss, "accuracy": last.accuracy}, text)


@app.command()
def evaluate(
    run: Annotated[str, typer.Argument(help="Name of a run, or a backbone such as demo or cal:PATH.")],
    dataset: Annotated[str | None, typer.Option(help="Default: the set it was trained on.")] = None,
    protocol: NameList = None,
    refine: Annotated[int, typer.Option(min=0, max=100, help="Variants of each query that vote; 0 = none.")] = 0,
    as_released: Annotated[bool, typer.Option("--as-released", help="Refine as the released code does, for comparison.")] = False,
    checkpoint: Annotated[str | None, typer.Option(help="last, or best (needs a run tested on the way). Default: last.")] = None,
    device: Device = None, as_json: Json = False, home: Home = None,
) -> None:  # fmt: skip
    """CMC and mAP of a run, as fractions of 1."""
    from dlcr import stages_evaluate
    from dlcr.core.errors import UsageError

    if checkpoint not in (None, "last", "best"):
        raise UsageError(f"there is no checkpoint '{checkpoint}'.", "Choose last or best.")
    run += "@best" if checkpoint == "best" else ""
    names = [name.strip() for name in (protocol or "").split(",") if name.strip()]
    with bars() as report:
        found = stages_evaluate.evaluate(
            open_session(home, device=device), run, dataset, names, refine=refine, as_released=as_released,
            on_progress=report,
        )  # fmt: skip
    result = {name: asdict(one) | {"file": str(one.file)} for name, one in found.items()}
    lines = [
        f"{name}: rank-1 {one.rank1:.1%}, rank-5 {one.rank5:.1%}, rank-10 {one.rank10:.1%}, mAP {one.mAP:.1%}, "
        f"{one.queries} queries, {one.skipped} left out"
        for name, one in found.items()
    ]
    say(as_json, result, "\n".join(lines))


@app.command()
def embed(
    dataset: str, run: Run, device: Device = None, engine: EngineName = "local", address: Address = None,
    workers: Workers = None, gpus_per_worker: GpusPerWorker = None, as_json: Json = False, home: Home = None,
) -> None:  # fmt: skip
    """Features of every picture of a data set, kept in the workspace."""
    from dlcr import stages_embed

    start, session = time.monotonic(), open_session(home, device=device)
    with executor(session, dataset, engine, address, workers, gpus_per_worker) as by, bar("embedding") as move:
        path = stages_embed.embed(session, dataset, run, move, executor=by)
    count = session.catalog.count_samples(dataset)
    result = {"count": count, "path": str(path), "seconds": time.monotonic() - start}
    say(as_json, result, f"{count} features in {path}")


@app.command()
def retrieve(
    dataset: str, run: Run, query: Annotated[str, typer.Option(help="A sample: its id, or its path below the set's root.")],
    k: Annotated[int, typer.Option("-k", min=1, max=10_000)] = 10,
    protocol: Annotated[str | None, typer.Option(help="Default: the set's first.")] = None,
    junk: Annotated[bool, typer.Option("--junk", help="Show junk too.")] = False,
    device: Device = None, as_json: Json = False, home: Home = None,
) -> None:  # fmt: skip
    """The best answers to one query."""
    from dlcr import stages_retrieve

    found = stages_retrieve.retrieve(open_session(home, device=device), dataset, run, query, k, protocol, junk=junk)
    ranking, results = found.ranking, list[dict[str, Any]]()
    for sample, score, right, is_junk in zip(found.samples, ranking.scores, ranking.right, ranking.junk, strict=True):
        flag = "junk" if is_junk else "right" if right else "wrong"
        results.append(
            {"sample": sample.image.as_posix(), "id": sample.id, "pid": sample.pid, "score": float(score), "flag": flag}
        )
    text = "\n".join(f"{row['score']:.3f} {row['flag']:5} {row['pid']:>6} {row['sample']}" for row in results)
    say(as_json, {"query": found.query.image.as_posix(), "results": results}, text)


@app.command()
def project(
    dataset: str, run: Run, method: Annotated[str, typer.Option(help="tsne, umap or pca.")] = "tsne",
    split: Annotated[str | None, typer.Option(help="Splits, with commas. Default: query and gallery.")] = None,
    neighbours: Annotated[int, typer.Option("--neighbours", "--perplexity", help="Of t-SNE 30, of UMAP 15 if not given.")] = 0,
    seed: Annotated[int, typer.Option(min=0)] = 0, device: Device = None, as_json: Json = False, home: Home = None,
) -> None:  # fmt: skip
    """The feature space on a plane, and how far to trust the picture."""
    from dlcr import stages_retrieve

    splits = [name.strip() for name in (split or "").split(",") if name.strip()]
    with bars() as report:
        session = open_session(home, device=device)
        placing = stages_retrieve.Placing(splits, neighbours=neighbours)
        found = stages_retrieve.project(session, dataset, run, method, placing, seed, on_progress=report)
    measures = {name: getattr(found, name) for name in ("trustworthiness", "by_person", "by_outfit")}
    result = {name: None if value != value else value for name, value in measures.items()}  # nan is no JSON
    text = f"{len(found.ids)} points in {found.file}; trustworthiness {found.trustworthiness:.3f}, "
    text += f"silhouette by person {found.by_person:.3f}, by outfit {found.by_outfit:.3f}"
    say(as_json, {"count": len(found.ids), "path": str(found.file)} | result, text)


@app.command()
def ablation(
    dataset: str, seeds: Annotated[int, typer.Option(min=1, help="Trainings of each line.")] = 5,
    variants: Annotated[int, typer.Option(min=1, help="Use up to so many variants of each photo.")] = VARIANTS,
    epochs: Annotated[int | None, typer.Option()] = None, backbone: Annotated[str | None, typer.Option()] = None,
    protocol: Annotated[str | None, typer.Option(help="Default: the set's first.")] = None,
    device: Device = None, as_json: Json = False, home: Home = None,
) -> None:  # fmt: skip
    """The table of what brings how much: plain, CAL, recoloured, + variants, + progressive, + refinement, + guidance; what is done
    is not repeated."""
    from dlcr import stages_ablation
    from dlcr.core.settings import checked
    from dlcr.core.training import TrainSettings

    with bar("epochs of all trainings") as move:
        rows = stages_ablation.ablation(
            open_session(home, device=device), dataset, seeds, checked(TrainSettings, epochs=epochs, backbone=backbone),
            variants=variants, name=protocol, on_arm=lambda name, seed: print(f"{name}, seed {seed}", file=sys.stderr),
            on_epoch=move,
        )  # fmt: skip
    lines = [
        f"{row.name:40} rank-1 {row.rank1:.1%} ± {row.rank1_sd:.1%}, mAP {row.mAP:.1%} ± {row.mAP_sd:.1%}, {row.seconds:.0f} s, "
        f"{row.images_seen:.0f} photos"
        for row in rows
    ]
    say(as_json, {"rows": [asdict(row) for row in rows]}, "\n".join(lines))
