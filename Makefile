# What each target does is said beside it; `make` alone lists them.
VENV ?= .venv
PYTHON ?= python3
BIND ?= 127.0.0.1:8000
WORKERS ?= 2
ARGS ?=
BIN := $(VENV)/bin
PY := $(BIN)/python
STAMPS := $(VENV)/stamps
PIP := $(PY) -m pip --disable-pip-version-check --quiet install --require-hashes
TEMPLATES := $(wildcard templates */templates)
COMPILE := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet
PYTEST := $(PY) -m pytest
# A file stays in one process, so that it starts a service once.
PARALLEL := -n $(WORKERS) --dist loadfile

export PATH := $(abspath $(BIN)):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.PHONY: setup
setup: $(STAMPS)/runtime $(STAMPS)/assets ## what is needed to run (nothing is done twice)

$(PY):
	$(PYTHON) -m venv $(VENV)

$(STAMPS)/runtime: requirements.lock | $(PY)
	@mkdir -p $(STAMPS)
	$(PIP) -r requirements.lock
	@touch $@

# Node is used once, to fetch the files of package-lock.json; where it is missing, a wheel brings it.
$(STAMPS)/node: requirements-node.lock | $(STAMPS)/runtime
	command -v npm >/dev/null || $(PIP) -r requirements-node.lock
	@touch $@

$(STAMPS)/assets: package.json package-lock.json .npmrc config/assets.py config/icons.txt | $(STAMPS)/runtime $(STAMPS)/node
	@if [ -f $(STAMPS)/dev ]; then npm ci --loglevel=error; else npm ci --omit=dev --loglevel=error; fi
	$(PY) -m config.assets
	@touch $@

.PHONY: setup-dev
setup-dev: setup $(STAMPS)/dev $(STAMPS)/system ## and what is needed to test and to change the code

$(STAMPS)/dev: requirements-dev.lock package-lock.json | $(STAMPS)/assets
	$(PIP) -r requirements-dev.lock
	npm ci --loglevel=error
	@touch $@

# Chromium and clamd come from the system. Without root or apt the tests that need them are skipped.
$(STAMPS)/system: Makefile | $(STAMPS)/runtime
	@missing=""; \
	command -v chromium >/dev/null || missing="$$missing chromium"; \
	[ -x /usr/sbin/clamd ] || command -v clamd >/dev/null || missing="$$missing clamav-daemon"; \
	if [ -n "$$missing" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $$missing >/dev/null \
			|| echo "Could not install:$$missing"; \
	elif [ -n "$$missing" ]; then echo "Not installed, their tests will be skipped:$$missing"; fi
	@touch $@

.PHONY: demo
demo: setup ## a whole province with data, at http://127.0.0.1:8000
	$(PY) manage.py migrate --verbosity 0
	$(PY) manage.py demo
	$(PY) manage.py serve --bind $(BIND)

.PHONY: test test-sqlite test-postgres test-e2e
test: test-sqlite test-postgres test-e2e ## the suite on SQLite, on PostgreSQL and in a browser

test-sqlite: setup-dev
	DATABASE_URL= $(PYTEST) $(PARALLEL) -m "not postgres and not e2e" $(ARGS)

test-postgres: setup-dev ## on DATABASE_URL, or on a PostgreSQL that is started for the run
	$(PY) -m tests.services.postgres $(PYTEST) $(PARALLEL) -m "not e2e" $(ARGS)

test-e2e: setup-dev
	DATABASE_URL= $(PYTEST) $(PARALLEL) -m e2e $(ARGS)

.PHONY: lint
lint: setup-dev ## style, types, layers, templates, migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --check $(TEMPLATES)
	$(BIN)/djlint --quiet --lint $(TEMPLATES)
	$(PY) manage.py makemigrations --check --dry-run

.PHONY: check
check: lint test ## everything that CI asks

.PHONY: format
format: setup-dev ## rewrite code and templates in the agreed style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	-$(BIN)/djlint --quiet --reformat $(TEMPLATES)

.PHONY: lock
lock: setup-dev ## write the locks anew from pyproject.toml and package.json
	$(COMPILE) $(UPGRADE) -o requirements.lock
	$(COMPILE) $(UPGRADE) --group dev -c requirements.lock -o requirements-dev.lock
	$(subst pyproject.toml,,$(COMPILE)) $(UPGRADE) --group node -o requirements-node.lock
	npm install --package-lock-only

.PHONY: clean
clean: ## remove what was built; var/ (the data) stays
	rm -rf $(VENV) node_modules static/vendor staticfiles .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
