"""Queries, answers and votes as HTML; right, wrong and junk are told by marks and words, not by colour alone."""

from __future__ import annotations

import html
from collections.abc import Sequence

from dlcr.catalog import SampleRow
from dlcr.stages_look import ALIKE, Answers, Gallery
from pages import _text as text
from pages._retrieve_desk import ONLY, PAGE, Asked, Desk, Listed, moved
from pages._runs import figure_links, link

NO_NUMBER = "–"

e = html.escape


def words(sample: SampleRow) -> str:
    """A sample in words."""
    return text.SAMPLE_SAYS.format(split=sample.split, pid=sample.pid, camid=sample.camid, outfit=sample.clothes_id)


def thumb(sample: SampleRow, lazy: bool = True) -> str:
    """The picture of a sample, small."""
    loading = ' loading="lazy"' if lazy else ""
    return f'<img src="/picture/sample/{sample.id}/thumb" alt="{e(words(sample))}"{loading}>'


def labels(sample: SampleRow) -> str:
    """Person, split, camera and outfit of a sample, below one another."""
    camera = text.OF_CAMERA.format(camid=sample.camid)
    return (
        f"<p><b>{text.OF_PERSON.format(pid=sample.pid)}</b></p><p>{e(sample.split)} · {camera}</p>"
        f"<p>{e(text.OF_OUTFIT.format(outfit=sample.clothes_id))}</p>"
    )


def flag(right: bool, junk: bool) -> str:
    """`right`, `wrong` or `junk`."""
    return "junk" if junk else "right" if right else "wrong"


def button(act: str, words: str, *, on: bool = True, label: str = "", **data: object) -> str:
    """A button that sends `data` to Python; `words` may be HTML, `label` is what it is called instead of them."""
    sent = "".join(f' data-{name}="{e(str(value))}"' for name, value in data.items())
    called = f' aria-label="{e(label)}" title="{e(label)}"' if label else ""
    return f'<button type="button" data-act="{act}"{sent}{called}{"" if on else " disabled"}>{words}</button>'


# --- the list of queries ------------------------------------------------------------------------------------------------


def scores(looks: Sequence[Gallery]) -> str:
    """What each run scores in this gallery, one line a run."""
    lines = []
    for letter, look in zip("AB", looks, strict=False):
        found = look.scores
        line = text.RUN_SCORES.format(
            run=look.run, rank1=found.rank(1), mean=found.mean_precision, queries=found.queries
        )
        if found.skipped:
            line += f"; {text.SKIPPED.format(count=found.skipped)}"
        lines.append(f'<p class="say"><b class="run">{letter}</b> {e(line)}</p>')
    return "".join(lines)


def queries(looks: Sequence[Gallery], listed: Listed, desk: Desk) -> str:
    """Filters, order and one page of the list, as rows or as pictures."""
    rows = listed.queries
    pages = max(1, -(-len(rows) // PAGE))
    desk.page = min(desk.page, pages - 1)
    shown = rows[desk.page * PAGE : (desk.page + 1) * PAGE]
    body = _pictures(shown) if desk.pictures else _table(shown, looks)
    first = desk.page * PAGE
    turn = f"<span>{text.PART_OF.format(first=first + 1, last=first + len(shown), count=len(rows))}</span>"
    back = button("page", e(text.EARLIER), on=desk.page > 0, value=desk.page - 1)
    on = button("page", e(text.LATER), on=desk.page + 1 < pages, value=desk.page + 1)
    turn = f"{back}{turn}{on}"
    return (
        f"{scores(looks)}{_filters(listed, desk)}{_order(desk)}<p class='say'>{e(_says(desk))}</p>"
        + (f'<div class="asked" data-group>{body}</div><div class="turn">{turn}</div>' if shown else "")
        + ("" if shown else f'<p class="empty">{e(text.NO_LISTED)}</p>')
    )


def _filters(listed: Listed, desk: Desk) -> str:
    offered = [name for name in ONLY if desk.other or name not in ("fixed", "broken")]
    return _choices("only", offered, desk.only, {name: _counted(name, listed) for name in offered})


def _counted(name: str, listed: Listed) -> str:
    count = listed.counts.get(name)
    return text.ONLY[name] if count is None else f"{text.ONLY[name]} {count:,}"


def _order(desk: Desk) -> str:
    ways = {str(number): text.WORST_IN.format(run="AB"[number]) for number in range(len(desk.runs))}
    order = _choices("order", list(ways), str(int(desk.second)), ways) if len(ways) > 1 else ""
    looks = {"list": text.AS_LIST, "pictures": text.AS_PICTURES}
    return f'<div class="turn">{order}{_choices("look", list(looks), "pictures" if desk.pictures else "list", looks)}</div>'


def _choices(act: str, names: Sequence[str], chosen: str, said: dict[str, str]) -> str:
    buttons = "".join(
        button(act, e(said[name]), value=name).replace(
            "<button", f'<button aria-pressed="{str(name == chosen).lower()}"'
        )
        for name in names
    )
    return f'<div class="filters" data-group role="group">{buttons}</div>'


def _says(desk: Desk) -> str:
    by = desk.other if desk.second else desk.run
    return text.ONLY_SAYS[desk.only].format(run=by, first=desk.run, second=desk.other, share=ALIKE)


def _pictures(shown: Sequence[Asked]) -> str:
    tiles = "".join(_pick(one, f"{one.sample.pid} · {' '.join(_rank(rank) for rank in one.first)}") for one in shown)
    return f'<div class="thumbs">{tiles}</div>'


def _pick(one: Asked, said: str) -> str:
    return button("pick", f"{thumb(one.sample)}<span>{said}</span>", label=words(one.sample), id=one.sample.id)


def _rank(rank: int) -> str:
    return NO_NUMBER if rank < 0 else f"{text.MARKS['right' if rank == 0 else 'wrong']} {rank + 1}"


def _percent(precision: float) -> str:
    return NO_NUMBER if precision != precision else f"{precision:.1%}"


def _table(shown: Sequence[Asked], looks: Sequence[Gallery]) -> str:
    letters = "AB"[: len(looks)]
    heads = f'<th scope="col">{e(text.QUERY)}</th>' + "".join(
        f'<th scope="col">{letter} {e(text.AVERAGE_PRECISION)}</th><th scope="col">{letter} {e(text.FIRST_RIGHT)}</th>'
        for letter in letters
    )
    rows = "".join(
        f"<tr><td>{_pick(one, f'{one.sample.pid}<br>{e(one.sample.clothes_id)}')}</td>"
        + "".join(
            f"<td>{_percent(value)}</td><td>{_rank(rank)}</td>"
            for value, rank in zip(one.precision, one.first, strict=True)
        )
        + "</tr>"
        for one in shown
    )
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


# --- one query ----------------------------------------------------------------------------------------------------------


def answers(found: Sequence[Answers], desk: Desk, place: int, total: int) -> str:
    """The query and each run's answers below one another, then the same as a table; `place` in a list of `total`, -1: not there."""
    rows = "".join(_row(letter, run, answer, desk) for letter, run, answer in zip("AB", desk.runs, found, strict=False))
    return (
        f'<div class="case" data-sample="{found[0].query.id}">{_query(found, desk, place, total)}'
        f'<div class="rankings">{rows}</div></div>{_as_table(found, desk)}<p class="say">{e(text.RETRIEVE_KEYS)}</p>'
    )


def _query(found: Sequence[Answers], desk: Desk, place: int, total: int) -> str:
    query = found[0].query
    where = text.NOT_LISTED if place < 0 else text.PLACE_IN_LIST.format(place=f"{place + 1:,}", count=f"{total:,}")
    back = button("step", e(text.PREVIOUS), on=place > 0, value=-1)
    on = button("step", e(text.NEXT), on=place + 1 < total, value=1)
    steps = f'<div class="turn">{back}{on}</div><p class="say">{where}</p>'
    badge = text.MOVED.get(moved([answer.first for answer in found]), "")
    verdict = f'<p class="badge">{e(badge)}</p>' if badge else ""
    studio = link("/", dataset=query.dataset, sample=query.id)
    space = link("/space", dataset=query.dataset, run=desk.run, other=desk.other, sample=query.id)
    return (
        f'<div class="query">{steps}<img src="/picture/sample/{query.id}" alt="{e(text.QUERY)}: {e(words(query))}">'
        f"{labels(query)}{verdict}"
        f'<p class="links"><a href="{studio}">{e(text.IN_STUDIO)}</a><a href="{space}">{e(text.IN_SPACE)}</a></p>'
        f"{figure_links('retrieve', desk.address())}"
        f'<p class="links"><a href="/report/case.html?{e(desk.address())}" download>{e(text.CASE_FILE)}</a>'
        f'<a href="/report/case.html?{e(desk.address())}&amp;faces=blur" download>{e(text.CASE_BLURRED)}</a></p></div>'
    )


def _row(letter: str, run: str, answer: Answers, desk: Desk) -> str:
    told = (
        text.FIRST_RIGHT_AT.format(rank=answer.first + 1, precision=answer.precision)
        if answer.first >= 0
        else text.NO_RIGHT
    )
    head = f'<header><h3><b class="run">{letter}</b> {e(run)}</h3><span>{e(told)}</span></header>'
    if not answer.samples:
        return f'<section>{head}<p class="empty">{e(text.NO_ANSWERS)}</p></section>'
    tiles = "".join(_tile(answer, place, desk) for place in range(len(answer.samples)))
    return f'<section aria-label="{e(run)}">{head}{_voters(answer, desk)}<ol class="tiles">{tiles}</ol></section>'


def _voters(answer: Answers, desk: Desk) -> str:
    if not desk.refine:
        return ""
    if answer.votes is None:
        said = text.BY_TRACKLETS if desk.protocol and answer.query.tracklet else text.WITHOUT_VARIANTS
        return f'<p class="say">{e(said.format(dataset=desk.dataset))}</p>'
    pictures = "".join(
        f'<img src="/picture/variant/{one}/thumb" alt="{e(text.VARIANT)} {place}" title="{e(text.VARIANT)} {place}" loading="lazy">'
        for place, one in enumerate(answer.variants, 1)
    )
    return f'<p class="voters"><span class="say">{e(text.VOTED)}</span>{pictures}</p>'


def _tile(answer: Answers, place: int, desk: Desk) -> str:
    sample, ranking = answer.samples[place], answer.ranking
    kind = flag(bool(ranking.right[place]), bool(ranking.junk[place]))
    rank = NO_NUMBER if answer.ranks[place] < 0 else str(answer.ranks[place] + 1)
    studio = link("/", dataset=sample.dataset, sample=sample.id)
    said = f"{text.RANK} {rank}, {text.MARK_SAYS[kind]}: {words(sample)}"
    ask = button("pick", e(text.AS_QUERY), label=f"{text.AS_QUERY}: {words(sample)}", id=sample.id)
    label = f"{text.WHY_SAYS}: {words(sample)}"
    why = f'<button type="button" data-why="{sample.id}" aria-label="{e(label)}" title="{e(label)}">{e(text.WHY)}</button>'
    picture = f'<img src="/picture/sample/{sample.id}/thumb" alt="{e(said)}">'
    mark = f'<b aria-hidden="true">{text.MARKS[kind]}</b>'
    return (
        f'<li class="tile {kind}"><a href="{studio}" title="{e(said)}">{picture}{mark}</a>'
        f"<p><b>{rank}</b> <span>{_score(answer, place)}</span></p><p>{sample.pid} · {text.CAM.format(camid=sample.camid)}</p>"
        f'<p class="outfit">{e(sample.clothes_id)}</p>{_votes(answer, place)}{ask}{why}</li>'
    )


def _score(answer: Answers, place: int) -> str:
    """The cosine, or after votes the sum that they made."""
    raised = answer.votes is not None and answer.votes[place][0] == answer.votes[place][0]
    value = float(answer.ranking.scores[place])
    return f"{value + 1:.2f}" if raised else f"{value:.3f}"


def _votes(answer: Answers, place: int) -> str:
    """What the query and each variant add, as numbers and as a bar; nothing where they were not asked."""
    if answer.votes is None:
        return ""
    votes = [float(value) for value in answer.votes[place]]
    if votes[0] != votes[0]:
        return f'<p class="votes">{NO_NUMBER}</p>'
    bars = "".join(f'<i style="flex-grow:{value:.3f}"></i>' for value in votes if value > 0)
    return f'<p class="votes" title="{e(text.VOTES_CAST)}"><span class="bars" aria-hidden="true">{bars}</span>{_sum(votes)}</p>'


def _sum(votes: Sequence[float]) -> str:
    return " + ".join(f"{value:.2f}" if value else "0" for value in votes)


def _as_table(found: Sequence[Answers], desk: Desk) -> str:
    tables = "".join(
        f'<div class="scroll"><table><caption>{letter} {e(run)}</caption>{_answer_table(answer)}</table></div>'
        for letter, run, answer in zip("AB", desk.runs, found, strict=False)
    )
    return f'<details class="facts"><summary>{e(text.AS_TABLE)}</summary><div class="side">{tables}</div></details>'


def _answer_table(answer: Answers) -> str:
    heads = [text.RANK, text.MARK, text.PERSON, text.CAMERA, text.OUTFIT, text.SCORE, text.SAMPLE]
    heads += [text.VOTES_CAST] if answer.votes is not None else []
    rows = ""
    for place, sample in enumerate(answer.samples):
        kind = flag(bool(answer.ranking.right[place]), bool(answer.ranking.junk[place]))
        rank = NO_NUMBER if answer.ranks[place] < 0 else str(answer.ranks[place] + 1)
        mark = f"{text.MARKS[kind]} {text.MARK_WORDS[kind]}"
        cells = [rank, mark, sample.pid, sample.camid, sample.clothes_id, _score(answer, place)]
        cells += [sample.image.as_posix()]
        if answer.votes is not None:
            asked = answer.votes[place][0] == answer.votes[place][0]
            cells += [_sum([float(value) for value in answer.votes[place]]) if asked else NO_NUMBER]
        rows += "<tr>" + "".join(f"<td>{e(str(cell))}</td>" for cell in cells) + "</tr>"
    head = "".join(f'<th scope="col">{e(one)}</th>' for one in heads)
    return f"<tr>{head}</tr>{rows}"
