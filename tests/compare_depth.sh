#!/usr/bin/env bash
# What the meters count beside mosdepth and samtools on the same files; every number is
# an integer and must be equal.
#
#   tests/compare_depth.sh [DATA]
#
# Without DATA a simulated study is compared.  DATA is a folder that holds seq-variants/
# (BAM files of one contig with expected_depth_q20_Q20.tsv) and seq-cfdna/ (a CRAM with
# its FASTA and expected_*.tsv), compared beside it.  Status 0: all equal; 1: not; 77:
# mosdepth or samtools is not installed.
set -u
cd "$(dirname "$0")/.." || exit 71
build=${build:-build}
cxs=$build/coxswain
meters=$build/bench_meters
data=${1:-}
for tool in mosdepth samtools; do
    command -v "$tool" >/dev/null || {
        echo "compare_depth: skipped: $tool is not installed"
        exit 77
    }
done
work=$(mktemp -d) || exit 71
trap 'rm -rf "$work"' EXIT
export LC_ALL=C REF_PATH=/nonexistent # nothing is fetched
compared=0
unequal=0

# WHAT OURS THEIRS: two files of numbers.
equal() {
    local lines
    compared=$((compared + 1))
    lines=$(wc -l <"$3")
    if [ "$lines" -gt 0 ] && cmp -s "$2" "$3"; then
        printf 'equal    %-64s %8d numbers\n' "$1" "$lines"
    else
        unequal=$((unequal + 1))
        printf 'UNEQUAL  %-64s %8d numbers, %d differ\n' "$1" "$lines" \
            "$(diff "$2" "$3" | grep -c '^[<>]')"
        diff "$2" "$3" | head -n 4
    fi
}

# FILE TABLE KEY=VALUE..: a table without its header.
table() {
    local file=$1 name=$2
    shift 2
    "$meters" "$file" "table=$name" "$@" | tail -n +2
}

# FILE FASTA: the part of each contig that has reads, 300 kb of it at most.
reach() {
    samtools view -H "$1" |
        sed -n 's/^@SQ.*\tSN:\([^\t]*\).*\tLN:\([0-9]*\).*/\1\t\2/p' >"$work/lengths"
    samtools view -F 4 "$1" ${2:+-T "$2"} | cut -f 3,4 | awk -F'\t' '
        NR == FNR { length_of[$1] = $2; next }
        { to[$1] = $2 + 2000; if (!($1 in from)) { from[$1] = $2; order[++n] = $1 } }
        END { for (i = 1; i <= n; i++) {
            c = order[i]; a = from[c] > 2000 ? from[c] - 2000 : 0; b = to[c]
            if (b > length_of[c]) b = length_of[c]
            if (b - a > 300000) { a = a + int((b - a) / 3); b = a + 300000 }
            print c "\t" a "\t" b } }' "$work/lengths" - >"$work/reach"
    awk -F'\t' '{ for (i = $2; i < $3; i++) print $1 "\t" i "\t" i + 1 }' \
        "$work/reach" >"$work/bases.bed"
}

# FILE FASTA WHAT: depth of every base.
per_base() {
    local file=$1 fasta=$2 what=$3 args=(${2:+"reference=$2"})
    mosdepth -n ${fasta:+-f "$fasta"} -b "$work/bases.bed" "$work/m" "$file" 2>/dev/null
    gzip -dc "$work/m.regions.bed.gz" | awk -F'\t' '{ printf "%d\n", $4 }' >"$work/theirs"
    table "$file" coverage library=PANEL only=coverage "targets=$work/bases.bed" \
        min_mapq=0 "${args[@]}" | cut -f 6 >"$work/ours"
    equal "$what: depth per base, mosdepth" "$work/ours" "$work/theirs"
    # Without -a and -b, which look at every base of every contig.
    samtools depth -q 20 -Q 20 ${fasta:+--reference "$fasta"} "$file" | awk -F'\t' '
        NR == FNR { depth[$1 "\t" $2] = $3; next } { print depth[$1 "\t" $3] + 0 }
        ' - "$work/bases.bed" >"$work/theirs"
    table "$file" coverage library=PANEL only=coverage "targets=$work/bases.bed" \
        min_mapq=20 min_baseq=20 mates_once=0 "${args[@]}" | cut -f 6 >"$work/ours"
    equal "$what: depth per base, samtools depth -q 20 -Q 20" "$work/ours" \
        "$work/theirs"
}

# FILE FASTA WHAT: means and thresholds over regions.
regions() {
    local file=$1 fasta=$2 what=$3 args=(${2:+"reference=$2"})
    # 997 bases: a mean never lies half-way between two numbers of two decimals, which
    # printers round differently.
    awk -F'\t' '{ for (i = $2; i + 997 <= $3; i += 700)
        print $1 "\t" i "\t" i + 997 "\tr" i }' "$work/reach" >"$work/regions.bed"
    mosdepth -n -Q 20 -T 1,10,20,50,100,200,500 ${fasta:+-f "$fasta"} \
        -b "$work/regions.bed" "$work/m" "$file" 2>/dev/null
    gzip -dc "$work/m.regions.bed.gz" | cut -f 5 >"$work/theirs"
    table "$file" coverage library=PANEL only=coverage "targets=$work/regions.bed" \
        "${args[@]}" >"$work/coverage"
    awk -F'\t' '{ printf "%.2f\n", $6 / $5 }' "$work/coverage" >"$work/ours"
    equal "$what: mean depth of overlapping regions, mosdepth -Q 20" "$work/ours" \
        "$work/theirs"
    gzip -dc "$work/m.thresholds.bed.gz" | tail -n +2 | cut -f 5-11 | tr '\t' '\n' \
        >"$work/theirs"
    cut -f 7-13 "$work/coverage" | tr '\t' '\n' >"$work/ours"
    equal "$what: bases of at least 1 .. 500, mosdepth -Q 20" "$work/ours" "$work/theirs"
}

# FILE FASTA WHAT: totals and insert sizes.
quality() {
    local file=$1 fasta=$2 what=$3 args=(${2:+"reference=$2"})
    samtools flagstat -O tsv "$file" | awk -F'\t' '$3 !~ /%|N\/A|mapQ/ {
        name = $3; sub(/ \(.*/, "", name)
        sub("^total$", "records", name); sub("^primary mapped$", "primary_mapped", name)
        sub("^paired in sequencing$", "paired", name)
        sub("^properly paired$", "proper_pair", name)
        sub("^with itself and mate mapped$", "both_mapped", name)
        sub("^with mate mapped to a different chr$", "mate_elsewhere", name)
        print name "\t" $1 + $2 }' |
        grep -E '^(records|primary|secondary|supplementary|duplicates|mapped|primary_mapped|paired|proper_pair|both_mapped|singletons|mate_elsewhere)	' |
        sort >"$work/theirs"
    table "$file" qc only=qc "${args[@]}" | grep -vE '^(qc_fail|bases|soft_clipped|class)' |
        sort >"$work/ours"
    equal "$what: flags, samtools flagstat" "$work/ours" "$work/theirs"
    samtools stats ${fasta:+--reference "$fasta"} "$file" >"$work/stats"
    # Pairs were counted at both mates; stats halves them and leaves the last 1 % out.
    grep '^IS' "$work/stats" | cut -f 2,4-6 >"$work/theirs"
    table "$file" qc_insert_size only=qc "${args[@]}" | head -n "$(wc -l <"$work/theirs")" |
        awk -F'\t' '{ printf "%d\t%d\t%d\t%d\n", $1, $2 / 2, $3 / 2, $4 / 2 }' \
            >"$work/ours"
    equal "$what: insert sizes, samtools stats" "$work/ours" "$work/theirs"
    samtools view ${fasta:+-T "$fasta"} -F 2308 "$file" | cut -f 5 | sort -n | uniq -c |
        awk '{ print $2 "\t" $1 }' >"$work/theirs"
    table "$file" qc_mapq only=qc "${args[@]}" | awk -F'\t' '$2 > 0' >"$work/ours"
    equal "$what: mapping qualities, samtools view" "$work/ours" "$work/theirs"
    grep '^RL' "$work/stats" | cut -f 2,3 >"$work/theirs"
    table "$file" qc_read_length only=qc "${args[@]}" | awk -F'\t' '$2 > 0' >"$work/ours"
    equal "$what: read lengths, samtools stats" "$work/ours" "$work/theirs"
}

# FILE FASTA WHAT: bins and fragments by the definition, in awk.
fragments() {
    local file=$1 fasta=$2 what=$3 args=(${2:+"reference=$2"})
    { # read 1 of proper pairs, then single-end reads
        samtools view ${fasta:+-T "$fasta"} -q 20 -f 67 -F 3844 "$file"
        samtools view ${fasta:+-T "$fasta"} -q 20 -F 3845 "$file"
    } | awk -F'\t' '
        { single = $2 % 2 == 0; left = $4; size = 1 }
        single && int($2 / 16) % 2 == 1 { # a reverse read begins at its last base
          cigar = $6
          while (match(cigar, /^[0-9]+[A-Z=]/)) {
              if (substr(cigar, RLENGTH, 1) ~ /[MDN=X]/) left += substr(cigar, 1, RLENGTH - 1)
              cigar = substr(cigar, RLENGTH + 1) }
          left-- }
        !single { left = $9 > 0 ? $4 : $8; size = $9 > 0 ? $9 : -$9 }
        size > 0 { contig = $3; sub(/^chr/, "", contig)
          n[contig "\t" int((left - 1 + int(size / 2)) / 50000) * 50000]++ }
        END { for (b in n) print b "\t" n[b] }' | sort >"$work/theirs"
    table "$file" depth only=depth "${args[@]}" | awk -F'\t' '$4 > 0 { print $1 "\t" $2 "\t" $4 }' |
        sort >"$work/ours"
    equal "$what: fragments per 50 kb, samtools view and awk" "$work/ours" "$work/theirs"
    samtools view ${fasta:+-T "$fasta"} -q 30 -f 67 -F 3852 "$file" | awk -F'\t' '
        $9 != 0 && !/\tMQ:i:[012]?[0-9](\t|$)/ { n[$9 > 0 ? $9 : -$9]++ }
        END { for (l in n) if (l + 0 <= 1000) print l "\t" n[l] }' | sort >"$work/theirs"
    table "$file" fragment_lengths only=fragments "${args[@]}" |
        awk -F'\t' '$2 > 0 && $1 <= 1000' | sort >"$work/ours"
    equal "$what: fragment lengths, samtools view and awk" "$work/ours" "$work/theirs"
}

# FILE FASTA WHAT: end motifs by the definition: bases of both ends from samtools faidx.
motifs() {
    local file=$1 fasta=$2 what=$3
    samtools view -T "$fasta" -q 30 -f 67 -F 3852 "$file" | awk -F'\t' '
        $9 != 0 { start = $9 > 0 ? $4 : $8; size = $9 > 0 ? $9 : -$9
          if (size >= 20 && size <= 1000)
              print $3 ":" start "-" start + 3 "\t" $3 ":" start + size - 4 "-" start + size - 1 }
        ' >"$work/ends"
    cut -f 1 "$work/ends" >"$work/left"
    cut -f 2 "$work/ends" >"$work/right"
    {
        samtools faidx -r "$work/left" "$fasta" | grep -v '^>'
        samtools faidx -i -r "$work/right" "$fasta" | grep -v '^>'
    } | tr acgt ACGT | grep -v N | sort | uniq -c | awk '{ print $2 "\t" $1 }' \
        >"$work/theirs"
    table "$file" end_motifs only=fragments "reference=$fasta" | awk -F'\t' '$2 > 0' \
        >"$work/ours"
    equal "$what: end motifs, samtools faidx" "$work/ours" "$work/theirs"
}

# FILE FASTA WHAT
compare() {
    reach "$1" "$2"
    per_base "$@"
    regions "$@"
    quality "$@"
    fragments "$@"
}

simulated() {
    local file
    "$cxs" simulate --sequencing -n 2 -p 40 --seed 1 --out "$work/study" --quiet || exit
    samtools faidx "$work/study/reference.fa"
    for file in "$work"/study/reads/*.bam; do
        samtools index "$file"
        compare "$file" "" "simulated ${file##*/}"
    done
    for file in "$work"/study/reads/*.cram; do
        [ -e "$file" ] || continue
        samtools index "$file"
        compare "$file" "$work/study/reference.fa" "simulated ${file##*/}"
        motifs "$file" "$work/study/reference.fa" "simulated ${file##*/}"
    done
}

with_data() {
    local d=$data/seq-variants i fasta file
    for i in 1 2 3; do
        awk 'BEGIN { for (i = 0; i < 4200; i++) print "17\t" i "\t" i + 1 }' \
            >"$work/bases.bed"
        tail -n +2 "$d/expected_depth_q20_Q20.tsv" | cut -f $((i + 2)) >"$work/theirs"
        table "$d/g1k_chr17_$i.bam" coverage library=PANEL only=coverage \
            "targets=$work/bases.bed" min_baseq=20 mates_once=0 | cut -f 6 >"$work/ours"
        equal "g1k $i: expected_depth_q20_Q20.tsv" "$work/ours" "$work/theirs"
        compare "$d/g1k_chr17_$i.bam" "" "g1k $i"
    done
    d=$data/seq-cfdna
    fasta=$d/hg19_chr1_10Mb.fa.gz
    file=$d/cfdna_chr1_6Mb.cram
    compare "$d/cfdna_chr1_1_2Mb.bam" "" "cfDNA BAM"
    compare "$file" "$fasta" "cfDNA CRAM"
    motifs "$file" "$fasta" "cfDNA CRAM"
    tail -n +2 "$d/expected_fragment_lengths.tsv" >"$work/theirs"
    table "$file" fragment_lengths only=fragments "reference=$fasta" |
        awk -F'\t' '$2 > 0' >"$work/ours"
    equal "cfDNA: expected_fragment_lengths.tsv" "$work/ours" "$work/theirs"
    tail -n +2 "$d/expected_windows_100kb.tsv" | cut -f 2-6 >"$work/theirs"
    table "$file" fragment_bins only=fragments "reference=$fasta" | head -n 60 |
        cut -f 2-6 >"$work/ours"
    equal "cfDNA: expected_windows_100kb.tsv" "$work/ours" "$work/theirs"
    finaletoolkit "$file" "$fasta" "$d/finaletoolkit_delfi_100kb.tsv"
}

# Not equal by design: bins of FinaleToolkit leave their last base out, and the fragments
# of masked regions; counted here, judged by the reader.
finaletoolkit() {
    table "$1" fragment_bins only=fragments "reference=$2" | awk -F'\t' '
        NR == FNR { short[$2] = $4; long[$2] = $5; next }
        FNR > 1 { n++; d = ($5 - short[$2])^2 + ($6 - long[$2])^2
            if (d == 0) same++
            else printf "         bin %d: short %d long %d, FinaleToolkit %d %d\n", $2,
                short[$2], long[$2], $5, $6 }
        END { printf "listed   cfDNA: FinaleToolkit DELFI, %d of %d bins equal\n", same, n }
        ' - "$3"
}

simulated
[ -z "$data" ] || with_data
echo "compare_depth: $compared comparisons, $unequal unequal"
[ "$unequal" = 0 ]
