"""Write the breast-cancer table that scikit-learn ships as a CSV file, as one gets it from a clinic.

The Wisconsin Diagnostic Breast Cancer set (Wolberg, Mangasarian, Street and Street, 1993; UCI Machine
Learning Repository): 569 tumors, 30 measurements of cell nuclei, benign or malignant.
"""

import csv
import sys

from sklearn.datasets import load_breast_cancer


def main(path: str) -> None:
    """Write the table to `path`."""
    data = load_breast_cancer()
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*data.feature_names, "diagnosis"])
        for measurements, target in zip(data.data, data.target, strict=True):
            writer.writerow([*measurements, data.target_names[target]])
    print(f"{path}: {len(data.target)} tumors, {len(data.feature_names)} measurements each")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python breast_cancer.py FILE.csv")
    main(sys.argv[1])
