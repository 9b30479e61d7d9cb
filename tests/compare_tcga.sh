#!/usr/bin/env bash
# Calls from tables of mutations and copy numbers against the clinical columns of TCGA diffuse glioma.
#   tests/compare_tcga.sh [FOLDER] [EVERY]
# FOLDER holds clinical.tsv, cnv_gistic.tsv.zst (genes x patients, -2..2), mutations_mc3.maf.zst and
# expression_rnaseq_z.tsv.zst; default $COXSWAIN_TCGA. EVERY 10: each tenth patient only. Each patient's rows and
# columns become files of their own, so that a study of thousands is read once and not once per patient.
# Prints sensitivity, specificity and numbers; exit 1 when a call that biology fixes falls below 0.9.
set -u
cd "$(dirname "$0")/.." || exit 1
data=${1:-${COXSWAIN_TCGA:-}}
every=${2:-1}
build=${build:-build}
if [ -z "$data" ] || [ ! -r "$data/cnv_gistic.tsv.zst" ]; then
    echo "compare_tcga: skipped: no folder with the TCGA glioma tables (COXSWAIN_TCGA)"
    exit 0
fi
command -v zstdcat >/dev/null || { echo "compare_tcga: skipped: zstdcat is not installed"; exit 0; }
program=${program:-$build/coxswain}
work=$(mktemp -d "${TMPDIR:-/tmp}/cxstcga.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
mkdir "$work/study" "$work/study/maf" "$work/study/cna" || exit 1
cd "$work/study" || exit 1
here=$OLDPWD

# Patients with an outcome; times of 0 days are left to the reader of studies.
awk -F'\t' -v every="$every" '
    NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; OFS = "\t"
        print "PATIENT_ID", "CENTER_ID", "COHORT", "ARM", "SEX", "AGE", "WHO_GRADE", "PRIMARY_TUMOR",
            "IDH_STATUS", "CODEL_1P19Q", "OS_DAYS", "OS_STATUS", "GAIN7_LOSS10"; next }
    function get(name) { return $at[name] }
    get("os_days") == "NA" || get("os_event") == "NA" || get("age_years") == "NA" || NR % every { next }
    { idh = get("idh_status"); codel = get("codel_1p19q")
      print $1, "C" get("site_code"), "GLIOMA", "OTHER",
          get("sex") == "male" ? "M" : get("sex") == "female" ? "F" : "U", get("age_years"),
          get("grade") ~ /^G/ ? substr(get("grade"), 2) : "NA", "NOT_APPLICABLE",
          idh == "Mutant" ? "MUT" : idh == "WT" ? "WT" : "NA",
          codel == "codel" ? "CODEL" : codel == "non-codel" ? "NON_CODEL" : "NA",
          get("os_days"), get("os_event"),
          get("chr7gain_10loss") ~ /^Gain/ ? "YES" : get("chr7gain_10loss") ~ /^No/ ? "NO" : "NA" }' "$data/clinical.tsv" > all.tsv
cut -f1-12 all.tsv > patients.tsv
zstdcat "$data/mutations_mc3.maf.zst" | awk -F'\t' '
    NR == FNR { want[$1] = 1; next }
    FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; header = $0; OFS = "\t"; next }
    $at["sample_type"] != "01" || !($at["patient_id"] in want) { next }
    { id = $at["patient_id"]; file = "maf/" id ".maf"; $at["Tumor_Sample_Barcode"] = id "-D"
      if (!(id in seen)) { seen[id] = 1; print header > file }
      print > file }' patients.tsv - || exit 1
# Of the genes those with a place, which are the ones that calls are made from.
zstdcat "$data/cnv_gistic.tsv.zst" | awk -F'\t' '
    FILENAME != last { file++; last = FILENAME }
    file == 1 { want[$1] = 1; next }
    file == 2 { gene[$1] = 1; next }
    !header {header = 1; for (i = 2; i <= NF; i++) if ($i in want) { id[i] = $i; print "Hugo_Symbol\t" $i "-D" > ("cna/" $i ".tsv") }; next }
    !($1 in gene) { next }
    { for (i in id) print $1 "\t" $i > ("cna/" id[i] ".tsv") }' patients.tsv "$here/refdata/genes.tsv" - || exit 1
# Every chromosome counts as covered: the targets of the exomes differ and are not given.
awk -F'\t' '$1 ~ /^([0-9]+|X|Y)$/ { print $1 "\t0\t" $2 }' "$here/refdata/chrom_sizes.tsv" > whole.bed
zstdcat "$data/expression_rnaseq_z.tsv.zst" | head -1 | tr '\t' '\n' | tail -n +2 > rna.ids
{
    printf 'SAMPLE_ID\tPATIENT_ID\tSOURCE\tANALYTE\tTIMEPOINT\n'
    tail -n +2 patients.tsv | awk -F'\t' '{ print $1 "-D\t" $1 "\tTUMOR\tDNA\tSURGERY"
        print $1 "-R\t" $1 "\tTUMOR\tRNA\tSURGERY" }'
} > samples.tsv
{
    printf 'SAMPLE_ID\tASSAY\tFILE\tCOLUMN\tBUILD\tLIBRARY\tTARGET_BED\n'
    for f in maf/*.maf; do id=${f#maf/}; printf '%s-D\tMAF\t%s\tNA\thg19\tWES\twhole.bed\n' "${id%.maf}" "$f"; done
    for f in cna/*.tsv; do id=${f#cna/}; printf '%s-D\tCNA\t%s\tNA\tNA\tNA\tNA\n' "${id%.tsv}" "$f"; done
    awk -F'\t' -v file="$data/expression_rnaseq_z.tsv.zst" 'NR == FNR { rna[$1] = 1; next }
        $1 in rna { print $1 "-R\tRNA_LOG\t" file "\t" $1 "\tNA\tRNASEQ\tNA" }' rna.ids patients.tsv
} > assays.tsv
cat > study.yaml <<Y
title: TCGA diffuse glioma
tables: {patients: patients.tsv, samples: samples.tsv, assays: assays.tsv}
endpoint: {name: OS, time: OS_DAYS, event: OS_STATUS, time_unit: days}
covariates: [AGE]
Y
cd "$here" || exit 1
began=$(date +%s)
"$program" ingest "$work/study" --refdata refdata -o "$work/tcga.cxs" 2> "$work/ingest.log" || { tail -5 "$work/ingest.log"; exit 1; }
middle=$(date +%s)
"$program" features "$work/tcga.cxs" --refdata refdata --tsv "$work/features.tsv" 2> "$work/features.log" ||
    { tail -5 "$work/features.log"; exit 1; }
echo "ingest $((middle - began)) s, features $(($(date +%s) - middle)) s; $(grep -o 'features of sequencing files.*' "$work/features.log")"

# One line per comparison: a feature (calls 0 and 1) against a clinical column.
awk -F'\t' '
    NR == FNR { if (FNR == 1) for (i = 1; i <= NF; i++) col[$i] = i
        else { idh[$1] = $col["IDH_STATUS"]; codel[$1] = $col["CODEL_1P19Q"]; both[$1] = $col["GAIN7_LOSS10"] }; next }
    FNR == 1 { for (i = 2; i <= NF; i++) id[i] = $i; width = NF; next }
    $1 == "var.hot.IDH1_R132" || $1 == "var.hot.IDH2_R172" || $1 == "var.gene.IDH1" || $1 == "var.gene.IDH2" ||
    $1 == "cn.event.CODEL_1P19Q" || $1 == "cn.event.GAIN7_LOSS10" || $1 == "cn.event.CHR7_GAIN" ||
    $1 == "cn.event.CHR10_LOSS" || $1 == "cn.focal.EGFR.amp" || $1 == "cn.focal.CDKN2A.homdel" ||
    $1 == "var.gene.TP53" || $1 == "var.gene.ATRX" || $1 == "var.gene.CIC" || $1 == "var.gene.FUBP1" {
        for (i = 2; i <= width; i++) x[$1, id[i]] = $i; have[$1] = 1 }
    function line(name, a, b, positive, truth,    p, v, w, t, tp, fp, tn, fn, na) {
        for (p in truth) {
            t = truth[p]; if (t == "NA" || t == "") continue
            v = ((a, p) in x) ? x[a, p] : "NA"; w = b != "" && ((b, p) in x) ? x[b, p] : "NA"
            if (v == "NA" && w == "NA") { na++; continue }
            v = v + 0 > 0 || w + 0 > 0
            if (t == positive) { tp += v; fn += !v } else { fp += v; tn += !v }
        }
        printf "%-44s %5d %5d %5d %5d %6d   %s %s\n", name, tp, fn, fp, tn, na,
            tp + fn ? sprintf("%.3f", tp / (tp + fn)) : "-", tn + fp ? sprintf("%.3f", tn / (tn + fp)) : "-"
        if ((name ~ /^IDH1\/2 mutation/ || name ~ /^1p\/19q/) && (tp < .9 * (tp + fn) || tn < .9 * (tn + fp))) bad = 1
    }
    END {
        printf "%-44s %5s %5s %5s %5s %6s   %s %s\n", "call against clinical column", "tp", "fn", "fp", "tn", "no call", "sens", "spec"
        line("IDH1/2 mutation (any) = IDH_STATUS MUT", "var.gene.IDH1", "var.gene.IDH2", "MUT", idh)
        line("IDH1/2 hotspot codon = IDH_STATUS MUT", "var.hot.IDH1_R132", "var.hot.IDH2_R172", "MUT", idh)
        line("1p/19q codeletion = CODEL_1P19Q CODEL", "cn.event.CODEL_1P19Q", "", "CODEL", codel)
        line("+7/-10 = published call of +7/-10", "cn.event.GAIN7_LOSS10", "", "YES", both)
        line("+7/-10 = IDH_STATUS WT", "cn.event.GAIN7_LOSS10", "", "WT", idh)
        line("+7 = IDH_STATUS WT", "cn.event.CHR7_GAIN", "", "WT", idh)
        line("-10 = IDH_STATUS WT", "cn.event.CHR10_LOSS", "", "WT", idh)
        line("EGFR amplification = IDH_STATUS WT", "cn.focal.EGFR.amp", "", "WT", idh)
        line("CDKN2A homozygous loss = IDH_STATUS WT", "cn.focal.CDKN2A.homdel", "", "WT", idh)
        line("CIC mutation = CODEL_1P19Q CODEL", "var.gene.CIC", "", "CODEL", codel)
        line("FUBP1 mutation = CODEL_1P19Q CODEL", "var.gene.FUBP1", "", "CODEL", codel)
        line("ATRX mutation = CODEL_1P19Q NON_CODEL", "var.gene.ATRX", "", "NON_CODEL", codel)
        exit bad
    }' "$work/study/all.tsv" "$work/features.tsv"
