# make demo   sets everything up and opens JupyterLab at the live-training notebook (PORT=8888)
# make test   sets everything up and runs every check
# make study  trains the paper's sweeps anew, for hours, and draws their figures (DATA=folder of the data sets)
# make homes  drives all pairs of JupyterLab, Notebook and ipykernel, and marimo, of which make test does the corners
# make soak   puts 10 000 snapshots through widget and page, which takes a quarter of an hour

PYTHON ?= python3
PORT ?= 8888
DATA ?= data
export KERAS_BACKEND := torch
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
BUNDLE := nntf_widget/widget/static/widget.js
FRONT_END := package.json tsconfig.json $(shell find js/src -type f)

.PHONY: demo study test lint check-python check-js homes chromium clean

demo: $(VENV)/demo.stamp
	$(BIN)/python notebooks/open.py $(PORT)

study: $(VENV)/demo.stamp
	for parameter in lr momentum weight_decay; do $(BIN)/python notebooks/study/sweep.py --vary $$parameter || exit 1; done
	$(BIN)/python notebooks/study/sweep.py --data-set cifar10 --data $(DATA)
	$(BIN)/python notebooks/study/sweep.py --data-set mnist --data $(DATA)
	$(BIN)/python notebooks/study/figures.py runs notebooks/study

test: lint check-js check-python

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
	$(BIN)/python -m pytest

homes: $(VENV)/dev.stamp chromium
	$(BIN)/python -m pytest -m "long or not long" tests/homes

soak: $(VENV)/dev.stamp chromium
	$(BIN)/python -m pytest -s -m long tests/soak

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

node_modules/.stamp: package.json package-lock.json
	@command -v npm >/dev/null || { echo "nntf-widget's checkout needs Node 20 or later with npm."; exit 1; }
	npm ci --silent --no-audit --no-fund
	touch $@

$(BUNDLE): $(FRONT_END) node_modules/.stamp
	npm run --silent build

clean:
	rm -rf $(VENV) .homes node_modules nntf_widget/widget/static dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
