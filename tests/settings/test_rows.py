"""The rows of settings: complete, and the only place that a setting stands in."""

import inspect
import re
import subprocess
import sys

import numpy as np
import pytest

import chainrule as cr
from chainrule.nn import ACTIVATIONS
from chainrule.optim import OPTIMIZERS, Optimizer
from chainrule.settings import ClassifierSettings, RegressorSettings, preset_settings, rows_of

KINDS = {cr.MLPClassifier: ClassifierSettings, cr.MLPRegressor: RegressorSettings}
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


@each_kind
def test_an_estimator_has_the_rows_for_parameters(kind):
    rows = rows_of(KINDS[kind])
    parameters = inspect.signature(kind).parameters
    assert sorted(parameters) == sorted(rows)
    for name, row in rows.items():
        assert row.name == name
        assert parameters[name].default == row.default
        row.kind.check(name, row.default)
        for preset in row.presets:
            value = row.in_preset(preset, classification=kind is cr.MLPClassifier)
            row.kind.check(name, value)


@each_kind
def test_the_docstring_says_what_every_parameter_means(kind):
    for name, row in rows_of(KINDS[kind]).items():
        entry = re.search(rf"^    {name} : (.+)\n((?:        .+\n)+)", kind.__doc__, re.MULTILINE)
        assert entry is not None, name
        assert entry[1] == row.kind.words
        assert " ".join(entry[2].split()) == " ".join(row.filled(row.text).split())
    assert "{" not in re.sub(r"\{(\".*?|None, .*?)\}|``.*?``", "", kind.__doc__)


def test_what_may_be_given_by_position_is_what_scikit_learn_takes():
    assert cr.MLPClassifier((3,), "tanh").get_params()["activation"] == "tanh"
    model = cr.MLPRegressor("poisson", (3,), "tanh")
    assert (model.loss, model.hidden_layer_sizes, model.activation) == ("poisson", (3,), "tanh")
    for kind, values in ((cr.MLPClassifier, ((3,), "tanh", 1)), (cr.MLPRegressor, "abcd")):
        with pytest.raises(TypeError, match="positional"):
            kind(*values)


def test_the_rows_import_no_mathematics():
    """`chainrule train --help` is made of them."""
    code = (
        "import sys, chainrule.settings, chainrule.cli.train;"
        "print([m for m in ('numpy', 'scipy', 'sklearn', 'pyarrow', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_preset_is_a_dictionary_of_ones_own():
    preset_settings("realmlp", classification=True)["learning_rate_factors"]["b"] = 7
    assert preset_settings("realmlp", classification=True)["learning_rate_factors"]["b"] == 0.1


class Lion(Optimizer):
    """The sign of a running mean: Chen et al., 2023."""

    slots = ("momentum",)
    settings = ("beta_1", "beta_2")

    def __init__(self, learning_rate, beta_1=0.9, beta_2=0.99):
        super().__init__(learning_rate)
        self.beta_1, self.beta_2 = beta_1, beta_2

    def _move(self, vector, gradient, rate):
        m = self.state["momentum"]
        vector -= rate * np.sign(self.beta_1 * m + (1 - self.beta_1) * gradient)
        m *= self.beta_2
        m += (1 - self.beta_2) * gradient


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.filterwarnings("ignore:the compiled engine does not know the optimizer 'lion'")
@each_kind
def test_a_new_optimizer_is_a_new_solver(kind, monkeypatch):
    monkeypatch.setitem(OPTIMIZERS, "lion", Lion)
    rng = np.random.RandomState(0)
    X = rng.normal(size=(60, 3))
    settings = {"hidden_layer_sizes": (4,), "max_iter": 3, "random_state": 0, "alpha": 0.0}
    y = (X[:, 0] > 0).astype(int)
    model = kind(solver="lion", beta_1=0.5, learning_rate_init=0.25, **settings).fit(X, y)
    assert type(model._state.optimizer) is Lion
    assert (model._state.optimizer.beta_1, model._state.optimizer.beta_2) == (0.5, 0.999)
    twin = kind(solver="sgd", learning_rate_init=1e-9, **settings).fit(X, y)
    moved = (model.parameters_.vector - twin.parameters_.vector) / 0.25
    # three steps of ±1, but for units that are dead; nothing that AdamW would do
    assert np.abs(moved - moved.round()).max() < 1e-6
    assert np.abs(moved).max() == pytest.approx(3)
    model.partial_fit(X, y)
    with pytest.raises(ValueError, match="did you mean 'lion'"):
        kind(solver="lino").fit(X, y)


def test_texts_list_what_the_tables_have(monkeypatch):
    monkeypatch.setitem(OPTIMIZERS, "lion", Lion)
    monkeypatch.setitem(ACTIVATIONS, "softsign", ACTIVATIONS["tanh"])
    rows = rows_of(ClassifierSettings)
    assert "lion" in rows["solver"].filled(rows["solver"].option.text)
    assert "muon or lion" in rows["beta_2"].filled(rows["beta_2"].option.text)
    assert "softsign" in rows["activation"].filled(rows["activation"].option.text)
