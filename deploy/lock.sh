#!/bin/sh
# Pins everything that is installed, with hashes: `make lock`. Run it when pyproject.toml has changed.
#   web.txt     what a web server needs
#   worker.txt  what a worker needs, without torch
#   cuda.txt    torch for graphics cards; the build for processors alone comes from PyTorch's own
#               index under other hashes, and is pinned by its version
#   build.txt   what builds the dense CRF, and installs Mothmask itself
set -eu
cd "$(dirname "$0")/.."
uv=${UV:-uv} lock=deploy/lock all=$(mktemp)
trap 'rm -f "$all"' EXIT
pin() {
    "$uv" pip compile --quiet --generate-hashes --no-header --no-annotate --upgrade \
        --python-version 3.11 --python-platform linux "$@"
}
pin pyproject.toml --extra worker --extra crf --output-file "$all"
awk -v cuda=$lock/cuda.txt -v rest=$lock/worker.txt '
    BEGIN { printf "" >cuda; printf "" >rest }
    /^[^ ]/ { to = $0 ~ /^(torch|triton|nvidia-|cuda-)/ ? cuda : rest }
    { print >to }' "$all"
pin pyproject.toml --constraints "$all" --output-file $lock/web.txt
printf 'setuptools\nwheel\nCython==0.29.36\n' | pin - --constraints "$all" --output-file $lock/build.txt
