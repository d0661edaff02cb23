"""The catalog of mistakes."""

import pytest

from chainrule.doctor import CATALOG, Mistake, get_kind
from chainrule.errors import ParameterError

ASKED_FOR = (
    "missing_mean",
    "double_mean",
    "sign",
    "factor",
    "missing_transpose",
    "elementwise_product",
    "missing_activation_derivative",
    "activation_derivative_argument",
    "wrong_layer_derivative",
    "softmax_diagonal",
    "updated_weights",
    "wrong_weights",
    "off_by_one_input",
    "bias_not_summed",
    "bias_wrong_axis",
    "bias_mean_for_sum",
    "penalty_missing",
    "penalty_factor",
    "penalty_sign",
    "penalty_on_biases",
    "loss_mismatch",
    "wrong_local_derivative",
    "wrong_update",
    "unknown",
    "symbol_clash",
    "degenerate_cost",
    "wrong_shape_note",
)


def test_every_code_is_explained():
    assert set(ASKED_FOR) <= set(CATALOG)
    for code, kind in CATALOG.items():
        assert kind.code == code
        assert kind.meaning.endswith(".")
        assert kind.meaning[0].isupper()
        assert kind.wrong
        assert kind.right
        assert kind.wrong != kind.right


def test_a_report_can_use_no_other_code():
    with pytest.raises(ParameterError, match="did you mean 'sign'"):
        Mistake("sing", "dW1", "")
    with pytest.raises(ParameterError, match="unknown mistake"):
        get_kind(None)
