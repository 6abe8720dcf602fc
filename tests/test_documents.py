"""A newcomer's test: every command of the documents is run for real, or at least understood; links and names are true.

A shell block runs in a folder of its own document, with the program's own verbs in this process: a small data set in PRCC's layout
lies in `data/prcc`, a photo beside it. What takes time is told to be brief (`BRIEF`, appended to the command). A block marked
`needs=...` wants what is not here: its commands are parsed by the real command tree and its settings' own checks.
"""

import contextlib
import io
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from dlcr import cli
from dlcr.core.profiles import profile
from dlcr.core.registry import Spec
from dlcr.core.settings import checked
from dlcr.data import world_root
from dlcr.data.layouts import layout_name
from dlcr.data.protocols import PROTOCOLS
from dlcr.inpaint.registry import INPAINTERS
from dlcr.jobs.board import Board
from dlcr.language.registry import CAPTIONERS, SUMMARISERS
from dlcr.parsing.registry import PARSERS
from dlcr.reid.registry import BACKBONES
from dlcr.stages_paint import SCHEDULERS
from tests import documents
from tests.documents import DOCUMENTS, ROOT, SHELL, Command
from tests.small import save_small
from tools import architecture, reference

NEEDS = {"data", "gpu", "cluster", "network", "server", "time", "app"}
"""What a block may want that is not here: a real data set, a GPU, a Ray cluster, the network, a database or root's rights, hours,
a running app."""
SMALL = ("--epochs", "1", "--batch", "8", "--photos-per-person", "2", "--height", "64", "--width", "32")
BRIEF: dict[str, tuple[str, ...]] = {
    "train": SMALL,
    "expand": ("--steps", "2", "--limit", "4"),
    "paint": ("--steps", "2"),
    "guide": ("--steps", "2", "--width", "8", "--levels", "1", "--batch", "4"),
}
"""What is added to commands that would take minutes."""
PLAIN = {"cp", "mkdir", "ls", "tar", "du", "mv", "rm"}
"""Programs that run as they stand."""
SPECS = {
    "parser": PARSERS, "captioner": CAPTIONERS, "summariser": SUMMARISERS, "inpainter": INPAINTERS, "backbone": BACKBONES,
}  # fmt: skip
GENERATED = {ROOT / "docs" / name for name in reference.FILES}


# --- the command tree ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def app_options() -> set[str]:
    """Every option of app.py."""
    return set(re.findall(r"--[\w-]+", reference.app_help()))


def understand(words: list[str]) -> tuple[str, dict[str, Any]]:
    """The verb of `dlcr ...` and its parameters, as typer parses them; its settings' checks pass."""
    group = reference.tree()
    context, name, rest = group.make_context("dlcr", [*words]), "", words
    while hasattr(group, "commands"):
        step = next((word for word in rest if not word.startswith("-")), "")
        assert step in group.commands, f"there is no verb '{' '.join([name, step]).strip()}'"
        name, rest, group = f"{name} {step}".strip(), rest[rest.index(step) + 1 :], group.commands[step]
    parameters = group.make_context(name, [*rest], parent=context).params
    check_values(name, parameters)
    return name, parameters


def check_values(verb: str, parameters: Mapping[str, Any]) -> None:
    """What typer leaves to the verb: settings, profiles, backends, layouts, protocols."""
    given = {reference.NAMED.get(key, key): value for key, value in parameters.items() if value is not None}
    for model in (*reference.SETTINGS_OF.get(verb, ()), *reference.EVERYWHERE):
        checked(model, **{key: value for key, value in given.items() if key in model.model_fields})
    profile(given.get("profile"))
    for step, table in SPECS.items():
        if step in given:
            assert Spec.parse(given[step]).kind in table, f"no {step} is called {given[step]}"
    if verb == "index":
        layout_name(given["layout"])
    if "scheduler" in given:
        assert given["scheduler"] in SCHEDULERS
    if "protocol" in given:
        known = {one.name for tests in PROTOCOLS.values() for one in tests}
        assert set(given["protocol"].split(",")) <= known
    if verb == "bench":
        assert given["name"] == "all" or given["name"] in {*cli.EVALUATIONS, *benchmarks()}


def benchmarks() -> set[str]:
    return {file.stem.removeprefix("bench_").replace("_", "-") for file in (ROOT / "benchmarks").glob("bench_*.py")}


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def parse(command: Command, app_options: set[str]) -> None:
    """Every word of a command that is not run is one that its program knows."""
    program, rest = Path(command.words[0]).name, command.words[1:]
    unknown = {name for name in command.variables if name.startswith("DLCR_")} - variables()
    assert not unknown, f"no variable is called {unknown}"
    if program == "dlcr":
        understand(rest)
    elif program == "torchrun":
        start = rest.index("dlcr")
        assert rest[start - 1] == "--", "torchrun takes --run for its own"
        understand(rest[start + 1 :])
    elif program == "make":
        told = dict(word.split("=", 1) for word in rest if "=" in word)
        assert {word for word in rest if "=" not in word} <= make_targets()
        assert {word for word in shlex.split(told.get("ARGS", "")) if word.startswith("--")} <= app_options
    elif program == "python":
        parse_python(rest, app_options)
    elif program == "uv":
        assert rest[:2] == ["pip", "install"]
        assert all(re.match(r"[\w-]+", one)[0] in packages() for one in rest[2:] if not one.startswith("-"))
    else:
        assert program in {"apt-get", "git", "ray", "pg_dump", "pg_restore", "createdb", "hf", "rsync"}


def parse_python(words: list[str], app_options: set[str]) -> None:
    """`python app.py ...` has the app's options; `python -m tools.NAME` and `python FILE` are there."""
    if words[0] == "app.py":
        assert {word for word in words[1:] if word.startswith("--")} <= app_options
    elif words[0] == "-m":
        assert module_is_there(words[1])
    else:
        assert (ROOT / words[0]).is_file()


def module_is_there(name: str) -> bool:
    place = ROOT / name.replace(".", "/")
    return place.with_suffix(".py").is_file() or (place / "__main__.py").is_file()


def packages() -> set[str]:
    """Every package that the project names: needed, for development, or extra."""
    told = [(ROOT / name).read_text() for name in ("requirements.txt", "requirements-dev.txt", "pyproject.toml")]
    return {
        name.lower()
        for text in told
        for name in re.findall(r'(?:^|")([A-Za-z][\w-]*)(?:\[\w+\])?>=', text, re.MULTILINE)
    }


def variables() -> set[str]:
    """Every DLCR_ variable that the program reads."""
    code = "".join(path.read_text(encoding="utf-8") for top in ("dlcr", "pages") for path in (ROOT / top).rglob("*.py"))
    backends = {f"DLCR_{step.upper()}" for step in reference.settings.Backends.model_fields}
    code += (ROOT / "app.py").read_text(encoding="utf-8")
    return set(re.findall(r"\"(DLCR_[A-Z_]+)\"", code)) | backends


# --- running ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a newcomer has before the first command of a document: photos, and in the workspace one job of an earlier day."""
    save_small(tmp_path / "data" / "prcc", people=4)
    shutil.copy(sorted((world_root() / "rgb" / "test" / "A").glob("*/*.jpg"))[0], tmp_path / "photo.jpg")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DLCR_HOME", raising=False)
    board = Board.open(None)
    board.submit(["job", "list"], "a look")
    board.catalog.close()
    return tmp_path


def dlcr(words: list[str]) -> str:
    """Run a verb in this process, as the installed program would; what it says, after checking that it ends with 0."""
    verb, _ = understand(words)
    words = [*words, *BRIEF.get(verb, ())]
    said, before = io.StringIO(), sys.argv
    handlers = {sign: signal.getsignal(sign) for sign in (signal.SIGINT, signal.SIGTERM)}  # a worker has its own
    sys.argv = ["dlcr", *words]
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), pytest.raises(SystemExit) as end:
            cli.main()
    finally:
        sys.argv = before
        for sign, handler in handlers.items():
            signal.signal(sign, handler)
    assert end.value.code == 0, said.getvalue()[-2000:]
    return said.getvalue()


def run(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a command of a document in the current folder, its patterns of names expanded as a shell does."""
    words = [
        name for word in command.words for name in (sorted(map(str, Path().glob(word))) if "*" in word else [word])
    ]
    program = Path(words[0]).name
    with monkeypatch.context() as here:
        for name, value in command.variables.items():
            here.setenv(name, value)
        if program == "dlcr":
            dlcr(words[1:])
        elif program == "export":
            monkeypatch.setenv(*words[1].split("=", 1))
        else:
            assert program in PLAIN, f"'{program}' cannot run here: mark the block with needs=..."
            subprocess.run(words, check=True)


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: file.name)
def test_every_command_of_a_document_runs_or_is_understood(
    file: Path, folder: Path, app_options: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for block in documents.blocks(file):
        assert block.needs in {"", *NEEDS}, f"{block.place}: nothing is called '{block.needs}'"
        hidden = re.search(r"^\s*(\$ |make |dlcr |\.venv/)", block.text, re.MULTILINE)
        assert block.language in SHELL or not hidden, f"{block.place}: commands in a block that is no shell's"
        for command in documents.commands(block) if block.language in SHELL else ():
            try:
                parse(command, app_options) if block.needs else run(command, monkeypatch)
            except (Exception, pytest.fail.Exception) as error:
                raise AssertionError(f"{command.place}: {shlex.join(command.words)}: {error}") from error


@pytest.mark.parametrize("file", [file for file in DOCUMENTS if file not in GENERATED], ids=lambda file: file.name)
def test_python_in_documents_runs(file: Path, folder: Path) -> None:
    for block in documents.blocks(file):
        if block.language == "python":
            code = compile(block.text, block.place, "exec")
            if not block.needs:
                exec(code, {})


# --- what documents say -------------------------------------------------------------------------------------------------


def test_the_reference_is_what_the_code_gives() -> None:
    for name, make in reference.FILES.items():
        assert (ROOT / "docs" / name).read_text(encoding="utf-8") == make(), "run python -m tools.reference"


def test_the_architecture_is_what_the_imports_give() -> None:
    drawn = (architecture.PICTURES / "architecture.svg").read_text(encoding="utf-8")
    assert drawn == architecture.svg(), "run python -m tools.architecture"


def all_markdown() -> list[Path]:
    return [*DOCUMENTS, *sorted((ROOT / "docs" / "decisions").glob("*.md")), *sorted((ROOT / "assets").rglob("*.md"))]


def test_links_between_documents_resolve() -> None:
    broken = []
    for file in all_markdown():
        for link in documents.links(file):
            path, _, anchor = link.partition("#")
            target = (file.parent / path).resolve() if path else file
            if not target.exists() or (anchor and anchor not in documents.anchors(target)):
                broken.append(f"{file.relative_to(ROOT)}: {link}")
    assert broken == []


def test_every_document_can_be_reached_from_the_readme() -> None:
    reached, left = set[Path](), [DOCUMENTS[0]]
    while left:
        file = left.pop()
        reached.add(file)
        here = {(file.parent / link.partition("#")[0]).resolve() for link in documents.links(file)}
        left += [other for other in here - reached if other.suffix == ".md"]
    assert [file.name for file in DOCUMENTS if file not in reached] == []


def test_verbs_and_options_named_in_prose_exist(app_options: set[str]) -> None:
    takes = {
        one.name: {spelled for option in one.options for spelled in reference.spellings(option)}
        for one in reference.verbs()
    }
    groups = {name.partition(" ")[0] for name in takes if " " in name}
    anywhere = set().union(*takes.values(), app_options, options_of_tools())
    wrong = []
    for file in DOCUMENTS:
        for span in documents.spans(file):
            words = span.removeprefix("dlcr ").split()
            name = " ".join(words[: 1 + (words[0] in groups)])
            if span.startswith("dlcr ") and name not in {*takes, "VERB"}:
                wrong.append(f"{file.name}: {span}: no such verb")
            if name in takes or words[0].startswith("--"):
                known = takes.get(name, anywhere)
                wrong += [f"{file.name}: {span}: {one}" for one in options_in(span) if one not in known]
    assert wrong == []


def options_in(text: str) -> list[str]:
    return re.findall(r"(?<![\w-])--[a-z][\w-]*", text)


def options_of_tools() -> set[str]:
    """Options of the programs in tools/ and benchmarks/."""
    files = [file for top in ("tools", "benchmarks") for file in (ROOT / top).rglob("*.py")]
    return {one for file in files for one in re.findall(r'"(--[\w-]+)"', file.read_text(encoding="utf-8"))}


def test_variables_targets_and_tools_named_in_documents_exist() -> None:
    wrong = []
    for file in DOCUMENTS:
        text = file.read_text(encoding="utf-8")
        wrong += [f"{file.name}: {name}" for name in set(re.findall(r"DLCR_[A-Z]+(?:_[A-Z]+)*", text)) - variables()]
        modules = {found[1] for span in documents.spans(file) if (found := re.match(r"python -m (tools[\w.]+)", span))}
        wrong += [f"{file.name}: {name}" for name in modules if not module_is_there(name)]
        targets = {span.split()[1] for span in documents.spans(file) if re.match(r"make [a-z-]+", span)}
        wrong += [f"{file.name}: make {name}" for name in targets - make_targets()]
    assert wrong == []
