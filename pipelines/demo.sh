#!/bin/sh
# Simulate a study whose markers are known, run it, and print the ranking beside the
# truth.
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

echo "coxswain simulate --out $folder/study"
"$program" simulate --out "$folder/study"
simulated=$(date +%s)
echo "simulate  $((simulated - started)) s"
echo
echo "coxswain run $folder/study -o $folder/results"
"$program" run "$folder/study" -o "$folder/results" >"$folder/top.txt"
ended=$(date +%s)

echo
echo "Top markers beside the planted truth (true effect: log hazard ratio per sd)"
awk -F'\t' -v rows=15 '
    FNR == 1 { for (i = 1; i <= NF; i++) column[FILENAME, $i] = i }
    FNR == 1 && NR == 1 { truth_file = FILENAME }
    FNR == 1 && NR > 1 {
        printf "%4s  %-16s %7s %9s  %-4s  %-7s  %s\n", "rank", "marker", "HR", "q",
            "tier", "planted", "true effect"
    }
    FNR == 1 { next }
    FILENAME == truth_file {
        id = $column[FILENAME, "feature_id"]
        effect[id] = $column[FILENAME, "beta"]
        planted += effect[id] != 0
        next
    }
    FNR > 1 {
        id = $column[FILENAME, "feature_id"]
        is = (id in effect) && effect[id] != 0
        if (FNR <= planted + 1) found += is
        if (FNR > rows + 1) next
        printf "%4s  %-16s %7.3g %9.2g  %-4s  %-7s  %s\n",
            $column[FILENAME, "rank"], $column[FILENAME, "feature_name"],
            $column[FILENAME, "hr"], $column[FILENAME, "q"], $column[FILENAME, "tier"],
            is ? "yes" : "no", is ? sprintf("%+.2f", effect[id]) : "-"
    }
    END { printf "%d of %d planted markers are among the first %d\n", found, planted, planted }
' "$folder/study/truth.tsv" "$folder/results/rank.rank.tsv"
echo
echo "run       $((ended - simulated)) s"
echo "report: $folder/results/report.html"
