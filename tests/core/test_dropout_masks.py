"""The dropout masks of the compiled engine, read off its gradients, entry by entry.

With as many outputs as observations, A_{L−1} = 1, W_L = 0 and Y = −1 on the diagonal, the sum of half
squared errors has the gradient dW_L = M_{L−1}ᵀ: column i is the mask of observation i.
"""

from itertools import combinations, product

import numpy as np
import pytest

from chainrule.core import CompiledEngine
from chainrule.nn import Network, Parameters
from chainrule.train.dropout import DropoutMasks, mixed
from helpers.engines import DTYPES, SETS, SIZES

KEYS = (0, 1, 2**63, 2**64 - 1, 0x0123456789ABCDEF)


def mask_of(m, units, rates, key, dtype=np.float64, n_threads=1, instruction_set=None):
    """Return the mask of the last hidden layer, (m, units), of a network with so many units in each."""
    sizes = (1, *[units] * len(rates), m)
    network = Network(sizes, "identity", reduction="sum")
    parameters = Parameters.zeros(sizes, dtype)
    parameters[f"b{len(rates)}"] = np.ones(units)
    engine = CompiledEngine(network, dtype, n_threads, instruction_set)
    X, Y = np.zeros((m, 1), dtype), -np.eye(m, dtype=dtype)
    _, gradients = engine.cost_and_gradients(parameters, X, Y, None, rates, key)
    return gradients[f"W{network.depth}"].T


def splitmix64(x):
    """Return the number of a counter, in whole numbers of any size."""
    x = (x + 0x9E3779B97F4A7C15) % 2**64
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB % 2**64
    return x ^ (x >> 31)


def test_the_generator_is_splitmix64():
    """The first numbers of the seed 1234567, as they are published with it."""
    published = (
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    )
    for count, number in enumerate(published):
        state = (1234567 + count * 0x9E3779B97F4A7C15) % 2**64
        assert splitmix64(state) == number
        assert int(mixed(state)[0]) == number


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("layer", [1, 2, 3])
def test_every_coin_is_tossed_as_it_is_documented(key, layer):
    m, units, p = 5, 19, 0.4
    stream = splitmix64((key + layer) % 2**64)
    want = np.zeros((m, units))
    for i, j in product(range(m), range(units)):
        coin = splitmix64((stream + i * units + j) % 2**64) >> 11
        want[i, j] = 0 if coin < p * 2**53 else 1 / (1 - p)
    assert 0 < np.count_nonzero(want) < want.size
    for dtype, instruction_set in product(DTYPES, SETS):
        got = mask_of(m, units, [p] * layer, key, dtype, instruction_set=instruction_set)
        np.testing.assert_array_equal(got, want.astype(dtype))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("m", [1, 7, 96, 97, 1000])
def test_the_masks_are_the_references(m, dtype):
    """Every size of a layer, in tiles and shards and in panels of every width."""
    for number, units in enumerate(SIZES):
        masks = DropoutMasks((units, units), (0.25, 0.6), KEYS[number % len(KEYS)])
        for layer in (1, 2):
            masks.drawn = number
            key = masks.batch_key()
            masks.drawn = number
            want = masks.draw(m, np.dtype(dtype))[layer]
            got = mask_of(
                m, units, masks.rates[:layer], key, dtype, instruction_set=SETS[number % len(SETS)]
            )
            assert got.tobytes() == want.tobytes()
            assert got.dtype == want.dtype == dtype


@pytest.mark.parametrize("dtype", DTYPES)
def test_rates_from_one_end_to_the_other(dtype):
    for p in (5e-324, 2.0**-53, 2.0**-52, 1e-9, 0.5, 1 - 1e-6, 1 - 2.0**-53):
        masks = DropoutMasks((40,), (p,), 7)
        key = masks.batch_key()
        masks.drawn = 0
        want = masks.draw(50, np.dtype(dtype))[1]
        np.testing.assert_array_equal(mask_of(50, 40, [p], key, dtype), want)
        assert (want == 0).mean() == pytest.approx(p, abs=0.1)


def test_a_layer_may_drop_nothing():
    for rates in ([0.0], [0.5, 0.0]):
        np.testing.assert_array_equal(mask_of(30, 9, rates, 3), 1)
    mask = mask_of(300, 9, [0.0, 0.5], 3)
    assert 0.4 < (mask == 0).mean() < 0.6


@pytest.mark.parametrize("dtype", DTYPES)
def test_any_number_of_threads_draws_the_same(dtype):
    want = mask_of(1500, 17, [0.3], 11, dtype)
    for n_threads in (2, 3, 8):
        np.testing.assert_array_equal(mask_of(1500, 17, [0.3], 11, dtype, n_threads), want)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_as_many_are_dropped_as_the_rate_says(p):
    m, units = 1500, 64
    dropped = mask_of(m, units, [p], 99) == 0
    spread = np.sqrt(p * (1 - p))
    assert abs(dropped.mean() - p) < 4 * spread / np.sqrt(m * units)
    assert np.abs(dropped.mean(axis=0) - p).max() < 5 * spread / np.sqrt(m)
    assert np.abs(dropped.mean(axis=1) - p).max() < 5 * spread / np.sqrt(units)
    # Were units or observations dropped together, these would spread more.
    assert dropped.mean(axis=0).std() == pytest.approx(spread / np.sqrt(m), rel=0.4)
    assert dropped.mean(axis=1).std() == pytest.approx(spread / np.sqrt(units), rel=0.1)


def test_what_is_kept_makes_up_for_what_is_dropped():
    for p in (0.1, 0.5, 0.8):
        mask = mask_of(1500, 64, [p], 5)
        assert set(np.unique(mask)) == {0.0, 1 / (1 - p)}
        assert abs(mask.mean() - 1) < 4 * np.sqrt(p / (1 - p) / mask.size)


def correlation(one, other):
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def test_batches_layers_units_and_rows_are_independent():
    """The correlation of any two masks, or of one and itself moved on, is that of chance."""
    m, units = 1000, 65
    masks = DropoutMasks((units,) * 3, (0.5,) * 3, 123456789)
    drawn = [
        mask_of(m, units, [0.5] * layer, key)
        for key in (masks.batch_key() for _ in range(4))
        for layer in (1, 2, 3)
    ]
    chance = 4.5 / np.sqrt(m * units)
    for one, other in combinations(drawn, 2):
        assert abs(correlation(one, other)) < chance
    for mask in drawn:
        for axis, step in product((0, 1), (1, 2, 8, 16, 64)):
            assert abs(correlation(mask, np.roll(mask, step, axis))) < chance
        # Row i and row i + 1 of a layer of another width would meet here.
        flat = mask.ravel()
        assert abs(correlation(flat[:-units], flat[units:])) < chance


def test_the_measure_of_independence_sees_a_dependence():
    mask = mask_of(1000, 65, [0.5], 1)
    mixture = np.where(np.arange(65) % 10 == 0, mask, mask_of(1000, 65, [0.5], 2))
    assert abs(correlation(mask, mixture)) > 4.5 / np.sqrt(mask.size)
