# What run.sh and quick.sh share: designs, runs of the program, runs of R, faults.
# shellcheck shell=bash
build=${build:-build}
cxs="$build/coxswain"
here=tests/bench
work=$(mktemp -d "$build/bench.XXXXXX") || exit 71
trap 'rm -rf "$work"' EXIT
faults=0
export LC_ALL=C

have_r() {
    Rscript -e 'library(glmnet); library(survival)' >/dev/null 2>&1
}
have_r=no
if command -v Rscript >/dev/null && have_r; then
    have_r=yes
fi

# Something is wrong, not slow: the whole ends with status 1.
fault() {
    echo "bench: $*" >&2
    faults=$((faults + 1))
}

# An expression in awk: calc 'a / b' a=1 b=2
calc() {
    local expression=$1
    shift
    local words=() word
    for word in "$@"; do
        words+=(-v "$word")
    done
    awk "${words[@]}" "BEGIN { print $expression }"
}

# FOLDER N,P,K,RHO: a design with known truth.
design() {
    "$cxs" simulate --design "$2" --seed 1 --out "$1" --quiet || exit
}

# COMMAND FOLDER PREFIX [OPTION..]: model or screen on a design.  With launch=exec the
# program takes the place of the shell that runs this.
launch=
fit() {
    local command=$1 folder=$2 prefix=$3
    shift 3
    $launch "$cxs" "$command" "$folder/design.cxf" --clinical "$folder/clinical.tsv" \
        --time time --event event --quiet --out "$prefix" "$@" ||
        fault "$command on $folder: exit status $?"
}
# FOLDER PREFIX [OPTION..]: the Breslow lasso, 100 lambdas down to 0.01 lambda_max.
lasso() {
    fit model "$1" "$2" --ties breslow --lambda-ratio 0.01 "${@:3}"
}

# PREFIX KEY: a number of the run record.
result() {
    sed -n 's/^ *"'"$2"'": \([^,]*\),\{0,1\}$/\1/p' "$1.run.json" | head -n 1
}
# PREFIX KEY..: their sum.
results() {
    local prefix=$1 sum=0 key
    shift
    for key in "$@"; do
        sum=$(calc 'a + b' a="$sum" b="$(result "$prefix" "$key")")
    done
    echo "$sum"
}

# FILE KEY: a value of a file with name and value per line, NA when it is not there.
value() {
    awk -F'\t' -v key="$2" '$1 == key { print $2; seen = 1; exit }
        END { if (!seen) print "NA" }' "$1"
}
# TASK [ARGUMENT..]: R's answer into $work/peer; nothing in it where R is missing.
peer() {
    : >"$work/peer"
    [ "$have_r" = yes ] || return 0
    Rscript --vanilla "$here/peer.R" "$@" >"$work/peer" ||
        fault "peer.R $*: exit status $?"
}
peer_value() {
    value "$work/peer" "$1"
}

# PREFIX FILE: the lambdas of a path, one per line.
lambdas_of() {
    awk -F'\t' 'NR > 1 { print $2 }' "$1.path.tsv" >"$2"
}

# WHAT VALUE BOUND: a fault when the value is not a number or larger than the bound.
at_most() {
    awk -v value="$2" -v bound="$3" \
        'BEGIN { exit !(value ~ /^[-+.0-9e]+$/ && value + 0 <= bound + 0) }' ||
        fault "$1 is $2, must be at most $3"
}
# PREFIX TOL: every lambda converged, with its violation below the bound.
check_path() {
    at_most "$1: largest KKT violation" "$(result "$1" kkt_max)" "$2"
    at_most "$1: lambdas not converged" "$(result "$1" lambdas_not_converged)" 0
}
