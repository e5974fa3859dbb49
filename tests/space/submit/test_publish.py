import pytest

from eval.errors import RecordError
from eval.leaderboard.storage import open_store, record_name
from space.records import PENDING, PUBLISHED
from space.submit.publish import Publisher
from tests.eval.invented_results import invented_result

RESULT = invented_result("mine")


def kept(place, part: str) -> list[str]:
    return [record_name(result) for result in open_store(str(place), part).load().records]


def test_a_submission_is_published_at_once_where_the_owner_says_so(tmp_path):
    assert Publisher(str(tmp_path)).submit(RESULT, "at-once", "ann") == "published"
    assert kept(tmp_path, PUBLISHED) == [record_name(RESULT)]
    assert kept(tmp_path, PENDING) == []


def test_otherwise_it_waits_until_it_is_approved(tmp_path, caplog):
    publisher = Publisher(str(tmp_path))
    assert publisher.submit(RESULT, "approve", "") == "waiting"
    assert kept(tmp_path, PUBLISHED) == []
    (name,) = publisher.pending()
    assert f"python -m space approve {name}" in caplog.text
    assert publisher.approve(name).facts.method == "mine"
    assert kept(tmp_path, PUBLISHED) == [name]
    assert publisher.pending() == {}


def test_a_rejected_submission_is_gone(tmp_path):
    publisher = Publisher(str(tmp_path))
    publisher.submit(RESULT, "approve", "")
    publisher.reject(record_name(RESULT))
    assert kept(tmp_path, PUBLISHED) == kept(tmp_path, PENDING) == []


@pytest.mark.parametrize("name", ["unknown.json", "../../etc/passwd", ""])
def test_only_what_waits_can_be_decided_on(tmp_path, name):
    publisher = Publisher(str(tmp_path))
    publisher.submit(RESULT, "approve", "")
    for decide in (publisher.approve, publisher.reject):
        with pytest.raises(RecordError, match=f"those that do: {record_name(RESULT)}"):
            decide(name)


def test_a_damaged_submission_hides_no_other_and_can_be_rejected(tmp_path):
    publisher = Publisher(str(tmp_path))
    publisher.submit(RESULT, "approve", "")
    damaged = record_name(RESULT).replace("mine", "theirs")
    (tmp_path / PENDING / damaged).write_text("{")
    assert list(publisher.pending()) == [record_name(RESULT)]
    assert "cannot read" in publisher.unreadable()[damaged]
    with pytest.raises(RecordError, match="no submission"):
        publisher.approve(damaged)
    assert publisher.reject(damaged) is None
    assert publisher.unreadable() == {}
    assert publisher.approve(record_name(RESULT)).facts.method == "mine"
