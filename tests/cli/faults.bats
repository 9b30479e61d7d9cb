# What a person reads who made a mistake: each fault once, with what to do.
load common

setup_file() {
    export made="$BATS_FILE_TMPDIR/made"
    "$cxs" simulate --sequencing -n 4 -p 30 -k 2 --seed 3 --rna-fragments 400 \
        --cfdna-fragments 300 --out "$made" -q
}

setup() {
    cp -a "$made" "$BATS_TEST_TMPDIR/s"
    cd "$BATS_TEST_TMPDIR"
}

@test "a fault of a file that many need is told once, with their number" {
    printf '1\t5\tx\n' >>s/targets.bed
    expect 65 "$cxs" ingest s -o a.cxs
    [ "$(grep -c 'targets.bed:.*(needed for 4 files)$' <<<"$err")" = 1 ]
    [ "$(grep -c 'targets.bed' <<<"$err")" = 1 ]
    cp "$made/targets.bed" s/
    printf '1\tq\tA\tC\n' >>s/snps.tsv
    expect 65 "$cxs" ingest s -o a.cxs
    [ "$(grep -c "snps.tsv:.*:pos: 'q' is not a position (needed for 8 files)" <<<"$err")" = 1 ]
}

@test "a reference with other names of contigs is told once, with the name it has" {
    sed -i 's/^>/>chr/' s/reference.fa
    rm s/reference.fa.fai
    # offsets of the sequences move by three bytes for each name so far
    awk -F'\t' -v OFS='\t' '{ $3 += 3 * NR; $1 = "chr" $1; print }' \
        "$made/reference.fa.fai" >s/reference.fa.fai
    expect 65 "$cxs" ingest s -o a.cxs
    [ "$(grep -c 'CX039' <<<"$err")" = 1 ]
    [[ "$err" == *"reference for 1 not found; give --reference FASTA with the names of the file (s/reference.fa calls it chr1) (and 3 more files)"* ]]
}

@test "calls without a reference are warned of once" {
    sed -i '/reference:/d' s/study.yaml
    sed -i '/CRAM/d' s/assays.tsv
    expect 0 "$cxs" ingest s -o a.cxs
    [ "$(grep -c 'no reference FASTA' <<<"$err")" = 1 ]
    grep -A1 'no reference FASTA' a.cxs.run.json | grep -q '"times": 4'
}

@test "too little --memory is status 75, told once" {
    expect 75 "$cxs" ingest s -o a.cxs --memory 1M
    [ "$(grep -c 'needs more memory' <<<"$err")" = 1 ]
    [[ "$err" == *"--memory gives more"*"(and 11 more files)"* ]]
}

@test "an MD5 that differs says where and what to do" {
    awk -F'\t' -v OFS='\t' 'NR == 1 { print $0, "MD5" }
        NR > 1 { print $0, NR == 3 ? "00000000000000000000000000000000" : "NA" }' \
        "$made/assays.tsv" >s/assays.tsv
    expect 65 "$cxs" ingest s -o a.cxs
    [[ "$err" =~ C0001.cram:\ its\ MD5\ is\ [0-9a-f]{32},\ line\ 3\ of\ the\ assays\ sheet\ says\ 0{32}:\ copy\ the\ file\ again ]]
}

@test "merge says how missing parts are made" {
    "$cxs" ingest s --shard 1/3 -o 1.cxp -q
    "$cxs" ingest s --sample S0001 -o one.cxp -q
    expect 65 "$cxs" merge s 1.cxp -o a.cxs
    [[ "$err" == *'missing shards: 2/3 3/3: make them by `coxswain ingest --shard`'* ]]
    expect 65 "$cxs" merge s one.cxp -o a.cxs
    [[ "$err" == *'make a part of them by `coxswain ingest --sample`'* ]]
    sed -i 's/stranded: 2/stranded: 1/' s/study.yaml
    expect 65 "$cxs" merge s 1.cxp -o a.cxs
    [[ "$err" == *'1.cxp: a part of another plan'*'; make the part again'* ]]
}

@test "ignored columns are named, five of them" {
    awk -F'\t' -v OFS='\t' '{ for (i = 1; i < 8; i++) $0 = $0 OFS (NR == 1 ? "NOTE" i : "x")
        print }' "$made/patients.tsv" >s/patients.tsv
    expect 0 "$cxs" ingest s -o a.cxs
    [[ "$err" == *"patients.tsv: 7 text columns that nothing asks for are ignored (NOTE1, NOTE2, NOTE3, NOTE4, NOTE5, ...)"* ]]
}

@test "columns of files that do not differ are counted, not warned of" {
    "$cxs" ingest s -o a.cxs -q
    expect 0 "$cxs" features a.cxs -o a.cxf
    grep -qE '^features of sequencing files: 4 patients, [0-9]+ columns$' <<<"$err"
    grep -qE '^[0-9]+ of [0-9]+ columns do not differ between the patients who have them' <<<"$err"
    not grep -q 'CX027' <<<"$err"
    # calls of one patient: the rest is missing, nothing differs
    awk -F'\t' 'NR == 1 || $2 != "VCF" || $1 == "T0001"' "$made/assays.tsv" >s/assays.tsv
    "$cxs" ingest s -o b.cxs -q
    expect 0 "$cxs" features b.cxs -o b.cxf
    grep -q 'columns differs\|because one patient alone has them' <<<"$err"
    not grep -qE 'of 0 patients|CX027' <<<"$err"
}
