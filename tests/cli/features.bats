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

@test "a study says the libraries of its samples; its signatures are features" {
    "$cxs" ingest "$top/tests/data/study-small" -o s.cxs -q
    "$cxs" features s.cxs -o f.cxf --tsv f.tsv -q
    grep -q '^P01	counted_fragments	.*	part_of_a_transcriptome$' f.qc.tsv
    grep -q '^rna.sig.DANAHER_CD8	' f.tsv
    grep -q '/signatures.tsv"' f.run.json
    [ "$(sed -n 's/^ *"signatures": "\(.*\)",*$/\1/p' f.run.json)" = yes ]
    "$cxs" features s.cxs -o g.cxf --tsv g.tsv --signatures no --rna-quality none -q
    not grep -q '^rna.sig' g.tsv
    [ ! -e g.qc.tsv ]
    diff <(grep -v '^rna.sig' f.tsv) g.tsv
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
    expect 0 "$cxs" features --explain cn.arm.7p
    [ -z "$err" ]
    grep -q '^member     hg19 0-58000000; hg38 0-58100000$' <<<"$out"
}

@test "--list on a terminal is text that fits it" {
    script -qec true /dev/null >/dev/null 2>&1 || skip "no pseudo-terminal here"
    expect 0 script -qec "$cxs features --list" /dev/null
    [ "$(head -n 1 <<<"$out" | tr -d '\r')" = Expression ]
    grep -q '^  rna.sig.GEP18  *T-cell-inflamed' <<<"$out"
    [ "$(tr -d '\r' <<<"$out" | awk 'length($0) > 79' | wc -l)" = 0 ]
}

@test "--list --markdown is for readers" {
    expect 0 "$cxs" features --list --markdown
    grep -q '^| `rna.sig.GEP18` | T-cell-inflamed' <<<"$out"
    expect 64 "$cxs" features --markdown
}

@test "--explain of an unknown feature: status 64 with the nearest names" {
    expect 64 "$cxs" features --explain rna.sig.GEP81
    [ -z "$out" ]
    [[ "$err" == *"no feature 'rna.sig.GEP81'; the nearest are rna.sig.GEP18, "* ]]
    expect 64 "$cxs" features --explain cn.arm.99q
    [[ "$err" == *"no feature 'cn.arm.99q'; the nearest are cn.arm.9q, "* ]]
    expect 64 "$cxs" features --explain TP53
    [[ "$err" == *"rna.gene.TP53 and var.gene.TP53"* ]]
    expect 64 "$cxs" features --list --explain rna.sig.CYT
    expect 64 "$cxs" features --list study.cxs
}

@test "--reference scores each sample by itself and gives training samples their values" {
    local column
    expect 0 "$cxs" features --matrix "$counts" --kind counts --gmt "$sets" --score z \
        --out train --write-reference train.ref
    for column in 2 7; do
        cut -f1,$column "$counts" >one.tsv
        "$cxs" features --matrix one.tsv --kind counts --gmt "$sets" --score z \
            --reference train.ref --out one -q
        cut -f1,$column train.features.tsv | cmp - one.features.tsv
        cut -f1,$column train.scores.tsv | cmp - one.scores.tsv
        cmp train.transform.tsv one.transform.tsv
    done
    cut -f1,3,7,9 "$counts" >more.tsv
    "$cxs" features --matrix more.tsv --kind counts --gmt "$sets" --score z \
        --reference train.ref --out more -q
    cut -f1,3 more.features.tsv | cmp - one.features.tsv
    cut -f1,3 more.scores.tsv | cmp - one.scores.tsv
    grep -q 'train.ref"' one.run.json
}

@test "a reference that does not fit is refused in one line" {
    "$cxs" features --matrix "$counts" --kind counts --out train \
        --write-reference train.ref -q
    sed 's/^filter\t1/filter\t0/' train.ref >changed.ref
    expect 65 "$cxs" features --matrix "$counts" --kind counts --out x \
        --reference changed.ref
    [[ "$err" == *"changed.ref: the file was changed or cut: its SHA-256"* ]]
    expect 65 "$cxs" features --matrix "$counts" --kind counts --out x \
        --reference "$counts"
    [[ "$err" == *"counts.tsv: not a reference of features"* ]]
    head -n 200 "$counts" >few.tsv
    expect 65 "$cxs" features --matrix few.tsv --kind counts --out x \
        --reference train.ref
    [[ "$err" == *"genes of the reference, less than nine tenths"* ]]
    expect 64 "$cxs" features --matrix "$counts" --kind counts --out x \
        --reference train.ref --normalise mor
    expect 64 "$cxs" features --matrix "$counts" --kind counts --out x \
        --reference train.ref --write-reference two.ref
    expect 64 "$cxs" features --matrix "$counts" --kind counts --out x \
        --normalise mor --write-reference two.ref
    expect 66 "$cxs" features --matrix "$counts" --kind counts --out x \
        --reference absent.ref
    [ ! -e x.features.tsv ] && [ ! -e two.ref ]
}

@test "a study of one patient is scored on the scale of another study" {
    local f
    small_study all
    "$cxs" ingest all -o all.cxs -q
    "$cxs" features all.cxs --out all --write-reference all.ref -q
    mkdir one
    cp all/study.yaml all/counts.tsv.zst one
    for f in patients samples assays; do
        sed -n '1p; /^[PS]0007/p' all/$f.tsv >one/$f.tsv
    done
    "$cxs" ingest one -o one.cxs -q
    "$cxs" features one.cxs --out one --reference all.ref -q
    awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "P0007") k = i }
        { print $1 "\t" $k }' all.features.tsv | cmp - one.features.tsv
    grep -q '^P0007	median_spearman	NA	correlation	ok	scored_alone$' one.qc.tsv
}
