"""Work in a thread of its own: order, errors, bounds, and an end when nobody wants more."""

import threading
from contextvars import ContextVar

import pytest

from dasl.video.ahead import ahead


def test_items_come_in_order_and_are_made_in_one_other_thread():
    makers = set()

    def items():
        for number in range(20):
            makers.add(threading.get_ident())
            yield number

    assert list(ahead(items(), waiting=3)) == list(range(20))
    assert len(makers) == 1
    assert threading.get_ident() not in makers


def test_no_more_than_the_agreed_number_wait():
    made = []

    def items():
        for number in range(20):
            made.append(number)
            yield number

    taken = ahead(items(), waiting=3)
    for number in range(5):
        assert next(taken) == number
    taken.close()
    assert len(made) <= 5 + 3


def test_an_error_comes_where_the_item_would_have_come():
    def items():
        yield 1
        yield 2
        raise OSError("damaged")

    taken = ahead(items())
    assert [next(taken), next(taken)] == [1, 2]
    with pytest.raises(OSError, match="damaged"):
        next(taken)


def test_a_caller_who_leaves_ends_the_thread():
    before = set(threading.enumerate())
    taken = ahead(iter(range(10**9)))
    assert next(taken) == 0
    taken.close()
    assert set(threading.enumerate()) <= before  # others may have ended meanwhile


def test_the_callers_context_holds_in_the_thread():
    name = ContextVar("name", default="nobody")
    name.set("caller")
    assert list(ahead(name.get() for _ in range(2))) == ["caller", "caller"]
