"""A real Ray cluster of two nodes with one CPU each gives the rows and files that one process gives, also when a node dies."""

import os
import shutil
import socket
import subprocess
import sys

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"

import pytest
import torch
from ray.cluster_utils import Cluster

from dlcr import stages, stages_describe, stages_embed, stages_expand, stages_parse
from dlcr.core.errors import Cancelled, ClusterError
from dlcr.core.settings import Backends, ExpandSettings, PaintSettings, ScaleSettings
from dlcr.scale import ray_executor
from tests.inpaint.conftest import save_tiny
from tests.small import save_small
from tests.test_cli import dlcr

NODE = {"num_cpus": 1, "object_store_memory": 100 * 2**20}
QUICK = PaintSettings(steps=2, batch=2)


@pytest.fixture(scope="module", autouse=True)
def environment():
    """One thread, as workers have, and the same number type; both are told in a variant's lineage."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLCR_DTYPE", "float32")
        yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def cluster():
    made = Cluster(initialize_head=True, head_node_args={**NODE, "include_dashboard": False})
    made.add_node(**NODE)
    made.wait_for_nodes()
    yield made
    made.shutdown()


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("place")


@pytest.fixture(scope="module")
def opened(place):
    """Two equal workspaces with two small data sets; a photo of `flawed` was damaged after indexing."""
    backends = Backends(device="cpu", inpainter=f"sd:{save_tiny(place / 'sd')}")
    first = stages.open_session(place / "here", backends)
    for name in ("small", "flawed"):
        stages.index(first, save_small(place / name), "prcc", name)
    victim = sorted((place / "flawed" / "rgb" / "train").glob("*/C*"))[3]
    victim.write_bytes(victim.read_bytes()[:400])
    first.catalog.close()
    shutil.copytree(place / "here", place / "there")
    return [stages.open_session(place / name, backends) for name in ("here", "there")]


@pytest.fixture(scope="module")
def here(opened):
    return opened[0]


@pytest.fixture(scope="module")
def there(opened):
    return opened[1]


@pytest.fixture(scope="module")
def workers(cluster, there):
    with ray_executor(there, ScaleSettings(address=cluster.address), [there.workspace.home]) as found:
        found.wait()
        yield found


def files(session, folder):
    """Every file of a folder of the workspace, by its place in it."""
    home = session.workspace.home
    return {path.relative_to(home): path.read_bytes() for path in home.glob(f"{folder}/**/*") if path.is_file()}


def rows(session, dataset):
    """Every mask, caption, prompt and variant of a data set, without the ids and times that differ from run to run."""
    samples, catalog = session.catalog.find_samples(dataset, limit=999), session.catalog
    masks = [row for sample in samples for row in catalog.masks(sample.id)]
    digests = {row.id: row.digest for row in masks}
    variants = catalog.variants_of([sample.id for sample in samples])
    outfits = sorted({sample.clothes_id for sample in samples})
    said = [row for outfit in outfits for row in catalog.captions(dataset, outfit, "demo")]
    return {
        "masks": [(row.sample_id, row.version, row.file, row.source, row.settings, row.coverage) for row in masks],
        "captions": [(row.sample_id, row.text, row.outfit) for row in said],
        "prompts": [(one.clothes_id, one.version, one.text, one.source) for one in catalog.outfit_prompts(dataset)],
        "variants": sorted(
            (row.file, row.sample_id, digests[row.mask_id], row.prompt, row.seed, str(row.lineage)) for row in variants
        ),
    }


def test_workers_parse_like_one_process_and_what_is_there_is_kept(here, there, workers):
    told = []
    local = stages_parse.parse_dataset(here, "small")
    found = stages_parse.parse_dataset(there, "small", executor=workers, on_progress=lambda *now: told.append(now))
    assert (found.made, found.kept, found.failures) == (12, 0, [])
    assert found.coverage == pytest.approx(local.coverage)
    assert told[-1] == (12, 12)
    assert rows(there, "small")["masks"] == rows(here, "small")["masks"] != []
    assert files(there, "masks") == files(here, "masks")
    again = stages_parse.parse_dataset(there, "small", executor=workers)
    assert (again.made, again.kept, again.coverage) == (0, 12, pytest.approx(found.coverage))


def test_workers_describe_like_one_process(here, there, workers):
    local = stages_describe.describe_dataset(here, "small", split="train")
    found = stages_describe.describe_dataset(there, "small", split="train", executor=workers)
    assert found == local
    for kind in ("captions", "prompts"):
        assert rows(there, "small")[kind] == rows(here, "small")[kind] != []


def test_workers_expand_like_one_process_and_list_what_fails(here, there, workers):
    """Nothing was parsed or described before: the workers do that too."""
    wish, told = ExpandSettings(variants=3), []
    local = stages_expand.expand(here, "flawed", wish, paint=QUICK)
    found = stages_expand.expand(there, "flawed", wish, paint=QUICK, executor=workers, on_progress=told.append)
    assert (found.made, found.kept, found.failed, found.batch) == (24, 0, 3, 2)
    assert {one.name for one in found.failures} == {one.name for one in local.failures}
    assert (found.spread, found.looks_per_photo) == (local.spread, local.looks_per_photo)
    assert (told[-1].made, told[-1].failed, told[-1].total) == (24, 3, 27)
    assert rows(there, "flawed") == rows(here, "flawed")
    assert files(there, "variants") == files(here, "variants")
    again = stages_expand.expand(there, "flawed", wish, paint=QUICK, executor=workers)
    assert (again.made, again.kept, again.failed) == (0, 24, 3)


def test_workers_embed_like_one_process(here, there, workers):
    told = []
    local = stages_embed.embed(here, "small", "demo")
    found = stages_embed.embed(there, "small", "demo", lambda *now: told.append(now), executor=workers)
    assert found.read_bytes() == local.read_bytes()
    assert told == [(12, 12)]


def test_cancelled_everything_that_was_painted_is_kept_and_the_next_run_goes_on(there, workers):
    wish = ExpandSettings(variants=3, seed=1)

    def on_progress(now):
        raise Cancelled

    with pytest.raises(Cancelled):
        stages_expand.expand(there, "small", wish, paint=QUICK, executor=workers, on_progress=on_progress)
    made = len(rows(there, "small")["variants"])
    assert 0 < made < 27
    samples = [one.id for one in there.catalog.find_samples("small")]
    written = {file for file in files(there, "variants") if int(file.parent.name) in samples}
    assert there.catalog.variant_files(samples) == written
    rest = stages_expand.expand(there, "small", wish, paint=QUICK, executor=workers)
    assert (rest.made, rest.kept) == (27 - made, made)


def test_a_node_that_dies_half_way_costs_nothing_and_a_new_one_takes_its_place(here, there, workers, cluster):
    wish, nodes = ExpandSettings(variants=4, seed=5), [*cluster.worker_nodes]
    stages_expand.expand(here, "small", wish, paint=QUICK)
    told = []

    def on_progress(now):
        told.append(now.made)
        if nodes:
            cluster.remove_node(nodes.pop(), allow_graceful=False)

    found = stages_expand.expand(there, "small", wish, paint=QUICK, executor=workers, on_progress=on_progress)
    assert (found.made, found.kept, found.failures) == (36, 0, ())
    assert told == sorted(told)
    assert told[0] < 18
    expected = rows(here, "small")["variants"]
    assert [row for row in rows(there, "small")["variants"] if row in expected] == expected
    made = files(here, "variants")
    assert {file: data for file, data in files(there, "variants").items() if file in made} == made
    cluster.add_node(**NODE)
    assert workers.wait() == 2


def test_a_folder_that_a_node_does_not_see_is_said(there, workers, cluster, tmp_path):
    extra = cluster.add_node(**NODE)
    with (
        ray_executor(there, ScaleSettings(address=cluster.address, workers=1), [tmp_path / "gone"]) as found,
        pytest.raises(ClusterError, match=r"does not see .*gone.*every node"),
    ):
        found.wait()
    cluster.remove_node(extra)


def test_the_command_starts_a_ray_of_its_own(place, here):
    shape = ("--engine", "ray", "--workers", 1, "--device", "cpu")
    answer = dlcr("parse", "flawed", *shape, "--out", place / "masks", home=here.workspace.home)
    assert (answer["count"], len(answer["failed"])) == (11, 1)
    assert len(list((place / "masks").rglob("*.png"))) == 11


def test_a_cluster_that_is_not_there_is_said_at_once(here):
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{one.getsockname()[1]}"
        answer = dlcr("parse", "small", "--engine", "ray", "--address", address, home=here.workspace.home, code=1)
    assert answer["what"].startswith(
        f"cannot use Ray: no Ray cluster answers at '{address}'"
    )  # Ray itself waits for five minutes
    assert "ray start" in answer["remedy"]


def test_without_ray_one_line_says_what_to_install(here):
    blocked = "import sys; sys.modules['ray'] = None; from dlcr.cli import main; main()"
    words = ["embed", "small", "--run", "demo", "--engine", "ray", "--home", str(here.workspace.home)]
    done = subprocess.run([sys.executable, "-c", blocked, *words], capture_output=True, text=True, check=False)
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (1, 1)
    assert "pip install 'ray" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("parse", "small", "--engine", "spark"), "local, ray"),
        (("parse", "small", "--workers", 2), "--engine ray"),
        (("describe", ".", "--engine", "ray"), "dlcr index"),
        (("embed", "small", "--run", "demo", "--engine", "ray", "--workers", 0), "Change it"),
    ],
)
def test_wrong_usage_says_what_is_allowed(here, words, said):
    assert said in dlcr(*words, home=here.workspace.home, code=2)["remedy"]
