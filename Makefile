# Two commands do all the set-up on a fresh machine, and nothing when it is done:
#   make demo    the demo at http://127.0.0.1:7860
#   make test    the tests, with the data sets too where DASL_DATA_ROOT names them
# Others: make check (linter, what imports what, types), make clean (removes the environment).
# PYTHON names the interpreter to build the environment with, 3.11 or newer.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check clean

demo: $(VENV)/.ready-to-run
	$(BIN)/python app.py

# Bytecode is kept whatever the shell says: many tests start Python anew.
test: $(VENV)/.ready-to-develop
	@tools/browser.sh
	PYTHONDONTWRITEBYTECODE= OMP_NUM_THREADS=$${OMP_NUM_THREADS:-1} $(BIN)/python -m pytest \
	  -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

check: $(VENV)/.ready-to-develop
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

$(VENV)/.ready-to-run: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet -r requirements.txt
	touch $@

$(VENV)/.ready-to-develop: requirements.txt pyproject.toml dasl-eval/pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet -r requirements.txt -e ./dasl-eval \
	  -e '.[space,train,assets,usdz,live,dev]'
	touch $@ $(VENV)/.ready-to-run

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one with PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "no venv module: apt-get install python3-venv" >&2; exit 1; }

clean:
	rm -rf $(VENV)
