# Everything works in .venv; `make` alone tells what there is. Extra arguments go through ARGS.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input install --quiet

HAS_CRF := $(BIN)/python -c 'import pydensecrf.densecrf' 2>/dev/null
ADD_CRF := $(PIP) --editable '.[worker,crf]'
# It comes as source only.
CAN_BUILD := command -v g++ >/dev/null && $(BIN)/python -c \
	'import os, sysconfig; os.stat(sysconfig.get_path("include") + "/Python.h")' 2>/dev/null
TRY_CRF := $(HAS_CRF) || { $(CAN_BUILD) && $(ADD_CRF); }

.DEFAULT_GOAL := help
.PHONY: help install run test lint loop lock wheelhouse servers

help: ## Tell what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: .venv/.installed-worker ## Install everything that running needs
	@$(TRY_CRF) || true

run: .venv/.installed-worker ## Start everything, e.g. make run ARGS="--data DIR --port 8000"
	@exec $(BIN)/mothmask up $(ARGS)

test: servers .venv/.installed-dev ## Check style, types and imports, then run all tests
	@$(HAS_CRF) || $(ADD_CRF)
	@$(MAKE) --no-print-directory lint
	@$(BIN)/pytest -n 2 $(ARGS)

lint: .venv/.installed-dev ## Check style, types and imports only
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

loop: .venv/.installed-worker ## Run the whole loop with a simulated curator
	@exec $(BIN)/python -m benchmarks.curation $(ARGS)

lock: ## Pin all dependencies with hashes, for containers and wheelhouse
	@$(PYTHON) -m venv .venv/lock && .venv/lock/bin/pip install --quiet uv
	@UV=.venv/lock/bin/uv sh deploy/lock.sh

wheelhouse: ## Gather everything for a machine without internet, KIND=web, worker or cuda
	@PYTHON=$(PYTHON) sh deploy/wheelhouse.sh $(KIND)

servers:
	@PYTHON=$(PYTHON) sh tests/install-servers.sh

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Mothmask needs Python 3.11 or newer; name one with PYTHON=..."; exit 1; }
	@$(PYTHON) -m venv .venv \
		|| { rm -rf .venv; echo "Install python3-venv (apt install python3-venv) and try again."; exit 1; }

# One command, so that pip sees the pin of torch together with what needs torch.
.venv/.installed-worker: pyproject.toml | .venv/bin/python
	@echo "Installing Mothmask; the first time this takes some minutes."
	@$(PIP) --editable '.[worker]'
	@$(TRY_CRF) || echo "Left out: the dense CRF, which needs a compiler" \
		"(apt install g++ python3-dev, then make install). Everything else works."
	@touch $@

.venv/.installed-dev: pyproject.toml | .venv/bin/python
	@$(PIP) --editable '.[worker,dev]'
	@touch .venv/.installed-worker $@
