import numpy as np
import pytest

from dlcr.core.errors import SettingError
from dlcr.reid.sampler import draw_variants, identity_batches
from dlcr.reid.schedule import Schedule


def test_with_ten_variants_two_five_seven_ten_may_be_drawn():
    usable = [Schedule(60).usable_variants(epoch, 10) for epoch in range(60)]
    assert usable == [2] * 6 + [5] * 5 + [7] * 5 + [10] * 44


def test_a_short_training_scales_every_epoch_number():
    short = Schedule(24)
    assert [short.usable_variants(epoch, 10) for epoch in range(8)] == [2, 2, 2, 5, 5, 7, 7, 10]
    rates = [short.learning_rate(epoch, 1.0) for epoch in range(24)]
    assert rates == pytest.approx([1.0] * 8 + [0.1] * 8 + [0.01] * 8)
    assert [short.clothes_losses(epoch) for epoch in (9, 10)] == [False, True]


def test_few_variants_leave_at_least_one_and_none_stays_none():
    assert [Schedule(60).usable_variants(0, count) for count in (0, 1, 3, 4, 8)] == [0, 1, 1, 1, 2]
    assert Schedule(60, progressive=False).usable_variants(0, 10) == 10


def test_batches_hold_few_persons_with_several_photos_each():
    pid = np.repeat([4, 7, 9, 11], [5, 8, 3, 16])
    batches = identity_batches(pid, 2, 4, np.random.default_rng(0))
    assert batches.shape[1] == 8
    for batch in batches:
        people = pid[batch].reshape(2, 4)
        assert (people == people[:, :1]).all()
        assert people[0, 0] != people[1, 0]
    used = np.bincount(batches.ravel(), minlength=len(pid))
    assert used[pid != 9].max() == 1  # only who has fewer than four photos repeats one


def test_the_same_seed_gives_the_same_batches_and_another_others():
    pid = np.repeat(np.arange(10), 12)
    made = [identity_batches(pid, 4, 4, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert np.array_equal(made[0], made[1])
    assert made[0].shape != made[2].shape or not np.array_equal(made[0], made[2])


def test_too_few_persons_for_a_batch_is_named():
    with pytest.raises(SettingError, match="needs 8 persons, the split has 2"):
        identity_batches(np.array([1, 1, 2, 2]), 8, 2, np.random.default_rng(0))


def test_variants_are_drawn_evenly_from_the_first_ones_only():
    drawn = draw_variants([0, 1, 3] * 3000, np.random.default_rng(0)).reshape(-1, 3)
    assert set(drawn[:, 0]) == {-1}
    assert set(drawn[:, 1]) == {0}
    assert np.bincount(drawn[:, 2]) == pytest.approx([1000] * 3, rel=0.1)
