# pipelines/: the same stages from a batch script.
load common

setup_file() {
    export study="$BATS_FILE_TMPDIR/a study"
    small_study "$study"
}

@test "slurm.sh runs every stage under plain bash, blanks in paths included" {
    export COXSWAIN="$cxs" SLURM_CPUS_PER_TASK=1
    expect 0 bash "$top/pipelines/slurm.sh" "$study" "$BATS_TEST_TMPDIR/an out"
    [ "$(grep -c '^slurm.sh: .* s$' <<<"$out")" = 7 ]
    for file in study.cxs features.cxf cox.coef.tsv screen.screen.tsv model.path.tsv \
        rank.rank.tsv rank.cxr report.html; do
        [ -s "$BATS_TEST_TMPDIR/an out/$file" ]
    done
}

@test "slurm-shards.sh reads the parts of an array, slurm.sh joins them" {
    export COXSWAIN="$cxs" SLURM_CPUS_PER_TASK=1 SLURM_ARRAY_TASK_COUNT=2
    cd "$BATS_TEST_TMPDIR"
    # patients enough for a fit, one assay of few fragments
    "$cxs" simulate --sequencing -n 40 -p 60 --seed 5 --rna-fragments 600 \
        --cfdna-fragments 300 --out "reads study" -q
    for SLURM_ARRAY_TASK_ID in 1 2; do
        SLURM_ARRAY_TASK_ID=$SLURM_ARRAY_TASK_ID \
            expect 0 bash "$top/pipelines/slurm-shards.sh" "reads study" "an out"
    done
    only "an out" parts
    only "an out/parts" {1,2}-of-2.cxp{,.run.json}
    expect 0 bash "$top/pipelines/slurm.sh" "reads study" "an out"
    [ "$(grep -c '^slurm.sh: .* s$' <<<"$out")" = 7 ]
    [[ "$out" == "slurm.sh: merge "* ]]
    "$cxs" ingest "reads study" -o whole.cxs -q
    cmp whole.cxs "an out/study.cxs"
    # another division in the same folder, and no array at all
    SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_COUNT=3 \
        expect 64 bash "$top/pipelines/slurm-shards.sh" "reads study" "an out"
    [[ "$err" == *"-of-2.cxp is of another number of parts"* ]]
    SLURM_ARRAY_TASK_ID= expect 64 bash "$top/pipelines/slurm-shards.sh" "reads study" o
    [[ "$err" == "usage: "* ]]
}

@test "slurm.sh stops at the first failing step with its status" {
    export COXSWAIN="$cxs"
    expect 66 bash "$top/pipelines/slurm.sh" "$BATS_TEST_TMPDIR/absent" "$BATS_TEST_TMPDIR/out"
    [[ "$err" == *"step ingest ended with status 66"* ]]
    only "$BATS_TEST_TMPDIR/out"
}

@test "slurm.sh without arguments says how it is called" {
    expect 64 bash "$top/pipelines/slurm.sh"
    [[ "$err" == "usage: "* ]]
}

@test "slurm.sh hands the warning signal to the command at work" {
    cat >"$BATS_TEST_TMPDIR/slow" <<'SLOW'
#!/bin/bash
trap 'echo "got USR1" >&2; exit 7' USR1
echo started
for i in $(seq 100); do sleep 0.1; done
SLOW
    chmod +x "$BATS_TEST_TMPDIR/slow"
    COXSWAIN="$BATS_TEST_TMPDIR/slow" bash "$top/pipelines/slurm.sh" x \
        "$BATS_TEST_TMPDIR/out" >"$BATS_TEST_TMPDIR/log" 2>&1 3>&- &
    script=$!
    for i in $(seq 50); do
        grep -q started "$BATS_TEST_TMPDIR/log" && break
        sleep 0.1
    done
    kill -USR1 "$script"
    status=0
    wait "$script" || status=$?
    [ "$status" = 7 ]
    grep -q 'got USR1' "$BATS_TEST_TMPDIR/log"
}

@test "demo.sh shows the ranking beside the planted truth" {
    expect 0 "$top/pipelines/demo.sh" "$cxs" "$BATS_TEST_TMPDIR/demo"
    [[ "$out" == *"rank  marker"*"planted  true effect"* ]]
    [[ "$out" == *"global check: permutation p = "* ]]
    [[ "$out" == *"of the first 10: "*" planted, "* ]]
    [ "$(grep -cE '^ +[0-9]+  .* (yes|no) ' <<<"$out")" = 15 ]
    [ "$(grep -cE '^ +[0-9]+  .* yes ' <<<"$out")" -ge 3 ]
}
