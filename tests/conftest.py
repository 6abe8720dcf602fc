"""Shared by all tests: nothing may reach the network, and no test leaves another number of threads to the next."""

import os
from collections.abc import Iterator

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import pytest
import torch


def same_threads() -> Iterator[None]:
    """Sums are split differently with another number of threads, and pictures are compared to the last bit."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


threads_of_a_file = pytest.fixture(scope="module", autouse=True)(same_threads)
threads_of_a_test = pytest.fixture(autouse=True)(same_threads)
