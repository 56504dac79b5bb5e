#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs the Debian packages that are lacking, and says which.
#   scripts/install-packages.sh build   what the build needs
#   scripts/install-packages.sh demo    and what the stock guest needs
#   scripts/install-packages.sh test    and what all tests need
set -eu
build="gcc libc6-dev meson ninja-build pkg-config python3 libglib2.0-dev libjson-glib-dev libsystemd-dev liburing-dev libnbd-dev libaio-dev libisal-dev"
guest="apt dpkg tar kmod debian-archive-keyring"
checks="curl python3-prometheus-client systemd git clang libclang-rt-dev llvm strace procps graphviz socat locales qemu-utils qemu-system-common nbdkit fio"
case ${1:-build} in
build) wanted=$build ;;
demo) wanted="$build $guest" ;;
test) wanted="$build $guest $checks" ;;
*) echo "usage: $0 build|demo|test" >&2; exit 2 ;;
esac
lacking=
for package in $wanted; do
    case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
    "install ok installed") ;;
    *) lacking="$lacking $package" ;;
    esac
done
if [ -z "$lacking" ]; then
    echo "All Debian packages that are needed are installed."
    exit 0
fi
echo "Installing Debian packages that are lacking:$lacking"
root=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || {
        echo "Neither root nor sudo: run as root 'apt-get install$lacking'" >&2
        exit 1
    }
    root=sudo
fi
log=$(mktemp)
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
if ! { $root apt-get update && $root apt-get install -y --no-install-recommends $lacking; } \
        >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "Could not install:$lacking" >&2
    exit 1
fi
rm -f "$log"
