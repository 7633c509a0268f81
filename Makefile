# Every target does the set-up that it needs; nothing but Python 3.11+ and Node 20+ has to be there.
PYTHON ?= python3
PORT = 8900

VENV := .venv
MATRIX := .matrix-venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
# Most tests wait for something; each file is one process's.
PYTEST := $(BIN)/pytest --numprocesses 2 --dist loadfile
CLIENT_SOURCES := $(wildcard client/*.mjs) client/tsconfig.json $(shell find client/src -type f)

.DELETE_ON_ERROR:
.PHONY: setup demo test test-all attack door-table lint format bench browser clean

setup: $(VENV)/.installed src/stagedoor/web/static/stagedoor.js

# A `venv` that fails (Debian has it in a package of its own) leaves half an environment behind.
$(VENV)/.installed: pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Stagedoor needs Python 3.11 or newer, and there is no $(PYTHON): install it, or set PYTHON=..."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit("Stagedoor needs Python 3.11 or newer: set PYTHON=...") if sys.version_info < (3, 11) else None'
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { echo "Making the environment $(VENV) ..."; \
		$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }; }
	@echo "Installing Stagedoor and what its examples need (a minute or two) ..."
	@$(PIP) install --editable ".[demo]"
	@touch $@

# pip knows dependency groups since 25.1.
$(VENV)/.tools: $(VENV)/.installed
	@echo "Installing what the tests need ..."
	@$(PIP) install --upgrade "pip>=25.1"
	@$(PIP) install --group dev
	@touch $@

client/node_modules/.installed: client/package-lock.json client/package.json
	@{ command -v node && command -v npm; } >/dev/null || { echo "Stagedoor's browser code is built with Node 20 or newer: install node and npm."; exit 1; }
	@node -e 'const [major, minor] = process.versions.node.split("."); if (major * 100 + +minor < 2011) { console.error(`Stagedoor needs Node 20.11 or newer, and this is $${process.version}.`); process.exit(1) }'
	@echo "Installing what the browser code is built with ..."
	@cd client && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

src/stagedoor/web/static/stagedoor.js: client/node_modules/.installed $(CLIENT_SOURCES)
	@echo "Building the browser code ..."
	@cd client && npm run --silent build
	@touch $@

demo: setup
	@exec $(BIN)/stagedoor demo --port $(PORT)

lint: setup $(VENV)/.tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	cd client && npm run --silent lint

format: setup $(VENV)/.tools
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	cd client && npm run --silent format

# Debian's browsers, and what some apps of the tests call, when they are missing and we may install them; else the tests say what to install.
browser:
	@for program in chromium firefox-esr Xvfb dot; do \
		if ! command -v $$program >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			case $$program in Xvfb) package="xvfb libgl1-mesa-dri libegl1";; dot) package=graphviz;; *) package=$$program;; esac; \
			echo "Installing $$package for the browser tests ..."; \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$package >/dev/null; \
		fi; \
	done

test: setup browser lint
	cd client && npm test --silent
	$(PYTEST) --ignore tests/browser
	$(PYTEST) tests/browser

# Everything, in every browser, with all the packages whose outputs are shown: an environment of its own has them.
test-all: setup browser $(MATRIX)/.installed
	$(MATRIX)/bin/pytest tests/browser/test_matrix.py -m "" --outputs-table docs/outputs.md

$(MATRIX)/.installed: pyproject.toml $(wildcard tests/browser/rows/*.mjs)
	@$(MATRIX)/bin/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(MATRIX)
	@echo "Installing the packages whose outputs are shown (some minutes) ..."
	@$(MATRIX)/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	@$(MATRIX)/bin/python -m pip install --quiet --group dev --editable ".[demo]" $$(node tests/browser/drive/list.mjs --packages)
	@touch $@

# The long form of what `make test` does briefly: thousands of damaged messages (see SECURITY.md).
attack: setup $(VENV)/.tools
	STAGEDOOR_ATTACK=long $(BIN)/pytest tests/attack tests/door -s --timeout 1800

door-table: setup
	$(BIN)/python -m stagedoor.door.table docs/door.md

# Some minutes; with FULL=1 all of it.
bench: setup $(VENV)/.tools browser
	$(BIN)/python -m bench $(if $(FULL),--full)

clean:
	rm -rf $(VENV) $(MATRIX) .bench-venv client/node_modules src/stagedoor/web/static
