# Two commands for everybody (`make demo`, `make test`); they need python3 (3.11 or newer) with pip
# and venv, and make. Everything is installed into .venv, nothing outside this folder.
#
# Both install the exact versions of requirements/*.txt, checked by their hashes, so that they do
# the same on every day and machine. The package itself is built with the locked build backend.

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
WORKERS ?= 2
NEWER = python3.12 python3.13 python3.14
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check
TESTS = -m pytest -n $(WORKERS) --dist worksteal -m "not slow"
UV = .venv-uv/bin/uv
LOCK = $(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
  --no-annotate --custom-compile-command "make lock" --group build pyproject.toml

.PHONY: help demo test test-all test-newest test-oldest lint lock baselines clean
.DELETE_ON_ERROR:

help:
	@echo "make demo         install, run the shipped pyramid, say where the pictures are"
	@echo "make test         install, lint, type check and tests"
	@echo "make test-all     the same on every newer Python that is found"
	@echo "make test-newest  the tests with the newest versions that pyproject.toml allows"
	@echo "make test-oldest  the tests with the lowest versions that pyproject.toml allows"
	@echo "make lint         ruff and mypy only"
	@echo "make lock         take today's newest versions into requirements/*.txt"
	@echo "make baselines    accept the numbers that the tests compute now (see CHANGELOG.md)"
	@echo "make clean        remove the environments and caches"

demo: $(VENV)/.installed
	$(BIN)/weishang run pyramid

# mypy takes one core for a minute and a half: the tests begin meanwhile.
test: $(VENV)/.developing
	$(BIN)/ruff check .
	@$(BIN)/mypy & types=$$!; \
	$(BIN)/python $(TESTS); tests=$$?; \
	wait $$types || { echo "mypy found mistakes, see above"; exit 1; }; \
	exit $$tests

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

# What a dependency's next release, or somebody's old environment, would do to us.
test-newest:
	$(PYTHON) -m venv --clear .venv-newest
	.venv-newest/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	.venv-newest/bin/python $(TESTS)

test-oldest: $(UV)
	$(PYTHON) -m venv --clear .venv-oldest
	$(UV) pip compile --quiet --resolution lowest-direct --python .venv-oldest/bin/python \
	  --extra dev pyproject.toml --output-file .venv-oldest/versions.txt
	.venv-oldest/bin/python -m pip install --quiet --disable-pip-version-check \
	  --constraint .venv-oldest/versions.txt --editable '.[dev]'
	.venv-oldest/bin/python $(TESTS) -W default  # old versions warn of each other

# One resolution for Python 3.11 and newer on every system; what runs is a part of what develops.
lock: $(UV)
	$(LOCK) --extra dev --output-file requirements/dev.txt
	$(LOCK) --constraint requirements/dev.txt --output-file requirements/run.txt

$(UV):
	$(PYTHON) -m venv .venv-uv
	.venv-uv/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.8'

# A stamp file says that an environment is installed; it is renewed when the lock or pyproject.toml
# changes. The package is installed in place, so a change of the code needs no second installation.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed: say make PYTHON=/path/to/python3 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	$(INSTALL) --require-hashes --requirement requirements/run.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.developing: requirements/dev.txt pyproject.toml | $(VENV)/bin/python
	$(INSTALL) --require-hashes --requirement requirements/dev.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.installed

clean:
	rm -rf .venv .venv-* .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
