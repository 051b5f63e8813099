# make demo   runs the main job on the bundled example cluster
# make test   runs every test
# Both set up what they need in $(VENV), with nothing but Python ≥ 3.10.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SETUP := setup.cfg pyproject.toml

.PHONY: demo test lint types check generate clean

demo: $(VENV)/.runtime
	@printf '\n$$ kubectl ds explain node-exporter --demo\n'
	@$(BIN)/kubectl-ds explain node-exporter --demo
	@printf '\n$$ kubectl ds explain fluentd --demo\n'
	@$(BIN)/kubectl-ds explain fluentd --demo
	@printf '\n$$ kubectl ds explain falco --demo\n'
	@$(BIN)/kubectl-ds explain falco --demo
	@printf '\n$$ kubectl ds coverage --demo\n'
	@$(BIN)/kubectl-ds coverage --demo
	@printf '\nMore: $(BIN)/kubectl-ds explain --demo\n'

test: $(VENV)/.dev
	$(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

check: lint types test

# What is generated from the code: tests hold it up to date.
generate: $(VENV)/.dev
	$(BIN)/python tools/schema.py
	$(BIN)/python tools/reasons.py
	$(BIN)/python tools/rbac.py

clean:
	rm -rf $(VENV) build dist *.egg-info

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: $(SETUP) | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.dev: $(SETUP) | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/.runtime
