# The row of the read counts: `coxswain count` and featureCounts on the same BAM file,
# in turn, both with two threads.
# shellcheck shell=bash
# shellcheck disable=SC2154 # variables of lib.sh and run.sh

# FILE COMMAND..: appends "elapsed cpu" in seconds to FILE.
clocked() {
    local file=$1 TIMEFORMAT='%R %U %S'
    shift
    { time "$@" >/dev/null 2>"$work/clocked.err"; } 2>"$work/clocked" ||
        fault "$1 $2: $(tail -n 1 "$work/clocked.err")"
    awk 'END { print $1, $2 + $3 }' "$work/clocked" >>"$file"
}
# FILE COLUMN: its median.
median_of() {
    cut -d' ' -f"$2" "$1" | median
}

count_theirs() {
    featureCounts -F SAF -a "$work/reads.saf" -p --countReadPairs -T 2 \
        --tmpDir "$work" -o "$work/theirs" "$work/reads.bam"
}
count_ours() {
    "$cxs" count --quiet -a "$work/reads.saf" --paired --count-fragments --threads 2 \
        --out "$work/ours" "$work/reads.bam"
}

# Every gene alike, or it is no comparison.
same_counts() {
    diff <(grep -v '^#' "$work/theirs" | tail -n +2 | cut -f1,7 | sort) \
        <(tail -n +2 "$work/ours.counts.tsv" | cut -f1,7 | sort) >/dev/null ||
        fault "counts of featureCounts and coxswain differ"
}

counting_row() {
    local pairs=500000 i
    [ "$long" = no ] || pairs=5000000
    progress "counting, $pairs made-up pairs"
    "$build/bench_made_reads" plain 1 "$pairs" "$work/reads" ||
        fault "bench_made_reads: exit status $?"
    rm -f "$work/reads.name.bam" "$work/ours.times" "$work/theirs.times"
    for ((i = 0; i < repeats; i++)); do
        clocked "$work/ours.times" count_ours
        [ "$have_featurecounts" = no ] || clocked "$work/theirs.times" count_theirs
    done
    if [ "$have_featurecounts" = no ]; then
        note "featureCounts is not installed: coxswain's own figure only"
        add_row "count $pairs pairs, BAM" "$(median_of "$work/ours.times" 1)" NA none \
            NA NA NA ">= 1.0"
        return
    fi
    same_counts
    add_row "count $pairs pairs, BAM" "$(median_of "$work/ours.times" 1)" NA \
        "featureCounts, 2 threads" "$(median_of "$work/theirs.times" 1)" NA \
        "$(median_of "$work/theirs.times" 2)" ">= 1.0"
    note "count $pairs pairs: processor time" \
        "$(median_of "$work/ours.times" 2) s, featureCounts" \
        "$(median_of "$work/theirs.times" 2) s; peak memory" \
        "$(calc 'sprintf("%.0f", a / 1e6)' a="$(result "$work/ours" peak_rss_bytes)") MB"
}
have_featurecounts=no
if command -v featureCounts >/dev/null; then
    have_featurecounts=yes
fi
