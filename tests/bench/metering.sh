# The rows of the meters: one pass that counts genes and measures all else beside
# counting alone, on the same BAM file and in turn; depth over targets beside mosdepth
# and samtools depth.
# shellcheck shell=bash
# shellcheck disable=SC2154 # variables of lib.sh and run.sh

# FILE SETTING..: appends "seconds processor" of one pass to FILE.
metered() {
    local file=$1
    shift
    "$build/bench_meters" "$work/cf.bam" threads=2 "count=$work/cf.saf" "$@" \
        >"$work/metered" || fault "bench_meters $*: exit status $?"
    echo "$(value "$work/metered" seconds) $(value "$work/metered" processor)" >>"$file"
}

# WHAT TIMES OF: a row with the ratio to counting alone, and the processor times.
meter_row() {
    add_row "$1" "$(median_of "$work/$2.times" 1)" NA "$3" \
        "$(median_of "$work/$4.times" 1)" NA "$(median_of "$work/$4.times" 2)" "$5"
    note "$1: processor time $(median_of "$work/$2.times" 2) s," \
        "$3 $(median_of "$work/$4.times" 2) s"
}

depth_ours() {
    "$build/bench_meters" "$work/cf.bam" threads=2 library=PANEL only=coverage \
        min_mapq=0 "targets=$work/cf.bed"
}
depth_mosdepth() {
    mosdepth -t 1 -n -b "$work/cf.bed" "$work/mosdepth" "$work/cf.bam"
}
depth_samtools() {
    samtools depth -@ 1 -b "$work/cf.bed" "$work/cf.bam"
}

metering_rows() {
    local pairs=1000000 i tool
    local all=(library=WGS "targets=$work/cf.bed" "sites=$work/cf.sites.tsv")
    [ "$long" = no ] || pairs=10000000
    progress "meters, $pairs made-up pairs of cell-free DNA"
    "$build/bench_made_fragments" 1 "$pairs" "$work/cf" ||
        fault "bench_made_fragments: exit status $?"
    rm -f "$work"/*.times
    if ! command -v samtools >/dev/null || ! command -v mosdepth >/dev/null; then
        note "samtools or mosdepth is not installed: no peers of the meters"
    else
        samtools index "$work/cf.bam"
        samtools faidx "$work/cf.fa"
    fi
    for ((i = 0; i < repeats; i++)); do
        metered "$work/alone.times" alone=1
        metered "$work/shallow.times" library=SWGS
        metered "$work/all.times" "${all[@]}"
        if [ -e "$work/cf.fa.fai" ]; then
            metered "$work/bases.times" library=SWGS "reference=$work/cf.fa"
            metered "$work/fasta.times" "${all[@]}" "reference=$work/cf.fa"
        fi
        clocked "$work/depth_ours.times" depth_ours
        for tool in mosdepth samtools; do
            [ ! -e "$work/cf.bam.bai" ] ||
                clocked "$work/depth_$tool.times" "depth_$tool"
        done
    done
    meter_row "meters, shallow WGS" shallow "counting alone" alone ">= 0.77"
    meter_row "meters, all" all "counting alone" alone ">= 0.77"
    if [ -e "$work/fasta.times" ]; then
        meter_row "meters, shallow WGS, FASTA" bases "counting alone" alone ">= 0.77"
        meter_row "meters, all, FASTA" fasta "counting alone" alone ">= 0.77"
    fi
    for tool in mosdepth samtools; do
        [ ! -e "$work/depth_$tool.times" ] ||
            meter_row "depth over targets" depth_ours "$tool, 2 threads" "depth_$tool" -
    done
}
