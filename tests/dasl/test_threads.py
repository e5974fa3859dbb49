"""Torch's threads are given back, whatever happened."""

import pytest
import torch

from dasl.threads import one_torch_thread


@pytest.fixture
def three_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


def test_there_is_one_thread_inside_and_as_many_as_before_after(three_threads):
    with one_torch_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 3


def test_an_error_gives_the_threads_back(three_threads):
    with pytest.raises(ValueError), one_torch_thread():
        raise ValueError
    assert torch.get_num_threads() == 3


def test_blocks_may_lie_inside_each_other(three_threads):
    with one_torch_thread():
        with one_torch_thread():
            pass
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 3
