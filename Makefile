# Every target does the set-up that it needs; nothing but Python 3.11+ and Node 20+ has to be there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CLIENT_SOURCES := $(shell find client -path client/node_modules -prune -o -type f -print)

.DELETE_ON_ERROR:
.PHONY: setup demo test lint format bench browser clean

setup: $(VENV)/.installed src/stagedoor/web/static/stagedoor.js

$(VENV)/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Stagedoor needs Python 3.11 or newer; set PYTHON=...") if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || (echo "Making the environment $(VENV) ..." && $(PYTHON) -m venv $(VENV))
	@echo "Installing Stagedoor and what its examples and tests need ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[demo]" --group dev
	@touch $@

client/node_modules/.installed: client/package-lock.json client/package.json
	@node -e 'if (+process.versions.node.split(".")[0] < 20) { console.error("Stagedoor needs Node 20 or newer."); process.exit(1) }'
	@echo "Installing what the browser code is built with ..."
	@cd client && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

src/stagedoor/web/static/stagedoor.js: client/node_modules/.installed $(CLIENT_SOURCES)
	@echo "Building the browser code ..."
	@cd client && npm run --silent build
	@touch $@

demo: setup
	@$(BIN)/stagedoor demo

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	cd client && npm run --silent lint

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	cd client && npm run --silent format

# Debian's Chromium, when there is no browser and we may install one; else the browser tests say what to install.
browser:
	@if ! command -v chromium >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium for the browser tests ..."; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	fi

test: setup browser lint
	cd client && npm test --silent
	$(BIN)/pytest

bench: setup browser
	$(BIN)/python -m bench

clean:
	rm -rf $(VENV) .bench-venv client/node_modules src/stagedoor/web/static
