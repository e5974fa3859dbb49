"""Which faces a step sees."""

import torch

from dasl.training.sampling import EpochOrder, epoch_order

ANNOTATED = torch.arange(23) < 5


def order(share: float | None, epoch: int = 0) -> EpochOrder:
    return epoch_order(ANNOTATED, 8, 2, share, seed=3, epoch=epoch)


def test_each_epoch_has_its_own_order_of_faces_seen_once() -> None:
    first, again, second = order(None).rows, order(None).rows, order(None, 1).rows
    assert torch.equal(first, again) and not torch.equal(first, second)
    assert first.shape == (2, 8) and len(first.unique()) == 16
    assert not bool(order(None).rounds.any())


def test_two_streams_keep_the_share_in_every_batch() -> None:
    actual = order(0.75)
    assert bool((ANNOTATED[actual.rows].sum(dim=1) == 6).all())


def test_a_repeated_face_says_in_which_round_it_is() -> None:
    actual = order(1.0)
    pairs = list(zip(actual.rows.flatten().tolist(), actual.rounds.flatten().tolist(), strict=True))
    assert len(set(pairs)) == 16 and max(rounds for _, rounds in pairs) == 3
    counts = torch.bincount(actual.rows.flatten(), minlength=5)[:5]
    assert counts.max() - counts.min() <= 1


def test_the_shares_of_processes_make_up_the_batch() -> None:
    actual = order(0.5)
    parts = [actual.share(1, process, 2)[0] for process in range(2)]
    assert sorted(torch.cat(parts).tolist()) == sorted(actual.rows[1].tolist())
    assert [int(ANNOTATED[part].sum()) for part in parts] == [2, 2]


def test_more_steps_than_faces_repeat_all_of_them_evenly() -> None:
    actual = epoch_order(ANNOTATED, 8, 7, None, seed=3, epoch=0)
    counts = torch.bincount(actual.rows.flatten(), minlength=23)
    assert counts.sum() == 56 and counts.max() - counts.min() <= 1
    assert actual.rounds.flatten().tolist() == sorted([0] * 23 + [1] * 23 + [2] * 10)


def test_the_faces_of_a_person_follow_each_other() -> None:
    people = torch.tensor([0, 1, 2, 3] * 5 + [4, 5, 6])
    rows = epoch_order(ANNOTATED, 23, 2, None, seed=3, epoch=0, people=people).rows
    for batch in rows:
        runs = people[batch].unique_consecutive()
        assert len(runs) == 7 and sorted(batch.tolist()) == list(range(23))
    assert not torch.equal(people[rows[0]], people[rows[1]])
