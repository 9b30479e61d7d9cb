# What the command line tests share: the program, a small study, comparisons.
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cxs="$top/${build:-build}/coxswain"
case "${build:-build}" in /*) cxs="$build/coxswain" ;; esac
# Messages and numbers must not depend on who runs the tests.
unset LC_ALL LANG LANGUAGE COXSWAIN_REFDATA SLURM_CPUS_PER_TASK
# Few resamples: what is tested here is the command, not the power of the method.
quick=(--pairs 5 --permutations 10 --bootstraps 20)

# A study of 60 patients and 80 genes in FOLDER.
small_study() {
    "$cxs" simulate -n 60 -p 80 -k 4 --block 10 --seed 7 --out "$1" -q
}

# STATUS COMMAND..: the command ends with the status; stdout and stderr are kept in
# $out and $err.
expect() {
    local want=$1 got=0
    shift
    "$@" >"$BATS_TEST_TMPDIR/.stdout" 2>"$BATS_TEST_TMPDIR/.stderr" </dev/null || got=$?
    out=$(cat "$BATS_TEST_TMPDIR/.stdout")
    err=$(cat "$BATS_TEST_TMPDIR/.stderr")
    if [ "$got" != "$want" ]; then
        echo "status $got instead of $want: $*"
        echo "$out"
        echo "$err"
        return 1
    fi
}

# Result files of two folders are the same; run records and the state may differ.
same_results() {
    (cd "$1" && find . -type f ! -name '*.run.json' ! -name .state | sort) >"$BATS_TEST_TMPDIR/.a"
    (cd "$2" && find . -type f ! -name '*.run.json' ! -name .state | sort) >"$BATS_TEST_TMPDIR/.b"
    diff "$BATS_TEST_TMPDIR/.a" "$BATS_TEST_TMPDIR/.b" || return 1
    [ -s "$BATS_TEST_TMPDIR/.a" ] || return 1
    while read -r file; do
        cmp "$1/$file" "$2/$file" || return 1
    done <"$BATS_TEST_TMPDIR/.a"
}

# Nothing but these names lies in FOLDER.
only() {
    local folder=$1
    shift
    diff <([ $# = 0 ] || printf '%s\n' "$@" | sort) <(ls -A "$folder" | sort)
}

# Value of a column in the first row of a table.
cell() {
    awk -F'\t' -v name="$2" '
        NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i }
        NR == 2 { print $at }' "$1"
}

# The command must fail.  (A line that begins with `!` never ends a test.)
not() {
    if "$@"; then
        return 1
    fi
}

# expr.tsv (30 genes x 60 samples; G1-G3 carry the outcome) and clin.tsv in the working
# folder.
plain_tables() {
    "$cxs" simulate --design 60,40,3,0.5 --seed 3 --out design -q
    awk -F'\t' -v OFS='\t' '
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i
                  print "patient", "OS.time", "OS", "age", "sex"; next }
        { print $at["id"], $at["time"], $at["event"], 50 + 10 * $at["z1"],
              ($at["z2"] > 0 ? "male" : "female") }' design/clinical.tsv >clin.tsv
    awk -F'\t' '
        NR > 1 { id[++n] = $1; time[n] = $2 }
        END {
            printf "gene"
            for (i = 1; i <= n; i++) printf "\t%s", id[i]
            print ""
            for (g = 1; g <= 30; g++) {
                printf "G%d", g
                for (i = 1; i <= n; i++)
                    printf "\t%.6g", sin(g * i * 1.7) + (g <= 3 ? -2 * log(time[i] + 0.1) : 0)
                print ""
            }
        }' clin.tsv >expr.tsv
}
