# Two words do everything: `make run` and `make test`. The rest is for those who change the relay.
.PHONY: run test torture check bench profile format pictures docs requirements clean azurite package \
	distributions
.DELETE_ON_ERROR:

VENV ?= .venv
# The newest Python of 3.13, 3.12 and 3.11 that really runs: a name on the PATH may be a shim of one that is not there.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	"$$p" -c 'import ensurepip, ssl, sqlite3, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	>/dev/null 2>&1 && { echo "$$p"; break; }; done)
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check
ARGS ?=

run: $(VENV)/run.ready
	$(BIN)/relay dev $(ARGS)

# Coverage is measured from 3.12 on: on 3.11 two threads that start at once may not both be traced, and one of them ends.
COVERAGE = $$($(BIN)/python -c 'import sys; print("--cov --cov-report=term" * (sys.version_info >= (3, 12)))')
test: $(VENV)/test.ready azurite wheels
	$(BIN)/python -m pytest $(COVERAGE) -rs $(ARGS)

# Ten minutes of killed relays, failing neighbours and jumping clocks; RELAY_TORTURE_MINUTES says how many else.
torture: $(VENV)/test.ready azurite
	nice $(BIN)/python -m tests.torture $(ARGS)

check: $(VENV)/test.ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m relay.cli.reference | diff - docs/command.md
	$(BIN)/python -m pytest -q tests/test_docs.py tests/test_workflows.py tests/infra/test_bicep.py
	$(BIN)/zizmor --offline --quiet .github action.yml docs/examples/*.yml

bench: $(VENV)/bench.ready
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m bench $(ARGS)

profile: $(VENV)/bench.ready
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m bench.profile_click $(ARGS)
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m bench.profile_import $(ARGS)

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
	$(BIN)/python -m relay.cli.reference > docs/command.md

COMPILE = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url \
	--no-header
requirements:  ## compile the pinned requirements anew; needs uv
	$(COMPILE) --group app --output-file requirements.txt
	$(COMPILE) --group dev-server --constraints requirements.txt --output-file relay/cli/requirements.txt
	$(COMPILE) --group bench --constraints relay/cli/requirements.txt --output-file bench/requirements.txt
	$(COMPILE) --group test --constraints bench/requirements.txt --output-file tests/requirements.txt
	$(COMPILE) --group node --output-file tests/node/requirements.txt

clean:
	rm -rf $(VENV) tests/node/node_modules .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist *.egg-info

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "No Python of 3.11 to 3.13 was found. Install one (with its venv module), or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; exit 1; }
	"$(PYTHON)" -m venv $(VENV)

$(VENV)/run.ready: relay/cli/requirements.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) --require-hashes -r relay/cli/requirements.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/bench.ready: bench/requirements.txt $(VENV)/run.ready
	$(PIP) --require-hashes -r bench/requirements.txt
	@touch $@

$(VENV)/test.ready: tests/requirements.txt $(VENV)/run.ready
	$(PIP) --require-hashes -r tests/requirements.txt
	@touch $@

# The storage that the tests of the Tables store run against; npm writes the target last of all. Where it cannot be had
# those tests say that they were left out.
AZURITE = tests/node/node_modules/.package-lock.json
azurite: | $(VENV)/test.ready
	@$(MAKE) --silent --no-print-directory $(AZURITE) || echo "Azurite and the renderer of cards could not be installed" >&2

$(AZURITE): tests/node/package-lock.json
	$(BIN)/python tests/node/install.py

# What the package is built from: its tests reach no other machine. Where it cannot be had they say so too.
.PHONY: wheels
wheels: | $(VENV)/test.ready
	@$(BIN)/python -m infra.package fetch || echo "The wheels of the package could not be fetched" >&2
