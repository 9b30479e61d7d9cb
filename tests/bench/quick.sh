#!/usr/bin/env bash
# Small designs through the program and, where R is there, through glmnet and survival:
# are the answers right?  Nothing here depends on how fast the machine is.
#
#   tests/bench/quick.sh            by `make bench-quick`
#
# Exit status 0: all right; 1: a fault, named on stderr.
set -u
cd "$(dirname "$0")/../.." || exit 71
# shellcheck source=tests/bench/lib.sh
. tests/bench/lib.sh
tol=1e-6

# ---- paths: the certificate, again from raw data, and glmnet's objective -------------

path_case() { # NAME N,P,K,RHO RATIO
    design "$work/$1" "$2"
    lasso "$work/$1" "$work/$1.out" --folds 0 --tol "$tol" --nlambda 30 \
        --lambda-ratio "$3"
    check_path "$work/$1.out" "$tol"
    [ "$have_r" = yes ] || return 0
    peer agree "$work/$1" "$work/$1.out"
    at_most "$1: lambdas that glmnet did not solve" \
        "$(calc 'a - b' a="$(peer_value asked)" b="$(peer_value lambdas)")" 0
    # The program's bound, with room for the other order of the sums.
    at_most "$1: violation found by R" "$(peer_value kkt_max)" 1.001e-6
    # Near its minimum the objective moves with the square of the violation.
    at_most "$1: objective apart from glmnet's" \
        "$(peer_value objective_difference)" 1e-10
}
# Deeper into the wide one glmnet needs minutes for an answer as exact.
path_case wide 100,400,5,0.5 0.1
path_case tall 400,50,5,0.5 0.001

# ---- scan ----------------------------------------------------------------------------

fit screen "$work/wide" "$work/scan" --adjust z1,z2,z3
if [ "$have_r" = yes ]; then
    peer agree_scan "$work/wide" "$work/scan"
    at_most "scan: features without an answer" "$(peer_value not_ok)" 0
    at_most "scan: beta apart from coxph.fit's" "$(peer_value beta_difference)" 1e-8
    at_most "scan: se apart from coxph.fit's" "$(peer_value se_difference)" 1e-8
fi

# ---- cross-validation: the early stop cuts the curve and changes nothing else --------

lasso "$work/wide" "$work/stopped" --folds 5
lasso "$work/wide" "$work/whole" --folds 5 --no-early-stop --threads 1
at_most "lambdas after the early stop" \
    "$(wc -l <"$work/stopped.cv.tsv")" "$(($(wc -l <"$work/whole.cv.tsv") - 1))"
kept=$(wc -l <"$work/stopped.cv.tsv")
head -n "$kept" "$work/whole.cv.tsv" | cmp -s - "$work/stopped.cv.tsv" ||
    fault "the curve with early stop is not the beginning of the whole curve"
[ "$(result "$work/stopped" lambda_min)" = "$(result "$work/whole" lambda_min)" ] ||
    fault "the early stop changed lambda_min"
cmp -s "$work/stopped.coef.tsv" "$work/whole.coef.tsv" ||
    fault "the path depends on the number of threads"

# ---- stability selection, and the two programs of the benchmark ----------------------

"$build/bench_stability" "$work/wide" 5 10 2 >"$work/stability" ||
    fault "bench_stability: exit status $?"
[ "$(value "$work/stability" q)" = 10 ] || fault "stability selection: q is not 10"
at_most "stability selection: features selected" \
    "$(value "$work/stability" selected)" 100
"$build/bench_rates" 60 400 4 2 >"$work/rates" || fault "bench_rates: exit status $?"

# ---- gene sets -----------------------------------------------------------------------

mkdir "$work/genesets"
"$build/bench_genesets" "$work/genesets" 30 400 6 2 >"$work/genesets.out" ||
    fault "bench_genesets: exit status $?"
if [ "$have_r" = yes ]; then
    peer genesets "$work/genesets" 30 400 30
    [ "$(peer_value difference)" = NA ] ||
        at_most "gene sets: score apart from GSVA's" "$(peer_value difference)" 1e-10
fi

if [ "$have_r" = yes ]; then
    peers="compared with glmnet and survival"
else
    peers="R with glmnet and survival is not installed: not compared"
fi
[ "$faults" = 0 ] && echo "bench-quick: ok, $peers"
exit $((faults > 0))
