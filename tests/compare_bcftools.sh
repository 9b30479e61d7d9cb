#!/usr/bin/env bash
# Alleles of the VCF reader against bcftools: CHROM POS REF ALT GT AD DP, split and left-aligned.
#   tests/compare_bcftools.sh [FOLDER]
# Made alleles are always compared. FOLDER may hold g1k_chr22_5samples.vcf.gz, expected_bcftools_calls.vcf,
# g1k_chr17_ref.fa (.fai) and purecn_tumor_normal_mutect.vcf.gz. One line per comparison; exit 1 on any
# difference.
set -u
cd "$(dirname "$0")/.." || exit 1
data=${1:-${COXSWAIN_VARIANTS:-}}
build=${build:-build}
command -v bcftools >/dev/null || { echo "compare_bcftools: skipped: bcftools is not installed"; exit 0; }
work=$(mktemp -d "${TMPDIR:-/tmp}/cxsbcf.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
tool=$work/vcf_table
"${MAKE:-make}" -s build="$build" "$build/libcoxswain.a" || exit 1
packages="openblas gsl libzstd zlib libcrypto jansson sqlite3 libfyaml cairo htslib"
# shellcheck disable=SC2046
${CC:-cc} -std=c11 -O2 -D_POSIX_C_SOURCE=200809L -Iinclude -Isrc tests/vcf_table.c "$build/libcoxswain.a" \
    $(pkg-config --libs $packages) -lpthread -lm -o "$tool" || exit 1
bad=0
same() { # name, ours, theirs
    local n
    n=$(wc -l < "$3")
    if [ "$n" -gt 0 ] && cmp -s "$2" "$3"; then
        echo "$1: $n alleles equal"
    else
        echo "$1: $(diff "$2" "$3" | grep -c '^[<>]') of $n lines differ"
        diff "$2" "$3" | cut -c1-160 | head -6
        bad=1
    fi
}
sorted() { LC_ALL=C sort; }

# 1. 4000 made indels, substitutions and multi-allelic records on made bases with repeats: norm -m- -f.
fasta=$work/made.fa
awk 'BEGIN { srand(11); print ">17"
    while (length(s) < 6000) {
        u = substr("ACGT", 1 + int(rand() * 4), 1) substr("ACGTCA", 1 + int(rand() * 6), 1 + int(rand() * 3))
        k = rand() < .3 ? 2 + int(rand() * 6) : 1
        for (i = 0; i < k; i++) s = s u
    }
    print substr(s, 1, 6000) }' > "$fasta"
printf '17\t6000\t4\t6000\t6001\n' > "$fasta.fai"
awk -v seed=7 'BEGIN { srand(seed) } !/^>/ { s = s toupper($0) } END {
    print "##fileformat=VCFv4.2"; print "##contig=<ID=17,length=" length(s) ">"
    print "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"G\">"
    print "##FORMAT=<ID=AD,Number=R,Type=Integer,Description=\"A\">"
    print "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1"
    for (i = 1; i <= 4000; i++) {
        p = 30 + int(i * (length(s) - 80) / 4000); r = substr(s, p, 1 + int(rand() * 6)); alt = ""; n = 1 + int(rand() * 3); ad = 1 + int(rand() * 90)
        for (k = 1; k <= n; k++) {
            u = rand(); a = r
            if (u < .3) a = substr(r, 1, 1)
            else if (u < .6) a = substr(s, p, 1) substr(s, p + 1, 1 + int(rand() * 3)) substr(r, 2)
            else if (u < .8) { b = substr("ACGT", 1 + int(rand() * 4), 1); a = b substr(r, 2) }
            else { a = substr(r, 1, 1); m = 1 + int(rand() * 4); for (j = 0; j < m; j++) a = a substr("ACGT", 1 + int(rand() * 4), 1) }
            if (a == r || index("," alt ",", "," a ",")) continue
            alt = alt (alt == "" ? "" : ",") a; ad = ad "," 1 + int(rand() * 90)
        }
        if (alt != "") print "17\t" p "\t.\t" r "\t" alt "\t.\tPASS\t.\tGT:AD\t.:" ad
    } }' "$fasta" > "$work/made.vcf"
"$tool" "$work/made.vcf" S1 genotypes=1 build=other reference="$fasta" chrom pos ref alt ad_ref ad_alt \
    2> "$work/err" | sorted > "$work/a"
bcftools norm -m- -f "$fasta" "$work/made.vcf" 2>/dev/null |
    bcftools query -f '%CHROM\t%POS\t%REF\t%ALT[\t%AD{0}\t%AD{1}]\n' | sorted > "$work/b"
same "made alleles: CHROM POS REF ALT AD" "$work/a" "$work/b"

[ -n "$data" ] && [ -d "$data" ] ||
    { echo "compare_bcftools: files of other programs skipped: no folder was given"; exit "$bad"; }

# bcftools norm trims shared bases only with -f; we always do (one deletion of this file).
trim() {
    awk -F'\t' -v OFS='\t' '{ r = length($3); a = length($4)
        while (r > 1 && a > 1 && substr($3, r, 1) == substr($4, a, 1)) { r--; a-- }
        for (l = 1; l < r && l < a && substr($3, l, 1) == substr($4, l, 1); l++) $2++
        $3 = substr($3, l, r - l + 1); $4 = substr($4, l, a - l + 1); print }'
}

# 2. Genotypes of five samples: CHROM POS REF ALT GT.
file=$data/g1k_chr22_5samples.vcf.gz
# bcftools norm needs the ##contig line that this file lacks.
gzip -dc "$file" | sed 's/^#CHROM/##contig=<ID=22>\n#CHROM/' > "$work/g.vcf"
for sample in $(bcftools query -l "$file"); do
    "$tool" "$file" "$sample" genotypes=1 build=hg19 chrom pos ref alt gt 2>/dev/null | sorted > "$work/a"
    bcftools norm -m- "$work/g.vcf" 2>/dev/null | bcftools query -s "$sample" -i 'ALT!~"<"' \
        -f '%CHROM\t%POS\t%REF\t%ALT[\t%GT]\n' | trim | sorted > "$work/b"
    same "g1k chr22 $sample: CHROM POS REF ALT GT" "$work/a" "$work/b"
done

# 3. Calls of bcftools on a piece of chromosome 17, with its FASTA: AD, DP, GT too.
file=$data/expected_bcftools_calls.vcf
fasta=$data/g1k_chr17_ref.fa
for sample in $(bcftools query -l "$file"); do
    "$tool" "$file" "$sample" genotypes=1 build=other reference="$fasta" \
        chrom pos ref alt gt ad_ref ad_alt dp_file 2>/dev/null | sorted > "$work/a"
    bcftools norm -m- -f "$fasta" "$file" 2>/dev/null | bcftools query -s "$sample" \
        -f '%CHROM\t%POS\t%REF\t%ALT[\t%GT\t%AD{0}\t%AD{1}\t%DP]\n' | sorted > "$work/b"
    same "bcftools calls $sample: CHROM POS REF ALT GT AD DP" "$work/a" "$work/b"
done

# 4. MuTect 1 writes numbers with a fraction into an Integer field (FORMAT/DP): bcftools refuses the
#    file, and so do we; with the type corrected the counts of tumour and normal are compared.
file=$data/purecn_tumor_normal_mutect.vcf.gz
"$tool" "$file" LIB-02240e4 genotypes=1 build=hg19 chrom >/dev/null 2>&1; ours=$?
theirs=$(bcftools query -f '%POS[ %DP]\n' "$file" 2>/dev/null | wc -l)
if [ "$ours" = 65 ] && [ "$theirs" = 0 ]; then
    echo "mutect as it is: we exit 65, bcftools prints no record"
else
    echo "mutect as it is: we exit $ours, bcftools prints $theirs records"; bad=1
fi
gzip -dc "$file" | sed 's/^##FORMAT=<ID=DP,Number=1,Type=Integer/##FORMAT=<ID=DP,Number=1,Type=Float/' > "$work/m.vcf"
"$tool" "$work/m.vcf" LIB-02240e4 genotypes=1 normal=LIB-02252e4 build=hg19 \
    chrom pos ref alt gt filter ad_ref ad_alt normal_alt 2>/dev/null | sorted > "$work/a"
bcftools query -f '%CHROM\t%POS\t%REF\t%ALT\t%FILTER[\t%GT\t%AD]\n' "$work/m.vcf" |
    awk -F'\t' -v OFS='\t' '{sub(/^chr/, "", $1); split($7, t, ","); split($9, n, ",");
        print $1, $2, $3, $4, $6, $5, t[1], t[2], n[2]}' | sorted > "$work/b"
same "mutect, type corrected: CHROM POS REF ALT GT FILTER AD AD(normal)" "$work/a" "$work/b"

exit "$bad"
