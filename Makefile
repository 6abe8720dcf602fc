# make app    set everything up and open the Studio         make test   set everything up and run every test
# make check  format, lint, types, arrows, known holes      make bench  the benchmarks (make bench-gpu: those of a GPU)
# make fuzz   made-up input for every parser                make load   many users at once; both take ARGS="--json"
# make torture  kills, full disks, damaged files and rows: does everything end as it should? (docs/reliability.md)
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || echo python3)
# Programs start twice as fast from compiled modules: let Python keep them, whatever the environment says.
unexport PYTHONDONTWRITEBYTECODE
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 7860
ARGS ?=

.PHONY: app test check bench bench-gpu fuzz load torture pictures clean

# The stamp's name carries the requirements' checksum: unchanged requirements install nothing.
APP_STAMP := $(VENV)/.app-$(shell cat requirements.txt pyproject.toml 2>/dev/null | cksum | cut -d' ' -f1)
DEV_STAMP := $(VENV)/.dev-$(shell cat requirements.txt requirements-dev.txt pyproject.toml 2>/dev/null | cksum | cut -d' ' -f1)

app: $(APP_STAMP)
	$(BIN)/python app.py --port $(PORT) $(ARGS)

# Numeric libraries get one thread a test worker: two workers on two cores then do not fight.
test: $(DEV_STAMP)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile --ignore=tests/browser $(ARGS)
	$(BIN)/python -m pytest tests/browser $(ARGS)

check: $(DEV_STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/test_arrows.py
	$(BIN)/python -m tools.audit

bench: $(DEV_STAMP)
	$(BIN)/python -m dlcr bench all

fuzz: $(DEV_STAMP)
	$(BIN)/python -m tools.fuzz $(ARGS)

load: $(DEV_STAMP)
	$(BIN)/python -m tools.load $(ARGS)

bench-gpu: $(DEV_STAMP)
	$(BIN)/python benchmarks/gpu/expand.py $(ARGS)

torture: $(DEV_STAMP)
	$(BIN)/python -m tools.torture $(ARGS)

pictures: $(DEV_STAMP)
	$(BIN)/python -m tools.pictures

$(VENV)/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: set PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q uv

$(APP_STAMP): $(VENV)/bin/uv
	$(BIN)/uv pip install -q --python $(BIN)/python -r requirements.txt
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps -e .
	@rm -f $(VENV)/.app-* && touch $@

$(DEV_STAMP): $(APP_STAMP)
	$(BIN)/uv pip install -q --python $(BIN)/python -r requirements-dev.txt
	@rm -f $(VENV)/.dev-* && touch $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info build dist
