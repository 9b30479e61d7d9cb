#!/usr/bin/env bash
#SBATCH --job-name=coxswain
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=4
#SBATCH --mem=8G
#SBATCH --time=04:00:00
#SBATCH --signal=B:USR1@120
#
# A study through all stages, one coxswain command each, on one node:
#
#   sbatch pipelines/slurm.sh STUDY OUT
#   bash pipelines/slurm.sh STUDY OUT       the same without Slurm
#
# A study of sequencing files is read in as many parts as there are tasks; the job that
# waits for them joins the parts and goes on:
#
#   job=$(sbatch --parsable --array=1-8 pipelines/slurm-shards.sh STUDY OUT)
#   sbatch --dependency="afterok:$job" pipelines/slurm.sh STUDY OUT
#
# STUDY is a folder with study.yaml, OUT the folder of the results.  COXSWAIN names the
# program (default: coxswain on the PATH); further options of a stage go into its line
# below.  Slurm sends USR1 to this shell two minutes before the time limit; it is handed
# to the command at work, which leaves no half-written file behind.
set -euo pipefail

if [ "$#" -ne 2 ]; then
    echo "usage: slurm.sh STUDY OUT" >&2
    exit 64
fi
study=$1
out=$2
coxswain=${COXSWAIN:-coxswain}
threads=${SLURM_CPUS_PER_TASK:-$(nproc)}
# One word of the path must not be taken for an option.
case "$study" in -*) study=./$study ;; esac
case "$out" in -*) out=./$out ;; esac
mkdir -p -- "$out"

child=
forward() {
    if [ -n "$child" ]; then
        kill "-$1" "$child" 2>/dev/null || true
    fi
}
trap 'forward USR1' USR1
trap 'forward TERM' TERM

step() {
    local started=$SECONDS status=0
    "$coxswain" "$@" --threads "$threads" &
    child=$!
    wait "$child" || status=$?
    # A signal ends `wait` before the command is gone; then wait for the command itself.
    while kill -0 "$child" 2>/dev/null; do
        status=0
        wait "$child" || status=$?
    done
    child=
    if [ "$status" -ne 0 ]; then
        echo "slurm.sh: step $1 ended with status $status" >&2
        exit "$status"
    fi
    echo "slurm.sh: $1 $((SECONDS - started)) s"
}

parts=("$out"/parts/*.cxp)
if [ -e "${parts[0]}" ]; then
    step merge "$study" "${parts[@]}" -o "$out/study.cxs"
else
    step ingest "$study" -o "$out/study.cxs"
fi
step features "$out/study.cxs" -o "$out/features.cxf"
step cox --study "$out/study.cxs" --out "$out/cox"
step screen "$out/features.cxf" --study "$out/study.cxs" --out "$out/screen"
step model "$out/features.cxf" --study "$out/study.cxs" --out "$out/model"
step rank "$out/features.cxf" --study "$out/study.cxs" --out "$out/rank"
step report "$out/rank.cxr" --model "$out/model" --figures "$out/figures" \
    -o "$out/report.html"
echo "slurm.sh: report: $out/report.html"
