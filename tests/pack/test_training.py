"""The training of a pack: any number of threads, resting, the ensemble's snapshots, every end."""

import numpy as np
import pytest

from chainrule.errors import DivergenceError
from chainrule.nn import propagation
from chainrule.pack import Effort, Judge, PackTrainer, Recipe
from chainrule.train import Dataset

EFFORT = Effort(members=6, rest=4, patience=6)


def tables(m=120, outputs=1, loss="half_squared_error", seed=0, dtype=np.float32):
    rng = np.random.RandomState(seed)
    X = rng.randn(m, 4)
    Z = np.column_stack([np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 2 + j % 2] for j in range(outputs)])
    if loss == "categorical_cross_entropy":
        Y = np.eye(outputs)[(Z + rng.randn(*Z.shape) * 0.1).argmax(axis=1)]
    else:
        Y = Z > 0 if loss == "binary_cross_entropy" else Z
        Y = np.exp(Z).round() if loss == "poisson" else Y
    rows = Dataset(X.astype(dtype), Y.astype(dtype))
    return rows.rows(np.arange(2 * m // 3)), rows.rows(np.arange(2 * m // 3, m))


def trainer(training, validation, seed=0, n_threads=1, **changes):
    values = {
        "numbers": 3,
        "loss": "half_squared_error",
        "hidden": (8, 8, 8),
        "effort": EFFORT,
        "batch_size": 16,
        "epochs": 30,
        **changes,
    }
    recipe = Recipe(training.X.shape[1], training.Y.shape[1], **values)
    return PackTrainer(recipe, training, validation, np.random.RandomState(seed), n_threads)


@pytest.mark.parametrize(
    ("loss", "outputs"),
    [
        ("half_squared_error", 1),
        ("half_squared_error", 2),
        ("binary_cross_entropy", 1),
        ("categorical_cross_entropy", 3),
        ("poisson", 1),
    ],
)
def test_the_same_bits_on_any_number_of_threads(loss, outputs):
    rows = tables(outputs=outputs, loss=loss)
    found = []
    for n_threads in (1, 2, 5):
        one = trainer(*rows, loss=loss, n_threads=n_threads)
        one.run()
        found.append([(own.member, own.epoch, own.parameters.vector) for own in one.ensemble])
    assert len(found[0]) >= 1
    for others in found[1:]:
        assert [own[:2] for own in others] == [own[:2] for own in found[0]]
        for own, same in zip(others, found[0], strict=True):
            assert np.array_equal(own[2], same[2])


def test_what_was_chosen_is_what_the_snapshots_predict():
    training, validation = tables()
    one = trainer(training, validation)
    one.run()
    outputs = [
        propagation.forward_output(own.network, own.parameters, validation.X).A
        for own in one.ensemble
    ]
    error = np.mean((np.mean(outputs, axis=0) - validation.Y) ** 2)
    assert one.loss == pytest.approx(error, rel=1e-4)
    assert one.best_epoch == max(own.epoch for own in one.ensemble)


def test_the_loss_of_the_ensemble_never_rises_and_is_at_most_the_best_members():
    one = trainer(*tables())
    losses = []
    one.run(lambda: losses.append(one.loss))
    assert (np.diff(losses) <= 0).all()
    assert one.loss <= min(member.best_loss for member in one.members)


def test_a_member_rests_after_so_many_epochs_without_a_better_loss():
    one = trainer(*tables(), epochs=200)
    alive = []
    one.run(lambda: alive.append(len(one.alive)))
    assert min(alive) < 6
    for member in one.members:
        assert member.epoch - member.best_epoch <= EFFORT.rest
        if member.epoch > EFFORT.rest:  # the others are the worse half
            assert member.alive == (member.epoch - member.best_epoch < EFFORT.rest)


def test_the_worse_half_rests_early_but_for_the_ensemble():
    one = trainer(*tables(), effort=Effort(members=9, rest=5, patience=9))
    one.run(lambda: "enough" if one.epoch == 4 else None)
    assert len(one.alive) == 9
    one.run(lambda: "enough")
    losses = [member.best_loss for member in one.members]
    better = {number for number, loss in enumerate(losses) if loss <= sorted(losses)[4]}
    ensemble = {own.member for own in one.ensemble}
    assert len(better) == 5
    assert {*one.alive} == better | ensemble


def test_the_ends():
    assert trainer(*tables(), epochs=3).run() == "all 3 epochs done"
    assert trainer(*tables()).run(lambda: "enough") == "enough"
    slow = trainer(*tables(), epochs=10_000, seconds=1e-9)
    assert slow.run() == "the time was up, 1e-09 seconds"
    assert (slow.epoch, len(slow.ensemble) > 0) == (1, True)
    endless = Effort(members=2, rest=3, patience=1000)
    assert trainer(*tables(), epochs=10_000, effort=endless).run() == "no member improved any more"
    hasty = Effort(members=2, rest=1000, patience=3)
    ended = trainer(*tables(), epochs=10_000, effort=hasty).run()
    assert ended == "no ensemble was much better in 3 epochs"


def test_a_member_that_diverges_does_no_harm():
    training, validation = tables()
    one = trainer(training, validation)
    one.members[2].parameters.vector[...] = np.float32(1e30)
    one.run()
    assert not one.members[2].alive
    assert all(own.member != 2 for own in one.ensemble)
    all_bad = trainer(training, validation)
    for member in all_bad.members:
        member.parameters.vector[...] = np.float32(1e30)
    with pytest.raises(DivergenceError, match="all members of the pack diverged"):
        all_bad.run()


def test_ctrl_c_keeps_the_ensemble():
    one = trainer(*tables())

    def interrupt():
        if one.epoch == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        one.run(interrupt)
    assert one.epoch == 3
    assert one.ensemble


def test_the_reference_trains_the_same_pack(monkeypatch):
    rows = tables(dtype=np.float64)
    ours = trainer(*rows, epochs=6)
    ours.run()
    monkeypatch.setenv("CHAINRULE_ENGINE", "reference")
    theirs = trainer(*rows, epochs=6)
    theirs.run()
    assert theirs.members[0].engine is None
    assert ours.members[0].engine is not None
    assert [own.member for own in ours.ensemble] == [own.member for own in theirs.ensemble]
    for own, other in zip(ours.members, theirs.members, strict=True):
        np.testing.assert_allclose(own.parameters.vector, other.parameters.vector, 1e-9, 1e-12)


def test_numbers_have_waves_and_the_others_have_none():
    one = trainer(*tables())
    for member in one.members:
        assert member.network.embedding.columns == 3
        assert member.network.embedding.width == member.sampled.waves
        assert member.network.sizes == (4, *(8,) * member.sampled.depth, 1)
    assert all(member.network.embedding is None for member in trainer(*tables(), numbers=0).members)


def test_weights_of_validation_rows_count_in_the_choice():
    training, validation = tables()
    weight = np.linspace(0, 1, len(validation)).astype(np.float32)
    one = trainer(training, Dataset(validation.X, validation.Y, weight))
    one.run()
    judge = Judge.of("half_squared_error", validation.Y, weight)
    mean = np.mean([own.trace for own in one.ensemble], axis=0)
    assert one.loss == pytest.approx(judge.losses(mean[np.newaxis])[0], rel=1e-6)


def test_where_an_epoch_has_few_updates_more_of_them_are_waited_for():
    effort = Effort(members=2, rest=4, patience=6, updates=100)
    training, validation = tables()  # 80 rows
    one = trainer(training, validation, effort=effort, batch_size=16)
    assert (one.rest, one.patience) == (20, 40)
    assert trainer(training, validation, effort=effort, batch_size=1).rest == 4
