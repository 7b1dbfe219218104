#!/bin/sh
# Gathers Mothmask and all that it needs into mothmask-KIND.tar, for machines without internet.
#   make wheelhouse KIND=web      web servers
#   make wheelhouse KIND=worker   web servers and workers on processors alone
#   make wheelhouse KIND=cuda     the same for graphics cards
# The machine that gathers needs the same kind of processor and Python as the one that installs and,
# for workers, g++ and Python's headers. What is fetched is checked against the hashes in deploy/lock.
set -eu
cd "$(dirname "$0")/.."
kind=${1:-worker} lock=deploy/lock made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
case $kind in
web) files=web ;;
worker) files=worker ;;
cuda) files="worker cuda" ;;
*) echo "KIND is web, worker or cuda, not $kind." >&2 && exit 1 ;;
esac
mkdir "$made/mothmask" "$made/mothmask/wheels"
"${PYTHON:-python3}" -m venv "$made/venv"
pip="$made/venv/bin/python -m pip --disable-pip-version-check --no-input --quiet"
$pip install --require-hashes --requirement $lock/build.txt
for file in build $files; do
    $pip wheel --no-deps --no-build-isolation --wheel-dir "$made/mothmask/wheels" \
        --require-hashes --requirement "$lock/$file.txt"
done
if [ "$kind" = worker ]; then # see deploy/lock.sh
    $pip download --no-deps --dest "$made/mothmask/wheels" \
        ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} "$(grep -o '^torch==[^ ]*' $lock/cuda.txt)"
fi
git archive HEAD app ml worker migrations templates static deploy docs pyproject.toml README.md |
    tar --extract --directory "$made/mothmask"
(cd "$made/mothmask" && find . -type f ! -name SHA256SUMS -exec sha256sum {} + >SHA256SUMS)
tar --create --file "mothmask-$kind.tar" --directory "$made" mothmask
echo "mothmask-$kind.tar is made. On the other machine: tar xf mothmask-$kind.tar && mothmask/deploy/install.sh"
