# tests/need.sh: says what it installs, stops without root, does nothing when all is there.
setup() {
    top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    fake="$BATS_TEST_TMPDIR/bin"
    mkdir "$fake"
    for tool in sh awk tr dirname mktemp rm tail cat env; do
        ln -s "$(command -v "$tool")" "$fake/$tool"
    done
    echo 0 >"$BATS_TEST_TMPDIR/uid"
    tool id "cat '$BATS_TEST_TMPDIR/uid'"
    # gcc is there from the beginning, the others once apt-get was called.
    tool dpkg-query 'for last; do :; done
        [ "$last" = gcc ] || [ -e "'"$BATS_TEST_TMPDIR"'/done" ] || exit 1
        printf installed'
    tool apt-get 'echo "$*" >>"'"$BATS_TEST_TMPDIR"'/calls"
        case "$*" in *install*) : >"'"$BATS_TEST_TMPDIR"'/done" ;; esac'
}

tool() {
    printf '#!/bin/sh\n%s\n' "$2" >"$fake/$1"
    chmod +x "$fake/$1"
}

not() {
    if "$@"; then
        return 1
    fi
}

need() {
    PATH="$fake" run "$fake/sh" "$top/tests/need.sh" "$@"
}

@test "the list names each package once, with a group and a reason" {
    while read -r group package reason; do
        case "$group" in '' | \#*) continue ;; esac
        [[ "$group" == build || "$group" == check ]]
        [ -n "$reason" ]
        [ "$(awk -v p="$package" '$2 == p' "$top/tests/packages.txt" | wc -l)" = 1 ]
    done <"$top/tests/packages.txt"
}

@test "as root: the packages are named before apt-get is called" {
    need install build
    [ "$status" = 0 ]
    [[ "${lines[0]}" == "coxswain: will now install"*"libgsl-dev"* ]]
    [[ "${lines[0]}" != *" gcc"* ]]
    grep -q -- '--no-install-recommends install .*libgsl-dev' "$BATS_TEST_TMPDIR/calls"
    not grep -q 'libcmocka-dev' "$BATS_TEST_TMPDIR/calls"
    need install build
    [ "$status" = 0 ]
    [ -z "$output" ]
}

@test "without root and sudo: one line with the packages, status 64, nothing called" {
    echo 1000 >"$BATS_TEST_TMPDIR/uid"
    need install build check
    [ "$status" = 64 ]
    [ "${#lines[@]}" = 1 ]
    [[ "$output" == *"libgsl-dev"*"libcmocka-dev"* ]]
    [ ! -e "$BATS_TEST_TMPDIR/calls" ]
}

@test "a sudo that asks nothing is used" {
    echo 1000 >"$BATS_TEST_TMPDIR/uid"
    tool sudo '[ "$1" = -n ] && shift; echo "sudo $*" >>"'"$BATS_TEST_TMPDIR"'/sudo"; "$@"'
    ln -s "$(command -v true)" "$fake/true"
    need install build
    [ "$status" = 0 ]
    grep -q 'apt-get.*install' "$BATS_TEST_TMPDIR/sudo"
}

@test "apt-get that fails: its last lines and status 71" {
    tool apt-get 'case "$*" in *install*) echo "no room left"; exit 100 ;; esac'
    need install build
    [ "$status" = 71 ]
    [[ "$output" == *"no room left"*"could not install"* ]]
}

@test "outside Debian nothing is installed and nothing stops" {
    rm "$fake/dpkg-query"
    need install build
    [ "$status" = 0 ]
    [ -z "$output" ]
}
