"""The verbs: `python -m dlcr VERB`, or `dlcr VERB`. A contract: names, JSON keys and exit codes stay.

Every verb takes `--json` (one object on the last line of stdout) and `--home`. Exit codes: 0 done, 1 failed with one clear
line, 2 wrong usage, 130 interrupted.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.progress import track

from dlcr.cli_bars import bar, bars
from dlcr.core.errors import DlcrError, MaskError, PhotoError, UsageError

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
Item = TypeVar("Item")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on the last line.")]
Home = Annotated[Path | None, typer.Option(help="Workspace folder; else DLCR_HOME, else ./workspace.")]
Device = Annotated[str | None, typer.Option(help="auto, cpu, cuda or cuda:N.")]
ParserName = Annotated[str | None, typer.Option("--parser", help="Parser backend.")]
CaptionerName = Annotated[str | None, typer.Option("--captioner", help="Captioner backend.")]
SummariserName = Annotated[str | None, typer.Option("--summariser", help="Summariser backend.")]
InpainterName = Annotated[str | None, typer.Option("--inpainter", help="Inpainter backend.")]
ProfileName = Annotated[
    str | None, typer.Option("--profile", help="demo, paper or fast: backends and settings at once.")
]
DiscriminatorWeight = Annotated[
    float | None, typer.Option(help="Weight of discriminator guidance; 0 if not said, the method's is 1.")
]
DiscriminatorName = Annotated[
    str | None, typer.Option("--discriminator", help="Which: a data set (its newest) or a digest.")
]
Out = Annotated[Path | None, typer.Option(help="Where to write.")]


def _session(home: Path | None, profile_name: str | None = None, **backends: str | None) -> Any:
    from dlcr import stages
    from dlcr.core.profiles import profile
    from dlcr.core.settings import Backends, checked

    chosen = dict(profile(profile_name).backends) | {step: spec for step, spec in backends.items() if spec is not None}
    return stages.open_session(home, checked(Backends, **chosen))


def _paint_settings(profile_name: str | None, **given: Any) -> Any:
    from dlcr.core.profiles import profile
    from dlcr.core.settings import PaintSettings, checked

    chosen = dict(profile(profile_name).paint) | {name: value for name, value in given.items() if value is not None}
    return checked(PaintSettings, **chosen)


def _say(as_json: bool, result: dict[str, Any], text: str) -> None:
    print(json.dumps(result, ensure_ascii=False) if as_json else text)


def _progress(items: Iterable[Item], what: str, count: int) -> Iterator[Item]:
    console = Console(stderr=True)
    return iter(track(items, what, total=count, console=console, disable=not console.is_terminal))


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture a verb works on: its file, its path in the answer, its sample id in the catalog if it has one."""

    path: Path
    relative: Path
    sample_id: int | None = None


def _pictures(session: Any, target: str) -> list[Picture]:
    """The pictures of a data set of the catalog, of a folder, or one photo."""
    names = [row.name for row in session.catalog.datasets()]
    if target in names:
        return [Picture(row.path, row.image, row.id) for row in _samples(session, target)]
    path = Path(target).expanduser()
    if path.is_dir():
        from dlcr import stages

        return [Picture(path / image, image) for image in stages.pictures_in(path)]
    if not path.exists():
        raise UsageError(f"'{target}' is neither a data set nor a file.", f"Known data sets: {', '.join(names)}.")
    return [Picture(path, Path(path.name))]


def _samples(session: Any, dataset: str) -> Iterator[Any]:
    after = 0
    while page := session.catalog.find_samples(dataset, after=after, limit=500):
        yield from page
        after = page[-1].id


@app.command()
def doctor(as_json: Json = False, home: Home = None, device: Device = None) -> None:
    """Check device, models, assets and disk."""
    from dlcr import doctor as checks

    report = checks.examine(home, device)
    lines = [f"device: {report.device}", *(f"{m.step}: {m.spec} ({m.note})" for m in report.models)]
    lines += [f"problem: {problem}" for problem in report.problems] or ["all is well"]
    _say(as_json, asdict(report), "\n".join(lines))
    if not report.ok:
        raise typer.Exit(1)


@app.command()
def index(
    root: Path, name: Annotated[str, typer.Option(help="What to call the data set.")],
    layout: Annotated[str, typer.Option(help="auto, prcc, ltcc, vcclothes, ccvid, last, deepchange, ...")] = "auto",
    check: Annotated[bool, typer.Option(help="Open every new or changed file to see whether it can be used.")] = True,
    as_json: Json = False, home: Home = None,
) -> None:  # fmt: skip
    """Read a data set into the catalog; the folder is never written to."""
    from dlcr import stages

    with bars() as report:
        found = stages.index(_session(home), root, layout, name, check=check, on_progress=report)
    result = asdict(found) | {"bad": [{"path": path, "reason": reason} for path, reason in found.bad]}
    text = f"{name}: {found.images} images, {found.pids} people, {found.clothes} outfits, {found.cameras} cameras"
    text += f"\nlayout {found.layout}" + (f": {found.why}" if found.why else "")
    text += f"\n{found.new} new, {found.changed} changed, {found.gone} gone" + _health_lines(result["health"])
    _say(as_json, result, text + "".join(f"\nbad: {path}: {reason}" for path, reason in found.bad))


def _health_lines(health: dict[str, Any]) -> str:
    """One line for each thing that is the matter with a data set."""
    found = {name: one for name, one in health.items() if name != "unchecked" and one["count"]}
    lines = [
        f"{name.replace('_', ' ')}: {one['count']} ({', '.join(one['examples'][:3])}, ...)"
        for name, one in found.items()
    ]
    return "".join(f"\n{line}" for line in lines) + (
        f"\nnot opened yet: {health['unchecked']}" if health["unchecked"] else ""
    )


@app.command("import")
def import_(
    root: Path, dataset: Annotated[str | None, typer.Option(help="Whose photos; else the one the strips fit best.")] = None,
    as_json: Json = False, home: Home = None,
) -> None:  # fmt: skip
    """Take in a DLCR release: strips of variants and their prompts, under their photos' paths."""
    from dlcr import stages

    with bars() as report:
        done = stages.import_release(_session(home), root, dataset, report)
    _moved(as_json, done, f"{done.dataset}: {done.variants} variants of {done.images} photos, {done.new} new")


@app.command()
def export(
    dataset: str, out: Annotated[Path, typer.Argument(metavar="DIR")],
    layout: Annotated[str, typer.Option(help="release: a strip of variants and their prompts for each photo.")] = "release",
    accepted: Annotated[bool, typer.Option("--accepted", help="Only accepted variants; else all.")] = False,
    as_json: Json = False, home: Home = None,
) -> None:  # fmt: skip
    """Write a data set's variants in the release format."""
    from dlcr import stages

    if layout != "release":
        raise UsageError(f"unknown layout '{layout}'.", "Choose: release.")
    with bars() as report:
        done = stages.export_release(_session(home), dataset, out, accepted=accepted, on_progress=report)
    _moved(as_json, done, f"{done.variants} variants of {done.images} photos in {done.path}")


def _moved(as_json: bool, done: Any, text: str) -> None:
    result = asdict(done) | {"bad": [{"path": path, "reason": reason} for path, reason in done.bad]}
    _say(as_json, result, text + "".join(f"\nbad: {path}: {reason}" for path, reason in done.bad))


def _for_each(pictures: list[Picture], what: str, work: Callable[[Picture], None]) -> list[dict[str, str]]:
    """Do `work` for each picture; one unusable picture of many is listed and does not stop the rest."""
    failed = []
    for picture in _progress(pictures, what, len(pictures)):
        try:
            work(picture)
        except PhotoError as error:
            if len(pictures) == 1:
                raise
            failed.append({"path": str(picture.relative), "reason": str(error)})
    return failed


@app.command()
def parse(
    target: Annotated[str, typer.Argument(metavar="DATASET|PHOTO")], out: Out = None,
    parser: ParserName = None, profile: ProfileName = None, device: Device = None,
    as_json: Json = False, home: Home = None,
) -> None:  # fmt: skip
    """Find the clothes: one mask an image, white = repaint."""
    from dlcr import stages
    from dlcr.core.images import read_photo, write_png

    session, start, coverage, written = _session(home, profile, parser=parser, device=device), time.monotonic(), [], []
    pictures = _pictures(session, target)

    def work(picture: Picture) -> None:
        if picture.sample_id is not None:
            mask = stages.auto_mask(session, picture.sample_id)[0].mask
        else:
            mask = _named(picture.path, lambda: stages.parse_photo(session, read_photo(picture.path)).mask)
        coverage.append(float(mask.mean()))
        if out is not None:
            single = len(pictures) == 1 and picture.sample_id is None and not Path(target).is_dir()
            file = out if single and out.suffix.lower() == ".png" else out / picture.relative.with_suffix(".png")
            written.append(write_png(file, mask))

    failed = _for_each(pictures, "parsing", work)
    place = None if out is None else str(written[0] if len(pictures) == 1 and written else out)
    mean = sum(coverage) / max(1, len(coverage))
    result = {
        "count": len(coverage), "coverage": mean, "seconds": time.monotonic() - start, "path": place, "failed": failed,
    }  # fmt: skip
    _say(
        as_json,
        result,
        f"{len(coverage)} masks, {mean:.1%} of the pixels, {len(failed)} failed; {place or 'not written'}",
    )


def _named(path: Path, work: Callable[[], Any]) -> Any:
    """Name the file in an error that only knows the pixels."""
    try:
        return work()
    except PhotoError as error:
        if str(path) in error.what:
            raise
        raise PhotoError(f"{path}: {error.what}", error.remedy) from error


@app.command()
def describe(
    target: Annotated[str, typer.Argument(metavar="DATASET|PHOTO")], captioner: CaptionerName = None,
    summariser: SummariserName = None, parser: ParserName = None, profile: ProfileName = None, device: Device = None,
    question: Annotated[str | None, typer.Option(help="What a captioner that understands words is asked.")] = None,
    as_json: Json = False, home: Home = None,
) -> None:  # fmt: skip
    """Say what people wear: a caption for every frame, a prompt for every outfit."""
    from dlcr import stages
    from dlcr.core.images import read_photo

    session = _session(home, profile, captioner=captioner, summariser=summariser, parser=parser, device=device)
    if target in [row.name for row in session.catalog.datasets()]:
        return _describe_dataset(session, target, question, as_json)
    start, captions, prompts = time.monotonic(), 0, {}
    pictures = _pictures(session, target)

    def work(picture: Picture) -> None:
        nonlocal captions
        photo = read_photo(picture.path)
        labels = _named(picture.path, lambda: stages.parse_photo(session, photo).labels)
        prompts[str(picture.relative)] = str(stages.caption_photo(session, photo, labels).outfit)
        captions += 1

    failed = _for_each(pictures, "describing", work)
    result = {
        "captions": captions, "prompts": len(prompts), "seconds": time.monotonic() - start, "outfits": prompts, "failed": failed,
    }  # fmt: skip
    _say(as_json, result, "\n".join(f"{key}: {text}" for key, text in prompts.items()))


def _describe_dataset(session: Any, dataset: str, question: str | None, as_json: bool) -> None:
    from dlcr import stages_describe
    from dlcr.core.settings import DescribeSettings, checked

    start = time.monotonic()
    with bar("describing") as show:
        found = stages_describe.describe_dataset(
            session, dataset, settings=checked(DescribeSettings, question=question), on_progress=show
        )
    failed = [{"path": one.name, "reason": one.reason} for one in found.failures]
    result = {
        "captions": found.captions, "kept": found.kept, "prompts": len(found.prompts), "seconds": time.monotonic() - start,
        "outfits": found.prompts, "failed": failed,
    }  # fmt: skip
    text = [f"{key}: {said}" for key, said in found.prompts.items()]
    _say(as_json, result, "\n".join(text + [f"failed: {one['path']}: {one['reason']}" for one in failed]))


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
    as_json: Json = False, home: Home = None,
) -> None:  # fmt: skip
    """Dress every photo of a data set in other outfits; run it again to go on where it stopped."""
    from dlcr import stages, stages_expand
    from dlcr.core.settings import ExpandSettings, checked

    settings = checked(
        ExpandSettings, variants=variants, split=split, limit=limit, seed=seed, diverse=diverse, compile=compile_
    )
    how = _paint_settings(
        profile, steps=steps, guidance=guidance, guided=guided, scheduler=scheduler, batch=batch,
        discriminator_weight=discriminator_weight,
    )  # fmt: skip
    session = _session(
        home, profile, inpainter=inpainter, parser=parser, captioner=captioner, summariser=summariser, device=device
    )
    with bar("expanding") as show:
        found = stages_expand.expand(
            session, dataset, settings, paint=stages.named(session, how, discriminator),
            on_progress=lambda now: show(now.made + now.kept + now.failed, now.total),
        )  # fmt: skip
    text = f"{found.made} made, {found.kept} kept, {found.failed} failed; {found.images_per_second:.2f} images/s"
    _say(as_json, asdict(found), text + "".join(f"\nfailed: {one.name}: {one.reason}" for one in found.failures))


@app.command()
def paint(
    photo: Path, prompt: Annotated[str, typer.Option(help="Garments: 'red t-shirt | blue jeans | white shoes'.")],
    out: Annotated[Path, typer.Option(help="Folder for the variants.")],
    count: Annotated[int, typer.Option("-n", min=1, max=1000)] = 4, seed: Annotated[int, typer.Option(min=0, max=2**31 - 1)] = 0,
    mask: Annotated[Path | None, typer.Option(help="Mask picture of the photo's size, white = repaint.")] = None,
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
    settings = _paint_settings(
        profile, steps=steps, guidance=guidance, guided=guided, scheduler=scheduler, strength=strength,
        negative_prompt=negative_prompt, batch=batch, discriminator_weight=discriminator_weight,
    )  # fmt: skip
    picture = read_photo(photo)
    session = _session(home, profile, inpainter=inpainter, parser=parser, device=device)
    settings = stages.named(session, settings, discriminator)
    stages.understood(session, prompt)
    make_folder(out)
    if mask is None:
        parsed = _named(photo, lambda: stages.parse_photo(session, picture))
        hole, person = parsed.mask, parsed.box
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
    _say(as_json, result, f"read as: {read}\n" + "\n".join(row["path"] for row in rows))


@app.command()
def replay(
    file: Path, photo: Annotated[Path | None, typer.Option(help="Needed only if strength was below 1.")] = None,
    device: Device = None, as_json: Json = False, home: Home = None,
) -> None:  # fmt: skip
    """Paint a variant again from its own lineage and compare."""
    from dlcr import stages
    from dlcr.core.images import read_photo

    session = _session(home, inpainter=stages.painted_by(file), device=device)
    found = stages.replay(session, file, None if photo is None else read_photo(photo))
    text = "identical" if found.identical else f"differs by at most {found.max_diff}"
    _say(as_json, asdict(found), text + "".join(f"\n{difference}" for difference in found.differs))


@app.command()
def bench(name: Annotated[str, typer.Argument(metavar="NAME|all")], as_json: Json = False) -> None:
    """Run a benchmark of benchmarks/ (a checkout has them); each names its peer, its floor and the ratio wanted."""
    folder = Path(__file__).resolve().parents[1] / "benchmarks"
    known = {file.stem.removeprefix("bench_"): file for file in sorted(folder.glob("bench_*.py"))}
    if name != "all" and name not in known:
        raise UsageError(f"no benchmark '{name}'.", f"Choose one of: {', '.join(['all', *known])}.")
    results: list[dict[str, Any]] = []
    for file in known.values() if name == "all" else [known[name]]:
        done = subprocess.run([sys.executable, str(file)], stdout=subprocess.PIPE, text=True, check=True)
        results += json.loads(done.stdout.strip().splitlines()[-1])["results"]
    lines = [
        f"{one['name']}: {one['ours']:.3g} s, {one['peer_is']} {one['peer']:.3g} s, ratio {one['ratio']:.2f}"
        for one in results
    ]
    _say(as_json, {"results": results}, "\n".join(lines))


def _fail(as_json: bool, error: BaseException, what: str, remedy: str, code: int) -> NoReturn:
    if as_json:
        print(json.dumps({"error": type(error).__name__, "what": what, "remedy": remedy}, ensure_ascii=False))
    else:
        print(f"{what} {remedy}".strip(), file=sys.stderr)
    sys.exit(code)


def main() -> None:
    """Run a verb; every failure is one clear line (or JSON object) and an exit code."""
    import dlcr.cli_quality
    import dlcr.cli_reid  # noqa: F401  (both add their verbs to `app`)

    as_json = "--json" in sys.argv
    try:
        code = app(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except DlcrError as error:
        _fail(as_json, error, error.what, error.remedy, error.exit_code)
    except (KeyboardInterrupt, typer.Abort) as error:
        _fail(as_json, error, "interrupted.", "Run the same command again to go on.", 130)
    except typer.TyperException as error:
        message = error.format_message()
        _fail(as_json, error, message, "See `dlcr --help` and `dlcr VERB --help`." if message else "", 2)
    except Exception as error:
        if os.environ.get("DLCR_DEBUG"):
            raise
        what = f"{type(error).__name__}: {error}."
        _fail(as_json, error, what, "This is a bug or a broken disk: set DLCR_DEBUG=1 to see where it happened.", 1)


if __name__ == "__main__":
    main()
