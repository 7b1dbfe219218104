#!/bin/sh
# Install the programs that tests start themselves and the compiler that the dense CRF is built
# with, or name those that are missing.
set -eu

packages=""
need() {
    # need PACKAGE COMMAND...: the package is there when the command succeeds
    package=$1
    shift
    "$@" >/dev/null 2>&1 || packages="$packages $package"
}
has_initdb() {
    command -v initdb || ls /usr/lib/postgresql/*/bin/initdb
}

need chromium test -x /usr/bin/chromium
need fonts-noto-cjk sh -c 'ls /usr/share/fonts/opentype/noto/Noto*CJK*'
need postgresql has_initdb
need redis-server command -v redis-server
need nodejs command -v node
need systemd command -v systemd-analyze
need g++ command -v g++
need python3-dev "${PYTHON:-python3}" -c \
    'import os, sysconfig; os.stat(sysconfig.get_path("include") + "/Python.h")'

[ -z "$packages" ] && exit 0

root=""
if [ "$(id -u)" -ne 0 ]; then
    root="sudo -n"
    $root true 2>/dev/null || {
        echo "The tests need more programs. Please run: sudo apt install$packages" >&2
        exit 1
    }
fi
command -v apt-get >/dev/null || {
    echo "The tests need more programs; install the likes of Debian's$packages." >&2
    exit 1
}
echo "Installing what the tests need:$packages"
export DEBIAN_FRONTEND=noninteractive
$root apt-get update -qq
# shellcheck disable=SC2086
$root apt-get install -qq -y --no-install-recommends $packages </dev/null >/dev/null
