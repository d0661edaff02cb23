"""Which whole numbers are codes: what their names say, and how they repeat."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from chainrule.data.codes import are_codes, names_a_code

CODES = """
cost_center_code CostCenterCode code_postal "código postal" ZIP zip_code Postleitzahl PLZ store_id
admission_type_id discharge_disposition_id admission_source_id Product_Category_1 Occupation region
StoreID Kundennr Artikelnummer Kostenstelle "shop no" station_no
MerchantCode tipo_cliente device_type naics
"""
# Columns of well-known tables: quantities, years, ages, grades.
QUANTITIES = """
age education-num hours-per-week capital-gain fnlwgt duration campaign pdays previous time_in_hospital
num_lab_procedures num_medications number_outpatient number_diagnoses LotArea YearBuilt OverallQual
GarageCars Fireplaces season yr mnth hr holiday weathersit temp hum windspeed LIMIT_BAL EDUCATION PAY_0
BILL_AMT1 MedInc HouseAge AveRooms Population Elevation Aspect Horizontal_Distance_To_Roadways Rings
Pclass SibSp Parch Fare cylinders displacement horsepower model_year quality alcohol residual_sugar
customer_age items_per_store stores sales paid humid acid solid grid valid month rating floor bedrooms
no_of_customers ci_dept_1033 school num_products distance_to_school id_count class grade level rank stage
"""


def names(text: str) -> list[str]:
    import shlex

    return shlex.split(text)


@pytest.mark.parametrize("name", names(CODES))
def test_names_of_codes(name: str) -> None:
    assert names_a_code(name)


@pytest.mark.parametrize("name", names(QUANTITIES))
def test_names_of_quantities(name: str) -> None:
    assert not names_a_code(name)


@pytest.mark.parametrize(
    ("numbers", "codes"),
    [
        ([7, 12, 40] * 20, True),
        ([7.0, 12.0, None] * 20, False),  # two different ones
        ([7.0, 12.0, 40.0, None] * 20, True),
        (list(range(60)), False),  # none of them repeats
        ([7, 7, 12] * 20, False),
        ([-7, 12, 40] * 20, False),
        ([0.5, 12, 40] * 20, False),
        ([float(n) for n in np.arange(600) % 101], False),  # more than are told apart
    ],
)
def test_numbers_that_repeat(numbers: list[float | None], codes: bool) -> None:
    assert are_codes("store_id", pa.chunked_array([pa.array(numbers)])) == codes
    assert not are_codes("stores", pa.chunked_array([pa.array(numbers)]))
