# ECS Store. `make run` and `make test` need Python 3.11+ and make; they set up the rest themselves.
.DEFAULT_GOAL := help
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
WORKERS ?= 2
# These ask processes and settings of their own: once, beside SQLite, is enough.
ELSEWHERE := $(addprefix --ignore=site_config/tests/test_,up.py settings.py web_server.py)

.PHONY: help run install setup setup-dev test test-units test-browser test-postgres test-mariadb thin test-old-code test-release soak storm \
	coverage mutate lint format lock assets assets-check node lighthouse bench clean

help: ## what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 22

run: setup ## the store in the browser, with demo goods on the first run (PORT, HOST, DATABASE_URL)
	@exec $(BIN)/python manage.py up

install: ## what a store needs, into .venv, and no settings (WITH="celery s3": what some need beside it)
	@.ci/setup $(WITH)

setup: ## a developer's environment: .venv, and .env with DEBUG=true (never in production)
	@.ci/setup --env $(WITH)

setup-dev:
	@.ci/setup --env --dev

test: lint test-units test-browser ## everything: lint, unit and service tests, browser tests

test-units: setup-dev ## unit and service tests
	$(PYTEST) -q -n $(WORKERS) --compare-statements

test-browser: setup-dev node ## the journeys and checks in a real browser
	@.ci/browser
	$(PYTEST) -q -n $(WORKERS) e2e

test-postgres: setup-dev ## what PostgreSQL may answer differently (DATABASE_URL, or a throw-away server)
	.ci/with-database postgres $(PYTEST) -q -n $(WORKERS) --where-databases-differ $(ELSEWHERE)

test-mariadb: setup-dev ## what MariaDB may answer differently (DATABASE_URL, or a throw-away server)
	.ci/with-database mariadb $(PYTEST) -q -n $(WORKERS) --where-databases-differ $(ELSEWHERE)

thin: setup-dev ## choose anew which tests the two servers need not be asked (.ci/left-out.txt)
	$(PYTEST) -q -n $(WORKERS) --where-databases-differ --write-left-out $(ELSEWHERE)

test-old-code: setup-dev ## the services of the commit before (REVISION) on the tables of this one
	.ci/old-code $(REVISION)

test-release: setup-dev ## from REVISION to this tree while people buy: its code, our migrate, both, ours
	.ci/release-under-load $(REVISION)

soak: setup-dev ## nightly: every test on every database, with many more examples and longer simulations
	HYPOTHESIS_PROFILE=nightly $(PYTEST) -q -n $(WORKERS)
	HYPOTHESIS_PROFILE=nightly .ci/with-database postgres $(PYTEST) -q -n $(WORKERS) $(ELSEWHERE)
	HYPOTHESIS_PROFILE=nightly .ci/with-database mariadb $(PYTEST) -q -n $(WORKERS) $(ELSEWHERE)
	@$(MAKE) --no-print-directory storm

storm: setup-dev ## kill, cut, freeze and fill real servers under load, and count what is left (STORM="--only disk --write")
	$(BIN)/python manage.py storm $(STORM)

coverage: setup-dev ## how much of each package the tests run; fails where it has fallen (COVERAGE=--write keeps the numbers)
	$(PYTEST) -q -n $(WORKERS) --cov --cov-report=
	$(BIN)/python .ci/covered.py $(COVERAGE)

mutate: setup-dev ## do the tests notice? changes in services, one at a time (MUTATE="--seed 7 --sample 20")
	$(BIN)/python .ci/mutate.py $(MUTATE)

lint: setup-dev ## style, types, templates, layers, migrations, built assets
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/djlint --quiet --lint templates
	$(BIN)/djangofmt --quiet --check templates
	$(BIN)/lint-imports >.import-lint.log || { cat .import-lint.log; exit 1; }
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check
	@$(MAKE) --no-print-directory assets-check

format: setup-dev ## put code, imports and templates into the house's shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djangofmt --quiet templates

COMPILE = $(BIN)/uv pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command "make lock"

lock: ## compile pyproject.toml into requirements.txt and its sisters, pinned with hashes
	@.ci/setup --dev
	$(COMPILE) -o requirements.txt
	for group in celery s3 dev; do \
		$(COMPILE) --group $$group -c requirements.txt -o requirements-$$group.txt || exit 1; \
	done

lighthouse: setup node ## Lighthouse as on a phone: home, a category, a product (95/100/100/100)
	@$(BIN)/python .ci/lighthouse.py

bench: setup ## how fast pages and checkout are, beside the least that Django needs (PostgreSQL; BENCH="--rounds 1")
	DJANGO_SETTINGS_MODULE=site_config.bench.settings DEBUG=false $(BIN)/python manage.py bench $(BENCH)

node: ## npm's tools for the checks, if npm is here
	@if [ -f package-lock.json ] && command -v npm >/dev/null; then .ci/node; fi

assets: ## build static/{css,js,img} from static/src (npm)
	@command -v npm >/dev/null || { echo "npm is missing: install Node.js 20 to build the assets."; exit 1; }
	@.ci/node
	npm run --silent build

assets-check: ## is what static/ holds what its source builds?
	@if command -v npm >/dev/null; then .ci/node && npm run --silent check; \
	else echo "npm is missing: not checked whether static/ is what static/src builds."; fi

clean: ## remove what make and the tests made, the database and .env excepted
	rm -rf .venv node_modules staticfiles .pytest_cache .ruff_cache .import_linter_cache .mypy_cache .coverage test-results .import-lint.log
