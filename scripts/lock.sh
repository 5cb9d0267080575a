#!/bin/sh
# Renew constraints.txt for all platforms. Usage: lock.sh PYTHON
set -eu
python=$1
pins=$(mktemp)
trap 'rm -f "$pins"' EXIT
echo 'torch==2.13.0' >"$pins"
"$(dirname "$python")/uv" pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate \
    --no-emit-index-url --no-emit-find-links -c "$pins" --all-extras pyproject.toml |
    # A local build's tag and the GPU packages that torch pins itself do not belong in a lock for everybody.
    grep -vE '^(torch==|nvidia-|cuda-|triton)' >constraints.tmp
echo 'torch==2.13.0' >>constraints.tmp
LC_ALL=C sort constraints.tmp >constraints.txt
rm constraints.tmp
