"""The same stage functions over a Ray cluster: what `--engine ray` does.

The driver, this process, alone reads and writes the catalog. It hands tasks to actors (`actor.py`), which keep their models,
compute, write files below the workspace and say what rows they need. Files have names that follow from the work, so a task done
twice changes nothing: when a node dies, its tasks go to other actors (`pool.py`; docs/decisions/018-ray.md). May import the stages'
`Session` and `core`; Ray is imported when it is asked for. Start with `cluster.py`.
"""

from dlcr.scale.cluster import ray_executor

__all__ = ["ray_executor"]
