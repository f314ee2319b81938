# make demo    set everything up and train on the example project
# make demo-selection    the same training by two rules of selection, with both scores: what wrong completions cost
# make test    set everything up and pass lint, types, tests and the docs check
# Needs Python 3.10, 3.11 or 3.12 and make; everything else is installed into .venv and the user's cache.

VENV ?= .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3.12 python3.11 python3.10 python3 python; do \
	$$p -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] < (3, 13))' >/dev/null 2>&1 && echo $$p && break; done)
TRY := ./tools/retry.sh

.PHONY: demo demo-selection test install lint types fast spark slow docs docs-check example-check protos clean

demo: install
	$(BIN)/alabtrain check examples/clinic/clinic.zip
	$(BIN)/alabtrain train examples/clinic/clinic.zip --type ner --split tags --deploy

# The Test tasks are the same completions by either rule (examples/clinic/README.md), so the scores compare.
demo-selection: install
	for policy in priority latest; do \
		$(BIN)/alabtrain train examples/clinic/clinic.zip --type ner --split tags --policy $$policy \
			--runs runs/by-$$policy || exit; \
	done
	for policy in priority latest; do echo "--policy $$policy"; $(BIN)/alabtrain runs --runs runs/by-$$policy || exit; done

test: lint types docs-check example-check fast spark

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml tools/retry.sh
	@test -n "$(PYTHON)" || { echo "alabtrain needs Python 3.10, 3.11 or 3.12; none was found on PATH" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(TRY) $(BIN)/python -m pip install --quiet --upgrade pip
	$(TRY) $(BIN)/python -m pip install --quiet -e '.[dev]'
	@touch $@

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo

types: install
	$(BIN)/mypy

fast: install
	$(BIN)/pytest -n auto -m 'not spark and not slow'

spark: install
	$(BIN)/pytest -n 2 --dist loadscope -m 'spark and not slow'

slow: install
	$(BIN)/pytest -m slow

docs: install
	$(BIN)/python docs/build_reference.py

docs-check: install
	$(BIN)/python docs/build_reference.py --check

example-check: install
	$(BIN)/python examples/clinic/build.py --check

# A test says when these two are not what the .proto gives.
protos: install
	$(BIN)/protoc -I. --python_out=. --pyi_out=. alabtrain/embeddings/graphdef.proto

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
