# The program as a whole: version, help, wrong calls.
load common

commands() {
    "$cxs" --help | awk '/^Commands:/ { on = 1; next } /^$/ { on = 0 } on { print $1 }'
}

@test "--version prints a bare number" {
    expect 0 "$cxs" --version
    [[ "$out" =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]]
    [ -z "$err" ]
}

@test "--version --json names the linked libraries" {
    expect 0 "$cxs" --version --json
    [ -z "$err" ]
    [[ "$out" == '{"version": "'* ]]
    for library in cairo gsl jansson libfyaml openblas_core openssl sqlite zlib zstd; do
        grep -qE "\"$library\": \"[A-Za-z0-9][^\"]*\"" <<<"$out"
    done
    if command -v python3 >/dev/null; then
        python3 -c 'import json, sys; json.loads(sys.argv[1])' "$out"
    fi
}

@test "--help lists the commands in the order of the flow" {
    expect 0 "$cxs" --help
    [ -z "$err" ]
    list=$(commands | tr '\n' ' ')
    [ "$list" = "run simulate ingest merge count features cox screen model rank report " ]
}

@test "help of each command: on stdout, with options, defaults and an example" {
    for command in $(commands); do
        expect 0 "$cxs" "$command" --help
        [ -z "$err" ]
        [[ "$out" == "Usage: coxswain $command"* ]]
        [[ "$out" == *"--threads"* ]]
        [[ "$out" == *"Example"* ]]
        [[ "$out" == *"coxswain $command "* ]]
        [[ "$out" != *"(null)"* ]]
    done
}

@test "rows of help are aligned and fit 100 columns" {
    for command in $(commands); do
        expect 0 "$cxs" "$command" --help
        [ "$(awk 'length > 100' <<<"$out")" = "" ]
        # Names in column 9, texts in column 41.
        rows=$(sed '/^Example/,$d' <<<"$out" | grep -E '^ {2}(-., | {4})--')
        [ -n "$rows" ]
        not grep -vE '^.{39} [^ ]' <<<"$rows"
    done
}

@test "no command: the usage on stderr, status 64" {
    expect 64 "$cxs"
    [ -z "$out" ]
    [[ "$err" == *Usage* ]]
}

@test "an unknown command is named, status 64" {
    expect 64 "$cxs" florp
    [ -z "$out" ]
    [ "$err" = "coxswain: error: no command 'florp'; see 'coxswain --help'" ]
}

@test "an unknown option is named in one line, status 64" {
    for command in $(commands); do
        expect 64 "$cxs" "$command" --florp
        [ -z "$out" ]
        [[ "$err" == "coxswain: error: --florp"*"; see 'coxswain $command --help'" ]]
        [ "$(wc -l <<<"$err")" = 1 ]
    done
}

@test "values out of range, not a number or missing: status 64" {
    expect 64 "$cxs" model --alpha 2
    [[ "$err" == *"--alpha"*"[0, 1]"* ]]
    expect 64 "$cxs" model --alpha one
    [[ "$err" == *"--alpha"*"not a number"* ]]
    expect 64 "$cxs" model --threads 0
    [[ "$err" == *"--threads"* ]]
    expect 64 "$cxs" model --alpha
    [[ "$err" == *"--alpha"*"needs a value"* ]]
    for alpha in 0 0.0005 0.000999 1.001; do # selection needs a lasso part
        expect 64 "$cxs" rank --alpha $alpha --out x
        [[ "$err" == *"--alpha"*"[0.001, 1]"* ]]
    done
    "$cxs" rank --help | grep -q -- "--alpha .*1 lasso, 0.001 nearly ridge \[0.9\]"
}

@test "a command without its input says what it needs, status 64" {
    for command in run ingest features cox screen model rank report; do
        expect 64 "$cxs" "$command"
        [ -z "$out" ]
        [[ "$err" == "coxswain: error"* ]]
    done
}

@test "options that are not built say so, status 64" {
    cd "$BATS_TEST_TMPDIR"
    plain_tables
    follow=(--clinical clin.tsv --time OS.time --event OS --out x)
    for alpha in 0.0005 0.000999 1e-300; do
        expect 64 "$cxs" model --matrix expr.tsv "${follow[@]}" --alpha $alpha
        [[ "$err" == *"coxswain: error: alpha: "*" between 0 (ridge) and 0.001"*"not built"* ]]
    done
    [ -z "$(find . -name 'x.*')" ]
}

@test "no command opens a network connection" {
    command -v strace >/dev/null || skip "strace is not installed"
    strace -f -o "$BATS_TEST_TMPDIR/probe" true 2>/dev/null ||
        skip "strace may not trace here"
    small_study "$BATS_TEST_TMPDIR/study"
    strace -f -e trace=connect,socket -o "$BATS_TEST_TMPDIR/trace" \
        "$cxs" run "$BATS_TEST_TMPDIR/study" -o "$BATS_TEST_TMPDIR/out" -q \
        --screen --folds 3 "${quick[@]}"
    # A socket of the local machine (AF_UNIX) is no network.
    run grep -E 'connect\(|socket\(' "$BATS_TEST_TMPDIR/trace"
    [ "$(grep -vcE 'AF_UNIX|AF_LOCAL' <<<"$output")" = 0 ] || [ -z "$output" ]
}

@test "a file of another kind is not replaced" {
    cd "$BATS_TEST_TMPDIR"
    "$cxs" simulate --sequencing -n 4 -p 20 -k 2 --block 10 --rna-fragments 200 \
        --cfdna-fragments 200 --seed 1 --out s -q
    "$cxs" ingest s --shard 1/2 -o 1.cxp -q
    "$cxs" ingest s --shard 2/2 -o 2.cxp -q
    "$cxs" merge s 1.cxp 2.cxp -o keep.cxs -q
    sha256sum 1.cxp 2.cxp keep.cxs >before
    expect 73 "$cxs" ingest s --shard 1/2 -o keep.cxs
    [[ "$err" == *"keep.cxs: is a study file, which a part of a study does not replace"* ]]
    expect 73 "$cxs" merge s 1.cxp 2.cxp -o 1.cxp
    [[ "$err" == *"1.cxp: is a part of a study"* ]]
    expect 73 "$cxs" ingest s -o 2.cxp
    expect 73 "$cxs" ingest s -o s/patients.tsv
    [[ "$err" == *"another kind of file"* ]]
    sha256sum -c --quiet before
    expect 0 "$cxs" ingest s -o keep.cxs -q
    only . {1.cxp,2.cxp,keep.cxs}{,.run.json} before s .stdout .stderr
}

@test "simulate writes over a simulated study only" {
    cd "$BATS_TEST_TMPDIR"
    mkdir mystudy other
    echo "title: My study" >mystudy/study.yaml
    echo x >other/patients.tsv
    expect 73 "$cxs" simulate -n 10 -p 20 -k 2 --block 10 --out mystudy
    [[ "$err" == *"mystudy: holds another study; choose a new folder"* ]]
    expect 73 "$cxs" simulate -n 10 -p 20 -k 2 --block 10 --out other
    only mystudy study.yaml
    only other patients.tsv
    expect 0 "$cxs" simulate -n 10 -p 20 -k 2 --block 10 --out new -q
    expect 0 "$cxs" simulate -n 12 -p 20 -k 2 --block 10 --out new -q
}

@test "a study of reads: what is not counted, not compared, given twice, at fault" {
    cd "$BATS_TEST_TMPDIR"
    "$cxs" simulate --sequencing -n 4 -p 20 -k 2 --block 10 --rna-fragments 200 \
        --cfdna-fragments 200 --seed 1 --out s -q
    sed -i '/annotation:/d' s/study.yaml
    expect 0 "$cxs" ingest s -o a.cxs
    [[ "$err" == *"4 RNA files are not counted: sequencing: annotation is not given in study.yaml"* ]]
    [[ "$err" == *"identity: 0 of 28 pairs compared at 50 SNPs or more"* ]]
    cp s/reads/S0001.bam s/reads/copy.bam
    cp s/assays.tsv sheet
    sed -i 's|S0002.bam|copy.bam|' s/assays.tsv
    expect 65 "$cxs" ingest s -o b.cxs
    [[ "$err" == *"assays.tsv:5:FILE: the same file as in line 2, of another sample"* ]]
    sed 's|reads/S0002.bam|s3://x/S0002.bam|' sheet >s/assays.tsv
    expect 65 "$cxs" ingest s -o b.cxs
    [[ "$err" == *"assays.tsv:5:FILE: s3://x/S0002.bam: only local files are read"* ]]
    cp sheet s/assays.tsv
    head -c 2000 s/reads/copy.bam >s/reads/S0003.bam
    echo rubbish >s/variants/T0001.vcf.gz
    expect 74 "$cxs" ingest s -o b.cxs
    [[ "$err" == *"coxswain: error CX037: s/reads/S0003.bam: no end-of-file marker"* ]]
    [[ "$err" == *"coxswain: error: s/variants/T0001.vcf.gz: neither VCF nor BCF"* ]]
    [ ! -e b.cxs ]
}

@test "a signal leaves nothing half-written and is the cause of death" {
    cd "$BATS_TEST_TMPDIR"
    "$cxs" simulate -n 300 -p 20000 -k 2 --block 10 --seed 1 --out s -q
    for signal in TERM:143 INT:130; do
        # set -m: a shell without job control starts its children with SIGINT ignored
        (set -m; "$cxs" ingest s -o out.cxs -q & echo $! >pid; wait $! || echo $? >rc)  \
            2>/dev/null &
        for i in $(seq 1000); do
            [ -z "$(find . -maxdepth 1 -name '.out.cxs.*.tmp')" ] || break
            sleep 0.01
        done
        [ -n "$(find . -maxdepth 1 -name '.out.cxs.*.tmp')" ]
        kill -"${signal%:*}" "$(cat pid)"
        wait
        [ "$(cat rc)" = "${signal#*:}" ]
        [ -z "$(find . -maxdepth 1 -name '*out.cxs*')" ]
    done
}

@test "CRAM files without a reference: one line that names the key of study.yaml" {
    cd "$BATS_TEST_TMPDIR"
    "$cxs" simulate --sequencing -n 4 -p 20 -k 2 --block 10 --rna-fragments 200 \
        --cfdna-fragments 200 --seed 1 --out s -q
    sed -i '/reference:/d' s/study.yaml
    rm s/reference.fa s/reference.fa.fai
    expect 65 "$cxs" ingest s -o a.cxs
    [ "$(grep -c CX039 <<<"$err")" = 1 ]
    [[ "$err" == *"give --reference FASTA (in a study: sequencing: reference:)"* ]]
}
