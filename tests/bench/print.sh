# The tables of a benchmark run and its JSON.
# shellcheck shell=bash
# shellcheck disable=SC2154 # variables of lib.sh and run.sh
# Kept in $work: facts and rates (name, value), rows, scaling (TSV), notes.
json="$build/bench.json"

note() {
    echo "$*" >>"$work/notes"
}
fact() {
    printf '%s\t%s\n' "$1" "$2" >>"$work/facts"
}

# What the times depend on.
facts() {
    fact coxswain "$("$cxs" --version)"
    fact cpu "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
    fact cores "$cores"
    fact cache "$(cat /sys/devices/system/cpu/cpu0/cache/index3/size 2>/dev/null ||
        echo NA)"
    fact memory_kb "$(awk '/^MemTotal/ { print $2 }' /proc/meminfo)"
    fact system "$(uname -sr)"
    fact load_before "$(cut -d' ' -f1 /proc/loadavg)"
    fact repeats "$repeats"
    fact long "$long"
    if [ "$have_r" = yes ]; then
        peer facts
        cat "$work/peer" >>"$work/facts"
    else
        note "R with glmnet and survival is not installed: coxswain's own figures only"
    fi
}

# WHAT OURS KKT PEER SECONDS KKT CPU TARGET
add_row() {
    local ratio=NA
    [ "$5" = NA ] || ratio=$(calc 'a / b' a="$5" b="$2")
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "$5" "$6" "$7" \
        "$ratio" "$8" >>"$work/rows"
}
# WHAT VALUE SECONDS KKT; the exponent is log2 of the growth since the half size.
add_scaling() {
    awk -F'\t' -v OFS='\t' -v what="$1" -v size="$2" -v seconds="$3" -v kkt="$4" '
        $1 == what && 2 * $2 == size { before = $3 }
        END { print what, size, seconds, kkt,
                  (before > 0 ? log(seconds / before) / log(2) : "NA") }' \
        "$work/scaling" >"$work/line"
    cat "$work/line" >>"$work/scaling"
}

print_rows() {
    awk -F'\t' '
        function number(text, format) {
            return text == "NA" ? "-" : sprintf(format, text)
        }
        BEGIN { printf "%-32s %9s %8s  %-38s %9s %8s %8s  %s\n", "", "coxswain", "kkt",
                    "peer", "seconds", "kkt", "ratio", "target" }
        { printf "%-32s %9s %8s  %-38s %9s %8s %8s  %s\n", $1, number($2, "%.3f"),
              number($3, "%.1e"), $4, number($5, "%.2f"), number($6, "%.1e"),
              number($8, "%.1f"), $9 }' "$work/rows"
}
print_scaling() {
    awk -F'\t' '
        BEGIN { printf "\n%-36s %9s %9s %8s %9s\n", "scaling", "", "seconds", "kkt",
                    "exponent" }
        { printf "%-36s %9s %9.3f %8.1e %9s\n", $1, $2, $3, $4,
              $5 == "NA" ? "-" : sprintf("%.2f", $5) }' "$work/scaling"
}
print_rates() {
    echo
    echo "rates, X 500x20000, gemm with 16 right-hand sides"
    awk -F'\t' '/_gbytes_per_s/ || /_gflops/ {
        name = $1; sub(/_threads/, " threads", name); sub(/_/, " ", name)
        unit = name ~ /gflops/ ? "GFLOP/s" : "GB/s of X"
        sub(/_(gflops|gbytes.*)/, "", name)
        printf "  %-18s %8.1f %s\n", name, $2, unit }' "$work/rates"
}

json_quote='
    function quote(text) {
        if (text == "NA" || text == "-") return "null"
        if (text ~ /^[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$/) return text
        gsub(/[\\"]/, "\\\\&", text)
        return "\"" text "\""
    }
'
# A table whose columns have these names, as JSON.
json_table() { # FILE NAME..
    local file=$1
    shift
    awk -F'\t' -v names="$*" "$json_quote"'
        BEGIN { count = split(names, name, " "); printf "[" }
        { printf "%s\n    {", (NR > 1 ? "," : "")
          for (i = 1; i <= count; i++)
              printf "%s\"%s\": %s", (i > 1 ? ", " : ""), name[i], quote($i)
          printf "}" }
        END { printf "\n  ]" }' "$file"
}
# Names and values.
json_object() { # FILE
    awk -F'\t' "$json_quote"'
        BEGIN { printf "{" }
        { printf "%s\n    \"%s\": %s", (NR > 1 ? "," : ""), $1, quote($2) }
        END { printf "\n  }" }' "$1"
}
write_json() {
    {
        printf '{\n  "machine": '
        json_object "$work/facts"
        printf ',\n  "rows": '
        json_table "$work/rows" what seconds kkt_max peer peer_seconds peer_kkt_max \
            peer_cpu_seconds ratio target
        printf ',\n  "scaling": '
        json_table "$work/scaling" what size seconds kkt_max exponent
        printf ',\n  "rates": '
        json_object "$work/rates"
        printf ',\n  "notes": '
        json_table "$work/notes" text
        printf '\n}\n'
    } >"$json.part" && mv "$json.part" "$json"
}

finish() {
    fact load_after "$(cut -d' ' -f1 /proc/loadavg)"
    fact blas_core "$("$build/bench_rates" 8 8 1 1 | sed -n 's/^blas_core\t//p')"
    awk -F'\t' '{ f[$1] = $2 } END {
        printf "coxswain %s, %s, %s cores, OpenBLAS kernels %s", f["coxswain"],
            f["cpu"], f["cores"], f["blas_core"]
        if ("R" in f) printf ", R %s, glmnet %s, survival %s", f["R"], f["glmnet"],
            f["survival"]
        printf "\nload %s before, %s after\n\n", f["load_before"], f["load_after"]
        if (f["load_before"] + 0 > 0.5)
            print "the machine was busy when this began: the times are noisy\n" }' \
        "$work/facts"
    [ ! -s "$work/rows" ] || print_rows
    [ ! -s "$work/scaling" ] || print_scaling
    [ ! -s "$work/rates" ] || print_rates
    echo
    cat "$work/notes"
    write_json
    echo "written: $json"
}
: >"$work/facts"
: >"$work/rows"
: >"$work/scaling"
: >"$work/rates"
: >"$work/notes"
