"""Describe whole data sets: a caption for every frame, a prompt for every outfit. Part of the stages.

What is there already is kept. Captioners that are asked in words get many photos a call; what fails is asked again with
another seed, then listed, and does not stop the rest. Raw replies stay: a caption's in its row, a summary's in `replies/`.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from dlcr import language
from dlcr.catalog import NewCaption, SampleRow
from dlcr.core.errors import PhotoError, ReplyError, ServerError
from dlcr.core.files import sweep, write_json
from dlcr.core.images import read_photo
from dlcr.core.settings import DescribeSettings
from dlcr.core.values import Caption, Outfit
from dlcr.language.outfits import parse_items
from dlcr.language.replies import extract_question, read_caption, read_outfit
from dlcr.session import Executor, Here, Session
from dlcr.stages import caption_photo, parse_photo
from dlcr.stages_embed import file_name

PAGE = 500
Photo = np.ndarray | PhotoError
Said = Caption | PhotoError | ReplyError


@dataclass(frozen=True, slots=True)
class Failure:
    """What could not be done: an image or an outfit, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Described:
    """What was said: new `captions`, those `kept` from before, every outfit's newest prompt, and what failed."""

    captions: int
    kept: int
    prompts: dict[str, str]
    failures: tuple[Failure, ...]


def describe_dataset(
    session: Session, dataset: str, *, split: str | None = None, settings: DescribeSettings | None = None,
    missing_only: bool = False, executor: Executor | None = None, on_progress: Callable[[int, int], None] | None = None,
) -> Described:  # fmt: skip
    """Caption every frame of a data set (or split) and summarise every outfit of it.

    `missing_only` leaves outfits alone that have a prompt. `on_progress` gets (frames done, frames to do) and may raise
    Cancelled. ReplyError if a captioner or summariser that is asked in words answers nothing usable at all, ServerError if its
    server goes away: what it said until then is kept, and the same call goes on.
    """
    settings, executor = settings or DescribeSettings(), executor or Here(session)
    frames: dict[str, list[SampleRow]] = {}
    for sample in session.catalog.every_sample(dataset, split):
        frames.setdefault(sample.clothes_id, []).append(sample)
    if missing_only:
        there = {row.clothes_id for row in session.catalog.outfit_prompts(dataset, split, limit=10**9)}
        frames = {outfit: samples for outfit, samples in frames.items() if outfit not in there}
    wanted = [sample for samples in frames.values() for sample in samples]
    model = executor.ask(partial(caption_source, settings=settings)) if frames else ""
    done = session.catalog.captioned(dataset, model)
    missing = [sample for sample in wanted if sample.id not in done]
    failures = _caption_all(session, missing, settings, model, executor, on_progress)
    captions = len(missing) - len(failures)
    failures += _summarise_all(session, dataset, sorted(frames), settings, model, executor)
    prompts = {row.clothes_id: row.text for row in session.catalog.outfit_prompts(dataset, split, limit=10**9)}
    return Described(captions, len(wanted) - len(missing), prompts, tuple(failures))


def caption_source(session: Session, settings: DescribeSettings) -> str:
    """Whose captions: the captioner, and a digest of its question where that is not the method's own."""
    question = settings.question
    if not isinstance(session.captioner, language.Asked) or question == DescribeSettings().question:
        return session.backends.captioner
    return f"{session.backends.captioner}?{hashlib.sha256(question.encode()).hexdigest()[:8]}"


# --- frames -------------------------------------------------------------------------------------------------------------


def _caption_all(
    session: Session, samples: Sequence[SampleRow], settings: DescribeSettings, model: str, executor: Executor,
    on_progress: Callable[[int, int], None] | None,
) -> list[Failure]:  # fmt: skip
    """Caption the samples batch by batch, rows after each batch; what failed."""
    bad, done = list[tuple[int, Failure]](), 0

    def keep(part: Sequence[SampleRow], said: Sequence[Said]) -> None:
        nonlocal done
        pairs = list(zip(part, said, strict=True))
        good = [NewCaption(s.id, one.text, str(one.outfit)) for s, one in pairs if isinstance(one, Caption)]
        session.catalog.put_captions(model, good)
        if done == 0 and not good and isinstance(said[0], ReplyError):
            raise said[0]  # no answer to any of the first batch: the captioner is not working
        if gone := next((one for one in said if isinstance(one, ServerError)), None):
            raise gone  # a prompt from the frames before would be kept for good
        bad.extend((s.id, Failure(str(s.image), str(one))) for s, one in pairs if not isinstance(one, Caption))
        done += len(part)

    def tell() -> None:
        if on_progress:
            on_progress(done, len(samples))

    parts = (samples[start : start + settings.batch] for start in range(0, len(samples), settings.batch))
    executor.each(partial(caption_samples, settings=settings), parts, keep, tell)
    return [failure for _, failure in sorted(bad, key=lambda one: one[0])]


def caption_samples(session: Session, samples: Sequence[SampleRow], settings: DescribeSettings) -> list[Said]:
    """A caption for each sample, or why there is none."""
    return say(session, [_photo(sample) for sample in samples], settings)


def _photo(sample: SampleRow) -> Photo:
    try:
        return read_photo(sample.path)
    except PhotoError as error:
        return error


def say(session: Session, photos: Sequence[Photo], settings: DescribeSettings) -> list[Said]:
    """A caption for each photo, or why there is none. What gives no usable reply is asked again with another seed."""
    if not isinstance(session.captioner, language.Asked):
        return [_look(session, photo) for photo in photos]
    said: list[Said] = [photo if isinstance(photo, PhotoError) else ReplyError("not asked yet.") for photo in photos]
    for attempt in range(settings.retries + 1):
        open_ = [index for index, one in enumerate(said) if isinstance(one, ReplyError)]
        if not open_:
            break
        shown = [photo for i in open_ if not isinstance(photo := photos[i], PhotoError)]
        replies = session.captioner.replies(shown, settings, settings.seed + attempt)
        for index, reply in zip(open_, replies, strict=True):
            said[index] = _read_reply(reply)
    return said


def _look(session: Session, photo: Photo) -> Said:
    try:
        if isinstance(photo, PhotoError):
            return photo
        return caption_photo(session, photo, parse_photo(session, photo).labels)
    except PhotoError as error:
        return error


def _read_reply(reply: str | ReplyError) -> Said:
    try:
        return read_caption(reply)
    except ReplyError as error:
        return error


# --- outfits ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Frames:
    """An outfit to summarise: what was said of its frames."""

    dataset: str
    outfit: str
    said: Sequence[Caption]


def _summarise_all(
    session: Session, dataset: str, outfits: Sequence[str], settings: DescribeSettings, model: str, executor: Executor
) -> list[Failure]:
    """A prompt for every outfit that has none yet, or one from another summariser; what failed."""
    source = f"summariser:{session.backends.summariser}"
    failures: list[Failure] = []
    last: ReplyError | None = None
    answered = False

    def keep(asked: Frames, found: Outfit | ReplyError) -> None:
        nonlocal answered, last
        if isinstance(found, ReplyError):
            if isinstance(found, ServerError) or not (found.reply or answered):
                raise found  # nothing came back to the very first question: the summariser is not working
            failures.append(Failure(asked.outfit, str(found)))
            last = found
            return
        answered = True
        if found.items:
            session.catalog.add_prompt(dataset, asked.outfit, str(found), source)
        else:
            failures.append(Failure(asked.outfit, "no clothes were seen in any frame."))

    sweep(session.workspace.replies / dataset)
    unsaid = _unsaid(session, dataset, outfits, source, model)
    executor.each(partial(summarise, settings=settings), unsaid, keep, lambda: None)
    if last and len(failures) == len(outfits):
        raise last
    return sorted(failures, key=lambda one: one.name)


def _unsaid(session: Session, dataset: str, outfits: Sequence[str], source: str, model: str) -> Iterator[Frames]:
    """The outfits without a prompt of this summariser or a person's, with their captions by `model`."""
    for outfit in outfits:
        prompts = session.catalog.prompts(dataset, outfit)
        if prompts and (prompts[-1].source == source or not prompts[-1].source.startswith("summariser:")):
            continue  # said before, or written by a person
        rows = session.catalog.captions(dataset, outfit, model)
        yield Frames(dataset, outfit, [Caption(row.text, parse_items(row.outfit)) for row in rows])


def summarise(session: Session, asked: Frames, settings: DescribeSettings) -> Outfit | ReplyError:
    """The garments of an outfit, or why there are none."""
    try:
        return _summary(session, asked.dataset, asked.outfit, asked.said, settings)
    except ReplyError as error:
        return error


def _summary(
    session: Session, dataset: str, outfit: str, said: Sequence[Caption], settings: DescribeSettings
) -> Outfit:
    """The outfit's items; a summariser that is asked in words gets another try, with another seed, for each useless reply."""
    if not said or not isinstance(session.summariser, language.Reader):
        found: Outfit = session.summariser.summarise(said) if said else Outfit(())
        return found
    question, replies = extract_question(said, settings), []
    try:
        for attempt in range(settings.retries + 1):
            try:
                replies.append(session.summariser.reply(question, settings, settings.seed + attempt))
                return read_outfit(replies[-1])
            except ReplyError as error:
                last = error
        raise last
    finally:
        write_json(
            session.workspace.replies / file_name(dataset) / f"{hashlib.sha256(outfit.encode()).hexdigest()[:16]}.json",
            {
                "outfit": outfit, "captioner": session.backends.captioner, "summariser": session.backends.summariser,
                "asked": question, "replies": replies, "settings": settings.model_dump(),
            },
        )  # fmt: skip
