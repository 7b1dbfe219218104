#!/bin/sh
# Installs what deploy/wheelhouse.sh has gathered, where it was unpacked, without a network.
set -eu
cd "$(dirname "$0")/.."
sha256sum --quiet --check SHA256SUMS
"${PYTHON:-python3}" -m venv .venv
pip=".venv/bin/python -m pip --disable-pip-version-check --no-input --quiet install --no-index --no-deps"
$pip wheels/*.whl
$pip --no-build-isolation --editable .
.venv/bin/mothmask --help >/dev/null
echo "Mothmask is installed: $PWD/.venv/bin/mothmask"
