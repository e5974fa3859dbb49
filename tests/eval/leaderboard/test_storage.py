"""Places of records: nothing is lost between writers, and a crash leaves the old state."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from huggingface_hub import HfApi

import eval.leaderboard.storage as storage
from eval.errors import RecordError
from eval.leaderboard.files import load_records, record_json
from eval.leaderboard.storage import FolderStore, HubStore, open_store, record_name
from eval.results.record import MethodFacts, ProtocolResult
from tests.eval.invented_results import invented_result
from tests.hub_stand_in import Repos, hub_stand_in

ROOT = Path(__file__).parents[3]
REPO = "user/board"

ADD_MANY = """
import sys
from eval.leaderboard.storage import FolderStore
from tests.eval.invented_results import invented_result
store = FolderStore(sys.argv[1])
for number in range(8):
    store.add(invented_result(f"method {sys.argv[2]} {number}"))
    store.add(invented_result("shared", 0.01 * (1 + number)))
    store.load()
"""

DIE_IN_THE_MIDDLE = """
import os, sys
import eval.leaderboard.files
from eval.leaderboard.storage import FolderStore
from tests.eval.invented_results import invented_result
writes = 0
replacing = eval.leaderboard.files.replacing
def dying(path):
    global writes
    writes += 1
    if writes > int(sys.argv[2]):
        os._exit(9)  # no cleaning up, as when the machine stops
    return replacing(path)
eval.leaderboard.files.replacing = dying
FolderStore(sys.argv[1]).add(invented_result(sys.argv[3], 0.09))
"""


def python(code: str, *arguments: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", code, *arguments], env=environment)


def methods(records: list[ProtocolResult]) -> list[str]:
    return sorted(record.facts.method for record in records)


def test_a_name_tells_runs_apart_and_holds_nothing_dangerous() -> None:
    result = invented_result("2DASL (released)")
    name = record_name(result)
    assert name.startswith("aflw2000-3d_2dasl-released_")
    assert record_name(replace(result, created="2030-01-01")) == name
    others = [
        replace(result, submission_sha256="f" * 64),
        replace(result, options={"yaw": "mine.npy"}),
        replace(result, protocol="florence"),
    ]
    assert len({record_name(other) for other in (result, *others)}) == 4
    hostile = replace(result, facts=MethodFacts("../../etc/passwd\n"), protocol="../x")
    assert record_name(hostile).startswith("x_etc-passwd_")


def test_results_that_were_built_in_memory_are_told_apart_by_their_errors() -> None:
    names = {
        record_name(replace(invented_result("one", mean), submission_sha256=""))
        for mean in (0.03, 0.04)
    }
    assert len(names) == 2


def test_a_folder_keeps_what_was_added_and_scoring_again_replaces(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "new" / "records")
    assert store.load().records == ()
    store.add(invented_result("one", 0.03))
    store.add(invented_result("two", 0.04))
    name = store.add(invented_result("one", 0.05))
    assert methods(store.load().records) == ["one", "two"]
    again = {record.facts.method: record.headline.headline for record in store.load().records}
    assert again["one"] == pytest.approx(0.05)
    assert (tmp_path / "new" / "records" / name).is_file()


def test_processes_that_add_at_once_lose_no_record(tmp_path: Path) -> None:
    running = [python(ADD_MANY, str(tmp_path), str(number)) for number in range(3)]
    assert [process.wait(timeout=600) for process in running] == [0, 0, 0]
    wanted = [f"method {process} {number}" for process in range(3) for number in range(8)]
    assert methods(FolderStore(tmp_path).load().records) == sorted([*wanted, "shared"])


@pytest.mark.parametrize("writes", [0, 1])
@pytest.mark.parametrize("method", ["old", "new"])
def test_a_crash_in_the_middle_of_a_write_leaves_the_old_state(
    tmp_path: Path, writes: int, method: str
) -> None:
    store = FolderStore(tmp_path)
    store.add(invented_result("old", 0.04))
    before = [record_json(record) for record in store.load().records]
    assert python(DIE_IN_THE_MIDDLE, str(tmp_path), str(writes), method).wait(timeout=600) == 9
    assert [record_json(record) for record in store.load().records] == before
    store.add(invented_result(method, 0.02))  # the dead process holds no lock
    assert "old" in methods(store.load().records)


def test_a_folder_that_is_held_for_too_long_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "LOCK_WAIT_S", 0.1)
    holder = storage.FileLock(tmp_path / storage.LOCK_FILE)
    with holder, pytest.raises(RecordError, match="locked by another process"):
        FolderStore(tmp_path).add(invented_result("one"))


def test_a_place_that_cannot_be_a_folder_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RecordError, match=r"cannot write to .*choose another folder"):
        FolderStore(tmp_path / "file").add(invented_result("one"))


@pytest.fixture
def hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Callable[..., HubStore], Repos]]:
    """Makes stores of one data set repository of a hub on loopback."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
    with hub_stand_in() as (address, repos):
        repos[f"datasets/{REPO}"] = {"README.md": b"# board\n"}

        def store(token: str = "hf_right", repo: str = REPO, at: str = address) -> HubStore:
            return HubStore(repo, api=HfApi(endpoint=at, token=token))

        yield store, repos


Hub = tuple[Callable[..., HubStore], Repos]


def test_records_come_back_from_the_hub(hub: Hub) -> None:
    store, repos = hub
    assert store().load().records == ()
    name = store().add(invented_result("one", 0.03))
    store().add(invented_result("two", 0.04))
    store().add(invented_result("one", 0.05))
    records = store().load().records
    headlines = {r.facts.method: r.headline.headline for r in records}
    assert headlines == pytest.approx({"one": 0.05, "two": 0.04})
    files = sorted(repos[f"datasets/{REPO}"])
    assert len(files) == 5 and f"records/{name}" in files and "README.md" in files


def test_writers_that_commit_at_once_lose_no_record(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "FIRST_WAIT_S", 0.02)
    store, _ = hub
    wanted = [f"method {number}" for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda method: store().add(invented_result(method)), wanted))
    assert methods(store().load().records) == wanted


def test_a_commit_that_came_in_between_is_kept_and_ours_follows(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = hub
    commit = HfApi.create_commit
    parents = []

    def overtaken(api: HfApi, *arguments: object, **named: object) -> object:
        parents.append(named["parent_commit"])
        if len(parents) == 1:  # between our look at the head and our commit
            store().add(invented_result("theirs"))
        return commit(api, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(HfApi, "create_commit", overtaken)
    store().add(invented_result("ours"))
    assert methods(store().load().records) == ["ours", "theirs"]
    assert len(parents) == 3 and parents[0] == parents[1] != parents[2]


def test_a_writer_that_always_comes_second_gives_up_in_words(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "FIRST_WAIT_S", 0.0)
    store, _ = hub
    commit = HfApi.create_commit

    def stale(api: HfApi, *arguments: object, **named: object) -> object:
        return commit(api, *arguments, **named | {"parent_commit": "f" * 40})  # type: ignore[arg-type]

    monkeypatch.setattr(HfApi, "create_commit", stale)
    with pytest.raises(RecordError, match="others committed first, 10 times"):
        store().add(invented_result("ours"))


@pytest.mark.parametrize(
    "named", [{"token": "hf_wrong"}, {"repo": "user/nowhere"}, {"at": "http://127.0.0.1:9"}]
)
def test_what_the_hub_refuses_is_said_in_words(hub: Hub, named: dict[str, str]) -> None:
    store, _ = hub
    with pytest.raises(RecordError, match=r"did not take the record .*HF_TOKEN"):
        store(**named).add(invented_result("one"))
    if "token" not in named:  # reading needs none
        with pytest.raises(RecordError, match="did not give the records"):
            store(**named).load()


def test_a_damaged_record_on_the_hub_is_named_and_the_others_are_read(hub: Hub) -> None:
    store, repos = hub
    store().add(invented_result("one"))
    repos[f"datasets/{REPO}"]["records/bad.json"] = b"{"
    stored = store().load()
    assert methods(stored.records) == ["one"]
    assert list(stored.unreadable) == ["bad.json"]
    assert "bad.json: cannot read" in stored.unreadable["bad.json"]


def test_an_edited_record_in_a_folder_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    name, _ = store.add(invented_result("edited")), store.add(invented_result("honest"))
    document = json.loads((tmp_path / name).read_text())
    document["scores"][0]["mean_of_images"] /= 2
    (tmp_path / name).write_text(json.dumps(document))
    stored = store.load()
    assert methods(stored.records) == ["honest"]
    assert "the record was edited" in stored.unreadable[name]


def test_reading_the_packages_own_records_leaves_nothing_there() -> None:
    folder = ROOT / "eval" / "records"
    before = sorted(folder.iterdir())
    assert methods(FolderStore(folder).load().records) == methods(load_records(folder))
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("name", ["../x.json", "x.json", "a_b_0123456789ab.json/../c"])
def test_only_a_records_name_can_be_removed(tmp_path: Path, name: str) -> None:
    with pytest.raises(RecordError, match="copy it from the list"):
        FolderStore(tmp_path).remove(name)


def test_a_removed_record_is_gone_from_a_folder_and_others_stay(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    name, _ = store.add(invented_result("one")), store.add(invented_result("two"))
    store.remove(name)
    store.remove(name)
    assert methods(store.load().records) == ["two"]
    assert len([path for path in tmp_path.iterdir() if path.suffix in (".json", ".csv")]) == 2


def test_a_removed_record_is_gone_from_the_hub_and_others_stay(hub: Hub) -> None:
    store, repos = hub
    name, _ = store().add(invented_result("one")), store().add(invented_result("two"))
    store().remove(name)
    store().remove(name)
    assert methods(store().load().records) == ["two"]
    assert len(repos[f"datasets/{REPO}"]) == 3


def test_a_store_may_be_a_part_of_a_place(tmp_path: Path) -> None:
    open_store(str(tmp_path), "pending").add(invented_result("one"))
    assert methods(load_records(tmp_path / "pending")) == ["one"]
