# Everything a person does with a checkout. All of it stays in .venv, build and dist.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CODE := goshim tests bench scripts examples

.DEFAULT_GOAL := help
.PHONY: help run test lint types fuzz cover bench dist generate clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/installed ## build and run a Go program through goshim, in an environment made bad on purpose
	@PYTHON=$(BIN)/python examples/run "$(CURDIR)/$(BIN)/goshim" "$(CURDIR)/build/run"

test: $(VENV)/developed ## run all tests
	@$(BIN)/python -m pytest -n auto --dist worksteal $(TESTS)

lint: $(VENV)/developed ## ruff, and shellcheck where it is installed
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/ruff format --check $(CODE)
	@if command -v shellcheck >/dev/null; then shellcheck -x bin/go examples/run examples/time_calls scripts/make_venv .ci/run; \
	else echo "shellcheck is not installed: shell scripts are not checked"; fi

types: $(VENV)/developed ## mypy --strict
	@$(BIN)/mypy

fuzz: $(VENV)/developed ## try every parser with hostile inputs, for ten minutes or SECONDS=…
	@$(BIN)/python -m tests.fuzz $(or $(SECONDS),600)

cover: $(VENV)/developed ## run all tests, and show which branches none of them takes
	@$(BIN)/coverage run -m pytest -q $(TESTS)
	@$(BIN)/coverage report --skip-covered --show-missing

bench: $(VENV)/developed ## measure what a call costs: bare, through goshim, through its peers
	@$(BIN)/python -m bench --json build/bench.json

dist: $(VENV)/developed ## build wheel and sdist, and try the wheel without the checkout
	@rm -rf dist && $(BIN)/python -m build --quiet
	@scripts/try_wheel "$(PYTHON)" dist/*.whl

generate: $(VENV)/developed ## write what is made from the code's own tables: defaults, schema, docs, records of machines
	@$(BIN)/python -m scripts.generate
	@$(BIN)/python -m tests.doctor.zoo

clean: ## remove all that these targets made
	@chmod -R u+w build 2>/dev/null || true
	@rm -rf $(VENV) build dist .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache

$(VENV)/installed: pyproject.toml
	@scripts/make_venv "$(PYTHON)" $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[go]'
	@touch $@

$(VENV)/developed: $(VENV)/installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group dev
	@touch $@
