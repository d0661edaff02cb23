# make demo   sets everything up, and trains on a real table
# make test   sets everything up, and runs the tests
# make help   the rest

.DEFAULT_GOAL := help
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
# The newest Python of at least 3.11 that can make a virtual environment.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	"$$p" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' \
	>/dev/null 2>&1 && { echo "$$p"; break; }; done)

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# What an installation is made from, beside the Python modules, whose edits take effect at once.
SOURCES := pyproject.toml CMakeLists.txt $(shell find src -name '*.[ch]pp' -o -name __init__.py)
# The sanitizers' own environment and build, and that of the comparison on tables.
SANITIZER := address
SANITIZED := build/sanitized/$(SANITIZER)
TESTS_OF_address := $(wildcard tests/core) tests/train tests/estimators/test_trajectories.py \
	-k "not too_little_memory"
TESTS_OF_thread := $(wildcard tests/core) -k "not fork and not child and not processes and not too_little_memory"
TABULAR := build/tabular

.PHONY: help demo test exhaustive sanitize lint types wheel report bench doctor tabular clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/.demo ## train on the breast-cancer table, and show the result
	@mkdir -p demo
	@$(BIN)/python examples/breast_cancer.py demo/breast_cancer.csv
	@$(BIN)/chainrule train demo/breast_cancer.csv --target diagnosis \
		--model demo/breast_cancer.model.safetensors --plot demo/learning_curves.png
	@echo "(the command chainrule is $(BIN)/chainrule; '. $(BIN)/activate' puts it on the path)"

test: $(VENV)/.test ## run the tests
	@$(BIN)/python -m pytest -n 2 -q

exhaustive: $(VENV)/.test ## run the cases of which the tests take a part, as every night
	@$(BIN)/python -m pytest -n 2 -q -m exhaustive

# Their reports are to be seen: pytest must neither keep what is printed nor handle a crash itself. The
# thread sanitizer sees the threads of OpenBLAS, too, which it cannot judge, and is lost after a fork;
# it wants addresses that are not drawn by chance (setarch -R).
sanitize: ## run the engine's tests with sanitizers: of addresses, or SANITIZER=thread (GCC, Linux)
	@$(MAKE) --no-print-directory VENV=$(SANITIZED) $(SANITIZED)/.test SETTINGS="--config-settings=cmake.build-type=Debug \
		--config-settings=cmake.define.CHAINRULE_SANITIZE=$(SANITIZER) \
		--config-settings=build-dir=$(SANITIZED)/build"
	@LD_PRELOAD="$$(ldd $(SANITIZED)/lib/python*/site-packages/chainrule/core/_engine.*.so \
		| awk '/lib(asan|ubsan|tsan|stdc\+\+)/ {printf "%s ", $$3}')" OPENBLAS_NUM_THREADS=1 \
		ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 TSAN_OPTIONS=halt_on_error=1:exitcode=66:allocator_may_return_null=1 \
		setarch -R $(SANITIZED)/bin/python -m pytest -q --capture=sys -p no:faulthandler \
		$(TESTS_OF_$(SANITIZER))

lint: $(VENV)/.dev ## check style and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/clang-format --dry-run --Werror src/chainrule/core/src/*.?pp

types: $(VENV)/.dev ## check types
	@$(BIN)/mypy

wheel: $(VENV)/.dev ## build the wheel and the source archive into dist/
	@rm -rf dist
	@$(BIN)/python -m build --quiet

report: $(VENV)/.test ## measure gradients and trajectories, for the README
	@$(BIN)/python benchmarks/report.py

bench: $(VENV)/.bench ## measure the speed beside scikit-learn, PyTorch and JAX, into bench/ (half an hour)
	@$(BIN)/python -m benchmarks.speed --out bench

doctor: $(VENV)/.test ## count the mistakes that the doctor finds and names (an hour and a half)
	@$(BIN)/python benchmarks/doctor/measure.py
	@$(BIN)/python benchmarks/doctor/formulas.py

# In an environment of its own, for one of the packages with tables needs pandas 2.
tabular: ## compare with scikit-learn's models on tables, into bench/tabular (hours)
	@$(MAKE) --no-print-directory VENV=$(TABULAR) $(TABULAR)/.tables \
		SETTINGS="--config-settings=build-dir=$(TABULAR)/build"
	@$(TABULAR)/bin/python -m benchmarks.tabular --out bench/tabular

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "error: Python 3.11 or newer with venv is needed: install it (Debian: python3-venv)," \
			"or say which one: make PYTHON=/path/to/python" >&2; exit 1; fi
	@echo "making $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV)

# Installed here rather than into an environment of each build's own, so that a rebuild can go on
# from the last; the second line adds CMake and Ninja where the machine has none.
$(VENV)/.build: pyproject.toml | $(BIN)/python
	@echo "installing the build tools into $(VENV)"
	@$(PIP) $$($(BIN)/python -c 'import tomllib; \
		print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"])')
	@missing=$$($(BIN)/python -c 'from scikit_build_core.build import get_requires_for_build_editable; \
		print(*get_requires_for_build_editable())') && { test -z "$$missing" || $(PIP) $$missing; }
	@touch $@

$(VENV)/.demo $(VENV)/.test $(VENV)/.dev $(VENV)/.bench $(VENV)/.tables: $(SOURCES) $(VENV)/.build

$(VENV)/.demo:
	@echo "installing chainrule[plot] into $(VENV)"
	@$(PIP) --no-build-isolation $(SETTINGS) -e '.[plot]'
	@touch $@

$(VENV)/.test:
	@echo "installing chainrule[test] into $(VENV)"
	@$(PIP) --no-build-isolation $(SETTINGS) -e '.[test]'
	@touch $@ $(VENV)/.demo

$(VENV)/.dev:
	@echo "installing chainrule[dev] into $(VENV)"
	@$(PIP) --no-build-isolation $(SETTINGS) -e '.[dev]'
	@touch $@

$(VENV)/.bench:
	@echo "installing chainrule[bench] into $(VENV)"
	@$(PIP) --no-build-isolation $(SETTINGS) -e '.[bench]'
	@touch $@ $(VENV)/.demo

$(VENV)/.tables:
	@echo "installing chainrule[tables] into $(VENV)"
	@$(PIP) --no-build-isolation $(SETTINGS) -e '.[tables]'
	@touch $@

clean: ## remove everything that make made
	rm -rf $(VENV) bench demo dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
