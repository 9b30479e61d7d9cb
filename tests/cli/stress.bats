# Many features and few subjects from the command line: an answer in time, and tables
# without a number that is none.
load common

# 100 rows, 200,000 features, four with an effect.
setup_file() {
    "$cxs" simulate --design 100,200000,4,0.3 --seed 6 --out "$BATS_FILE_TMPDIR/d" -q
}

setup() {
    cd "$BATS_TEST_TMPDIR"
    design=$BATS_FILE_TMPDIR/d/design.cxf
    clinical=(--clinical "$BATS_FILE_TMPDIR/d/clinical.tsv" --id id --time time
        --event event --adjust z1)
}

# No infinity anywhere, and no NaN: what does not exist is NA.
clean() {
    for file in "$@"; do
        [ -s "$file" ]
        if grep -iE '(^|[[:space:]])[-+]?(inf|infinity|nan)([[:space:]]|$)' "$file"; then
            return 1
        fi
    done
}

@test "200,000 features of 100 subjects: screen" {
    timeout 300 "$cxs" screen "$design" "${clinical[@]}" --out s -q
    clean s.screen.tsv
    [ "$(wc -l <s.screen.tsv)" = 200001 ]
    # every row that is ok has its p, every other one NA; most are ok
    awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        { ok = $at["status"] == "ok"; n += ok
          if (ok != ($at["p"] != "NA") || ok && !($at["p"] >= 0 && $at["p"] <= 1)) bad++ }
        END { exit bad > 0 || n < 199000 }' s.screen.tsv
}

@test "200,000 features of 100 subjects: model, lasso and ridge" {
    timeout 300 "$cxs" model "$design" "${clinical[@]}" --folds 3 --out m -q
    clean m.path.tsv m.coef.tsv m.cv.tsv
    [ "$(wc -l <m.path.tsv)" = 101 ]
    awk -F'\t' 'NR > 1 && ($8 != "ok" || $6 > 1e-6) { bad++ } END { exit bad > 0 }' m.path.tsv
    timeout 300 "$cxs" model "$design" "${clinical[@]}" --folds 0 --alpha 0 \
        --lambda 200,20 --out g -q
    clean g.path.tsv
    awk -F'\t' 'NR > 1 && ($3 != 200000 || $8 != "ok") { bad++ }
        END { exit bad > 0 || NR != 3 }' g.path.tsv
}

@test "200,000 features of 100 subjects: rank" {
    timeout 300 "$cxs" rank "$design" "${clinical[@]}" --pairs 3 --permutations 3 \
        --bootstraps 5 --draws 50 --out r -q
    clean r.rank.tsv
    [ "$(wc -l <r.rank.tsv)" = 200001 ]
    awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        { ok = $at["status"] == "ok"
          if (ok != ($at["p"] != "NA") || ok != ($at["tier"] != "X")) bad++
          if (ok && $at["lfsr"] == "NA") bad++ }
        END { exit bad > 0 }' r.rank.tsv
}

# One thing wrong with the follow-up: all censored, one event, two subjects, one subject,
# one time, one time and all dead.
@test "no event, one event, one subject, one time: a status, never a hang" {
    "$cxs" simulate --design 20,30,2,0.3 --seed 1 --out d -q
    clinical=(--clinical c.tsv --id id --time time --event event)
    for what in 'NR > 1 { $3 = 0 }' 'NR > 1 { $3 = NR == 5 }' 'NR > 3 { exit }' \
        'NR > 2 { exit }' 'NR > 1 { $2 = 7 }' 'NR > 1 { $2 = 7; $3 = 1 }'; do
        awk -F'\t' -v OFS='\t' "$what { print }" d/clinical.tsv >c.tsv
        for command in screen model rank; do
            options=()
            [ $command != rank ] || options=(--pairs 2 --permutations 3 --bootstraps 3)
            [ $command != model ] || options=(--folds 0)
            status=0
            timeout 60 "$cxs" $command d/design.cxf "${clinical[@]}" "${options[@]}" \
                --out o >out 2>err || status=$?
            [[ " 0 65 70 " == *" $status "* ]]
            [ "$status" = 0 ] || [ "$(grep -c '^coxswain: error' err)" = 1 ]
            for file in o.*.tsv; do
                [ ! -e "$file" ] || clean "$file"
            done
            rm -f o.*
        done
    done
}
