# The executable workflow. `make` alone lists what one can do.
VENV  := .venv
BIN   := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup run test judge fuzz faults check audit bench soak install install-check lock clean

help: ## list what one can do
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements.lock pyproject.toml
	@test -x $(BIN)/python || { \
		python=$$(PYTHON="$(PYTHON)" sh tools/find-python.sh) && \
		echo "Setting up $(VENV) with $$($$python --version) (a minute or two, once)" && \
		$$python -m venv $(VENV); \
	}
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

setup: $(READY) ## make .venv and install what requirements.lock names

run: $(READY) ## take sample runs all the way and print where to look
	@$(BIN)/afterrun demo --keep demo

test: $(READY) ## run every test
	@$(BIN)/python -m pytest --quiet --numprocesses auto --dist worksteal

judge: $(READY) ## hold our reading of every real recording against other decoders
	@$(BIN)/python -m pytest --quiet -n0 --capture=no -m judged

fuzz: $(READY) ## look for what breaks a reader (FUZZ_SECONDS for each, 100 by default)
	@HYPOTHESIS_PROFILE=fuzz $(BIN)/python -m pytest --quiet --numprocesses auto -m fuzz tests/fuzz

faults: $(READY) ## make things go wrong again and again, and count what is lost (nothing) and doubled
	@$(BIN)/python -m pytest --quiet --numprocesses auto --dist worksteal -m '' tests/faults

check: $(READY) ## lint, types and who may import whom
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

audit: $(READY) ## look up what is pinned among the known vulnerabilities, where the network lets us
	@$(BIN)/python tools/audit.py

bench: $(READY) ## measure, as ratios within one run
	@for bench in benchmarks/bench_*.py; do $(BIN)/python $$bench || exit 1; done

soak: $(READY) ## have workers live through runs, faults and kills (SOAK_MINUTES, 30 by default), and count
	@$(BIN)/python benchmarks/soak.py $${SOAK_MINUTES:-30}

install: $(READY) ## as root, from /opt/afterrun: units, user and folders for systemd
	@sh tools/install.sh

install-check: ## see whether systemd takes the units, and how little each may do
	@sh tools/install-check.sh

lock: $(READY) ## renew requirements.lock (hashes, every platform, no addresses)
	@$(BIN)/uv pip compile --quiet --universal --upgrade --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.12 --extra dev --extra postgresql pyproject.toml --output-file requirements.lock

clean: ## remove the environment and what the sample run left
	rm -rf $(VENV) demo
