# `make run` and `make test` are enough to try the relay. The other targets are for people who change it.
.PHONY: run test test-all repetitions torture check bench profile format pictures docs requirements clean azurite \
	package distributions wheels
.DELETE_ON_ERROR:
# With it, every process that a test or the benchmark starts would compile all modules anew: a second of work for each.
unexport PYTHONDONTWRITEBYTECODE

VENV ?= .venv
# The newest Python of 3.13, 3.12 and 3.11 that runs: a name on the PATH may be a shim of a version that is missing.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	"$$p" -c 'import ensurepip, ssl, sqlite3, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	>/dev/null 2>&1 && { echo "$$p"; break; }; done)
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check
# Locks are complete, so that pip resolves nothing: pip 23.2 would look for a coverage newer than the locked one.
LOCKED = $(PIP) --no-deps --require-hashes -r
ARGS ?=

run: $(VENV)/run.ready
	@$(BIN)/relay dev $(ARGS)

# A worker more than processors, up to eight, since browsers and servers are often waited for. Each has its own browser
# and Azurite, and takes tests from another when it is idle.
WORKERS = $$($(BIN)/python -c 'import os; print(min(8, (os.cpu_count() or 1) + 1))')
PYTEST = $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal
# Coverage is measured of a whole run, from 3.12 on: on 3.11, of two threads that start at once, one may not be traced
# and ends.
COVERAGE = $(if $(ARGS),,$(MEASURED))
MEASURED = $$($(BIN)/python -c 'import sys; print("--cov --cov-report=term" * (sys.version_info >= (3, 12)))')
# On a machine that does much else, a server or a browser may answer a test too late. What failed is tried once more, one
# test at a time: what fails again has failed, and what passes stands in the output of both.
AGAIN = [ $$? = 1 ] && echo "Trying once more, one at a time, what failed" && \
	$(BIN)/python -m pytest --last-failed --last-failed-no-failures none -rs
test: $(VENV)/test.ready azurite wheels
	@echo "Running the tests: 7 to 10 minutes with two processors; make test-all runs more"
	@$(PYTEST) $(COVERAGE) -rs $(ARGS) || { $(AGAIN) $(ARGS); }

# `make test` leaves out the repetitions: relays killed for minutes, all examples of each property test, and every lock
# installed by old pips. The tests run last, so that the closing line counts all of them.
test-all: repetitions test

repetitions: export RELAY_TORTURE_MINUTES ?= 3
repetitions: $(VENV)/test.ready azurite
	@echo "Torturing the relay: $(RELAY_TORTURE_MINUTES) minutes, and one more until all is settled"
	@nice $(BIN)/python -m tests.torture
	@echo "Running what repeats: 10 to 16 minutes with two processors"
	@export RELAY_TESTS_FULL=1; $(PYTEST) -m "full or hypothesis" -rs || { $(AGAIN) -m "full or hypothesis"; }

# Ten minutes of killed relays, failing neighbours and jumping clocks; RELAY_TORTURE_MINUTES sets another time.
torture: $(VENV)/test.ready azurite
	nice $(BIN)/python -m tests.torture $(ARGS)

check: $(VENV)/test.ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m relay.cli.reference | diff - docs/command-line.md
	$(BIN)/python -m pytest -q tests/test_docs.py tests/test_workflows.py tests/test_prose.py tests/infra/test_bicep.py
	$(BIN)/zizmor --offline --quiet .github action.yml verify/action.yml docs/examples/*.yml docs/examples/ci-bot/*.yml

bench: $(VENV)/bench.ready
	$(BIN)/python -m bench $(ARGS)

profile: $(VENV)/bench.ready
	$(BIN)/python -m bench.profile_click $(ARGS)
	$(BIN)/python -m bench.profile_import $(ARGS)

# The function app as one archive that runs as it lies, for Linux on x86-64 and Python 3.13, and its bill of materials:
# dist/function-app.zip, dist/function-app.cdx.json. PACKAGE_PYTHON names the Python 3.13 where none is found.
package: $(VENV)/run.ready
	$(BIN)/python -m infra.package

# The wheel and the source distribution of the command, in dist/. Times within are those of the commit.
distributions: $(VENV)/run.ready
	rm -rf build/lib build/bdist.*
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python -c \
	"from setuptools.build_meta import build_sdist, build_wheel; build_sdist('dist'); build_wheel('dist')"

format: $(VENV)/test.ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Each card as Microsoft's own renderer draws it, kept in docs/cards, and the simulator.
pictures: $(VENV)/test.ready azurite
	$(BIN)/python -m tests.pictures

docs: $(VENV)/test.ready
	$(BIN)/python -m relay.cli.reference > docs/command-line.md

COMPILE = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url \
	--no-header
requirements:  ## compile the pinned requirements anew; needs uv
	$(COMPILE) --group app --output-file requirements.txt
	$(COMPILE) --group dev-server --constraints requirements.txt --output-file relay/cli/requirements.txt
	$(COMPILE) --group command --constraints relay/cli/requirements.txt --output-file relay/cli/action/requirements.txt
	$(COMPILE) --group bench --constraints relay/cli/requirements.txt --output-file bench/requirements.txt
	$(COMPILE) --group test --constraints bench/requirements.txt --output-file tests/requirements.txt
	$(COMPILE) --group node --output-file tests/node/requirements.txt
	$(COMPILE) --group oldest-pip --output-file tests/oldest_pip/requirements.txt

clean:
	rm -rf $(VENV) tests/node/node_modules .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist *.egg-info

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "No Python of 3.11 to 3.13 was found. Install one (with its venv module), or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" -m venv $(VENV)

$(VENV)/run.ready: relay/cli/requirements.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing the relay's packages into $(VENV): up to 1 minute"
	@$(LOCKED) relay/cli/requirements.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/bench.ready: bench/requirements.txt $(VENV)/run.ready
	@echo "Installing the packages of the benchmark into $(VENV): up to 1 minute"
	@$(LOCKED) bench/requirements.txt
	@touch $@

$(VENV)/test.ready: tests/requirements.txt $(VENV)/run.ready
	@echo "Installing the packages of the tests into $(VENV): 1 to 2 minutes"
	@$(LOCKED) tests/requirements.txt
	@touch $@

# The storage for the tests of the Tables store; npm writes the target last of all. If it cannot be installed, these
# tests report that they were left out.
AZURITE = tests/node/node_modules/.package-lock.json
azurite: | $(VENV)/test.ready
	@$(MAKE) --silent --no-print-directory $(AZURITE) || echo "Azurite and the renderer of cards could not be installed" >&2

$(AZURITE): tests/node/package-lock.json
	@echo "Installing Azurite and the renderer of cards, some 190 MB: 1 to 3 minutes"
	@$(BIN)/python tests/node/install.py

# The package's tests reach no other machine. Without these wheels they are left out, and a line says so.
wheels: | $(VENV)/test.ready
	@$(BIN)/python -m infra.package fetch || echo "The wheels of the package could not be fetched" >&2
