# Every target sets up what it needs: a virtual environment in .venv with the versions of constraints.txt.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# pyright does not read what an editable install writes.
PYRIGHT := PYTHONPATH=$(CURDIR) $(BIN)/pyright --pythonpath $(BIN)/python
READY := .venv/.ready
export PIP_REQUIRE_VIRTUALENV := 1

.PHONY: quickstart test lint types docs conformance clients neighbours bench format constraints ci

quickstart: $(READY)
	@CONDUCTOR_SERVER_URL=memory:// $(BIN)/python examples/quickstart.py

test: $(READY)
	@$(BIN)/python -m pytest --numprocesses=auto $(ARGS)

lint: $(READY)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(READY)
	@$(BIN)/mypy && $(PYRIGHT) && $(PYRIGHT) --ignoreexternal --verifytypes conductor_sdk

docs: $(READY)
	@$(BIN)/python .ci/reference

conformance: $(READY)
	@$(BIN)/python .ci/conformance.py $(ARGS)

clients: $(READY)
	@$(BIN)/python tests/clients/run.py $(ARGS)

neighbours: $(READY)
	@$(BIN)/python tests/neighbours/run.py

bench: $(READY)
	@$(BIN)/python benchmarks/run.py $(ARGS)

format: $(READY)
	@$(BIN)/ruff check --fix-only --quiet . ; $(BIN)/ruff format .

ci:
	@.ci/run

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it, or name it: make PYTHON=/path/to/python" >&2; exit 1; }
	@echo "Setting up .venv ($(PYTHON), once)" >&2
	@$(PYTHON) -m venv .venv

$(READY): pyproject.toml constraints.txt | $(BIN)/python
	@$(PIP) install --constraint constraints.txt pip
	@$(PIP) install --constraint constraints.txt --build-constraint constraints.txt --editable '.[pytest]' --group dev
	@touch $@

# The newest versions that fit, from an empty environment.
constraints:
	@rm -rf build/constraints && $(PYTHON) -m venv build/constraints
	@build/constraints/bin/python -m pip --quiet install --upgrade pip
	@build/constraints/bin/python -m pip --quiet install --editable '.[pytest]' --group dev editables
	@{ echo '# Exact versions for `make` and CI. Written by `make constraints`.'; \
		build/constraints/bin/python -m pip freeze --all --exclude-editable --exclude setuptools; } > constraints.txt
	@rm -rf build/constraints
