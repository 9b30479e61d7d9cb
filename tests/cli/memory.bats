# --memory: what is expected, what is refused, what is done with less.
load common

setup() {
    cd "$BATS_TEST_TMPDIR"
}

# A design of 200 rows and 12,000 features with its follow-up: 19 MB as read.
design() {
    "$cxs" simulate --design 200,12000,5,0.5 --seed 2 --out design -q
    clinical=(--clinical design/clinical.tsv --id id --time time --event event --adjust z1)
}

# A number of a run record.
number() {
    awk -F'[:,]' -v key="\"$2\"" '$1 ~ key { print $2 + 0; exit }' "$1"
}

# The peak of PREFIX is within 20 % of what was expected.
as_expected() {
    awk -v want="$(number "$1.run.json" expected_rss_bytes)" \
        -v got="$(number "$1.run.json" peak_rss_bytes)" '
        BEGIN { printf "expected %d, peak %d\n", want, got
                exit !(want > 0 && got > 0.8 * want && got < 1.2 * want) }'
}

@test "the peak is within 20 % of what was expected" {
    design
    for threads in 1 2; do
        "$cxs" screen design/design.cxf "${clinical[@]}" --threads $threads --out s -q
        "$cxs" model design/design.cxf "${clinical[@]}" --threads $threads --out m -q
        "$cxs" rank design/design.cxf "${clinical[@]}" --threads $threads --out r -q \
            --permutations 5 --bootstraps 5 --draws 50
        as_expected s
        as_expected m
        as_expected r
    done
}

# NAME N,P COMMAND..: the peak of one command on a design of that shape.
shape() {
    local name=$1 size=$2 command=$3
    shift 3
    "$cxs" simulate --design "$size,5,0.5" --seed 3 --out "$name" -q
    "$cxs" "$command" "$name/design.cxf" --clinical "$name/clinical.tsv" --id id \
        --time time --event event --adjust z1,z2 --out "$name/o" -q "$@"
    echo "$name"
    as_expected "$name/o"
}

@test "the peak is within 20 % of what was expected, whatever the shape" {
    shape tiny 30,10 model --folds 0
    shape wide 60,20000 model --folds 0
    shape folds 200,6000 model --no-early-stop
    shape tall 3000,300 model --folds 0
    shape tallfolds 2000,150 model --folds 5 --no-early-stop
    shape net 100,5000 model --folds 0 --alpha 0.5
    shape ridge 500,8000 model --folds 0 --alpha 0
    shape ridgefolds 300,4000 model --folds 5 --alpha 0
    shape relax 100,5000 model --folds 0 --relax
    shape nested 100,1000 model --folds 4 --outer-folds 4
    shape ranked 100,5000 rank --pairs 5 --permutations 9 --bootstraps 9 --draws 99
    shape scanned 3000,500 screen
    # each pass reads the file: less than a third of what the values take
    shape stream 500,20000 model --folds 0 --memory 80M
    [ "$(number stream/o.run.json peak_rss_bytes)" -lt 80000000 ]
    # a kernel on all rows and a factor for each of six problems that move together
    shape sixridges 500,1000 model --folds 5 --alpha 0
    want=$((6 * 8 * (500 * 500 + 402 * 402)))
    [ "$(number sixridges/o.run.json expected_rss_bytes)" -gt $((want * 5 / 6)) ]
}

@test "with less memory: the same results, and the peak is below" {
    design
    for command in screen model rank; do
        options=()
        [ $command != rank ] || options=(--permutations 5 --bootstraps 5 --draws 50)
        mkdir all less
        expect 0 "$cxs" $command design/design.cxf "${clinical[@]}" "${options[@]}" --out all/o
        [[ "$err" == *"memory: about "*" expected"* ]]
        [[ "$err" == *"memory: "*" at the peak"* ]]
        [[ "$err" != *"reads the matrix"* ]]
        limit=$(($(number all/o.run.json expected_rss_bytes) - 4000000))
        expect 0 "$cxs" $command design/design.cxf "${clinical[@]}" "${options[@]}" \
            --memory $limit --out less/o
        [[ "$err" == *"each pass reads the matrix from its file"* ]]
        [ "$(number less/o.run.json peak_rss_bytes)" -lt $limit ]
        same_results all less
        rm -r all less
    done
}

@test "too little: status 75, both numbers in one line, nothing written" {
    design
    mkdir out
    for command in screen model rank; do
        expect 75 "$cxs" $command design/design.cxf "${clinical[@]}" --memory 9M --out out/o
        [ "$(grep -c '^coxswain: error' <<<"$err")" = 1 ]
        [[ "$err" == *"error: --memory: "*" needs about "*" MB, 9.00 MB are allowed" ]]
        [ -z "$(ls -A out)" ]
    done
}

@test "a table in text, and a packed file, are counted as well" {
    plain_tables
    clinical=(--clinical clin.tsv --time OS.time --event OS)
    expect 75 "$cxs" screen --matrix expr.tsv "${clinical[@]}" --memory 1M --out o
    [[ "$err" == *"--memory: "* ]]
    only . clin.tsv design expr.tsv .stdout .stderr
    expect 0 "$cxs" screen --matrix expr.tsv "${clinical[@]}" --memory 1G --out o
    [[ "$err" != *"each pass"* ]]
}

@test "sizes: a number and a unit" {
    plain_tables
    clinical=(--clinical clin.tsv --time OS.time --event OS)
    for size in 2G 2GB 500M 500000k 0.5GiB 1073741824; do
        expect 0 "$cxs" screen --matrix expr.tsv "${clinical[@]}" --memory $size --out o
    done
    for size in 0 -1G G 2X 1e 0x10 nan inf 2GG ""; do
        expect 64 "$cxs" screen --matrix expr.tsv "${clinical[@]}" --memory "$size" --out p
        [[ "$err" == *"--memory: '$size' is not a size"* ]]
    done
    [ ! -e p.run.json ]
}

@test "run hands the limit to its steps" {
    small_study study
    expect 75 "$cxs" run study -o tight --memory 1M "${quick[@]}"
    [[ "$err" == *"--memory: "*"(step model)"* ]]
    expect 0 "$cxs" run study -o wide --memory 2G "${quick[@]}"
    # the record of the whole has the largest peak of its steps
    for step in cox model rank; do
        [ "$(number wide/$step.run.json peak_rss_bytes)" -le \
            "$(number wide/run.run.json peak_rss_bytes)" ]
    done
}
