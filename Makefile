# Everything a user or a developer runs. Each target sets up what it needs first, and cleans up only what it made itself.

PYTHON_FILES := pyremediate plugins tests benchmarks
BIN := .venv/bin

.PHONY: help demo test test-fast lint setup setup-browser setup-fast benchmark mutate drill

help:  ## show the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: setup  ## start the lab, break a mail host, repair it, show the result
	@scripts/demo

test: setup-browser lint  ## every check and every test, the ones on real hosts included (under 40 minutes)
	$(BIN)/pytest tests -n 2 --dist loadfile --durations=15

test-fast: setup-fast  ## rules, parsers and the command line, without the lab (under a minute)
	$(BIN)/pytest tests/unit tests/drift -q -n 2 --dist loadfile

lint: setup-fast  ## ruff, mypy, yamllint, ansible-lint
	$(BIN)/ruff check $(PYTHON_FILES)
	$(BIN)/mypy
	$(BIN)/yamllint --strict .
	scripts/ansible-lint

benchmark: setup  ## observation against plain ssh and against ordinary playbooks; prints the table
	$(BIN)/python benchmarks/observe.py
	$(BIN)/python -m benchmarks.audit --hosts 8
	$(BIN)/python -m benchmarks.audit --hosts 8 --names 24

mutate: setup  ## damage lab hosts at random and measure the repairs; goes on where it was (hours); writes docs/mutations.md
	$(BIN)/python -m benchmarks.mutations
	$(BIN)/python -m benchmarks.mutations --table

drill: setup  ## cut connections in the middle of changes that could cut us off (half an hour); goes on where it was; writes docs/drill.md
	$(BIN)/pyremediate lab up --hosts 1
	$(BIN)/python -m benchmarks.drill
	$(BIN)/python -m benchmarks.drill --table

setup:  ## Debian packages for the lab (root only) and the Python environment
	@scripts/setup

setup-browser:
	@scripts/setup --browser

setup-fast:
	@scripts/setup --python-only
