#!/usr/bin/env bash
# Times of coxswain and of R's glmnet and survival on the same designs, in turn, in one
# run.  A table to stdout, everything to $build/bench.json, progress to stderr.
#
#   tests/bench/run.sh [long] [PART..]    by `make bench`, `make bench long=1`,
#                                         `make bench only="cv scan"`
#
# Parts, all of them by default: path cv stability tall scan genesets big scaling
# rates.
#
# What is slow with R is timed in part and scaled unless `long` is given; such peers are
# named with what was timed.  Exit status 1 when a path breaks its KKT bound: slow is no
# fault.  See README.md for the rows.
set -u
cd "$(dirname "$0")/../.." || exit 71
# shellcheck source=tests/bench/lib.sh
. tests/bench/lib.sh
# shellcheck source=tests/bench/print.sh
. tests/bench/print.sh
# shellcheck source=tests/bench/counting.sh
. tests/bench/counting.sh
long=no
if [ "${1:-}" = long ]; then
    long=yes
    shift
fi
parts=${*:-path cv stability tall scan genesets big scaling rates}
cores=$(nproc 2>/dev/null || echo 1)
tol=1e-6
repeats=3
started=$SECONDS

progress() {
    printf '%4d s  %s\n' $((SECONDS - started)) "$*" >&2
}

# ---- timing --------------------------------------------------------------------------

median() { # of the numbers on stdin
    sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# PREFIX KEYS COMMAND..: median over the repeats of the sum of KEYS (comma-separated) in
# the run record, into $seconds.
timed() {
    local prefix=$1 keys=${2//,/ } i
    shift 2
    : >"$work/seconds"
    for ((i = 0; i < repeats; i++)); do
        "$@"
        # shellcheck disable=SC2086 # one word per key
        results "$prefix" $keys >>"$work/seconds"
    done
    seconds=$(median <"$work/seconds")
}

# WHAT OURS KKT PEER TARGET: a row; the peer's figures are those of its last answer.
row() {
    local theirs kkt cpu name=$4
    theirs=$(peer_value seconds)
    kkt=$(peer_value kkt_max)
    cpu=$(peer_value cpu)
    [ "$(peer_value timed)" = "$(peer_value of)" ] ||
        name="$4 ($(peer_value timed) of $(peer_value of) timed)"
    add_row "$1" "$2" "$3" "$name" "$theirs" "$kkt" "$cpu" "$5"
}

# ---- rows ----------------------------------------------------------------------------

# NAME THRESH PEER TARGET: our path at its own tolerance beside glmnet's.
path_row() {
    progress "path $1, glmnet with thresh $2"
    timed "$work/$1.path" path_s lasso "$work/$1" "$work/$1.path" --folds 0 --tol "$tol"
    check_path "$work/$1.path" "$tol"
    lambdas_of "$work/$1.path" "$work/$1.lambda"
    peer path "$work/$1" "$work/$1.lambda" "$2"
    row "path $1" "$seconds" "$(result "$work/$1.path" kkt_max)" "$3" "$4"
}

# The same with the violation that the peer's last path left as our tolerance.
equal_row() { # NAME PEER TARGET
    local reached
    reached=$(peer_value kkt_max)
    [ "$reached" != NA ] || return 0
    timed "$work/$1.equal" path_s lasso "$work/$1" "$work/$1.equal" --folds 0 \
        --tol "$reached"
    check_path "$work/$1.equal" "$reached"
    row "path $1, equal violation" "$seconds" "$(result "$work/$1.equal" kkt_max)" \
        "$2" "$3"
}

path_rows() {
    path_row 500x20000 1e-7 "glmnet, default" ">= 20"
    at_most_r_agrees 500x20000
    progress "path 500x20000, glmnet with thresh 1e-9"
    peer path "$work/500x20000" "$work/500x20000.lambda" 1e-9
    equal_row 500x20000 "glmnet, thresh 1e-9" -
    if [ "$long" = yes ]; then
        progress "path 500x20000, glmnet with thresh 1e-11"
        peer path "$work/500x20000" "$work/500x20000.lambda" 1e-11
        equal_row 500x20000 "glmnet, thresh 1e-11" ">= 150"
    else
        note "glmnet with thresh 1e-11 (target >= 150 at equal violation): long=1"
    fi
}

# NAME: our violation recomputed by R from the raw design.
at_most_r_agrees() {
    [ "$have_r" = yes ] || return 0
    progress "path $1, its KKT violation by R"
    peer kkt "$work/$1" "$work/$1.path"
    at_most "path $1: KKT violation found by R" "$(peer_value kkt_max)" \
        "$(calc '1.001 * a' a="$tol")"
    note "path $1: R finds a violation of $(peer_value kkt_max) in coxswain's answer"
}

cv_rows() {
    local folds=2 dir="$work/500x20000" points
    [ "$long" = no ] || folds=all
    progress "10-fold CV, cv.glmnet ($folds folds)"
    timed "$work/cv" path_s,cv_s lasso "$dir" "$work/cv" --folds 10 --tol "$tol"
    points=$(($(wc -l <"$work/cv.cv.tsv") - 1))
    peer cv "$dir" "$work/500x20000.lambda" "$folds"
    row "10-fold CV, early stop" "$seconds" "$(result "$work/cv" kkt_max)" \
        "cv.glmnet" ">= 150"
    note "the early stop ended the CV after $points of 100 lambdas; cv.glmnet does all"
    timed "$work/cv" path_s,cv_s lasso "$dir" "$work/cv" --folds 10 --tol "$tol" \
        --no-early-stop
    row "10-fold CV, all lambdas" "$seconds" "$(result "$work/cv" kkt_max)" \
        "cv.glmnet" ">= 150"
}

stability_row() {
    local dir="$work/500x20000" halves=3 i
    [ "$long" = no ] || halves=100
    progress "stability selection, glmnet on $halves half-samples"
    : >"$work/seconds"
    for ((i = 0; i < repeats; i++)); do
        "$build/bench_stability" "$dir" 50 50 "$cores" >"$work/stability" ||
            fault "bench_stability: exit status $?"
        value "$work/stability" seconds >>"$work/seconds"
    done
    [ "$(value "$work/stability" q)" = 50 ] || fault "stability selection: q is not 50"
    seconds=$(median <"$work/seconds")
    peer stability "$dir" "$halves"
    row "stability, 50 pairs, first 50" "$seconds" NA "glmnet loop, dfmax 50" ">= 40"
}

tall_rows() {
    design "$work/5000x2000" 5000,2000,10,0.5
    path_row 5000x2000 1e-7 "glmnet, default" ">= 5"
    equal_row 5000x2000 "glmnet, default" -
    at_most_r_agrees 5000x2000
}

scan_row() {
    local dir="$work/500x20000" features=1000
    [ "$long" = no ] || features=20000
    progress "adjusted scan, coxph.fit of $features features"
    timed "$work/scan" scan_s fit screen "$dir" "$work/scan" --adjust z1,z2,z3
    peer scan "$dir" "$features"
    row "scan 500x20000, 3 covariates" "$seconds" NA "coxph.fit loop" ">= 40"
}

# Sorting each sample once is what makes it fast; R sorts it once per set.
genesets_row() {
    local samples=50 i
    [ "$long" = no ] || samples=1000
    progress "gene sets, edgeR and GSVA ($samples of 1000 samples)"
    mkdir -p "$work/genesets"
    : >"$work/seconds"
    for ((i = 0; i < repeats; i++)); do
        "$build/bench_genesets" "$work/genesets" 1000 20000 50 "$cores" \
            >"$work/genesets.out" || fault "bench_genesets: exit status $?"
        value "$work/genesets.out" seconds >>"$work/seconds"
    done
    seconds=$(median <"$work/seconds")
    peer genesets "$work/genesets" 1000 20000 "$samples"
    [ "$(peer_value difference)" = NA ] ||
        at_most "gene sets: score apart from GSVA's" "$(peer_value difference)" 1e-10
    row "gene sets 1000x20000, 50 sets" "$seconds" NA "edgeR, GSVA" "<= 10 s"
    rm -rf "$work/genesets"
}

# ---- how the times grow --------------------------------------------------------------

# WHAT VALUE PREFIX KEY COMMAND..
grow() {
    local what=$1 value=$2 prefix=$3 key=$4
    shift 4
    progress "scaling: $what $value"
    timed "$prefix" "$key" "$@"
    add_scaling "$what" "$value" "$seconds" "$(result "$prefix" kkt_max)"
}

scaling() {
    local dir="$work/scale" out="$work/scale.out" size
    for size in 125 250 500 1000; do
        design "$dir" "$size,5000,10,0.5"
        grow "n (p 5000): path" "$size" "$out" path_s lasso "$dir" "$out" --folds 0
    done
    for size in 25000 50000 100000 200000; do
        design "$dir" "200,$size,10,0.5"
        grow "p (n 200): path" "$size" "$out" path_s lasso "$dir" "$out" --folds 0
    done
    design "$dir" 250,5000,10,0.5
    for size in 5 10 20 40; do
        grow "folds (250x5000): CV, all lambdas" "$size" "$out" cv_s \
            lasso "$dir" "$out" --folds "$size" --no-early-stop
    done
    dir="$work/500x20000"
    for ((size = 1; size <= cores; size *= 2)); do
        grow "threads (500x20000): path" "$size" "$out" path_s \
            lasso "$dir" "$out" --folds 0 --threads "$size"
    done
    for ((size = 1; size <= cores; size *= 2)); do
        grow "threads (500x20000): 10-fold CV" "$size" "$out" cv_s \
            lasso "$dir" "$out" --folds 10 --threads "$size"
    done
}

# ---- the machine's limits ------------------------------------------------------------

rates() {
    local pass path
    progress "rates of gemv and gemm"
    "$build/bench_rates" 500 20000 16 "$cores" >"$work/rates" ||
        fault "bench_rates: exit status $?"
    pass=$(value "$work/rates" "gemv_${cores}_threads_s")
    path=$(result "$work/500x20000.path" path_s)
    note "100 passes over X of 500x20000, a certificate for each lambda, cost" \
        "$(calc 'sprintf("%.2f", 100 * a)' a="$pass") s at this machine's gemv rate:" \
        "$(calc 'sprintf("%.0f", 100 * 100 * a / b)' a="$pass" b="$path") % of the path"
    if [ -s "$work/5000x2000.path.run.json" ]; then
        path=$(result "$work/5000x2000.path" path_s)
        tall_limits "$path" "$(value "$work/rates" "gemv_${cores}_threads_gbytes_per_s")" \
            "$(value "$work/rates" syrk_1_threads_gflops)"
    fi
}

# PATH_S GBYTES_PER_S GFLOPS: what the steps of the tall path must move at least, X b and
# X'r on the columns with nonzero coefficients, and the operations of one Gram of the
# last lambda, at this machine's rates.
tall_limits() {
    local moved last
    moved=$(awk -F'\t' 'NR > 1 { b += 16 * 5000 * $3 * $7 } END { print 1e-9 * b }' \
        "$work/5000x2000.path.path.tsv")
    last=$(awk -F'\t' 'END { print 1e-9 * 5000 * $3 * $3 }' \
        "$work/5000x2000.path.path.tsv")
    note "path 5000x2000: its Newton steps move $(calc 'sprintf("%.1f", a)' a="$moved")" \
        "GB, $(calc 'sprintf("%.2f", a / b)' a="$moved" b="$2") s at the gemv rate," \
        "$(calc 'sprintf("%.0f", 100 * a / b / c)' a="$moved" b="$2" c="$1") % of the" \
        "path; one Gram of its last lambda is $(calc 'sprintf("%.1f", a)' a="$last")" \
        "Gflop, $(calc 'sprintf("%.2f", a / b)' a="$last" b="$3") s in float64 on one core"
}

# Peak of the memory that is not the mapped file, by looking ten times a second.
watch_memory() { # PID
    local peak=0 now
    while now=$(awk '/^RssAnon/ { print $2 }' "/proc/$1/status" 2>/dev/null) &&
        [ -n "$now" ]; do
        [ "$now" -le "$peak" ] || peak=$now
        sleep 0.1
    done
    echo "$peak"
}

# A million features: 16 GB on disk for a while, since the design is also written plain.
big_row() {
    local dir="$work/big" free resident anonymous
    if [ "$long" = no ]; then
        note "p = 1,000,000 and its memory: long=1"
        return
    fi
    free=$(df -Pk "$work" | awk 'NR == 2 { print $4 }')
    if [ "$free" -lt 18000000 ]; then
        note "path 1000x1000000: left out, needs 18 GB in $build"
        return
    fi
    progress "path 1000x1000000: design"
    design "$dir" 1000,1000000,10,0.5
    rm -f "$dir/X.f64"
    progress "path 1000x1000000: path"
    launch="exec" lasso "$dir" "$work/big.out" --folds 0 --tol "$tol" &
    anonymous=$(watch_memory $!)
    wait $! || fault "path 1000x1000000: exit status $?"
    check_path "$work/big.out" "$tol"
    : >"$work/peer"
    row "path 1000x1000000 from .cxf" "$(result "$work/big.out" path_s)" \
        "$(result "$work/big.out" kkt_max)" "none: memory" -
    resident=$(result "$work/big.out" peak_rss_bytes)
    note "path 1000x1000000: peak memory" \
        "$(calc 'sprintf("%.2f", a / 1e9)' a="$resident")" \
        "GB with the pages of the mapped file (8 GB)," \
        "$(calc 'sprintf("%.2f", a * 1024 / 1e9)' a="$anonymous") GB without;" \
        "target <= 1.2 GB"
    rm -rf "$dir"
}

# ---- all of it -----------------------------------------------------------------------

# The design that most parts share, and the lambdas that the peers are given.
common() {
    progress "design 500x20000"
    design "$work/500x20000" 500,20000,10,0.5
    lasso "$work/500x20000" "$work/500x20000.path" --folds 0 --tol "$tol"
    lambdas_of "$work/500x20000.path" "$work/500x20000.lambda"
}

facts
[ "$parts" = count ] || common
for part in $parts; do
    case $part in
    path) path_rows ;;
    cv) cv_rows ;;
    stability) stability_row ;;
    tall) tall_rows ;;
    scan) scan_row ;;
    big) big_row ;;
    scaling) scaling ;;
    rates) rates ;;
    count) counting_row ;;
    genesets) genesets_row ;;
    *) fault "no part '$part'" ;;
    esac
done
finish
[ "$faults" = 0 ]
