# Two commands for everybody (`make demo`, `make test`); they need python3 (3.11 or newer) with pip
# and venv, and make. Everything is installed into .venv, nothing outside this folder.

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
WORKERS ?= 2
NEWER = python3.12 python3.13 python3.14

.PHONY: help demo test test-all lint baselines clean
.DELETE_ON_ERROR:

help:
	@echo "make demo       install, run the shipped pyramid, say where the pictures are"
	@echo "make test       install, lint, type check and tests"
	@echo "make test-all   the same on every newer Python that is found"
	@echo "make lint       ruff and mypy only"
	@echo "make baselines  accept the numbers that the tests compute now (see CHANGELOG.md)"
	@echo "make clean      remove the environments and caches"

demo: $(VENV)/.installed
	$(BIN)/weishang run pyramid

test: lint
	$(BIN)/python -m pytest -n $(WORKERS) -m "not slow"

lint: $(VENV)/.developing
	$(BIN)/ruff check .
	$(BIN)/mypy

baselines: $(VENV)/.developing
	$(BIN)/python -m tests.baselines

test-all: test
	@for python in $(NEWER); do \
	  if $$python -c 'import ensurepip, venv' 2>/dev/null; then \
	    echo "== $$python"; \
	    $(MAKE) --no-print-directory test PYTHON=$$python VENV=.venv-$$python || exit 1; \
	  else \
	    echo "== $$python: not here, or without venv"; \
	  fi; \
	done

# A stamp file says that an environment is installed; it is renewed when pyproject.toml changes.
# The package is installed in place, so a change of the code needs no second installation.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed: say make PYTHON=/path/to/python3 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.developing: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/.installed

clean:
	rm -rf .venv .venv-* .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
