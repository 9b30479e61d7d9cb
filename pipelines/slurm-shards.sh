#!/usr/bin/env bash
#SBATCH --job-name=coxswain-shard
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=4
#SBATCH --mem=8G
#SBATCH --time=04:00:00
#
# One part of the sequencing files of a study per task of a job array:
#
#   sbatch --array=1-8 pipelines/slurm-shards.sh STUDY OUT
#
# Task K of N writes OUT/parts/K-of-N.cxp, which pipelines/slurm.sh joins.  A part of
# another N is a part of another division: it is refused here, before anything is read.
set -euo pipefail

if [ "$#" -ne 2 ] || [ -z "${SLURM_ARRAY_TASK_ID:-}" ]; then
    echo "usage: sbatch --array=1-N slurm-shards.sh STUDY OUT" >&2
    exit 64
fi
study=$1
out=$2
k=$SLURM_ARRAY_TASK_ID
n=$SLURM_ARRAY_TASK_COUNT
case "$study" in -*) study=./$study ;; esac
case "$out" in -*) out=./$out ;; esac
mkdir -p -- "$out/parts"
for part in "$out"/parts/*.cxp; do
    case "$part" in
    *"-of-$n.cxp" | *"/*.cxp") ;;
    *)
        echo "slurm-shards.sh: $part is of another number of parts; remove it" >&2
        exit 64
        ;;
    esac
done
exec "${COXSWAIN:-coxswain}" ingest "$study" --shard "$k/$n" -o "$out/parts/$k-of-$n.cxp" \
    --threads "${SLURM_CPUS_PER_TASK:-$(nproc)}"
