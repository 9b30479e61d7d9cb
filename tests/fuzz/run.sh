#!/usr/bin/env bash
# Every fuzz target for some seconds under libFuzzer with address and undefined-behaviour
# sanitizers; inputs that break something stay in BUILD/fuzz/found.  Without clang and its
# libFuzzer the seeds are replayed.
#
#   build=DIR seconds=N tests/fuzz/run.sh [NAME ..]
set -u
cd "$(dirname "$0")/../.." || exit 71
build=${build:-build}
seconds=${seconds:-60}
MAKE=${MAKE:-make}
clang=${CLANG:-$(command -v clang || command -v clang-14)}
checks=address,undefined
found="$build/fuzz/found"
mkdir -p "$found"

probe='#include <stddef.h>
int LLVMFuzzerTestOneInput(const unsigned char *d, size_t n) { return d == NULL && n; }'
if [ -z "$clang" ] || ! "$clang" -fsanitize=fuzzer,$checks -x c - -o "$build/fuzz/probe" \
    <<<"$probe" 2>/dev/null; then
    echo "fuzz: no clang with libFuzzer; the seeds are replayed"
    "$MAKE" asan=1 build="$build" fuzz-targets >/dev/null || exit 70
    for source in tests/fuzz/fuzz_*.c; do
        name=$(basename "$source" .c)
        "$build/asan/$name" "tests/fuzz/corpus/${name#fuzz_}" || exit 1
    done
    exit 0
fi

"$MAKE" build="$build/fuzz" CC="$clang" FUZZER=-fsanitize=fuzzer \
    CFLAGS="-O1 -gline-tables-only -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,$checks -fno-sanitize-recover=all" \
    STAGES="base store ingest" fuzz-targets >"$build/fuzz/build.log" 2>&1 || { tail -n 5 "$build/fuzz/build.log"; exit 70; }
bad=0
for source in tests/fuzz/fuzz_*.c; do
    name=$(basename "$source" .c)
    [ $# -gt 0 ] && [[ " $* " != *" ${name#fuzz_} "* ]] && continue
    corpus=$(mktemp -d)
    log="$build/fuzz/$name.log"
    "$build/fuzz/$name" -max_total_time="$seconds" -max_len=16384 -timeout=20 \
        -rss_limit_mb=4096 -artifact_prefix="$found/$name-" -print_final_stats=1 \
        "$corpus" "tests/fuzz/corpus/${name#fuzz_}" >"$log" 2>&1
    rc=$?
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    echo "$name: ${runs:-?} inputs, status $rc"
    if [ "$rc" != 0 ]; then
        bad=1
        grep -E 'ERROR|SUMMARY|Test unit written|blocks were|^code' "$log" | head -n 5
    fi
    rm -rf "$corpus"
done
exit "$bad"
