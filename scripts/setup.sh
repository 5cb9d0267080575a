#!/bin/sh
# Create the virtual environment and install the locked packages: with uv if it can be had, else with pip.
# Usage: setup.sh PYTHON VENV
set -eu
python=$1
venv=$2

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "videxplore needs Python 3.11 or newer; '$python' is not. Try: make PYTHON=python3.12 ..." >&2
    exit 2
fi
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"

install="install -c constraints.txt -e .[dev]"
if command -v uv >/dev/null 2>&1; then
    uv pip $install --quiet --python "$venv/bin/python"
elif "$venv/bin/python" -m pip install --quiet --disable-pip-version-check uv 2>/dev/null; then
    "$venv/bin/uv" pip $install --quiet --python "$venv/bin/python"
else
    echo "uv is not to be had; installing with pip, which takes a minute or two longer."
    "$venv/bin/python" -m pip $install --quiet --disable-pip-version-check
fi

# umap compiles parts of itself at its first import; better now than in a notebook's first cell.
"$venv/bin/python" -W ignore -c 'import umap'
