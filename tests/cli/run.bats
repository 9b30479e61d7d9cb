# coxswain run: the whole study, resuming, options, failures.
load common

setup_file() {
    export study="$BATS_FILE_TMPDIR/study" done="$BATS_FILE_TMPDIR/done"
    small_study "$study"
    "$cxs" run "$study" -o "$done" -q --threads 1 --folds 3 "${quick[@]}" \
        >"$BATS_FILE_TMPDIR/top"
}

again() { # FOLDER [OPTION..]
    local folder=$1
    shift
    expect 0 "$cxs" run "$study" -o "$folder" --threads 1 --folds 3 "${quick[@]}" "$@"
}

@test "every result is there, nothing else" {
    cd "$done"
    for file in study.cxs features.cxf cox.coef.tsv cox.fit.tsv cox.basehaz.tsv \
        model.path.tsv model.coef.tsv model.cv.tsv rank.rank.tsv rank.cxr report.html \
        run.run.json cox.run.json model.run.json rank.run.json; do
        [ -s "$file" ]
    done
    ls figures/*.svg
    [ -z "$(find . -name '*.tmp*')" ]
}

@test "global check, ten top markers and the place of the report end the output" {
    top="$BATS_FILE_TMPDIR/top"
    grep -qE '^global check: permutation p = 0?\.[0-9]+|^global check: .* = 1 ' "$top"
    header=$(grep -n 'rank.*feature_name.*hr.*q.*tier' "$top" | cut -d: -f1)
    [ "$(tail -n +"$((header + 1))" "$top" | grep -cE '^ +[0-9]+ ')" = 10 ]
    [ "$(tail -n 1 "$top")" = "report: $done/report.html" ]
}

@test "a second run repeats nothing, --fresh repeats all, the bytes are the same" {
    cp -a "$done" "$BATS_TEST_TMPDIR/copy"
    again "$BATS_TEST_TMPDIR/copy"
    [ "$(grep -c 'up to date' <<<"$err")" = 6 ]
    same_results "$done" "$BATS_TEST_TMPDIR/copy"
    again "$BATS_TEST_TMPDIR/copy" --fresh
    [ "$(grep -c 'up to date' <<<"$err")" = 0 ]
    same_results "$done" "$BATS_TEST_TMPDIR/copy"
}

@test "only what an option changes is repeated" {
    cp -a "$done" "$BATS_TEST_TMPDIR/copy"
    again "$BATS_TEST_TMPDIR/copy" --permutations 12
    grep -q '^model .*up to date' <<<"$err"
    not grep -q '^rank .*up to date' <<<"$err"
}

@test "a changed input file is noticed" {
    cp -a "$done" "$BATS_TEST_TMPDIR/copy"
    cp -a "$study" "$BATS_TEST_TMPDIR/study"
    # One death becomes a censoring.
    awk -F'\t' -v OFS='\t' '
        NR == 1 { for (i = 1; i <= NF; i++) if ($i == "OS_STATUS") at = i }
        NR > 1 && !changed && $at ~ /^1/ { $at = "0:LIVING"; changed = 1 }
        { print }' "$study/patients.tsv" >"$BATS_TEST_TMPDIR/study/patients.tsv"
    not cmp -s "$study/patients.tsv" "$BATS_TEST_TMPDIR/study/patients.tsv"
    study="$BATS_TEST_TMPDIR/study" again "$BATS_TEST_TMPDIR/copy"
    not grep -q '^ingest .*up to date' <<<"$err"
    not grep -q '^rank .*up to date' <<<"$err"
}

@test "a missing or damaged result is made again" {
    cp -a "$done" "$BATS_TEST_TMPDIR/copy"
    rm "$BATS_TEST_TMPDIR/copy/model.path.tsv"
    echo damage >>"$BATS_TEST_TMPDIR/copy/rank.rank.tsv"
    again "$BATS_TEST_TMPDIR/copy"
    not grep -q '^model .*up to date' <<<"$err"
    not grep -q '^rank .*up to date' <<<"$err"
    grep -q '^features .*up to date' <<<"$err"
    same_results "$done" "$BATS_TEST_TMPDIR/copy"
}

@test "1 and 2 threads give the same bytes" {
    again "$BATS_TEST_TMPDIR/two" --threads 2
    same_results "$done" "$BATS_TEST_TMPDIR/two"
}

@test "the order of the rows and columns of the inputs does not matter" {
    cp -a "$study" "$BATS_TEST_TMPDIR/study"
    for table in patients samples assays; do
        file="$BATS_TEST_TMPDIR/study/$table.tsv"
        [ -f "$file" ] || continue
        { head -n 1 "$study/$table.tsv"; tail -n +2 "$study/$table.tsv" | tac; } >"$file"
    done
    study="$BATS_TEST_TMPDIR/study" again "$BATS_TEST_TMPDIR/out"
    for file in features.cxf cox.coef.tsv model.path.tsv model.coef.tsv model.cv.tsv \
        rank.rank.tsv; do
        cmp "$done/$file" "$BATS_TEST_TMPDIR/out/$file"
    done
}

@test "a locale with a decimal comma gives the same bytes" {
    if [ -z "$LOCPATH" ]; then
        localedef -i de_DE -f UTF-8 "$BATS_TEST_TMPDIR/de_DE.UTF-8" || true
        export LOCPATH="$BATS_TEST_TMPDIR"
    fi
    [ "$(env LC_ALL=de_DE.UTF-8 printf '%.1f' 1,5)" = "1,5" ] ||
        skip "the locale de_DE.UTF-8 cannot be made (Debian: package locales)"
    LC_ALL=de_DE.UTF-8 again "$BATS_TEST_TMPDIR/out"
    same_results "$done" "$BATS_TEST_TMPDIR/out"
}

@test "--unadjusted leaves the covariates out" {
    again "$BATS_TEST_TMPDIR/out" --unadjusted
    [ "$(wc -l <"$BATS_TEST_TMPDIR/out/cox.coef.tsv")" = 1 ]
    not cmp -s "$done/rank.rank.tsv" "$BATS_TEST_TMPDIR/out/rank.rank.tsv"
}

@test "a study without covariates" {
    cp -a "$study" "$BATS_TEST_TMPDIR/study"
    sed -i '/^covariates:/d' "$BATS_TEST_TMPDIR/study/study.yaml"
    study="$BATS_TEST_TMPDIR/study" again "$BATS_TEST_TMPDIR/out"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/out/cox.coef.tsv")" = 1 ]
    again "$BATS_TEST_TMPDIR/unadjusted" --unadjusted
    for file in features.cxf model.path.tsv model.coef.tsv model.cv.tsv rank.rank.tsv; do
        cmp "$BATS_TEST_TMPDIR/out/$file" "$BATS_TEST_TMPDIR/unadjusted/$file"
    done
}

@test "killed at any moment, the next run ends with the same bytes" {
    for after in 0.02 0.05 0.1 0.15 0.2 0.25 0.3 0.4; do
        rm -rf "$BATS_TEST_TMPDIR/out"
        timeout -s KILL "$after" "$cxs" run "$study" -o "$BATS_TEST_TMPDIR/out" -q \
            --threads 1 --folds 3 "${quick[@]}" >/dev/null 2>&1 || true
        again "$BATS_TEST_TMPDIR/out"
        (cd "$done" && find . -type f ! -name '*.run.json' ! -name .state) |
            while read -r file; do
                cmp "$done/$file" "$BATS_TEST_TMPDIR/out/$file"
            done
    done
}

@test "--screen writes the scan as well" {
    again "$BATS_TEST_TMPDIR/out" --screen
    [ "$(wc -l <"$BATS_TEST_TMPDIR/out/screen.screen.tsv")" -gt 20 ]
}

@test "--quiet leaves warnings alone on stderr" {
    again "$BATS_TEST_TMPDIR/out" -q
    [ "$(grep -vc '^coxswain: warning ' <<<"$err")" = 0 ]
}

@test "a missing study: status 66, the path and the step are named" {
    expect 66 "$cxs" run "$BATS_TEST_TMPDIR/absent" -o "$BATS_TEST_TMPDIR/out"
    [[ "$err" == *"$BATS_TEST_TMPDIR/absent"*"step ingest"* ]]
}

@test "a bad row stops with its place and the step; the folder stays usable" {
    cp -a "$study" "$BATS_TEST_TMPDIR/study"
    sed -i '3s/$/\tone cell too many/' "$BATS_TEST_TMPDIR/study/patients.tsv"
    expect 65 "$cxs" run "$BATS_TEST_TMPDIR/study" -o "$BATS_TEST_TMPDIR/out"
    [[ "$err" == *"error CX0"*"patients.tsv"*"(step ingest)"* ]]
    [ ! -e "$BATS_TEST_TMPDIR/out/study.cxs" ]
    again "$BATS_TEST_TMPDIR/out"
    same_results "$done" "$BATS_TEST_TMPDIR/out"
}

@test "a file where the folder should be: status 73" {
    touch "$BATS_TEST_TMPDIR/file"
    expect 73 "$cxs" run "$study" -o "$BATS_TEST_TMPDIR/file/out"
    [[ "$err" == *"$BATS_TEST_TMPDIR/file"* ]]
}

@test "the study may be named by its study.yaml" {
    study="$study/study.yaml" again "$BATS_TEST_TMPDIR/out"
    same_results "$done" "$BATS_TEST_TMPDIR/out"
}

@test "the results of run and of the stages by hand are the same" {
    "$cxs" ingest "$study" -o "$BATS_TEST_TMPDIR/study.cxs" -q
    cd "$BATS_TEST_TMPDIR"
    "$cxs" features study.cxs -o features.cxf -q
    "$cxs" cox --study study.cxs --out cox -q
    "$cxs" model features.cxf --study study.cxs --out model --folds 3 -q
    "$cxs" rank features.cxf --study study.cxs --out rank -q "${quick[@]}"
    for file in study.cxs features.cxf cox.coef.tsv cox.fit.tsv cox.basehaz.tsv \
        model.path.tsv model.coef.tsv model.cv.tsv rank.rank.tsv; do
        cmp "$done/$file" "$file"
    done
}

# COMMAND OUT: one of the steps that read and write whole files.
step() {
    case "$1" in
    simulate) "$cxs" simulate -n 20 -p 20 -k 1 --block 5 --out "$2" -q ;;
    ingest) "$cxs" ingest "$study" -o "$2" -q ;;
    features) "$cxs" features "$done/study.cxs" -o "$2" -q ;;
    report) "$cxs" report "$done/rank.cxr" --model "$done/model" -o "$2" -q ;;
    esac
}

@test "no room for the output of a step: status 74, nothing left" {
    mkdir "$BATS_TEST_TMPDIR/results"
    for command in ingest features report; do
        # A limit on the size of files stands for the full disk.
        expect 74 bash -c "trap '' XFSZ; ulimit -f 0; $(declare -f step)
            $(declare -p cxs study done)
            step $command '$BATS_TEST_TMPDIR/results/x' >/dev/null 2>&1"
        only "$BATS_TEST_TMPDIR/results"
    done
}

@test "an output folder that is absent: status 73, nothing left" {
    for command in ingest features report; do
        expect 73 step "$command" "$BATS_TEST_TMPDIR/absent/x"
        [[ "$err" == *"coxswain: error"*"$BATS_TEST_TMPDIR/absent/x"* ]]
    done
    touch "$BATS_TEST_TMPDIR/file"
    expect 73 step simulate "$BATS_TEST_TMPDIR/file/x"
    [ ! -e "$BATS_TEST_TMPDIR/absent" ]
}

@test "an input that is absent, cut or not what it should be: 66, 74, 65" {
    cd "$BATS_TEST_TMPDIR"
    mkdir results
    expect 66 "$cxs" ingest absent -o results/x
    expect 66 "$cxs" features absent.cxs -o results/x
    expect 66 "$cxs" report absent.cxr -o results/x
    expect 66 "$cxs" model absent.cxf --study "$done/study.cxs" --out results/x
    expect 66 "$cxs" model "$done/features.cxf" --study absent.cxs --out results/x
    echo "not a store" >stranger
    expect 65 "$cxs" features stranger -o results/x
    expect 65 "$cxs" report stranger -o results/x
    head -c 5000 "$done/features.cxf" >cut.cxf
    expect 74 "$cxs" model cut.cxf --study "$done/study.cxs" --out results/x
    [[ "$err" == *"cut.cxf"* ]]
    only results
}

@test "an altered matrix file is refused: status 65" {
    cd "$BATS_TEST_TMPDIR"
    cp "$done/features.cxf" altered.cxf
    size=$(stat -c %s altered.cxf)
    printf 'X' | dd of=altered.cxf bs=1 seek=$((size / 2)) conv=notrunc 2>/dev/null
    expect 65 "$cxs" model altered.cxf --study "$done/study.cxs" --out x
    [[ "$err" == *"altered.cxf"* ]]
}

@test "a small study has no more folds than events" {
    cd "$BATS_TEST_TMPDIR"
    "$cxs" simulate -n 8 -p 40 -k 2 --block 10 --seed 2 --out small -q
    expect 0 "$cxs" run small -o results "${quick[@]}"
    [[ "$err" == *"model: 6 folds instead of 10: the study has 6 events"* ]]
    expect 64 "$cxs" model results/features.cxf --study results/study.cxs --folds 9 --out m
    [[ "$err" == *"folds: 9, but there are 8 subjects; take 2 to 8, or 0 for none"* ]]
}

@test "a feature that looks like the outcome stops the ranking unless it is allowed" {
    local made="$BATS_TEST_TMPDIR/study"
    command -v zstd >/dev/null || skip "zstd is not installed"
    cp -a "$study" "$made"
    zstd -dcq "$study/counts.tsv.zst" | awk -F'\t' -v OFS='\t' '
        NR > 1 && !changed { $1 = "days_to_death"; changed = 1 } { print }' >"$made/counts.tsv"
    rm "$made/counts.tsv.zst"
    sed -i 's/counts.tsv.zst/counts.tsv/' "$made/study.yaml" "$made/assays.tsv"
    expect 65 "$cxs" run "$made" -o "$BATS_TEST_TMPDIR/out" -q --folds 3 "${quick[@]}"
    grep -q 'CX054: .*feature "days_to_death" looks like the outcome' <<<"$err"
    study="$made" again "$BATS_TEST_TMPDIR/out" --allow-feature days_to_death
    cut -f2 "$BATS_TEST_TMPDIR/out/rank.rank.tsv" | grep -qx days_to_death
}

@test "too few events: one warning for each model, the table of sizes once" {
    "$cxs" simulate -n 20 -p 60 -k 2 --seed 7 --out "$BATS_TEST_TMPDIR/few" -q
    expect 0 "$cxs" run "$BATS_TEST_TMPDIR/few" -o "$BATS_TEST_TMPDIR/out" "${quick[@]}"
    [ "$(grep -c 'warning CX053: [0-9]* events: a model with' <<<"$err")" = 2 ]
    [ "$(grep -c '^parameters  R2 15 %' <<<"$err")" = 1 ]
    expect 0 "$cxs" run "$BATS_TEST_TMPDIR/few" -o "$BATS_TEST_TMPDIR/out" --fresh -q \
        "${quick[@]}"
    [ "$(grep -c 'CX053' <<<"$err")" = 2 ]
    not grep -q '^parameters' <<<"$err"
    grep -q '"CX053: ' "$BATS_TEST_TMPDIR/out/rank.run.json"
    expect 65 "$cxs" cox --study "$BATS_TEST_TMPDIR/out/study.cxs" --strict \
        --out "$BATS_TEST_TMPDIR/out/c"
    grep -q 'error CX053: ' <<<"$err"
}
