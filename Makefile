# One command per act; the same commands run on a laptop and in CI.
#   make demo   set up, render the sample videos, run the quick start, write build/demo/
#   make test   set up, all checks and tests        make test-long   the long studies
#   make lab    JupyterLab on notebooks/            make bench       speed and quality tables
#   make check  lint, types, import contracts       make lock        renew constraints.txt
#   make bench-long   ten gigabytes assessed, killed and resumed

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

# uv ignores pip's configuration: hand it the folder of local wheels, if pip has one.
export UV_FIND_LINKS ?= $(PIP_FIND_LINKS)
# Python may keep what it has compiled, also where a container forbids it: everything here starts processes,
# kernels and workers, which otherwise compile LanceDB, pandas and torch anew, 2 to 4 seconds each.
export PYTHONDONTWRITEBYTECODE :=
# Nothing here talks to a model hub.
export HF_HUB_OFFLINE ?= 1

.PHONY: demo test test-long lab check format bench bench-long lock data pictures clean browser

demo: $(READY)
	$(BIN)/videxplore demo --out build/demo

lab: $(READY)
	$(BIN)/videxplore lab

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/nbstripout --verify notebooks/*.ipynb notebooks/lessons/*.ipynb

# Two processes for two cores: were each to start a thread per core, they would wait for each other.
test: check browser
	OMP_NUM_THREADS=1 $(BIN)/pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m "not long"

test-long: $(READY) browser
	OMP_NUM_THREADS=1 $(BIN)/pytest -q -n 2 --dist load -m long

bench: $(READY)
	$(BIN)/python benchmarks/run.py

# Makes 10 GB of video first, kept in build/bench, which takes about as long as assessing it.
bench-long: $(READY)
	$(BIN)/python benchmarks/assess.py

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/nbstripout notebooks/*.ipynb notebooks/lessons/*.ipynb

# The truth files in data/ follow from the studio's code; a test holds them in step.
data: $(READY)
	$(BIN)/python -m videxplore.studio.data

# The README's pictures: widgets in JupyterLab, in Chromium.
pictures: browser
	OMP_NUM_THREADS=2 $(BIN)/python tests/readme_pictures.py

browser: $(READY)
	@sh scripts/browser.sh $(BIN)/python

$(READY): pyproject.toml constraints.txt scripts/setup.sh
	sh scripts/setup.sh "$(PYTHON)" "$(VENV)"
	@touch $(READY)

# torch stays at the version for which a CPU build is at hand; its GPU libraries are pinned by torch itself.
lock: $(READY)
	sh scripts/lock.sh $(BIN)/python

clean:
	rm -rf build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
