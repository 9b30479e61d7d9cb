#!/usr/bin/env python3
# Makes the tables of this folder: a simulated study of 16 patients in two cohorts and two centres.
# Times are hand-picked, so that tests can state them; counts come from a small congruential generator.
import datetime

enrol = datetime.date(2023, 1, 9)
# id, centre, cohort, age, kps, grade, sex, PFS day, progression?, OS day, death?, first dose
rows = [
    ("P01", "C1", "GLIOMA", 61, 70, "4", "M", 61, 1, 140, 1, 7), ("P02", "C1", "GLIOMA", 48, 90, "3", "F", 420, 0, 420, 0, 7),
    ("P03", "C1", "GLIOMA", 55, 80, "4", "F", 122, 1, 260, 1, 7), ("P04", "C2", "GLIOMA", 39, 100, "2", "M", 800, 1, 900, 0, 14),
    ("P05", "C2", "GLIOMA", 67, 60, "4", "M", 30, 1, 88, 1, 7), ("P06", "C2", "GLIOMA", 52, 80, "III", "F", 310, 1, 505, 1, 7),
    ("P07", "C1", "GLIOMA", 44, 90, "3", "M", 640, 0, 640, 0, 7), ("P08", "C2", "GLIOMA", 70, 70, "4", "F", 95, 1, 95, 1, 7),
    ("P09", "C1", "BM", 58, 80, "NA", "F", 150, 1, 330, 1, 7), ("P10", "C2", "BM", 63, 70, "NA", "M", 75, 1, 190, 1, 7),
    ("P11", "C1", "BM", 49, 90, "NA", "F", 500, 0, 500, 0, 7), ("P12", "C2", "BM", 66, 60, "NA", "M", 45, 1, 45, 1, 7),
    ("P13", "C1", "BM", 54, 80, "NA", "F", 210, 1, 760, 1, 14), ("P14", "C2", "BM", 60, 80, "NA", "M", 180, 1, 400, 1, 7),
    ("P15", "C1", "BM", 47, 90, "NA", "F", 0, 1, 230, 1, 7), ("P16", "C2", "BM", 72, 60, "NA", "M", 20, 1, 61, 1, 7),
]


def day(n):
    return str(enrol + datetime.timedelta(days=n))


with open("patients.tsv", "w") as f:
    f.write("PATIENT_ID\tCENTER_ID\tCOHORT\tARM\tENROLL_DATE\tFIRST_DOSE_DAY\tSEX\tAGE\tKPS\tWHO_GRADE\tPRIMARY_TUMOR\tDEATH_DATE\t"
            "PROGRESSION_DATE\tLAST_CONTACT_DATE\tLAST_ASSESSMENT_DATE\tOS_DAYS\tOS_STATUS\tPFS_MONTHS\tPFS_STATUS\n")
    for p, c, co, age, kps, gr, sex, pfs, pe, os_, de, dose in rows:
        progressed = pe and not (de and pfs == os_)
        f.write("\t".join(map(str, [
            p, c, co, "TCELL" if co == "GLIOMA" else "TCELL_PEM", enrol, dose, sex, age, kps, gr,
            "NOT_APPLICABLE" if co == "GLIOMA" else "NSCLC_ADENO", day(os_) if de else "NA", day(pfs) if progressed else "NA",
            day(os_), day(min(pfs, os_)), os_, "1:DECEASED" if de else "0:LIVING", f"{pfs / 30.4375:.2f}",
            "1:PROGRESSION" if pe else "0:CENSORED"])) + "\n")

# Tumour of everybody but P16; CSF before and on treatment of six; one normal.
samples = [(f"{r[0]}-T", r[0], "TUMOR", "RNA", -40 - i, "SURGERY", "SURGERY") for i, r in enumerate(rows) if r[0] != "P16"]
for p in ("P01", "P03", "P05", "P09", "P10", "P14"):
    samples.append((f"{p}-C0", p, "CSF_CELLS", "RNA", 7, "BASELINE", "OMMAYA"))
    samples.append((f"{p}-C1", p, "CSF_CELLS", "RNA", 35, "ON_TREATMENT", "OMMAYA"))
samples.append(("P02-N", "P02", "NORMAL_BLOOD", "RNA", 0, "BASELINE", "BLOOD"))
with open("samples.tsv", "w") as f:
    f.write("SAMPLE_ID\tPATIENT_ID\tSOURCE\tANALYTE\tCOLLECT_DAY\tTIMEPOINT\tSITE\n")
    for s in samples:
        f.write("\t".join(map(str, s)) + "\n")
with open("assays.tsv", "w") as f:
    f.write("SAMPLE_ID\tASSAY\tFILE\tCOLUMN\tLIBRARY\n")
    for s in samples:
        tumour = s[2] == "TUMOR"
        f.write(f"{s[0]}\tRNA_COUNTS\t{'tumour.tsv' if tumour else 'fluid.tsv'}\t{s[0] + '.x' if tumour else s[0]}\t"
                f"{'RNASEQ' if tumour else 'RNA_LOWINPUT'}\n")

state = 20230109
genes = ["CD8A", "CD8B", "CDK4", "EGFR", "GZMB", "IDH1", "IFNG", "MGMT", "MKI67", "NES", "OLIG2", "PDGFRA", "PRF1", "PTEN", "SOX2",
         "TERT", "TP53", "TYMS", "VEGFA", "XIST"]
for name, chosen in (("tumour.tsv", [s for s in samples if s[2] == "TUMOR"]), ("fluid.tsv", [s for s in samples if s[2] != "TUMOR"])):
    with open(name, "w") as f:
        f.write("gene\t" + "\t".join(s[0] + (".x" if name == "tumour.tsv" else "") for s in chosen) + "\n")
        for g in genes[:-1] if name == "fluid.tsv" else genes:
            f.write(g)
            for s in chosen:
                state = (1103515245 * state + 12345) % 2**31
                f.write(f"\t{(state >> 16) % (900 if name == 'tumour.tsv' else 90)}")
            f.write("\n")
with open("visits.tsv", "w") as f:
    f.write("PATIENT_ID\tDAY\tRESPONSE\tCRITERIA\tKPS\tCSF_WBC\n")
    for p, d, r, k, w in (("P01", 30, "SD", 70, 4), ("P01", 61, "PD", 60, 9), ("P02", 60, "PR", 90, 3), ("P09", 150, "PD", 70, 2)):
        f.write(f"{p}\t{d}\t{r}\t{'RANO_2' if p != 'P09' else 'RANO_BM'}\t{k}\t{w}\n")
with open("doses.tsv", "w") as f:
    f.write("PATIENT_ID\tDAY\tAGENT\tDOSE\tROUTE\n")
    for r in rows:
        f.write(f"{r[0]}\t{r[11]}\tTCELL\t1e7\tOMMAYA\n")
with open("study.yaml", "w") as f:
    f.write("""title: Simulated study of 16 patients
time_origin: enrolment
tables: {patients: patients.tsv, samples: samples.tsv, assays: assays.tsv, visits: visits.tsv, doses: doses.tsv}
endpoint: {name: OS, time: OS_DAYS, event: OS_STATUS, horizon_days: 730.5}
strata: [COHORT]
covariates: [AGE, SEX]
reference: {SEX: M}
source: TUMOR
normalise: tmm
""")
