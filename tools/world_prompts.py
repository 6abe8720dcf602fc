"""Describe the embedded data set with the embedded models and keep its prompts: `python -m tools.world_prompts`.

What was made from them goes with them: the embedded expansion (`tools.embedded_expansion`), the run `world-dlcr` and its
figures. So they stay as they are when only the captioner has learned more; a test asks that they are much like what it says now.
"""

import tempfile

from dlcr import data, stages
from dlcr.core.files import write_json
from dlcr.stages_describe import describe_dataset


def main() -> None:
    path = data.world_root() / "prompts.json"
    if not path.exists():
        write_json(path, {})
    with tempfile.TemporaryDirectory() as home:
        prompts = describe_dataset(stages.open_session(home), stages.WORLD).prompts
    write_json(path, dict(sorted(prompts.items())))
    print(f"{path}: {len(prompts)} outfits")


if __name__ == "__main__":
    main()
