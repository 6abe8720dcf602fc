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
    Home,
    Json,
    ParserName,
    ProfileName,
    SummariserName,
    app,
    open_session,
    say,
)
from dlcr.cli_bars import bar
from dlcr.core.errors import PhotoError, UsageError

Item = TypeVar("Item")
Out = Annotated[Path | None, typer.Option(help="Where to write.")]


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture a verb works on: its file, its path in the answer, its sample id in the catalog if it has one."""

    path: Path
    relative: Path
    sample_id: int | None = None


@app.command()
def parse(
    target: Annotated[str, typer.Argument(metavar="DATASET|PHOTO")], out: Out = None,
    parser: ParserName = None, profile: ProfileName = None, device: Device = None,
    as_json: Json = False, home: Home = None,
) -> None:  # fmt: skip
    """Find the clothes: one mask an image, white = repaint."""
    from dlcr import stages
    from dlcr.core.images import read_photo, write_png

    session, start, coverage, written = (
        open_session(home, profile, parser=parser, device=device),
        time.monotonic(),
        [],
        [],
    )
    pictures = _pictures(session, target)

    def work(picture: Picture) -> None:
        if picture.sample_id is not None:
            mask = stages.auto_mask(session, picture.sample_id)[0].mask
        else:
            mask = named(picture.path, lambda: stages.parse_photo(session, read_photo(picture.path)).mask)
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
    say(
        as_json,
        result,
        f"{len(coverage)} masks, {mean:.1%} of the pixels, {len(failed)} failed; {place or 'not written'}",
    )


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

    session = open_session(home, profile, captioner=captioner, summariser=summariser, parser=parser, device=device)
    if target in [row.name for row in session.catalog.datasets()]:
        return _describe_dataset(session, target, question, as_json)
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
    say(as_json, result, "\n".join(text + [f"failed: {one['path']}: {one['reason']}" for one in failed]))


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
