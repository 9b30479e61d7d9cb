#!/usr/bin/env bash
# Makes tests/data/counts: alignments with every oddity (bench_made_reads), an annotation
# and what featureCounts 2.0.3 (Debian: subread) counts in many modes.
#
#   tests/make_reference_counts.sh      from the top of the checkout
#
# odd.sam.gz       records without sequences, mates beside each other
# odd.saf          genes
# expected.tsv     mode (options of coxswain count), gene or status, count
set -eu
cd "$(dirname "$0")/.."
build=${build:-build}
export LC_ALL=C
out=tests/data/counts
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${MAKE:-make}" -s build="$build" "$build/bench_made_reads"
"$build/bench_made_reads" odd 11 700 "$work/odd"
samtools view -h --no-PG "$work/odd.name.bam" |
    awk -F'\t' -v OFS='\t' '/^@/ { print; next } { $10 = "*"; $11 = "*"; print }' \
        >"$work/odd.sam"
gzip -9n <"$work/odd.sam" >"$out/odd.sam.gz"
head -n 1 "$work/odd.saf" >"$out/odd.saf"
tail -n +2 "$work/odd.saf" >>"$out/odd.saf"

{
    printf 'mode\trow\tcount\n'
    while IFS='|' read -r ours theirs; do
        # shellcheck disable=SC2086 # lists of words
        featureCounts -F SAF -a "$out/odd.saf" -o "$work/fc" $theirs "$work/odd.sam" \
            >/dev/null 2>&1
        {
            grep -v '^#' "$work/fc" | tail -n +2 | cut -f1,7 | sort
            tail -n +2 "$work/fc.summary"
        } | sed "s/^/$ours\t/"
    done <<'MODES'
p|-p
p s1|-p -s 1
p s2 M|-p -s 2 -M
p Q20 O|-p -Q 20 -O
p primary M f|-p --primary -M --fraction
p dup m20|-p --ignoreDup --minOverlap 20
p c|-p --countReadPairs
p c s1|-p --countReadPairs -s 1
p c s2|-p --countReadPairs -s 2
p c M|-p --countReadPairs -M
p c O|-p --countReadPairs -O
p c M O|-p --countReadPairs -M -O
p c M f|-p --countReadPairs -M --fraction
p c O f|-p --countReadPairs -O --fraction
p c M O f|-p --countReadPairs -M -O --fraction
p c M O f primary|-p --countReadPairs -M -O --fraction --primary
p c M m30|-p --countReadPairs -M --minOverlap 30
p c M O m70|-p --countReadPairs -M -O --minOverlap 70
p c M s1 m45|-p --countReadPairs -M -s 1 --minOverlap 45
p c Q30 M|-p --countReadPairs -Q 30 -M
p c dup M|-p --countReadPairs --ignoreDup -M
p c primary M|-p --countReadPairs --primary -M
p c B M|-p --countReadPairs -B -M
p c C M|-p --countReadPairs -C -M
p c B C Q10 dup primary|-p --countReadPairs -B -C -Q 10 --ignoreDup --primary
p c B C s2 M O f m25 Q5|-p --countReadPairs -B -C -s 2 -M -O --fraction --minOverlap 25 -Q 5
MODES
} >"$out/expected.tsv"
wc -c "$out"/*
