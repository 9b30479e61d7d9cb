# The commands that fit, on plain tables: files, order, threads, failures.
load common

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    plain_tables
    export tables=$PWD
}

setup() {
    cd "$BATS_TEST_TMPDIR"
    cp "$tables/expr.tsv" "$tables/clin.tsv" .
    follow=(--clinical clin.tsv --time OS.time --event OS --adjust age,sex)
    mkdir results
}

# COMMAND PREFIX [OPTION..]: the command on the tables as they lie here.
fit() {
    local command=$1 prefix=$2
    shift 2
    local words=("$cxs" "$command" "${follow[@]}" --out "$prefix" "$@")
    case "$command" in
    cox) words+=(--id patient) ;;
    rank) words+=(--matrix expr.tsv "${quick[@]}") ;;
    *) words+=(--matrix expr.tsv) ;;
    esac
    "${words[@]}"
}

all_fits() { # PREFIX [OPTION..]
    for command in cox screen model rank; do
        fit "$command" "$1/$command" -q "${@:2}"
    done
}

@test "each command writes its files and nothing else" {
    all_fits results
    only results cox.coef.tsv cox.fit.tsv cox.basehaz.tsv cox.run.json \
        screen.screen.tsv screen.run.json \
        model.path.tsv model.coef.tsv model.cv.tsv model.run.json \
        rank.rank.tsv rank.cxr rank.run.json
}

@test "the columns are those of the documentation" {
    all_fits results
    header() { head -n 1 "results/$1" | tr '\t' ' '; }
    [ "$(header cox.coef.tsv)" = "term n events beta se robust_se z log10_p p hr hr_l95 hr_u95 ph_p status" ]
    [ "$(header cox.basehaz.tsv)" = "stratum time cumhaz" ]
    [ "$(header screen.screen.tsv)" = "feature_id n events missing_n scale beta se z log10_p p q hr hr_l95 hr_u95 direction status" ]
    [ "$(header model.path.tsv)" = "lambda_index lambda df loglik dev_ratio kkt_max iterations status" ]
    [ "$(header model.coef.tsv)" = "lambda_index lambda feature_id beta" ]
    [ "$(header model.cv.tsv)" = "lambda_index lambda cvm cvse n_folds" ]
    [ "$(header rank.rank.tsv)" = "rank feature_id feature_name layer tier n events missing_n scale beta se z log10_p p q hr hr_l95 hr_u95 sel_freq pfer_bound lfsr beta_shrunk rank_l95 rank_u95 delta_c ph_p i2 direction status" ]
}

@test "model: refit, nested cross-validation, a start from a file, ridge" {
    fit model results/m -q --folds 3 --repeats 2 --relax --outer-folds 3 --outer-repeats 2
    only results m.path.tsv m.coef.tsv m.cv.tsv m.relaxed.tsv m.nested.tsv m.selected.tsv \
        m.run.json
    header() { head -n 1 "results/$1" | tr '\t' ' '; }
    [ "$(header m.relaxed.tsv)" = "lambda_index lambda feature_id beta status" ]
    [ "$(header m.nested.tsv)" = "repeat outer_fold lambda_index lambda df concordance pairs deviance" ]
    [ "$(header m.selected.tsv)" = "feature_id selected fits frequency" ]
    [ "$(wc -l <results/m.nested.tsv)" = 7 ]
    for name in nested_concordance nested_concordance_sd nested_deviance \
        apparent_concordance lambda_min_index_low lambda_min_index_high; do
        grep -q "\"$name\": [0-9]" results/m.run.json
    done
    not grep -q patient results/m.run.json
    fit model results/again -q --folds 0 --lambda 0.1 --start results/m.coef.tsv
    grep -q 'm.coef.tsv' results/again.run.json
    fit model results/ridge -q --folds 3 --alpha 0
    [ "$(cell results/ridge.path.tsv df)" = 30 ]
    not grep -q not_converged results/ridge.path.tsv
    expect 64 fit model results/x --alpha 0 --relax
    [[ "$err" == *"relax needs alpha > 0"* ]]
    expect 64 fit model results/x --outer-folds 3 --folds 0
    [[ "$err" == *"outer-folds needs folds"* ]]
    expect 66 fit model results/x --start absent.tsv
    [ ! -e results/x.path.tsv ]
}

@test "the planted genes come first" {
    fit screen results/s -q
    [ "$(tail -n +2 results/s.screen.tsv | sort -t$'\t' -g -k10,10 | head -n 3 | cut -f1 | sort | tr '\n' ' ')" = "G1 G2 G3 " ]
    fit rank results/r -q
    [ "$(sed -n '2,4p' results/r.rank.tsv | cut -f2 | sort | tr '\n' ' ')" = "G1 G2 G3 " ]
}

@test "1 and 2 threads give the same bytes" {
    mkdir two
    all_fits results --threads 1
    all_fits two --threads 2
    same_results results two
}

@test "the same bytes wherever the files lie" {
    all_fits results
    mkdir -p else/where else/results
    cp expr.tsv clin.tsv else
    (cd else && all_fits results)
    same_results results else/results
}

@test "the order of rows and columns does not matter" {
    follow+=(--id patient)
    all_fits results
    mkdir other
    { head -n 1 clin.tsv; tail -n +2 clin.tsv | tac; } >c
    awk -F'\t' -v OFS='\t' '{ for (i = NF; i > 1; i--) printf "%s\t", $i; print $1 }' c >d
    awk -F'\t' '{ printf "%s", $1; for (i = NF; i > 1; i--) printf "\t%s", $i; print "" }' \
        expr.tsv >e
    { head -n 1 e; tail -n +2 e | tac; } >expr.tsv
    mv d clin.tsv
    all_fits other
    same_results results other
}

@test "plain, gzip, zstd and CSV tables read the same" {
    fit screen results/s -q
    cp results/s.screen.tsv want
    gzip -k expr.tsv
    "$cxs" screen --matrix expr.tsv.gz "${follow[@]}" --out results/s -q
    cmp want results/s.screen.tsv
    tr '\t' ',' <expr.tsv >expr.csv
    tr '\t' ',' <clin.tsv >clin.csv
    "$cxs" screen --matrix expr.csv --clinical clin.csv --time OS.time --event OS \
        --adjust age,sex --out results/s -q
    cmp want results/s.screen.tsv
    awk -F'\t' '{ for (i = 1; i <= NF; i++) a[i] = a[i] (NR > 1 ? "\t" : "") $i }
        END { for (i = 1; i <= NF; i++) print a[i] }' expr.tsv >turned.tsv
    "$cxs" screen --matrix turned.tsv --matrix-rows samples "${follow[@]}" \
        --out results/s -q
    cmp want results/s.screen.tsv
    command -v zstd >/dev/null || return 0
    zstd -q expr.tsv
    "$cxs" screen --matrix expr.tsv.zst "${follow[@]}" --out results/s -q
    cmp want results/s.screen.tsv
}

@test "a missing file: status 66, one line that names it, nothing left" {
    rm expr.tsv
    for command in screen model rank; do
        expect 66 fit "$command" results/x
        [[ "$err" == *"coxswain: error"*"expr.tsv"* ]]
    done
    rm clin.tsv
    expect 66 fit cox results/x
    [[ "$err" == *"coxswain: error"*"clin.tsv"* ]]
    only results
}

@test "an output folder that is absent: status 73, nothing left" {
    for command in cox screen model rank; do
        expect 73 fit "$command" absent/x
        [[ "$err" == *"coxswain: error"*"absent/x"* ]]
    done
    [ ! -e absent ]
}

@test "no room for the output: status 74, nothing left" {
    # A limit on the size of files stands for the full disk.
    for command in cox screen model rank; do
        expect 74 bash -c "trap '' XFSZ; ulimit -f 0; $(declare -f fit)
            $(declare -p cxs follow quick)
            fit $command results/x -q 2>/dev/null >/dev/null"
        only results
    done
}

@test "stdout that is full: status 74" {
    [ -e /dev/full ] || skip "/dev/full does not exist"
    status=0
    "$cxs" --help >/dev/full 2>"$BATS_TEST_TMPDIR/err" || status=$?
    [ "$status" = 74 ]
    status=0
    "$cxs" model --help >/dev/full 2>"$BATS_TEST_TMPDIR/err" || status=$?
    [ "$status" = 74 ]
}

@test "text in a number: CX016 with file, line and column, status 65" {
    awk -F'\t' -v OFS='\t' 'NR == 5 { $2 = "long" } { print }' clin.tsv >c && mv c clin.tsv
    expect 65 fit cox results/x
    [[ "$err" == *"coxswain: error CX016: clin.tsv:5:OS.time: "* ]]
    only results
}

@test "an event column of 1 and 2 is not guessed: CX008, status 65" {
    awk -F'\t' -v OFS='\t' 'NR > 1 { $3 = $3 + 1 } { print }' clin.tsv >c && mv c clin.tsv
    expect 65 fit cox results/x
    [[ "$err" == *"coxswain: error CX008: clin.tsv:"* ]]
}

@test "a patient twice: CX002, status 65" {
    sed -n 3p clin.tsv | awk -F'\t' -v OFS='\t' '{ $2 = 9; print }' >>clin.tsv
    expect 65 fit cox results/x
    [[ "$err" == *"coxswain: error CX002: clin.tsv:"* ]]
}

@test "ids hidden on request" {
    sed -n 3p clin.tsv | awk -F'\t' -v OFS='\t' '{ $2 = 9; print }' >>clin.tsv
    id=$(sed -n 3p clin.tsv | cut -f1)
    expect 65 fit cox results/x
    [[ "$err" == *"$id"* ]]
    expect 65 fit cox results/x --mask-ids
    [[ "$err" != *"'$id'"* ]]
}

@test "a column that is absent is named: status 65" {
    expect 65 "$cxs" cox --clinical clin.tsv --id patient --time OS.tim --event OS \
        --out results/x
    [[ "$err" == *"OS.tim"* ]]
}

@test "no id in common, no event: status 65" {
    sed 's/^P/Q/' clin.tsv >c && mv c clin.tsv
    expect 65 fit screen results/x
    cp "$tables/clin.tsv" .
    awk -F'\t' -v OFS='\t' 'NR > 1 { $3 = 0 } { print }' clin.tsv >c && mv c clin.tsv
    expect 65 fit screen results/x
    expect 65 fit cox results/x
    only results
}

@test "a truncated gzip table: status 74" {
    gzip -c expr.tsv | head -c 900 >cut.gz
    expect 74 "$cxs" screen --matrix cut.gz "${follow[@]}" --out results/x
    [[ "$err" == *"cut.gz"* ]]
    only results
}

@test "ids of patients are in no result and no record" {
    sed 's/^P/CANARY/' clin.tsv >c && mv c clin.tsv
    sed '1s/\tP/\tCANARY/g' expr.tsv >e && mv e expr.tsv
    all_fits results
    not grep -ra CANARY results
}

@test "a number that does not exist is NA for people too" {
    awk -F'\t' -v OFS='\t' '{ print $0, NR == 1 ? "decades" : $4 / 10 }' clin.tsv >twice.tsv
    expect 0 "$cxs" cox --clinical twice.tsv --id patient --time OS.time --event OS \
        --adjust age,decades --out results/c
    grep -qE '^decades +HR +NA \[NA, NA\]  p NA  aliased$' <<<"$err"
    { head -n 4 expr.tsv && awk 'BEGIN { printf "FLAT"; for (i = 0; i < 60; i++) printf "\t1"; print "" }'; } >four.tsv
    expect 0 "$cxs" rank --matrix four.tsv "${follow[@]}" --out results/r \
        --pairs 0 --permutations 0 --bootstraps 0
    grep -qE '^ +4 FLAT +X +1\.000 +NA +NA +NA$' <<<"$err"
    not grep -qi '\bnan\b' <<<"$err"
}
