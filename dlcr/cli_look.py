"""The verbs that look at photos: parse, describe. Part of `cli.py`."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from dlcr.cli_app import (
    CaptionerName,
    Device,
    Grow,
    Home,
    Json,
    Limbs,
    ParserName,
    ProfileName,
    SummariserName,
    app,
    mask_settings,
    open_session,
    say,
)
from dlcr.cli_bars import bar
from dlcr.cli_scale import Address, EngineName, GpusPerWorker, Workers, executor
from dlcr.core.errors import PhotoError, UsageError

Item = TypeVar("Item")
Out = Annotated[Path | None, typer.Option(help="Where to write.")]


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture a verb works on: its file, its path in the answer."""

    path: Path
    relative: Path


@app.command()
def parse(
    target: Annotated[str, typer.Argument(metavar="DATASET|PHOTO")], out: Out = None,
    limbs: Limbs = False, grow: Grow = 0, parser: ParserName = None, profile: ProfileName = None, device: Device = None,
    engine: EngineName = "local", address: Address = None, workers: Workers = None, gpus_per_worker: GpusPerWorker = None,
    as_json: Json = False, home: Home = None,
) -> None:  # fmt: skip
    """Find the clothes: one mask an image, white = repaint."""
    from dlcr import stages
    from dlcr.core.images import read_photo, write_png

    how = mask_settings(limbs, grow)
    session = open_session(home, profile, parser=parser, device=device)
    if _is_dataset(session, target):
        with executor(session, target, engine, address, workers, gpus_per_worker) as by:
            return _parse_dataset(session, target, out, how, by, as_json)
    _only_local(engine)
    start, coverage, written = time.monotonic(), list[float](), list[Path]()
    pictures = _pictures(session, target)

    def work(picture: Picture) -> None:
        mask = named(picture.path, lambda: stages.mask_as(stages.parse_photo(session, read_photo(picture.path)), how))
        coverage.append(float(mask.mean()))
        if out is not None:
            single = len(pictures) == 1 and not Path(target).is_dir()
            file = out if single and out.suffix.lower() == ".png" else out / picture.relative.with_suffix(".png")
            written.append(write_png(file, mask))

    failed = _for_each(pictures, "parsing", work)
    place = None if out is None else str(written[0] if len(pictures) == 1 and written else out)
    _say_parsed(len(coverage), sum(coverage) / max(1, len(coverage)), start, place, failed, as_json)


def _parse_dataset(session: Any, dataset: str, out: Path | None, how: Any, by: Any, as_json: bool) -> None:
    from dlcr import stages_parse
    from dlcr.core.files import sweep, write_bytes

    if out is not None:
        sweep(out, below=True)

    def copy(sample: Any, row: Any) -> None:
        if out is not None:
            write_bytes(out / sample.image.with_suffix(".png"), (session.workspace.home / row.file).read_bytes())

    start = time.monotonic()
    with bar("parsing") as show:
        found = stages_parse.parse_dataset(session, dataset, executor=by, how=how, on_mask=copy, on_progress=show)
    failed = [{"path": one.name, "reason": one.reason} for one in found.failures]
    place = None if out is None else str(out)
    _say_parsed(found.made + found.kept, found.coverage, start, place, failed, as_json)


def _say_parsed(
    count: int, coverage: float, start: float, place: str | None, failed: list[dict[str, str]], as_json: bool
) -> None:
    result = {
        "count": count, "coverage": coverage, "seconds": time.monotonic() - start, "path": place, "failed": failed,
    }  # fmt: skip
    text = f"{count} masks, {coverage:.1%} of the pixels, {len(failed)} failed; {place or 'not written'}"
    say(as_json, result, text)


@app.command()
def describe(
    target: Annotated[str, typer.Argument(metavar="DATASET|PHOTO")], captioner: CaptionerName = None,
    summariser: SummariserName = None, parser: ParserName = None, profile: ProfileName = None, device: Device = None,
    question: Annotated[str | None, typer.Option(help="What a captioner that understands words is asked.")] = None,
    engine: EngineName = "local", address: Address = None, workers: Workers = None, gpus_per_worker: GpusPerWorker = None,
    as_json: Json = False, home: Home = None,
) -> None:  # fmt: skip
    """Say what people wear: a caption for every frame, a prompt for every outfit."""
    from dlcr import stages
    from dlcr.core.images import read_photo

    session = open_session(home, profile, captioner=captioner, summariser=summariser, parser=parser, device=device)
    if _is_dataset(session, target):
        with executor(session, target, engine, address, workers, gpus_per_worker) as by:
            return _describe_dataset(session, target, question, by, as_json)
    _only_local(engine)
    start, captions, prompts = time.monotonic(), 0, {}
    pictures = _pictures(session, target)

    def work(picture: Picture) -> None:
        nonlocal captions
        photo = read_photo(picture.path)
        labels = named(picture.path, lambda: stages.parse_photo(session, photo).labels)
        prompts[str(picture.relative)] = str(stages.caption_photo(session, photo, labels).outfit)
        captions += 1

    failed = _for_each(pictures, "describing", work)
    result = {
        "captions": captions, "prompts": len(prompts), "seconds": time.monotonic() - start, "outfits": prompts, "failed": failed,
    }  # fmt: skip
    say(as_json, result, "\n".join(f"{key}: {text}" for key, text in prompts.items()))


def _describe_dataset(session: Any, dataset: str, question: str | None, by: Any, as_json: bool) -> None:
    from dlcr import stages_describe
    from dlcr.core.settings import DescribeSettings, checked

    start = time.monotonic()
    with bar("describing") as show:
        found = stages_describe.describe_dataset(
            session, dataset, settings=checked(DescribeSettings, question=question), executor=by, on_progress=show
        )
    failed = [{"path": one.name, "reason": one.reason} for one in found.failures]
    result = {
        "captions": found.captions, "kept": found.kept, "prompts": len(found.prompts), "seconds": time.monotonic() - start,
        "outfits": found.prompts, "failed": failed,
    }  # fmt: skip
    text = [f"{key}: {said}" for key, said in found.prompts.items()]
    say(as_json, result, "\n".join(text + [f"failed: {one['path']}: {one['reason']}" for one in failed]))


def _is_dataset(session: Any, target: str) -> bool:
    return target in [row.name for row in session.catalog.datasets()]


def _only_local(engine: str) -> None:
    if engine != "local":
        raise UsageError(f"--engine {engine} works on data sets of the catalog.", "Add one with `dlcr index`.")


def _pictures(session: Any, target: str) -> list[Picture]:
    """The pictures of a folder, or one photo."""
    path = Path(target).expanduser()
    if path.is_dir():
        from dlcr import stages

        return [Picture(path / image, image) for image in stages.pictures_in(path)]
    if not path.exists():
        names = ", ".join(row.name for row in session.catalog.datasets())
        raise UsageError(f"'{target}' is neither a data set nor a file.", f"Known data sets: {names}.")
    return [Picture(path, Path(path.name))]


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


def _progress(items: Iterable[Item], what: str, count: int) -> Iterator[Item]:
    with bar(what) as show:
        for done, item in enumerate(items, 1):
            yield item
            show(done, count)


def named(path: Path, work: Callable[[], Any]) -> Any:
    """Name the file in an error that only knows the pixels."""
    try:
        return work()
    except PhotoError as error:
        if str(path) in error.what:
            raise
        raise PhotoError(f"{path}: {error.what}", error.remedy) from error
