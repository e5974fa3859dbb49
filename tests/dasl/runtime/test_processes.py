"""Work shared among processes and put together again."""

import os
import socket
from pathlib import Path

import pytest
import torch
import torch.multiprocessing

from dasl.runtime.processes import Processes, current_processes

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
