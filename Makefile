# Everything is done from here. It needs git, make and a Python of 3.11 or later that has venv.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help sandbox test check figures page growth chaos rehearsal screenshots requirements clean

# Further checks of `make check` that need no pytest: modules, each run by `python -m`.
CHECKS = docs.check

BIN = .venv/bin

# So that the sandbox can tell how long everything took, installing included.
BEGAN := $(shell date +%s)

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

sandbox: .venv/.ready ## see the whole bot in a browser, with no accounts; ONCE=1 plays a story here
	@$(BIN)/python -m bot sandbox $(if $(filter-out 0,$(ONCE)),--once,--began $(BEGAN))

test: .venv/.ready-test ## run every test on SQLite and on PostgreSQL; ARGS=... goes to pytest instead
	@$(BIN)/python -m pytest $(or $(ARGS),--both-databases --numprocesses 4 --dist worksteal)

check: .venv/.ready-test ## check form, types, who imports whom, and that generated pages are current
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy --strict
	$(BIN)/lint-imports
	@set -e; for check in $(CHECKS); do echo "python -m $$check"; $(BIN)/python -m "$$check"; done

figures: .venv/.ready-test ## measure and print what a case costs
	@$(BIN)/python -m bench.figures

page: .venv/.ready-test ## measure the sandbox's page in a browser: its weight, and how soon a card is there
	@$(BIN)/python -m bench.page

growth: .venv/.ready-test ## fill PostgreSQL with a million cases and time every question; ARGS="closed open"
	@$(BIN)/python -m bench.growth $(ARGS)

chaos: .venv/.ready-test ## put the promises to trouble at full length; ARGS=... goes to python -m chaos
	@$(BIN)/python -m chaos $(ARGS)

rehearsal: .venv/.ready-test ## deploy as Heroku does, on this machine: clone, release, dynos, rollback
	@$(BIN)/python -m rehearsal

screenshots: .venv/.ready-test ## play in the sandbox's page and photograph it for the README; needs Chromium
	@$(BIN)/python -m docs.make_screenshots

requirements: ## pin what pyproject.toml asks for (PYTHON=... is a Python 3.11); UPGRADE=1 takes newer
	rm -rf build/pip-tools
	$(or $(PYTHON),python3.11) -m venv build/pip-tools
	build/pip-tools/bin/python -m pip install --quiet pip-tools==7.6.2
	$(PIP_COMPILE) --output-file requirements.txt pyproject.toml
	$(PIP_COMPILE) --output-file requirements-test.txt --constraint requirements.txt --extra test pyproject.toml

clean: ## remove the environment and everything else that was made here
	rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Pinned on the oldest Python we support, which needs a superset of what the newer ones do. pip's
# own default index, past any mirror or local folder of this machine, gives the hashes of every file
# of a version, so that the pins install on other platforms too.
PIP_COMPILE = env -u PIP_FIND_LINKS -u PIP_INDEX_URL -u PIP_EXTRA_INDEX_URL -u PIP_NO_INDEX \
	PIP_CONFIG_FILE=/dev/null CUSTOM_COMPILE_COMMAND='make requirements' \
	build/pip-tools/bin/pip-compile --quiet --no-config --generate-hashes --strip-extras \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
	$(if $(filter-out 0,$(UPGRADE)),--upgrade)

# Prints the first Python that runs (a shim on the PATH may stand for one that is not installed),
# is new enough and can make an environment.
FIND_PYTHON = \
	for python in $(or $(PYTHON),python3.13 python3.12 python3.14 python3.11 python3); do \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		bare=$$python; \
		"$$python" -c 'import ensurepip, venv' 2>/dev/null || continue; \
		echo "$$python"; exit 0; \
	done; \
	if [ "$$bare" ]; then echo "$$bare cannot make an environment: install python3-venv." >&2; \
	else echo "No Python of 3.11 or later was found: install one, or name it: make PYTHON=..." >&2; fi; \
	exit 1

# The stamp comes last: an environment without it is half made, and is made anew.
.venv/.ready: requirements.txt
	@rm -rf .venv
	@python=$$($(FIND_PYTHON)) && \
	if ! "$$python" -m venv .venv; then \
		rm -rf .venv; echo "$$python cannot make an environment: install python3-venv." >&2; exit 1; \
	fi
	@echo "Installing requirements.txt into .venv"
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

.venv/.ready-test: requirements-test.txt .venv/.ready
	@echo "Installing requirements-test.txt into .venv"
	@$(PIP_INSTALL) -r requirements-test.txt
	@touch $@

PIP_INSTALL = $(BIN)/python -m pip install --quiet --no-input --disable-pip-version-check --require-hashes
