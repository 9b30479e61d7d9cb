#!/bin/sh
# A small study through the whole program, for a build with the sanitizers.
set -eu
program=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$program" simulate -n 50 -p 60 -k 3 --block 10 --out "$folder/study"
"$program" run "$folder/study" -o "$folder/out" --screen --threads 2 \
    --pairs 5 --permutations 10 --bootstraps 10 --folds 3
