# `coxswain count`: its files, its failures, and that threads change nothing.
load common

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    "$cxs" simulate --sequencing -n 2 -p 60 --seed 5 --out study -q
    export study=$PWD/study
}

setup() {
    cd "$BATS_TEST_TMPDIR"
    mkdir results
    reads=("$study"/reads/S*.bam)
    common=(--annotation "$study/genes.gtf" --paired --count-fragments)
}

@test "count writes three files and nothing else, the truth in them" {
    expect 0 "$cxs" count "${common[@]}" --out results/a "${reads[@]}"
    only results a.counts.tsv a.summary.tsv a.run.json
    [[ "$err" == *" assigned ("*" %)"* ]]
    only "$study/reads" $(cd "$study/reads" && ls)
    head -n 1 results/a.counts.tsv | grep -q "^gene_id	chrom	start	end	strand	length	S"
    grep -q '"rules": 1' results/a.run.json
    not grep -q "$study" results/a.counts.tsv results/a.summary.tsv
    command -v zstd >/dev/null || return 0
    zstd -dcq "$study/truth.counts.tsv.zst" | tail -n +2 | sort >truth
    tail -n +2 results/a.counts.tsv | cut -f1,7- | sort >found
    diff truth found
}

@test "the same bytes for any number of threads and files" {
    for threads in 1 2 5; do
        "$cxs" count -q "${common[@]}" --threads "$threads" --out "results/t$threads" \
            "${reads[@]}"
        "$cxs" count -q "${common[@]}" --threads "$threads" --out "results/o$threads" \
            "${reads[0]}"
        cmp results/t1.counts.tsv "results/t$threads.counts.tsv"
        cmp results/t1.summary.tsv "results/t$threads.summary.tsv"
        cmp results/o1.counts.tsv "results/o$threads.counts.tsv"
    done
    diff <(cut -f1-7 results/t1.counts.tsv) results/o1.counts.tsv
}

@test "a table of counts is read by features, with its lengths" {
    "$cxs" count -q "${common[@]}" --out results/a "${reads[@]}"
    expect 0 "$cxs" features --matrix results/a.counts.tsv --kind counts \
        --normalise tpm --filter no --out results/b
    [ -s results/b.features.tsv ]
}

@test "what fails leaves nothing behind" {
    head -c 20000 "${reads[0]}" >cut.bam
    expect 74 "$cxs" count "${common[@]}" --out results/a cut.bam
    [ "$err" = "coxswain: error CX037: cut.bam: no end-of-file marker: the file is truncated" ]
    expect 66 "$cxs" count "${common[@]}" --out results/a absent.bam
    expect 66 "$cxs" count "${common[@]/genes.gtf/absent.gtf}" --out results/a "${reads[0]}"
    expect 65 "$cxs" count "${common[@]}" --out results/a "$study/genes.gtf"
    expect 65 "$cxs" count --annotation "$study/genes.gtf" --out results/a "${reads[0]}"
    [[ "$err" == *"there are paired reads; give --paired" ]]
    expect 65 "$cxs" count "${common[@]}" --feature-type none --out results/a "${reads[0]}"
    expect 64 "$cxs" count "${common[@]}" --out results/a
    expect 64 "$cxs" count "${common[@]}" "${reads[0]}"
    expect 64 "$cxs" count "${common[@]}" --stranded 3 --out results/a "${reads[0]}"
    expect 64 "$cxs" count "${common[@]}" --fraction --out results/a "${reads[0]}"
    expect 64 "$cxs" count "${common[@]}" --out results/a https://example.org/x.bam
    expect 73 "$cxs" count "${common[@]}" --out absent/a "${reads[0]}"
    only results
}
