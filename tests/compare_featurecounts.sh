#!/usr/bin/env bash
# Counts of `coxswain count` beside those of featureCounts, cell by cell, over a grid of
# modes.  One line per input and mode: cells compared, cells that differ.
#
#   tests/compare_featurecounts.sh            made-up alignments with every oddity
#   tests/compare_featurecounts.sh SET..      also SET = "ANNOTATION ALIGNMENTS [FASTA]",
#                                             one word; featureCounts gets CRAM as BAM
#
# Exit status 0 when no cell differs, 1 when one does, 77 when featureCounts is not
# installed (Debian: subread).  Needs samtools for CRAM.
set -u
cd "$(dirname "$0")/.." || exit 71
build=${build:-build}
export LC_ALL=C
if ! command -v featureCounts >/dev/null; then
    echo "skipped: featureCounts is not installed"
    exit 77
fi
work=$(mktemp -d) || exit 71
trap 'rm -rf "$work"' EXIT
cells=0 faults=0

# Gene and count of both tables in one form; for single features their place as well,
# without "chr".
ours() { # PREFIX COLUMNS
    tail -n +2 "$1.counts.tsv" | cut -f"$2" | sort
    tail -n +2 "$1.summary.tsv" | sort
}
theirs() {
    grep -v '^#' "$1" | tail -n +2 | sed 's/\tchr/\t/' | cut -f"$2" | sort
    tail -n +2 "$1.summary" | sort
}

# NAME ANNOTATION FILE FASTA BAM -- OUR OPTIONS -- THEIR OPTIONS
compare() {
    local name=$1 annotation=$2 file=$3 fasta=$4 bam=$5 saf=() differ columns=1,7
    local -a mine=() their=()
    shift 6
    while [ "$1" != -- ]; do mine+=("$1"); shift; done
    shift
    their=("$@")
    case $annotation in *.saf) saf=(-F SAF) ;; esac
    [ -z "$fasta" ] || mine+=(--reference "$fasta")
    if ! "$build/coxswain" count --quiet -a "$annotation" --out "$work/ours" \
        --threads 2 ${mine[@]+"${mine[@]}"} "$file" 2>"$work/log"; then
        echo "$name: coxswain fails: $(head -n 1 "$work/log")"
        faults=$((faults + 1))
        return
    fi
    if ! featureCounts ${saf[@]+"${saf[@]}"} -a "$annotation" -o "$work/theirs" \
        --tmpDir "$work" ${their[@]+"${their[@]}"} "$bam" >"$work/log" 2>&1; then
        echo "$name: featureCounts fails"
        faults=$((faults + 1))
        return
    fi
    case " $* " in *" -f "*) columns=1-7 ;; esac
    ours "$work/ours" "$columns" >"$work/a"
    theirs "$work/theirs" "$columns" >"$work/b"
    differ=$(diff "$work/a" "$work/b" | grep -c '^<')
    cells=$((cells + $(wc -l <"$work/b")))
    printf '%-28s %6d cells %4d differ  %s\n' "$name" "$(wc -l <"$work/b")" "$differ" \
        "${their[*]-}"
    if [ "$differ" != 0 ] || [ "$(wc -l <"$work/a")" != "$(wc -l <"$work/b")" ]; then
        faults=$((faults + 1))
        diff "$work/a" "$work/b" | head -n 8
    fi
}

# The grid: each axis is a list of "ours|theirs"; `step` keeps one mode in so many.
libraries=("-p --count-fragments|-p --countReadPairs" "-p|-p"
    "-p --count-fragments -B|-p --countReadPairs -B"
    "-p --count-fragments --chimeric no|-p --countReadPairs -C"
    "-p --count-fragments -B --chimeric no|-p --countReadPairs -B -C")
strands=("|" "-s 1|-s 1" "-s 2|-s 2")
several=("|" "-M|-M" "-O|-O" "-M -O|-M -O" "-M --fraction|-M --fraction"
    "-O --fraction|-O --fraction" "-M -O --fraction|-M -O --fraction")
overlaps=("|" "--min-overlap 20|--minOverlap 20" "--min-overlap 60|--minOverlap 60")
filters=("|" "-Q 20|-Q 20" "--ignore-dup|--ignoreDup" "--primary|--primary"
    "-Q 10 --ignore-dup --primary|-Q 10 --ignoreDup --primary")

grid() { # NAME ANNOTATION FILE FASTA BAM STEP
    local n=0 l s m o f step=$6
    for l in "${libraries[@]}"; do for s in "${strands[@]}"; do
        for m in "${several[@]}"; do for o in "${overlaps[@]}"; do
            for f in "${filters[@]}"; do
                n=$((n + 1))
                [ $((n % step)) = 0 ] || continue
                # shellcheck disable=SC2086 # lists of words
                compare "$1" "$2" "$3" "$4" "$5" -- ${l%|*} ${s%|*} ${m%|*} ${o%|*} \
                    ${f%|*} -- ${l#*|} ${s#*|} ${m#*|} ${o#*|} ${f#*|}
            done
        done; done
    done; done
    for s in "${strands[@]}"; do for m in "${several[@]}"; do
        # shellcheck disable=SC2086
        compare "$1" "$2" "$3" "$4" "$5" -- --level feature -p --count-fragments \
            ${s%|*} ${m%|*} -- -f -p --countReadPairs ${s#*|} ${m#*|}
    done; done
}

"${MAKE:-make}" -s build="$build" "$build/coxswain" "$build/bench_made_reads" || exit 70
for seed in ${SEEDS-1 2}; do
    "$build/bench_made_reads" odd "$seed" 4000 "$work/odd$seed" || exit 70
    for order in "" .name; do
        grid "odd $seed$order" "$work/odd$seed.saf" "$work/odd$seed$order.bam" "" \
            "$work/odd$seed$order.bam" $((step = ${GRID_STEP:-13}))
    done
done
number=0
for set in "$@"; do
    read -r annotation file fasta <<<"$set"
    number=$((number + 1))
    bam=$file
    case $file in
    *.cram)
        bam=$work/$number.bam
        samtools view -b -T "$fasta" -o "$bam" "$file" || exit 70
        ;;
    esac
    grid "$(basename "$file")" "$annotation" "$file" "${fasta:-}" "$bam" \
        "${GRID_STEP:-13}"
done
echo "$cells cells, $faults modes with differences"
[ "$faults" = 0 ]
