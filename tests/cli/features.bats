# Gene sets, signatures, quality and the catalogue on the command line.
load common

setup() {
    cd "$BATS_TEST_TMPDIR"
    counts="$top/tests/data/genesets/counts.tsv"
    sets="$top/tests/data/genesets/sets.gmt"
}

@test "gene sets of a GMT file become P.scores.tsv, the bytes do not depend on threads" {
    for score in singscore ssgsea z; do
        "$cxs" features --matrix "$counts" --kind counts --gmt "$sets" --score $score \
            --out one --threads 1 -q
        "$cxs" features --matrix "$counts" --kind counts --gmt "$sets" --score $score \
            --out two --threads 8 -q
        cmp one.scores.tsv two.scores.tsv
        cmp one.sets.tsv two.sets.tsv
        [ "$(wc -l <one.scores.tsv)" = 6 ]
    done
    only . one.{features,factors,transform,scores,sets}.tsv one.run.json \
        two.{features,factors,transform,scores,sets}.tsv two.run.json .stdout .stderr ||
        only . one.{features,factors,transform,scores,sets}.tsv one.run.json \
            two.{features,factors,transform,scores,sets}.tsv two.run.json
}

@test "the order of rows and columns of the matrix does not matter" {
    "$cxs" features --matrix "$counts" --kind counts --gmt "$sets" --out one -q
    { head -n 1 "$counts"; tail -n +2 "$counts" | sort -r; } |
        awk -F'\t' -v OFS='\t' '{ t = $2; $2 = $NF; $NF = t; print }' >shuffled.tsv
    "$cxs" features --matrix shuffled.tsv --kind counts --gmt "$sets" --out two -q
    cmp one.scores.tsv two.scores.tsv
}

@test "--refdata names the signatures, --signatures adds them to the features" {
    awk -F'\t' -v OFS='\t' 'NR == 2 { $1 = "CD8A" } NR == 3 { $1 = "CD8B" } 1' \
        "$counts" >named.tsv
    "$cxs" features --matrix named.tsv --kind counts --signatures yes --out x -q
    grep -q '^rna.sig.DANAHER_CD8	' x.features.tsv
    [ "$(grep -c '^rna.sig' x.features.tsv)" = 1 ]
    grep -q '^rna.sig.DANAHER_CD8	mean	log_cpm	2	2	ok' x.sets.tsv
    grep -q '^rna.sig.GEP18	weighted_sum	cpm	29	1	too_few_genes' x.sets.tsv
    expect 66 "$cxs" features --matrix named.tsv --kind counts --signatures yes \
        --refdata absent --out y
    [[ "$err" == *"absent/signatures.tsv"* ]]
}

@test "quality is judged when asked for, a part of a transcriptome is not" {
    "$cxs" features --matrix "$counts" --kind counts --rna-quality csf --out x -q
    [ "$(wc -l <x.qc.tsv)" = 73 ]
    [ "$(cut -f5 x.qc.tsv | sort -u | tr '\n' ' ')" = "ok state " ]
    grep -q '^S01	counted_fragments	.*	part_of_a_transcriptome$' x.qc.tsv
}

@test "a damaged GMT file: status 65, the line is named, no file is left" {
    printf 'A\tx\tG001\nB\n' >bad.gmt
    expect 65 "$cxs" features --matrix "$counts" --kind counts --gmt bad.gmt --out x
    [[ "$err" == *"bad.gmt:2: a gene set needs a name"* ]]
    not ls x.*
    expect 66 "$cxs" features --matrix "$counts" --kind counts --gmt none.gmt --out x
    expect 64 "$cxs" features --matrix "$counts" --kind counts --score gsva --out x
}

@test "--list prints the catalogue, --explain one feature" {
    expect 0 "$cxs" features --list
    [ "$(head -n 1 <<<"$out" | cut -f1,2)" = "pattern	status" ]
    [ "$(awk -F'\t' 'NF != 10' <<<"$out" | wc -l)" = 0 ]
    grep -q '^rna.sig.GEP18	available	' <<<"$out"
    expect 0 "$cxs" features --explain rna.sig.WANG_MES
    grep -q '^family     rna.sig.WANG_\*$' <<<"$out"
    grep -q '^status     available$' <<<"$out"
    expect 0 "$cxs" features --explain var.gene.TP53
    grep -q '^type       binary$' <<<"$out"
}

@test "--explain of an unknown feature: status 64 with the nearest names" {
    expect 64 "$cxs" features --explain rna.sig.GEP81
    [ -z "$out" ]
    [[ "$err" == *"no feature 'rna.sig.GEP81'; the nearest are rna.sig.GEP18, "* ]]
    expect 64 "$cxs" features --list --explain rna.sig.CYT
    expect 64 "$cxs" features --list study.cxs
}
