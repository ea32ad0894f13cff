.DEFAULT_GOAL := help
.PHONY: help demo test bench faults lint audit format messages requirements screenshots

PORT ?= 8000
# Processes that the suite is shared between. Many tests wait for a browser or for the clock.
WORKERS ?= 2
# On this machine only: plain http, and a secret of its own, also when DATABASE_URL is set.
export LOCAL ?= 1
# Each of the processes that tests start would compile all of the shop again.
unexport PYTHONDONTWRITEBYTECODE
IN_VENV := .venv/bin
STEP := @bin/step
DJADE := $(IN_VENV)/djade --target-version 6.1
# Formatted templates: ours, wherever they are.
TEMPLATES = $(shell find templates */templates -name '*.html' 2>/dev/null)

help: ## this list
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## /make \1\t/' | expand -t 22

demo: ## a shop with demo data on http://127.0.0.1:8000/ (another port: make demo PORT=8001)
	@bin/setup
	@exec $(IN_VENV)/python -u manage.py demo --port "$(PORT)"

test: lint ## environment, linters, and the whole test suite
	@bin/setup --dev --with-chromium
	$(STEP) --show "pytest" $(IN_VENV)/python -m pytest -n $(WORKERS) --dist worksteal

bench: ## what the shop costs, as ratios measured in one run (one table: make bench ONLY=append; with KEEP=1 into BENCHMARKS.md)
	@bin/setup --bench --with-chromium
	@$(IN_VENV)/python -m benchmarks $(if $(KEEP),--keep) $(ONLY)

faults: ## break the shop on purpose, in full: minutes (one of them: make faults ONLY=network; again: SEED=…)
	@bin/setup --dev
	@FAULTS=full $(if $(SEED),SEED=$(SEED)) $(IN_VENV)/python -m pytest tests/faults $(if $(ONLY),-k "$(ONLY)")

lint: ## what can be told without running tests
	@bin/setup --dev
	$(STEP) "ruff check" $(IN_VENV)/ruff check --quiet .
	$(STEP) "ruff format" $(IN_VENV)/ruff format --quiet --check .
	$(STEP) "templates" $(DJADE) --check $(TEMPLATES)
	$(STEP) "import rules" $(IN_VENV)/lint-imports --no-logo
	$(STEP) "manage.py check" $(IN_VENV)/python manage.py check --fail-level WARNING --without-store
	$(STEP) "migrations" $(IN_VENV)/python manage.py makemigrations --check --dry-run

audit: ## which pinned packages have known vulnerabilities; needs the network, and fails without it
	@bin/setup --dev
	@$(IN_VENV)/python bin/audit

format: ## let ruff and djade write code and templates as `make lint` wants them
	@bin/setup --dev
	@$(IN_VENV)/ruff check --quiet --fix .
	@$(IN_VENV)/ruff format .
	@$(DJADE) $(TEMPLATES) || $(DJADE) --check $(TEMPLATES)  # it also fails where it wrote

screenshots: ## pictures of every page and state into screenshots/, light and dark, wide and narrow
	@bin/setup --dev --with-chromium
	$(IN_VENV)/python -m pytest -n $(WORKERS) --dist load tests/browser/gallery.py

messages: ## collect new texts for translation into the .po files, and compile those
	@bin/setup --dev
	@$(IN_VENV)/python -m shop.messages update
	@$(IN_VENV)/python -m shop.messages compile

# The pinned files are for every platform and Python; only who changes pyproject.toml needs uv.
requirements: ## compile requirements*.txt from pyproject.toml (needs uv)
	@command -v uv >/dev/null || { echo "make requirements needs uv: https://docs.astral.sh/uv/" >&2; exit 1; }
	uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
		pyproject.toml -o requirements.txt
	uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
		pyproject.toml --group dev -o requirements-dev.txt
	uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
		pyproject.toml --group bench -o requirements-bench.txt
