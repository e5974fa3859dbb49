"""Work shared among processes and put together again; torch's threads given back."""

import os
import socket
from pathlib import Path

import pytest
import torch
import torch.multiprocessing

from dasl.processes import Processes, current_processes, one_torch_thread

ITEMS = [f"photo {number}" for number in range(7)]


def test_one_process_has_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RANK", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    alone = current_processes()
    assert alone == Processes(0, 1) and alone.is_main
    assert alone.gather(alone.share(ITEMS)) == ITEMS


def test_shares_make_up_the_whole() -> None:
    parts = [Processes(index, 3).share(ITEMS) for index in range(3)]
    assert sorted(item for part in parts for item in part) == ITEMS
    assert [len(part) for part in parts] == [3, 2, 2]


def test_the_main_process_gets_all_in_order(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    torch.multiprocessing.spawn(share_and_gather, (str(tmp_path), port), nprocs=2)
    assert (tmp_path / "0").read_text() == repr([item.upper() for item in ITEMS])
    assert (tmp_path / "1").read_text() == "None"


def share_and_gather(index: int, folder: str, port: int) -> None:
    """One of two processes."""
    os.environ |= {"RANK": str(index), "WORLD_SIZE": "2"}
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    processes = current_processes()
    done = [item.upper() for item in processes.share(ITEMS)]
    (Path(folder) / str(index)).write_text(repr(processes.gather(done)))


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
