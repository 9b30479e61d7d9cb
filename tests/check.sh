#!/usr/bin/env bash
# Every check, none stopped by the failure of another; the last line is
#
#   coxswain: N passed, M failed, K skipped
#
# and the status is 0 only when M is 0.  A cmocka test, a bats case, a program under
# valgrind or under the sanitizers each count as one.  Called by `make check`.
#
#   tests/check.sh          all of it
#   tests/check.sh asan     the part under the sanitizers alone
set -u
cd "$(dirname "$0")/.." || exit 71
build=${build:-build}
CC=${CC:-cc}
CXX=${CXX:-g++}
MAKE=${MAKE:-make}
export CC CXX MAKE build
part=${1:-all}
cores=$(nproc 2>/dev/null || echo 1)
# Programs whose answer is a simulation, a permutation or a fault at every byte: half a
# minute and more under valgrind.  Their kernels have a program of their own that runs
# there, and the sanitizers see all of it.
long_under_valgrind=" test_bounds test_clinic_study test_contain test_contain_deaths \
test_copy_features test_copy_focal test_copynumber test_duplicates \
test_fragment_panel test_fragment_reference test_honest test_hostile test_nested \
test_null test_number test_path test_rank test_report test_ridge test_rows \
test_sequencing test_sequencing_faults test_sequencing_lengths test_sequencing_parts \
test_simulate test_simulate_reads test_stress test_stress_model test_study \
test_vcf_faults test_working test_wrong_people "
limit=600 # seconds for one job
TIMEFORMAT='%U %S' # of processor time, which other work on the machine does not change
work=$(mktemp -d) || exit 71
export TMPDIR="$work/tmp"
mkdir "$TMPDIR"
trap 'rm -rf "$work"' EXIT
unset MAKEFLAGS MFLAGS MAKELEVEL
# A locale with a decimal comma, for the tests that numbers do not depend on it; it is
# found by LOCPATH alone, the machine stays as it is.
export LC_ALL=C
if [ -e /usr/share/i18n/locales/de_DE ]; then
    mkdir "$work/locale"
    localedef -i de_DE -f UTF-8 "$work/locale/de_DE.UTF-8" 2>/dev/null
    export LOCPATH="$work/locale"
fi

# ---- counting -----------------------------------------------------------------------

# Lines of the Test Anything Protocol in LOG with the exit status RC of its writer:
# prints "passed failed skipped".  Tests that were announced and never reported, and a
# bad end without a failed test, are failures.
count_tap() {
    awk -v rc="$2" '
        /^1\.\.[0-9]+/ { split($1, plan, /\.\./); announced += plan[2] }
        # cmocka writes a skipped test as "not ok 6 # SKIP name".
        /^(not )?ok .*# *(SKIP|skip)/ { skipped++; next }
        /^not ok/ { failed++ }
        /^ok/ { passed++ }
        END {
            seen = passed + failed + skipped
            if (seen < announced) failed += announced - seen
            if (seen == 0 && announced == 0 && rc == 0) failed++
            if (rc != 0 && failed == 0) failed++
            print passed + 0, failed + 0, skipped + 0
        }' "$1"
}

# One job in the background: KIND NAME COMMAND..; its count lands in $work/KIND.NAME.res
job() {
    local kind=$1 name=$2 key="$1.${2//\//_}" log rc started ended counted
    shift 2
    log="$work/$key.log"
    started=$(date +%s%N)
    { time timeout "$limit" "$@" >"$log" 2>&1 </dev/null; } 2>"$work/$key.cpu"
    rc=$?
    ended=$(date +%s%N)
    if [ "$kind" = unit ] || [ "$kind" = bats ]; then
        counted=$(count_tap "$log" "$rc")
    elif [ "$rc" = 77 ]; then # as in automake: not run here
        counted="0 0 1"
    else
        counted="$((rc == 0)) $((rc != 0)) 0"
    fi
    echo "$counted $(((ended - started) / 1000000)) $kind $name $(cat "$work/$key.cpu")" \
        >"$work/$key.res"
    report "$work/$key.res" "$log" "$rc"
}

report() {
    local passed failed skipped ms kind name cpu
    read -r passed failed skipped ms kind name cpu <"$1"
    {
        printf '%-8s %-28s %4d passed, %d failed, %d skipped  %d.%01d s\n' "$kind" \
            "$name" "$passed" "$failed" "$skipped" $((ms / 1000)) $((ms % 1000 / 100))
        if [ "$failed" != 0 ]; then
            echo "-- $kind $name: exit status $3, end of its output:"
            grep -vE '^ok |# SKIP' "$2" | tail -n 60
            echo "--"
        fi
        [ "$skipped" = 0 ] || grep -iE '^(not )?ok .*# *skip|^skipped' "$2"
    } >"$1.text"
    cat "$1.text" # one write, so that jobs that end together do not mix
}

queue() { # wait for a free core, then start
    while [ "$(jobs -rp | wc -l)" -ge "$cores" ]; do
        wait -n
    done
    job "$@" &
}

# ---- jobs ---------------------------------------------------------------------------

compile() { # what the sources allow; what is missing afterwards is a failure
    { time "$MAKE" -k --no-print-directory -j"$cores" "$@" all tests 2>&3; } \
        3>&1 2>"$work/cpu"
    local rc=$?
    echo "0 0 0 0 compile all $(cat "$work/cpu")" >"$work/compile.${1:-plain}.res"
    return $rc
}

unit_jobs() { # KIND FOLDER PREFIX..
    local kind=$1 folder=$2 name
    shift 2
    for source in tests/test_*.c; do
        [ -e "$source" ] || continue
        name=$(basename "$source" .c)
        queue "$kind" "$name" "$@" "$folder/$name"
    done
}

fuzz_jobs() { # KIND FOLDER: the seeds of each fuzz target, whole and cut
    local name
    for source in tests/fuzz/fuzz_*.c; do
        [ -e "$source" ] || continue
        name=$(basename "$source" .c)
        queue "$1" "$name" "$2/$name" "tests/fuzz/corpus/${name#fuzz_}"
    done
}

valgrind_one() {
    if ! command -v valgrind >/dev/null; then
        echo "skipped: valgrind is not installed"
        return 77
    fi
    # The answers were judged in the unit run; here long double has 64 bits only, so a
    # number may differ in its last digit.  99 is an error of memory, 128 a signal.
    valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite \
        --suppressions=tests/valgrind.supp "$1"
    local status=$?
    [ "$status" != 99 ] && [ "$status" -lt 124 ]
}
export -f valgrind_one

valgrind_jobs() {
    local name
    for source in tests/test_*.c; do
        [ -e "$source" ] || continue
        name=$(basename "$source" .c)
        case "$long_under_valgrind" in
        *" $name "*)
            queue valgrind "$name" bash -c \
                'echo "skipped: takes too long for valgrind; runs under asan"; exit 77'
            ;;
        *) queue valgrind "$name" bash -c 'valgrind_one "$1"' - "$build/$name" ;;
        esac
    done
}

asan_jobs() {
    compile asan=1 >"$work/asan-build.log" 2>&1 ||
        grep -E 'error|\*\*\*' "$work/asan-build.log" | head -n 20
    export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
    export LSAN_OPTIONS=suppressions=$PWD/tests/lsan.supp:print_suppressions=0
    unit_jobs asan "$build/asan"
    fuzz_jobs asan "$build/asan"
    queue asan study tests/asan_study.sh "$build/asan/coxswain"
}

# CMOCKA_MESSAGE_OUTPUT=TAP counts the tests of a program; leaving it out of the other
# kinds keeps their logs readable.
started=$SECONDS
if [ "$part" = all ]; then
    compile >"$work/build.log" 2>&1
    job script build bash -c 'cat "$1"; [ -x "$2/coxswain" ]' - "$work/build.log" "$build"
    grep -E 'warning:' "$work/build.log"
    queue script layers tests/check_layers.sh
    queue script bench-quick "$MAKE" --no-print-directory bench-quick
    unit_jobs unit "$build" env CMOCKA_MESSAGE_OUTPUT=TAP
    wait
    for file in tests/build/*.bats tests/cli/*.bats; do
        [ -e "$file" ] && queue bats "$file" bats --tap "$file"
    done
    valgrind_jobs
    wait
fi
asan_jobs
wait

# ---- the sum ------------------------------------------------------------------------

cat "$work"/*.res | awk -v seconds=$((SECONDS - started)) '
    { passed += $1; failed += $2; skipped += $3 }
    { jobs[$5]++; cpu[$5] += $7 + $8; all += $7 + $8 }
    END {
        printf "%-8s %5s %12s\n", "kind", "jobs", "processor s"
        fflush()
        for (kind in jobs)
            printf "%-8s %5d %12.0f\n", kind, jobs[kind], cpu[kind] | "sort"
        close("sort")
        printf "%d s, %.0f s of processor time\n", seconds, all
        printf "coxswain: %d passed, %d failed, %d skipped\n", passed, failed, skipped
        exit failed > 0
    }'
