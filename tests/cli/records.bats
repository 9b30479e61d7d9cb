# P.run.json: what every command read and wrote, with which libraries.
load common

setup_file() {
    export study="$BATS_FILE_TMPDIR/study" out="$BATS_FILE_TMPDIR/out"
    small_study "$study"
    "$cxs" run "$study" -o "$out" -q --threads 1 --folds 3 --screen "${quick[@]}" \
        >/dev/null
}

# RECORD LIST: "path bytes sha256" of its files, as jansson writes them.
files_of() {
    awk -v list="\"$2\": [" '
        index($0, list) { on = 1; next }
        on && /^  \]/ { exit }
        on && /"bytes"/ { gsub(/[^0-9]/, ""); bytes = $0 }
        on && /"path"/ { sub(/.*"path": "/, ""); sub(/",?$/, ""); path = $0 }
        on && /"sha256"/ { sub(/.*"sha256": "/, ""); sub(/",?$/, ""); print path, bytes, $0 }
    ' "$1"
}

# Every file of the list is there with these bytes and this digest.
check_files() {
    local path bytes digest count=0
    while read -r path bytes digest; do
        [ "$(stat -c %s "$path")" = "$bytes" ]
        [ "$(sha256sum <"$path" | cut -d' ' -f1)" = "$digest" ]
        count=$((count + 1))
    done < <(files_of "$1" "$2")
    [ "$count" -ge "$3" ]
}

@test "every step of a run has a record, whose files have the digests it says" {
    for record in study.cxs features cox screen model rank report.html run; do
        check_files "$out/$record.run.json" inputs 1
        check_files "$out/$record.run.json" outputs 1
    done
    for file in study.yaml patients.tsv samples.tsv assays.tsv counts.tsv.zst; do
        files_of "$out/study.cxs.run.json" inputs | grep -q "^$study/$file "
    done
    diff <(files_of "$out/study.cxs.run.json" inputs) <(files_of "$out/run.run.json" inputs)
    files_of "$out/report.html.run.json" inputs | grep -q "^$out/rank.cxr "
}

@test "records name every library that --version names" {
    for record in study.cxs features cox screen model rank report.html run; do
        for library in cairo gsl htslib jansson libfyaml openblas_core openssl sqlite zlib zstd; do
            grep -q "\"$library\": \"[^\"]" "$out/$record.run.json"
        done
    done
}

@test "settings do not hold where a result is written; ids stay out" {
    cd "$BATS_TEST_TMPDIR"
    "$cxs" ingest "$study" -o a.cxs -q
    "$cxs" ingest "$study" -o b.cxs -q
    [ "$(grep settings_digest a.cxs.run.json)" = "$(grep settings_digest b.cxs.run.json)" ]
    not grep -q 'P0001' a.cxs.run.json
    grep -q '"patients": 60' a.cxs.run.json
}

@test "parts and their merge have records; the ids of --sample are hidden" {
    cd "$BATS_TEST_TMPDIR"
    "$cxs" simulate --sequencing -n 3 -p 20 -k 1 --rna-fragments 200 \
        --cfdna-fragments 200 --out seq -q
    for k in 1 2; do
        "$cxs" ingest seq --shard $k/2 -o $k.cxp -q
        check_files $k.cxp.run.json inputs 6
        grep -q "\"shard\": \"$k/2\"" $k.cxp.run.json
    done
    "$cxs" merge seq 1.cxp 2.cxp -o m.cxs -q
    check_files m.cxs.run.json inputs 6
    [ "$(files_of m.cxs.run.json inputs | grep -c '^[12].cxp ')" = 2 ]
    not grep -q 'reads/' m.cxs.run.json
    "$cxs" ingest seq --sample S0002 --sample=C0001 -o one.cxp -q
    [ "$(grep -cE '"(--sample=)?\*\*\*"' one.cxp.run.json)" = 2 ]
    [ "$(files_of one.cxp.run.json inputs | grep -c '/reads/')" = 2 ]
}

@test "a run without the record of its study makes the study again" {
    cp -a "$out" "$BATS_TEST_TMPDIR/copy"
    rm "$BATS_TEST_TMPDIR/copy/study.cxs.run.json"
    expect 0 "$cxs" run "$study" -o "$BATS_TEST_TMPDIR/copy" --threads 1 --folds 3 \
        --screen "${quick[@]}"
    [ "$(grep -c 'up to date' <<<"$err")" = 6 ]
    [ -s "$BATS_TEST_TMPDIR/copy/study.cxs.run.json" ]
}
