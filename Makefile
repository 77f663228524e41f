# `make run` starts everything on a fresh machine; `make help` lists the rest.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# The first of these that runs and has a supported version; `make PYTHON=...` names another.
PYTHONS := python3 python3.12 python3.11 python3.13
PYTHON ?=
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))
# One more than the cores of a small machine: a quarter of the time a worker waits for a disk or for a process it started.
WORKERS ?= 3

.PHONY: help install run test test-slow lint format bench clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(INSTALLED) ## create .venv and install the pinned set; quick when it is current

$(INSTALLED): pyproject.toml constraints.txt
	@python=""; \
	for candidate in $(or $(PYTHON),$(PYTHONS)); do \
	  if "$$candidate" -c "$(SUPPORTED)" >/dev/null 2>&1; then python="$$candidate"; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "Python 3.11, 3.12 or 3.13 is needed, and none of these is one: $(or $(PYTHON),$(PYTHONS))." >&2; \
	  echo "Install one, or name it: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; \
	  exit 1; \
	fi; \
	if ! "$(BIN)/python" -c "$(SUPPORTED)" >/dev/null 2>&1; then \
	  echo "creating $(VENV) with $$("$$python" --version)"; \
	  "$$python" -m venv --clear $(VENV) || { echo "On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }; \
	fi
	@echo "installing the pinned packages (minutes the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

run: install ## fill an empty inbox with a sample, compute everything, serve the UI on ANALYTICS_UI_PORT (3000)
	@exec $(BIN)/analytics up

test: install ## every test but the slow ones
	@$(BIN)/python -m pytest -n $(WORKERS) -m "not slow"

test-slow: install ## the slow tests: kills, large files
	@$(BIN)/python -m pytest -n 0 -m slow

lint: install ## style, types, SQL, secrets
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint --disable-progress-bar dbt_project/models
# Without --no-verify what it finds would be tried out at the services it seems to belong to.
	@git ls-files -z | xargs -0 $(BIN)/detect-secrets-hook --no-verify

format: install ## rewrite the Python files as `make lint` wants them
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: install ## measure what the design promises; writes benchmarks/RESULTS.md
	@$(BIN)/python -m benchmarks

clean: ## remove .venv and every cache; the data folder stays
	rm -rf $(VENV) dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	rm -rf dbt_project/target dbt_project/logs dbt_project/dbt_packages
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
