#!/bin/sh
# Simulate a study with sequencing files whose markers are known, go from its reads to
# ranked markers, and print the ranking beside the truth.
#
#   pipelines/demo.sh PROGRAM [FOLDER]
#
# FOLDER (default: demo beside the program) holds the study and the results.
set -eu
if [ "$#" -lt 1 ]; then
    echo "usage: demo.sh PROGRAM [FOLDER]" >&2
    exit 64
fi
program=$1
folder=${2:-$(dirname "$program")/demo}
rm -rf "$folder"
mkdir -p "$folder"
started=$(date +%s)

# 480 files: RNA as BAM, cell-free DNA of CSF as CRAM, tumour and normal calls as VCF.
set -- --sequencing --patients 160 --genes 300 --effect 0.7 --rna-fragments 12000 \
    --cfdna-fragments 6000
echo "coxswain simulate $* --out $folder/study"
"$program" simulate "$@" --out "$folder/study"
simulated=$(date +%s)
echo "simulate  $((simulated - started)) s"
echo
echo "coxswain run $folder/study -o $folder/results"
{ "$program" run "$folder/study" -o "$folder/results" >"$folder/top.txt"; } 2>&1
ended=$(date +%s)

echo
echo "First markers beside the planted truth (effect: log hazard ratio per sd)"
# Covariates with an effect are in the truth as well; they are not ranked.  Genes come in
# correlated blocks of 20: a neighbour of a planted gene carries part of its effect.
awk -F'\t' -v rows=15 -v block=20 '
    function block_of(id) { return int((substr(id, 2) - 1) / block) }
    FNR == 1 { file++; for (i = 1; i <= NF; i++) at[file, $i] = i; next }
    file == 1 { covariate[$1] = 1; next }
    file == 2 && !($1 in covariate) {
        effect[$1] = $at[2, "log_hr_per_sd"]
        source[block_of($1)] = $1
        planted++
    }
    file == 3 && FNR == 2 {
        printf "%4s  %-8s %7s %9s  %-4s  %-7s  %s\n", "rank", "marker", "HR", "q",
            "tier", "planted", "true effect"
    }
    file == 3 {
        id = $at[3, "feature_id"]
        is = id in effect
        if (FNR <= planted + 1) {
            found += is
            near += !is && block_of(id) in source
        }
        if (FNR > rows + 1) next
        note = is ? sprintf("%+.2f", effect[id]) : "-"
        if (!is && block_of(id) in source) note = "- (in the block of " source[block_of(id)] ")"
        printf "%4s  %-8s %7.3g %9.2g  %-4s  %-7s  %s\n", $at[3, "rank"], id,
            $at[3, "hr"], $at[3, "q"], $at[3, "tier"], is ? "yes" : "no", note
    }
    END {
        printf "of the first %d: %d planted, %d in a block with a planted one\n", planted,
            found, near
    }
' "$folder/results/cox.coef.tsv" "$folder/study/truth.tsv" "$folder/results/rank.rank.tsv"
grep "^global check" "$folder/top.txt"
echo
echo "run       $((ended - simulated)) s"
echo "report: $folder/results/report.html"
