# Two targets set everything up on a bare machine with Python 3.11 or newer: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
PYTEST = $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(PYTEST_ARGS)

.PHONY: help run test check format looks screenshots bench bench-million dist lock sbom audit clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

$(BIN)/sdesk: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml $(BIN)/sdesk
	$(BIN)/python -m pip install --quiet --group dev
	@touch $@

run: $(BIN)/sdesk ## build .venv and open the desk on a demo store
	@$(BIN)/sdesk demo

test: $(VENV)/.dev ## run the tests
	$(PYTEST)

check: $(VENV)/.dev ## format, lint, types, tests
	$(BIN)/ruff format --check sdesk tests bench release
	$(BIN)/ruff check sdesk tests bench release
	$(BIN)/mypy
	$(PYTEST)

format: $(VENV)/.dev ## format the code
	$(BIN)/ruff format sdesk tests bench release
	$(BIN)/ruff check --fix sdesk tests bench release

looks: $(VENV)/.dev ## write the screens of tests/looks again; look at what changed before committing
	SDESK_WRITE_LOOKS=1 $(BIN)/python -m pytest -q -n $(WORKERS) tests/tui/test_looks.py tests/tui/test_triage.py

screenshots: $(VENV)/.dev ## draw the README's pictures again
	$(BIN)/python -m tests.tui.screenshots docs/images

bench: $(VENV)/.dev ## measure, with the floors beside the figures
	$(BIN)/python -m bench

bench-million: $(VENV)/.dev ## the same at a million tickets (some minutes the first time)
	$(BIN)/python -m bench --tickets 1000000

dist: $(VENV)/.dev sbom ## build the wheel, with its bill of materials beside it
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

sbom: $(VENV)/.dev ## write the bill of materials (CycloneDX) of what a release brings with it
	@$(BIN)/python -m release.sbom dist

# The tools of a release are in a place of their own: what they need is not what sdesk needs.
$(VENV)/release/.done: pyproject.toml
	$(PYTHON) -m venv $(VENV)/release
	$(VENV)/release/bin/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(VENV)/release/bin/python -m pip install --quiet --group release
	@touch $@

lock: $(VENV)/release/.done ## write locks/ again, by pyproject.toml; UPGRADE=1 takes the newest versions
	$(VENV)/release/bin/python -m release.lock $(if $(UPGRADE),--upgrade)

audit: $(VENV)/release/.done ## ask an advisory service about every locked package
	$(VENV)/release/bin/python -m release.audit

clean: ## remove what the targets built
	rm -rf $(VENV) dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .bench
