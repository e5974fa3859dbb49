import pytest

from space.submit.limits import DAY_S, DailyLimit, wait_words


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_so_many_a_day_and_then_one_waits_until_the_first_is_a_day_old():
    clock = Clock()
    limit = DailyLimit(2, clock)
    assert limit.take("ann") == 0
    clock.now += 3600
    assert limit.take("ann") == 0
    assert limit.take("ann") == DAY_S - 3600
    assert limit.take("bob") == 0  # others are not concerned
    clock.now += DAY_S - 3600
    assert limit.take("ann") == 0


def test_nobodys_name_is_kept():
    limit = DailyLimit(2)
    limit.take("ann of 10.0.0.1")
    assert "ann" not in repr(vars(limit)) and "10.0.0.1" not in repr(vars(limit))


def test_the_memory_of_many_people_is_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("space.submit.limits.MOST_PEOPLE", 10)
    limit = DailyLimit(1)
    for number in range(50):
        limit.take(str(number))
    assert len(limit._done) <= 11


@pytest.mark.parametrize(
    ("seconds", "words"), [(5, "1 hour"), (5400, "2 hours"), (DAY_S, "24 hours")]
)
def test_the_wait_is_told_in_hours(seconds: float, words: str):
    assert wait_words(seconds) == words
