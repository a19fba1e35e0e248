# The project's commands. On a machine with Python 3.11 and make, `make demo` and `make test` are all it takes.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
# More than most small machines have cores: tests wait for disks and servers, too.
TEST_PROCESSES ?= 3
# Which real systems `make real` starts.
PARTS ?= all
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp

.DEFAULT_GOAL := help
.PHONY: help setup demo serve test real check fix bench crash constraints clean

help: ## Show what each command does
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## Make the virtual environment and install everything into it

demo: $(STAMP) ## Build the index of the sample articles and serve it on this machine
	@$(BIN)/semsearch demo

serve: $(STAMP) ## Serve the index `default`
	@$(BIN)/semsearch serve

# A test that takes its process down ends the run: pytest-xdist 3.8 would start a new process, run that
# test again and, if that goes down too, wait for ever.
test: check ## Check, then run all tests
	$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadfile --max-worker-restart 0 --durations 25

real: $(STAMP) ## Test with real systems on this machine (PARTS=wordpress: these alone; .ci/run installs them)
	SEMSEARCH_REAL="$(PARTS)" $(BIN)/python -m pytest tests/real --durations 10

check: $(STAMP) ## Format, lint, types and layers; changes nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(STAMP) ## Format, and mend what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP) ## Measure quality and speed (long; needs ../shared/data)
	$(BIN)/python -m benchmarks

crash: $(STAMP) ## Kill a writing process at hundreds of instants and prove that nothing is lost (long)
	SEMSEARCH_CRASH_KILLS=300 SEMSEARCH_CRASH_STEPS=60 $(BIN)/python -m pytest tests/crash -s

constraints: ## Renew constraints.txt with the newest versions that fit, from a new environment
	rm -rf $(VENV)-new
	$(PYTHON) -m venv $(VENV)-new
	$(VENV)-new/bin/python -m pip install --quiet --editable '.[dev]'
	{ sed -n '/^#/p' constraints.txt; \
	  $(VENV)-new/bin/python -m pip freeze --exclude-editable --exclude semsearch | sed 's/+[a-z0-9.]*$$//'; } > $(VENV)-new/constraints.txt
	mv $(VENV)-new/constraints.txt constraints.txt
	rm -rf $(VENV)-new

clean: ## Remove the environment and all caches; built indexes stay
	rm -rf $(VENV) $(VENV)-new build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Everything above needs only this file: it is made again when the dependencies change.
$(STAMP): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "semsearch needs Python 3.11 or newer: install it, or say make PYTHON=/path/to/python" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "semsearch needs Python 3.11 or newer; $(PYTHON) is $$("$(PYTHON)" --version 2>&1). Say make PYTHON=/path/to/python" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$(PYTHON) has no venv module: on Debian and Ubuntu, apt-get install python3-venv" >&2; exit 1; }
	test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --editable '.[dev]'
	@touch $@
