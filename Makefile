# Bare `make` prints what it can do.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: help setup demo test check fix golden safety bench

help: ## print this list
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## make .venv and install everything
$(STAMP): pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $(STAMP)

demo: $(STAMP) ## start the app and a pretend hospital on loopback, print their links
	@$(BIN)/python -m triage_app demo

check: $(STAMP) ## format, lint, types and import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@echo "The house is in order."

test: $(STAMP) ## install what the machine can have, then run every check and every test
	@$(BIN)/python tools/run_tests.py

fix: $(STAMP) ## format and mend what a machine can mend
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

golden: $(STAMP) ## write the golden files and the README's screenshots anew
	@REFRESH_GOLDEN=1 $(BIN)/pytest -q tests/fhir tests/test_whole_app.py tests/journeys/test_screenshots.py

safety: $(STAMP) ## prove the rules: PART=second|properties|rule-mutants|mutation SEED=1
	@$(BIN)/python tools/safety.py $(PART) $(SEED) $(COUNT)

bench: $(STAMP) ## measure what has a budget, beside LHC-Forms and a bare page
	@$(BIN)/python tools/bench
