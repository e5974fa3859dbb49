import pytest

from space.leaderboard.cache import KEPT, RecordCache
from tests.eval.invented_results import invented_result

ONE, TWO = invented_result("one"), invented_result("two")


def test_the_same_question_is_computed_once_and_order_and_label_matter():
    asked = []
    cache = RecordCache(lambda results, label: asked.append((len(results), label)) or len(asked))
    assert [cache([ONE, TWO], "2D") for _ in range(3)] == [1, 1, 1]
    assert cache([TWO, ONE], "2D") == 2
    assert cache([ONE, TWO], "3D") == 3
    assert cache([invented_result("one", created="2030-01-01"), TWO], "2D") == 4


def test_what_was_not_asked_for_long_is_forgotten():
    asked = []
    cache = RecordCache(lambda _, label: asked.append(label))
    for number in range(KEPT + 1):
        cache([ONE], str(number))
    cache([ONE], str(KEPT))
    assert len(asked) == KEPT + 1
    cache([ONE], "0")
    assert asked[-1] == "0" and len(asked) == KEPT + 2


def test_a_failure_is_not_kept():
    answers = [ValueError("no"), None]

    def compute(*_):
        answer = answers.pop(0)
        if answer:
            raise answer
        return "yes"

    cache = RecordCache(compute)
    with pytest.raises(ValueError, match="no"):
        cache([ONE], "2D")
    assert cache([ONE], "2D") == "yes"
