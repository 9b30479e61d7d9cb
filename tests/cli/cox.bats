# coxswain cox: ties, Firth's penalty, residuals, variance matrix, what excludes what.
load common

setup() {
    cd "$BATS_TEST_TMPDIR"
    cp "$top/tests/data/reference/cohort.tsv" "$top/tests/data/reference/separated.tsv" .
}

fit() {
    expect "$1" "$cxs" cox --clinical cohort.tsv --id id --time time --event event \
        --adjust x1,x2,x3 --out os "${@:2}"
}

@test "residuals and variance matrix are written, the first for the owner alone" {
    fit 0 --robust --residuals r.tsv --vcov v.tsv
    [ "$(stat -c %a r.tsv)" = 600 ]
    [ "$(wc -l <r.tsv)" = 73 ]
    [ "$(head -1 r.tsv | cut -f 1-8 | tr '\t' ' ')" = \
        "id time event stratum martingale deviance score_x1 score_x2" ]
    [ "$(awk -F'\t' '{ print NF }' r.tsv | sort -u)" = 18 ]
    [ "$(cut -f 1-2 v.tsv | tr '\t\n' '  ')" = \
        "variance term robust x1 robust x2 robust x3 naive x1 naive x2 naive x3 " ]
    # se^2 is the diagonal
    awk -F'\t' 'NR == FNR { se[$1] = $5; robust[$1] = $6; next }
        FNR > 1 { v = $(2 + substr($2, 2)); s = $1 == "robust" ? robust[$2] : se[$2]
                  if (v / s / s - 1 > 1e-12 || 1 - v / s / s > 1e-12) bad = 1 }
        END { exit bad }' os.coef.tsv v.tsv
    grep -q r.tsv os.run.json
    not grep -q P35 os.run.json
}

@test "residuals and variance matrix go to standard output on demand, not both" {
    fit 0 --residuals - -q
    [ "$(wc -l <<<"$out")" = 73 ]
    fit 0 --vcov - -q
    [ "$(wc -l <<<"$out")" = 4 ]
    fit 64 --residuals - --vcov -
}

@test "ph_p and ph_global_p are filled" {
    fit 0
    [ "$(cut -f 13 os.coef.tsv | head -1)" = ph_p ]
    not grep -q NA <(cut -f 13 os.coef.tsv)
    [ "$(cell os.fit.tsv ph_global_p)" != NA ]
}

@test "the order of the rows changes no byte, whatever is maximised" {
    (head -1 cohort.tsv; tail -n +2 cohort.tsv | sort -r) >turned.tsv
    for words in "--ties exact" --firth "--robust --weights weight" \
        "--entry entry --strata stratum --cluster cluster"; do
        # shellcheck disable=SC2086
        fit 0 $words --residuals r.tsv --vcov v.tsv
        for file in os.coef.tsv os.fit.tsv os.basehaz.tsv r.tsv v.tsv; do
            cp "$file" "first.$file"
        done
        # shellcheck disable=SC2086
        expect 0 "$cxs" cox --clinical turned.tsv --id id --time time --event event \
            --adjust x1,x2,x3 --out os $words --residuals r.tsv --vcov v.tsv --threads 2
        for file in os.coef.tsv os.fit.tsv os.basehaz.tsv r.tsv v.tsv; do
            cmp "$file" "first.$file"
        done
    done
}

@test "exact ties and the penalty exclude what has no meaning with them" {
    fit 64 --ties exact --weights weight
    [[ "$err" == *"--ties exact and --weights exclude each other"* ]]
    fit 64 --ties exact --cluster cluster
    [[ "$err" == *"--ties exact and --cluster exclude each other"* ]]
    fit 64 --ties exact --robust
    fit 64 --firth --cluster cluster
    [[ "$err" == *"--firth and --cluster exclude each other"* ]]
    fit 64 --firth --robust
    fit 64 --firth --ties exact
    only . cohort.tsv separated.tsv .stdout .stderr
}

@test "exact ties are for cox alone" {
    for command in screen model rank; do
        expect 64 "$cxs" "$command" --ties exact
        [[ "$err" == *ties* ]]
    done
}

@test "separation: a status and a warning, and a finite estimate with --firth" {
    cp separated.tsv cohort.tsv
    fit 0
    [[ "$err" == *"warning CX052"*"x1"*"--firth"* ]]
    [ "$(cell os.coef.tsv status)" = separated ]
    [ "$(cell os.coef.tsv se)" = NA ]
    fit 0 --firth
    [[ "$err" != *CX052* ]]
    [ "$(cell os.coef.tsv status)" = ok ]
    not grep -q 'NA.*ok$' <(cut -f 4,5,7-14 os.coef.tsv)
}

@test "n counts rows, n_subjects ids" {
    (cat cohort.tsv; tail -n +2 cohort.tsv) >twice.tsv
    mv twice.tsv cohort.tsv
    fit 0 --cluster id
    [ "$(cell os.fit.tsv n)" = 144 ]
    grep -q '"n_subjects": 72' os.run.json
}
