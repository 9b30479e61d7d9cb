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
