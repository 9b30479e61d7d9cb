#!/bin/sh
# Debian packages that are missing, from tests/packages.txt.
#
#   tests/need.sh install GROUP..   say what is missing, then install it with apt-get
#   tests/need.sh say GROUP..       name what is missing in one line and exit 64
#   tests/need.sh list GROUP..      print the missing names, one per line
#
# Groups: build, check.  Without root (or sudo that asks nothing) `install` names the
# packages and stops with status 64.  Outside Debian it says so and lets the build try.
set -u
list="$(dirname "$0")/packages.txt"
word=${1:-}
case "$word" in
install | say | list) shift ;;
*) echo "usage: tests/need.sh install|say|list GROUP.." >&2; exit 64 ;;
esac

has() { command -v "$1" >/dev/null 2>&1; }
installed() {
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}
missing() {
    while read -r group package _; do
        for wanted in "$@"; do
            [ "$group" = "$wanted" ] && ! installed "$package" && echo "$package"
        done
    done <"$list"
}

if ! has dpkg-query; then
    [ "$word" = say ] || exit 0
    echo "coxswain: libraries are missing; tests/packages.txt lists them by their" \
        "Debian names" >&2
    exit 64
fi
names=$(missing "$@" | tr '\n' ' ')
names=${names% }
if [ "$word" = list ]; then
    missing "$@"
    exit 0
fi
if [ "$word" = say ]; then
    echo "coxswain: these Debian packages are missing: ${names:-none; see pkg-config}" \
        "('make demo' installs them)" >&2
    exit 64
fi
[ -n "$names" ] || exit 0

if [ "$(id -u)" = 0 ]; then
    root=
elif has sudo && sudo -n true 2>/dev/null; then
    root="sudo -n"
else
    echo "coxswain: needs root to install: apt-get install --no-install-recommends" \
        "$names" >&2
    exit 64
fi
echo "coxswain: will now install with apt-get, with what they depend on: $names"
log=$(mktemp) || exit 71
trap 'rm -f "$log"' EXIT
quietly() { # the output is shown only when the command fails
    $root env DEBIAN_FRONTEND=noninteractive "$@" >"$log" 2>&1 </dev/null
}
# A package list may be old or absent; one that cannot be renewed may still serve.
quietly apt-get -q update || tail -n 3 "$log" >&2
# shellcheck disable=SC2086 # one word per package
if ! quietly apt-get -q -y --no-install-recommends install $names; then
    tail -n 20 "$log" >&2
    echo "coxswain: apt-get could not install: $names" >&2
    exit 71
fi
left=$(missing "$@" | tr '\n' ' ')
if [ -n "$left" ]; then
    echo "coxswain: still missing after apt-get: $left" >&2
    exit 71
fi
echo "coxswain: installed"
