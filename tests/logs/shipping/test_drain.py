import threading

from jupyter_sm.logs.shipping.drain import Drain


def test_there_is_no_end_before_it_is_begun() -> None:
    drain = Drain()

    assert (drain.begun, drain.over, drain.left) == (False, False, float("inf"))
    assert drain.wait(0.001)


def test_only_the_first_beginning_counts() -> None:
    drain = Drain()
    drain.begin(0)
    drain.begin(60)

    assert (drain.begun, drain.over, drain.left) == (True, True, 0)


def test_a_wait_ends_when_the_end_begins() -> None:
    drain = Drain()
    threading.Timer(0.01, drain.begin, [60]).start()

    assert not drain.wait(30)
    assert not drain.over


def test_no_wait_lasts_beyond_the_end() -> None:
    drain = Drain()
    drain.begin(0.01)

    assert not drain.wait(30)
    assert drain.over
