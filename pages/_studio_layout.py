"""The widgets of the Studio page and where they stand; nothing here computes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from dlcr import stages
from dlcr.core.settings import Backends, PaintSettings
from pages import _studio_view as view
from pages import _text as text
from pages._widgets import asset, heading, menu, notice_panel, page_head, panel

LOOK = 3.0
"""Seconds between two looks at who uses the device."""


@dataclass(frozen=True, slots=True)
class Widgets:
    """Every widget of the page; `filters` are split, person, camera, outfit, words; `form` is what painting reads."""

    desk: gr.State
    query: gr.Textbox
    address: gr.HTML
    dataset: gr.Dropdown
    filters: tuple[Any, ...]
    gallery: gr.HTML
    upload: gr.File
    find_notice: gr.HTML
    editor: gr.HTML
    versions: gr.HTML
    mask_notice: gr.HTML
    captions: gr.HTML
    offer: gr.JSON
    prompt: gr.Textbox
    garments: gr.HTML
    understood: gr.HTML
    history: gr.Dropdown
    others: gr.Dropdown
    words_notice: gr.HTML
    form: tuple[Any, ...]
    paint: gr.Button
    cancel: gr.Button
    progress: gr.HTML
    device: gr.HTML
    timer: gr.Timer
    paint_notice: gr.HTML
    results: gr.HTML
    comparison: gr.HTML
    judge_notice: gr.HTML
    draw: gr.Button
    figure: gr.HTML
    figure_notice: gr.HTML


def layout(backends: Backends) -> Widgets:
    """Lay the page out: find, mask, clothes side by side, results below."""
    found: dict[str, Any] = {
        "desk": gr.State(None),
        "query": gr.Textbox(visible=False),
        "offer": gr.JSON(visible=False),
        "address": page_head("studio"),
    }
    with gr.Row(elem_id="studio"):
        with gr.Column(elem_id="find", elem_classes="area"):
            found |= _find()
        with gr.Column(elem_id="mask", elem_classes="area"):
            found |= _mask()
        with gr.Column(elem_id="clothes", elem_classes="area"):
            found |= _clothes(backends)
    with gr.Column(elem_id="results", elem_classes="area"):
        found |= _results()
    return Widgets(**found)


def _list(name: str, value: str = "", **more: Any) -> gr.HTML:
    return panel(name, value, js_on_load=asset("actions.js"), **more)


def _filter(label: str, name: str) -> gr.Dropdown:
    return menu(label, name, [(text.ANY, "")], value="", min_width=80)


def _find() -> dict[str, Any]:
    heading(text.FIND)
    dataset = gr.Dropdown([], label=text.DATASET, elem_id="dataset", elem_classes="small")
    with gr.Row(elem_classes="tight"):
        split, pid = _filter(text.SPLIT, "split"), _filter(text.PERSON, "person")
    with gr.Row(elem_classes="tight"):
        camid, clothes = _filter(text.CAMERA, "camera"), _filter(text.OUTFIT, "outfit")
    words = gr.Textbox(
        label=text.FIND_WORDS,
        placeholder=text.WORDS_HINT,
        max_lines=1,
        max_length=200,
        elem_id="words",
        elem_classes="small",
    )
    gallery = _list("gallery", comes="pictures")
    upload = gr.File(label=text.UPLOAD, type="filepath", height=96, elem_id="upload")
    return {
        "dataset": dataset, "filters": (split, pid, camid, clothes, words), "gallery": gallery, "upload": upload,
        "find_notice": notice_panel("find-notice"),
    }  # fmt: skip


def _mask() -> dict[str, Any]:
    heading(text.MASK)
    editor = gr.HTML(
        {}, html_template=view.editor_template(), js_on_load=asset("mask_editor.js"), apply_default_css=False,
        elem_id="editor",
    )  # fmt: skip
    return {"editor": editor, "mask_notice": notice_panel("mask-notice"), "versions": _list("versions")}


def _clothes(backends: Backends) -> dict[str, Any]:
    heading(text.PROMPT_TITLE)
    captions = _list("captions", view.captions_empty())
    prompt = gr.Textbox(label=text.PROMPT, placeholder=text.PROMPT_HINT, lines=2, max_length=500, elem_id="prompt")
    understood = panel("understood", elem_classes="notice")
    garments = gr.HTML(
        [], html_template=view.garments_template(), js_on_load=asset("garments.js"), apply_default_css=False,
        elem_id="garments",
    )  # fmt: skip
    with gr.Row(elem_classes="tight"):
        history = gr.Dropdown([], label=text.HISTORY, elem_id="history", elem_classes="small", min_width=120)
        others = gr.Dropdown([], label=text.OTHERS, elem_id="others", elem_classes="small", min_width=120)
    words_notice = notice_panel("words-notice")
    form = _form(prompt, backends)
    device = _list("device")
    with gr.Row(elem_classes="tight"):
        paint = gr.Button(text.PAINT, variant="primary", elem_id="paint", size="sm")
        cancel = gr.Button(text.CANCEL, interactive=False, elem_id="cancel", size="sm")
    return {
        "captions": captions, "prompt": prompt, "understood": understood, "garments": garments, "history": history,
        "others": others, "words_notice": words_notice, "form": form, "paint": paint, "cancel": cancel,
        "paint_notice": notice_panel("paint-notice"), "progress": panel("progress"), "device": device,
        "timer": gr.Timer(LOOK),
    }  # fmt: skip


def _form(prompt: gr.Textbox, backends: Backends) -> tuple[Any, ...]:
    """Prompt, count, seed and the drawer of settings, in the order of `Order`'s fields."""
    usual = PaintSettings()
    with gr.Row(elem_classes="tight"):
        count = gr.Number(4, label=text.VARIANTS, precision=0, min_width=80, elem_id="count")
        seed = gr.Number(7, label=text.SEED, precision=0, min_width=80, elem_id="seed")
    with gr.Accordion(text.SETTINGS, open=False, elem_id="settings"):
        with gr.Row(elem_classes="tight"):
            steps = gr.Number(usual.steps, label=text.STEPS, precision=0, min_width=80, elem_id="steps")
            guidance = gr.Number(usual.guidance, label=text.GUIDANCE, step=0.5, min_width=80, elem_id="guidance")
        with gr.Row(elem_classes="tight"):
            scheduler = gr.Dropdown(stages.SCHEDULERS, value=usual.scheduler, label=text.SCHEDULER, min_width=80)
            strength = gr.Number(usual.strength, label=text.STRENGTH, step=0.05, min_width=80)
        negative = gr.Textbox(usual.negative_prompt, label=text.NEGATIVE, max_length=500, max_lines=2)
        gr.HTML(view.backends_line(backends), apply_default_css=False)
    return prompt, count, seed, steps, guidance, scheduler, strength, negative


def _results() -> dict[str, Any]:
    heading(text.RESULTS)
    with gr.Row(elem_id="outcome"):
        comparison, results = _list("comparison"), _list("cards")
    notice = notice_panel("judge-notice")
    with gr.Accordion(text.FIGURE, open=False, elem_id="figure"):
        gr.HTML(f'<p class="say">{text.FIGURE_NOTE}</p>', apply_default_css=False)
        draw = gr.Button(text.FIGURE_DRAW, size="sm", elem_id="figure-draw")
        figure, figure_notice = panel("figure-shown"), notice_panel("figure-notice")
    gr.HTML(view.footnotes(), apply_default_css=False)
    return {
        "comparison": comparison, "results": results, "judge_notice": notice, "draw": draw, "figure": figure,
        "figure_notice": figure_notice,
    }  # fmt: skip
