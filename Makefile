# make demo   sets everything up, and trains on a real table
# make test   sets everything up, and runs every test
# make help   the rest

.DEFAULT_GOAL := help
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
# The newest Python of at least 3.11 that can make a virtual environment.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	"$$p" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' \
	>/dev/null 2>&1 && { echo "$$p"; break; }; done)

.PHONY: help demo test lint types wheel report clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

demo: $(VENV)/.demo ## train on the breast-cancer table, and show the result
	@mkdir -p demo
	@$(BIN)/python examples/breast_cancer.py demo/breast_cancer.csv
	@$(BIN)/chainrule train demo/breast_cancer.csv --target diagnosis \
		--model demo/breast_cancer.model.safetensors --plot demo/learning_curves.png
	@echo "(the command chainrule is $(BIN)/chainrule; '. $(BIN)/activate' puts it on the path)"

test: $(VENV)/.test ## run every test
	@$(BIN)/python -m pytest -n 2 -q

lint: $(VENV)/.dev ## check style and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/.dev ## check types
	@$(BIN)/mypy

wheel: $(VENV)/.dev ## build the wheel and the source archive into dist/
	@rm -rf dist
	@$(BIN)/python -m build --quiet

report: $(VENV)/.test ## measure gradients, trajectories and accuracy: the README's tables
	@$(BIN)/python benchmarks/report.py

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "error: Python 3.11 or newer with venv is needed: install it (Debian: python3-venv)," \
			"or say which one: make PYTHON=/path/to/python" >&2; exit 1; fi
	@echo "making $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml | $(BIN)/python
	@echo "installing chainrule[plot] into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[plot]'
	@touch $@

$(VENV)/.test: pyproject.toml | $(BIN)/python
	@echo "installing chainrule[test] into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	@touch $@ $(VENV)/.demo

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	@echo "installing chainrule[dev] into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

clean: ## remove everything that make made
	rm -rf $(VENV) demo dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
