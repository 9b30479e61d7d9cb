# Files of other programs through the commands.
load common

setup() {
    cd "$BATS_TEST_TMPDIR"
    printf 'id\ttime\tstatus\nS1\t3\t1\nS2\t4\t0\nS3\t5\t1\nS4\t6\t1\n' >clin.tsv
    printf '#1.2\n2\t4\nName\tDescription\tS1\tS2\tS3\tS4\n' >x.gct
    printf 'a\tx\t1\t2\t4\t3\nb\ty\t5\t2\t1\t1\n' >>x.gct
    {
        echo '# Program:featureCounts v2.0.3; Command:"featureCounts"'
        printf 'Geneid\tChr\tStart\tEnd\tStrand\tLength'
        printf '\tout/S%d.bam' 1 2 3 4
        printf '\na\t1\t1\t100\t+\t100\t1\t2\t4\t3\nb\t1\t1\t9\t+\t9\t5\t2\t1\t1\n'
    } >counts.txt
    printf 'id\tS1\tS2\tS3\tS4\na\t1\t2\t4\t3\nb\t5\t2\t1\t1\n' >plain.tsv
    follow=(--clinical clin.tsv --time time --event status)
}

@test "a GCT file and featureCounts give what the plain table gives" {
    expect 0 "$cxs" screen --matrix plain.tsv "${follow[@]}" --out plain
    expect 0 "$cxs" screen --matrix x.gct "${follow[@]}" --out gct
    expect 0 "$cxs" screen --matrix counts.txt "${follow[@]}" --out fc
    cmp plain.screen.tsv gct.screen.tsv
    cmp plain.screen.tsv fc.screen.tsv
    expect 0 "$cxs" features --matrix x.gct --tsv gct.tsv
    expect 0 "$cxs" features --matrix plain.tsv --tsv plain2.tsv
    cmp gct.tsv plain2.tsv
    expect 0 "$cxs" features --matrix counts.txt --kind counts --filter no \
        --normalise tpm --tsv tpm.tsv
}

@test "a folder of STAR counts needs its strand and is recorded file by file" {
    mkdir star
    for s in 1 2 3 4; do
        printf 'N_unmapped\t1\t1\t1\na\t%d\t0\t%d\nb\t%d\t0\t%d\n' \
            $((s * 9)) $((s * 8)) 50 $((60 - s)) >star/S${s}_ReadsPerGene.out.tab
    done
    expect 64 "$cxs" features --matrix star --kind counts --tsv s.tsv
    expect 0 "$cxs" features --matrix star --kind counts --stranded 2 --filter no \
        --normalise none --tsv s.tsv
    [ "$(sed -n 2p s.tsv)" = "$(printf 'a\t8\t16\t24\t32')" ]
    [ "$(grep -c 'ReadsPerGene.out.tab"' s.run.json)" = 4 ]
    printf 'sample_id\tfile\nS9\tstar/S1_ReadsPerGene.out.tab\n' >sheet.tsv
    printf 'S8\tstar/S2_ReadsPerGene.out.tab\n' >>sheet.tsv
    expect 0 "$cxs" features --matrix sheet.tsv --kind counts --stranded 0 --filter no \
        --normalise none --tsv t.tsv
    [ "$(head -n 1 t.tsv)" = "$(printf 'feature_id\tS8\tS9')" ]
}

@test "names that were mapped are counted in the run record" {
    printf 'id\tS1\tS2\tS3\tS4\nH3F3A\t1\t2\t4\t3\nTP53\t5\t2\t1\t1\n' >old.tsv
    expect 0 "$cxs" features --matrix old.tsv --genes map --refdata "$top/refdata" \
        --tsv new.tsv
    grep -q '^H3-3A' new.tsv
    grep -q '"genes_updated": 1' new.run.json
    grep -q '"genes_matched": 1' new.run.json
}

@test "an ADTTE table is follow-up" {
    {
        printf 'USUBJID\tPARAMCD\tPARAM\tAVAL\tCNSR\tAGE\n'
        printf 'S1\tOS\tOS (days)\t3\t0\t50\nS2\tOS\tOS (days)\t4\t1\t60\n'
        printf 'S3\tOS\tOS (days)\t5\t0\t55\nS4\tOS\tOS (days)\t6\t0\t40\n'
        printf 'S1\tPFS\tPFS (days)\t1\t0\t50\n'
    } >adtte.tsv
    expect 64 "$cxs" screen --matrix x.gct --clinical adtte.tsv --out a
    expect 0 "$cxs" screen --matrix x.gct --clinical adtte.tsv --paramcd OS --out a
    expect 0 "$cxs" screen --matrix x.gct "${follow[@]}" --out b
    cmp a.screen.tsv b.screen.tsv
}

@test "exit statuses of spoilt files" {
    head -n 4 x.gct >cut.gct
    expect 74 "$cxs" features --matrix cut.gct --tsv o.tsv
    [[ "$err" == *"error CX037"* ]]
    expect 65 "$cxs" features --matrix x.gct --kind beta --tsv o.tsv
    [[ "$err" == *"error CX049: x.gct: a: 2 is not a beta value; METH_M?"* ]]
    printf 'id\tTP53\tEGFR\nS1\t1\t2\nS2\t2\t3\nS3\t1\t1\nS4\t0\t1\n' >side.tsv
    expect 65 "$cxs" screen --matrix side.tsv "${follow[@]}" --out o
    [[ "$err" == *"error CX033: side.tsv: samples are in rows; transpose the file"* ]]
    expect 0 "$cxs" screen --matrix side.tsv --transpose "${follow[@]}" --out o
    expect 64 "$cxs" features --matrix x.gct --format excel --tsv o.tsv
    [ ! -e o.tsv ]
}
