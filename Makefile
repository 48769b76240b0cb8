# make demo       sets everything up and opens JupyterLab at the live-training notebook (PORT=8888)
# make test       sets everything up and runs every check
# make test-long  what takes long by its nature: CONTRIBUTING.md says what each part proves
# make dev        JupyterLab as in make demo, with the front-end built again whenever js/src changes

PYTHON ?= python3
PORT ?= 8888
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
BUNDLE := nntf_widget/widget/static/widget.js
FRONT_END := package.json tsconfig.json $(shell find js/src -type f)

.PHONY: demo dev test test-long benchmarks lint check-python check-js chromium clean

demo: $(VENV)/demo.stamp
	$(BIN)/python notebooks/open.py $(PORT)

dev: $(VENV)/dev.stamp
	npm run --silent build -- --watch=forever & $(BIN)/python notebooks/open.py $(PORT)

test: lint check-js check-python

test-long: $(VENV)/dev.stamp chromium
	$(BIN)/python -m pytest --durations=15 -m "long or hypothesis" --hypothesis-profile=long
	NNTF_LOGS=200000 npm run --silent test -- js/src/run/damaged.test.ts
	npm run --silent mutants
	$(MAKE) benchmarks

benchmarks: $(VENV)/benchmarks.stamp chromium
	set -e; for each in tests/benchmarks/bench_*.py; do echo "== $$each"; OMP_NUM_THREADS=1 $(BIN)/python $$each; done

lint: $(VENV)/dev.stamp node_modules/.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	npm run --silent lint
	npm run --silent types

check-js: node_modules/.stamp
	npm run --silent test

check-python: $(VENV)/dev.stamp chromium
	$(BIN)/python -m pytest --doctest-modules nntf_widget
	$(BIN)/python -m pytest --durations=15

# The browser of the browser tests: the system's, since a downloaded one may not run on every machine.
chromium:
	@if command -v chromium >/dev/null; then exit 0; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; \
	else echo "The browser tests need Chromium: install your system's package 'chromium' and run this again."; exit 1; fi

$(VENV)/pip.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "nntf-widget needs Python 3.10 or later."; exit 1; }
	$(PYTHON) -m venv $(VENV) || { echo "The venv module is missing: on Debian install python3-venv."; exit 1; }
	$(BIN)/python -m pip install --quiet --upgrade pip
	touch $@

# The bundle is built by now: the package build need not build it again.
export SKIP_JUPYTER_BUILDER := 1

$(VENV)/demo.stamp: pyproject.toml $(VENV)/pip.stamp $(BUNDLE)
	$(BIN)/python -m pip install --quiet --group demo --editable .
	touch $@

$(VENV)/dev.stamp: pyproject.toml $(VENV)/pip.stamp $(BUNDLE)
	$(BIN)/python -m pip install --quiet --group dev --editable .
	touch $@

$(VENV)/benchmarks.stamp: $(VENV)/dev.stamp
	$(BIN)/python -m pip install --quiet --group benchmarks
	touch $@

node_modules/.stamp: package.json package-lock.json
	@command -v npm >/dev/null || { echo "nntf-widget's checkout needs Node 20 or later with npm."; exit 1; }
	npm ci --silent --no-audit --no-fund
	touch $@

$(BUNDLE): $(FRONT_END) node_modules/.stamp
	npm run --silent build

clean:
	rm -rf $(VENV) node_modules nntf_widget/widget/static dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
