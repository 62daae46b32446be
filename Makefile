# A fresh machine needs python3 (3.11 or newer), pip and make; everything else is fetched.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=
SDK    := tests/sdk/typescript

export PATH := $(abspath $(BIN)):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# As pip does for what it installs; an editable install leaves it to the first start, or to each
# start where Python is told to write no bytecode.
COMPILE = $(BIN)/python -m compileall -q mockleo

# Enough for more than 20,000 generated calls; the last of two flags counts, so ARGS can say otherwise.
CONTRACT = --max-examples 300

.PHONY: serve test check bench contract demo clean
.DEFAULT_GOAL := help

help:
	@echo 'make serve     run the emulator at http://127.0.0.1:5360 (ARGS="--time x60" and so on)'
	@echo 'make test      run every test, both official SDKs included'
	@echo 'make check     formatting, lint, strict types'
	@echo 'make contract  prove the emulator by 20,000 generated calls (ARGS="--seed 7" and so on)'
	@echo 'make demo      let clients over the official SDKs meet every scenario; writes docs/sdks.md'
	@echo 'make bench     measure speed and memory against bare servers, as ratios'
	@echo 'make clean     remove what make has built'

serve: $(VENV)/.serve
	@$(COMPILE)
	@exec $(BIN)/mockleo serve $(ARGS)

test: $(VENV)/.check
	$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/.check
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(VENV)/.check
	@$(COMPILE)
	$(BIN)/python -m bench $(ARGS)

contract: $(VENV)/.serve
	@$(COMPILE)
	@$(BIN)/mockleo contract $(CONTRACT) $(ARGS)

# Needs libfaketime (Debian: faketime) as well, and says so where it is missing.
demo: $(VENV)/.check $(SDK)/node_modules/.package-lock.json
	@$(COMPILE)
	@$(BIN)/python -m scenarios.clients.table $(ARGS)

$(SDK)/node_modules/.package-lock.json: $(SDK)/package-lock.json | $(VENV)/.check
	@cd $(SDK) && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
	@touch $@

clean:
	rm -rf $(VENV) .bench dist tests/sdk/typescript/node_modules

# Debian ships python3 without what `venv` needs; virtualenv brings its own.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "mockleo needs Python 3.11 or newer; set PYTHON=...")'
	@$(PYTHON) -m venv $(VENV) 2>/dev/null || { \
	  rm -rf $(VENV) .bootstrap && \
	  $(PYTHON) -m pip install --quiet --target .bootstrap virtualenv && \
	  PYTHONPATH=.bootstrap $(PYTHON) -m virtualenv --quiet $(VENV) && rm -rf .bootstrap; }
	@$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'

$(VENV)/.serve: pyproject.toml $(BIN)/python
	@echo 'Installing mockleo into $(VENV) ...'
	@$(BIN)/python -m pip install --quiet --editable .
	@touch $@

# Node runs the TypeScript SDK's part of the tests; where the machine has none, PyPI does.
$(VENV)/.check: pyproject.toml $(VENV)/.serve
	@echo 'Installing what the tests and checks need ...'
	@$(BIN)/python -m pip install --quiet --editable . --group check
	@command -v node >/dev/null && command -v npm >/dev/null || $(BIN)/python -m pip install --quiet --group node
	@touch $@
