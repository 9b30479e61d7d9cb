/*
 * test_ingest.c -- every fault of a study says where it is; nothing is half-written
 */
#include "test.h"

#include "study_case.h"

#include "base/base.h"

#include <sys/stat.h>

#define YAML_TABLES "tables: {patients: patients.tsv}\n"
#define YAML_OS     YAML_TABLES "endpoint: {name: OS}\n"
#define SHEET       "PATIENT_ID\tOS_DAYS\tOS_STATUS"

/* Run one ingest that must fail; check kind, code, words, and that no file is left. */
static void expect_failure(const char *study, cxs_rc rc, const char *code,
                           const char *message)
{
    cxs_ctx *ctx = cxs_ctx_new();
    char out[1200];
    cxs_rc got;

    snprintf(out, sizeof out, "%s.cxs", test_path(study));
    remove(out);
    got = case_ingest(ctx, study);
    if (got != rc || strcmp(cxs_ctx_code(ctx), code) != 0 ||
        strstr(cxs_ctx_message(ctx), message) == NULL) {
        test_failures++;
        printf("  %s: got %d %s: %s\n  want %d %s: %s\n", study, (int)got,
               cxs_ctx_code(ctx), cxs_ctx_message(ctx), (int)rc, code, message);
    }
    CHECK(access(out, F_OK) != 0);
    cxs_ctx_free(ctx);
}

/* Run one ingest that must succeed with a warning (NULL: without one). */
static void expect_warning(const char *study, const char *warning)
{
    cxs_ctx *ctx = cxs_ctx_new();
    const cxs_rc got = case_ingest(ctx, study);
    bool found = warning == NULL && cxs_ctx_warning_count(ctx) == 0;

    for (size_t w = 0; warning != NULL && w < cxs_ctx_warning_count(ctx); w++)
        found = found || strstr(cxs_ctx_warning(ctx, w, NULL), warning) != NULL;
    if (got != CXS_OK || !found) {
        test_failures++;
        printf("  %s: got %d: %s\n  want the warning: %s\n", study, (int)got,
               cxs_ctx_message(ctx), warning != NULL ? warning : "none");
        for (size_t w = 0; w < cxs_ctx_warning_count(ctx); w++)
            printf("  warned: %s\n", cxs_ctx_warning(ctx, w, NULL));
    }
    cxs_ctx_free(ctx);
}

static void yaml_faults_name_the_line(void **state)
{
    static const struct {
        const char *yaml, *message;
    } cases[] = {
        {"tabels: {patients: p.tsv}\n",
         "study.yaml:1: unknown key 'tabels'; did you mean 'tables'?"},
        {YAML_TABLES "endpoint: {name: OS, tine: t}\n",
         "study.yaml:2: unknown key 'tine' in endpoint; did you mean 'time'?"},
        {YAML_TABLES, "'endpoint: {name: ...}' is needed"},
        {"endpoint: {name: OS}\n", "'tables: {patients: ...}' is needed"},
        {YAML_TABLES "endpoint: {name: OS, time_unit: weeks}\n",
         "study.yaml:2: 'time_unit' is not one of days|months|years, got 'weeks'"},
        {YAML_TABLES "endpoint: {name: OS, horizon_days: -3}\n",
         "study.yaml:2: 'horizon_days' must be a number > 0"},
        {YAML_OS "strata: {A: b}\n", "study.yaml:3: 'strata' must be a list"},
        {YAML_OS "accept_units: perhaps\n",
         "study.yaml:3: 'accept_units' must be yes or no"},
        {YAML_OS "title: a\ntitle: b\n", "study.yaml:4: "},
        {YAML_OS "title: [a\n", "not YAML"},
        {YAML_OS "title: &a b\nna: *a\n", "aliases and tags are not read"},
        {YAML_OS "- a\n", "not YAML"},
        {"- a\n", "study.yaml:1: expected `key: value` lines"},
        {"", "study.yaml: empty file"},
        {YAML_OS "expression: {kind: counts}\n",
         "study.yaml:3: expression needs 'file'"},
        {YAML_OS "columns: {AGEE: a}\n", "study.yaml:3: 'AGEE' is no column of the "
                                         "patients schema; did you mean 'AGE'?"},
        {YAML_OS "constants: {OS_DAYS: 3}\n", "constant OS_DAYS, but "},
        {YAML_TABLES "endpoint: {name: XYZ}\n",
         "study.yaml:2: endpoint XYZ: give time and event"},
        {YAML_TABLES "endpoint: {name: OS, time: OS_DAYS}\n",
         "study.yaml:2: endpoint needs both time and event"},
        {YAML_TABLES "endpoint: {name: OS, time: OS_DAYS, event: OS_STATUS, "
                     "time_unit: months}\n",
         "study.yaml:2: time_unit months, but 'OS_DAYS' is in other units"},
        {YAML_OS "factors: [OS_DAYS]\n",
         "study.yaml:3: factors: 'OS_DAYS' is not a covariate"},
        {"tables: {patients: patients.tsv, assays: a.tsv}\nendpoint: {name: OS}\n",
         "study.yaml:1: an assays sheet needs a samples sheet"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        case_plain("yaml", cases[i].yaml, SHEET "\nA\t3\t1\nB\t4\t0\n");
        expect_failure("yaml", CXS_EARG, "", cases[i].message);
    }
    CHECK_DONE();
}

static void an_absent_file_is_named(void **state)
{
    (void)state;
    expect_failure("nowhere", CXS_ENOINPUT, "", "nowhere: ");
    case_plain("absent", "tables: {patients: p.tsv}\nendpoint: {name: OS}\n", "");
    expect_failure("absent", CXS_ENOINPUT, "", "absent/p.tsv: ");
    CHECK_DONE();
}

/* One sheet with id, time, event and what the row of the catalogue needs. */
static const struct {
    const char *yaml, *patients;
    cxs_rc rc;
    const char *code, *message;
} sheet_cases[] = {
    {YAML_OS, SHEET "\nA\t3\t1\nB\t4\t0\nA\t5\t0\n", CXS_EFORMAT, "CX002",
     "patients.tsv:4:PATIENT_ID: \"A\" repeats line 2 with other values in "
     "OS_DAYS, "
     "OS_STATUS"},
    {YAML_OS, SHEET "\nA-1\t3\t1\na_1\t4\t0\n", CXS_EFORMAT, "CX005",
     "differ only by case, blanks or punctuation"},
    {YAML_OS, SHEET "\nA\t-3\t1\nB\t4\t0\n", CXS_EFORMAT, "CX007",
     "patients.tsv:2:OS_DAYS: negative time -3"},
    {YAML_OS, SHEET "\nA\t3\t1\nB\t4\t2\n", CXS_EFORMAT, "CX008",
     "patients.tsv:OS_STATUS: values are 1 and 2; say --status-coding 12"},
    {YAML_TABLES "endpoint: {name: OS, time: OS_DAYS, event: CNSR}\n",
     "PATIENT_ID\tOS_DAYS\tCNSR\nA\t3\t0\nB\t4\t1\n", CXS_EFORMAT, "CX009",
     "CNSR 0 means event; the column cannot be a status"},
    {YAML_OS, SHEET "\tCNSR\nA\t3\t0\t0\nB\t4\t1\t1\n", CXS_EFORMAT, "CX009",
     "CNSR 0 means event; the column cannot be a status: OS_STATUS equals it"},
    {YAML_OS, "PATIENT_ID\tOS_MONTHS\tOS_STATUS\nA\t90\t1\nB\t350\t0\n", CXS_EFORMAT,
     "CX010", "patients.tsv:OS_MONTHS: median 220: this looks like days"},
    {YAML_OS, SHEET "\nA\t3.2\t1\nB\t14.5\t0\n", CXS_EFORMAT, "CX010",
     "patients.tsv:OS_DAYS: median 8.85: this looks like months"},
    {YAML_OS, SHEET "\tPFS_DAYS\tPFS_STATUS\nA\t600\t1\t20\t1\nB\t700\t1\t22\t1\n",
     CXS_EFORMAT, "CX010", "the medians of OS and PFS are 650 and 21 days"},
    {YAML_OS, SHEET "\tPFS_DAYS\tPFS_STATUS\nA\t30\t0\t40\t1\nB\t90\t1\t60\t1\n",
     CXS_EFORMAT, "CX011", "patients.tsv:2: PFS 40 d is after OS 30 d"},
    {YAML_OS, SHEET "\tPFS_DAYS\tPFS_STATUS\nA\t30\t0\t20\t1\nB\t90\t1\t90\t0\n",
     CXS_EFORMAT, "CX011", "patients.tsv:3: death at 90 d, but PFS is censored"},
    {YAML_OS, SHEET "\tENTRY_DAYS\nA\t30\t1\t30\nB\t90\t1\t0\n", CXS_EFORMAT, "CX013",
     "patients.tsv:2:ENTRY_DAYS: entry 30 is not before exit 30"},
    {YAML_OS, SHEET "\tENTRY_DAYS\nA\t30\t1\t-2\nB\t90\t1\t0\n", CXS_EFORMAT, "CX007",
     "patients.tsv:2:ENTRY_DAYS: negative time -2"},
    {YAML_OS, SHEET "\tDEATH_DATE\nA\t30\t1\t2023-01-09\nB\t90\t1\tNA\nC\t95\t0\tNA\n",
     CXS_EFORMAT, "CX015",
     "OS_STATUS has 2 events but 1 deaths: this is the composite endpoint; map it "
     "to PFS"},
    {YAML_OS, SHEET "\tAGE\nA\t3\t1\t6o\nB\t4\t0\t4,5\n", CXS_EFORMAT, "CX016",
     "patients.tsv:3:AGE: \"4,5\" is not a number"},
    {YAML_OS, SHEET "\tN_BM\nA\t3\t1\t1.5\nB\t4\t0\t4\n", CXS_EFORMAT, "CX016",
     "patients.tsv:2:N_BM: \"1.5\" is not a whole number"},
    {YAML_OS, SHEET "\tAGE\nA\t3\t1\tunk\nB\t4\t0\tunk\n", CXS_EFORMAT, "CX017",
     "patients.tsv:AGE: 2 cells hold unk; is it missing? add --na unk"},
    {YAML_OS, SHEET "\tAGE\nA\t3\t1\t999\nB\t4\t0\t40\n", CXS_EFORMAT, "CX017",
     "patients.tsv:AGE: 1 cells hold 999; is it missing? add --na 999"},
    {YAML_OS, SHEET "\tSEX\nA\t3\t1\tf\nB\t4\t0\tM\n", CXS_EFORMAT, "CX018",
     "patients.tsv:2:SEX: \"f\" is not one of F|M|U; did you mean \"F\"?"},
    {YAML_OS, SHEET "\tEOR\nA\t3\t1\tGTL\nB\t4\t0\tmassive\n", CXS_EFORMAT, "CX018",
     "patients.tsv:2:EOR: \"GTL\" is not one of GTR|STR|PARTIAL|BIOPSY|NONE; did "
     "you "
     "mean \"GTR\"?"},
    {YAML_OS, SHEET "\tAGE\nA\t3\t1\t150\nB\t4\t0\t40\n", CXS_EFORMAT, "CX018",
     "patients.tsv:2:AGE: \"150\" is outside 0..120"},
    {YAML_OS, SHEET "\tGPA\nA\t3\t1\t2.25\nB\t4\t0\t1.5\n", CXS_EFORMAT, "CX018",
     "patients.tsv:2:GPA: \"2.25\" is outside 0..4 step 0.5"},
    {YAML_OS, SHEET "\tECM\nA\t3\t1\t2\nB\t4\t0\tyes\n", CXS_EFORMAT, "CX018",
     "patients.tsv:2:ECM: \"2\" is not one of 0|1|T|F"},
    {YAML_OS, SHEET "\nA b\t3\t1\nB\t4\t0\n", CXS_EFORMAT, "CX018",
     "patients.tsv:2:PATIENT_ID: \"A b\" is not an id"},
    {YAML_OS, SHEET "\nNA\t3\t1\nB\t4\t0\n", CXS_EFORMAT, "CX018",
     "patients.tsv:2:PATIENT_ID: \"NA\" is not an id"},
    {YAML_OS, SHEET "\nA\t3\tdead\nB\t4\t0\n", CXS_EFORMAT, "CX018",
     "patients.tsv:2:OS_STATUS: \"dead\" is not one of 0|1"},
    {YAML_OS, SHEET "\nA\t3\t1\nB\t4\n", CXS_EFORMAT, "CX019", "patients.tsv:3: "},
    {YAML_OS, "PATIENT\tOS_DAYS\tOS_STATUS\nA\t3\t1\n", CXS_EFORMAT, "CX020",
     "patients.tsv:1: column \"PATIENT_ID\" is missing (found "},
    {YAML_TABLES "endpoint: {name: OS, time: os, event: OS_STATUS}\n",
     SHEET "\nA\t3\t1\n", CXS_EFORMAT, "CX020", "column \"os\" is missing"},
    {YAML_OS "covariates: [AGE]\n", SHEET "\nA\t3\t1\n", CXS_EFORMAT, "CX020",
     "patients.tsv:1: column \"AGE\" is missing"},
    {YAML_OS "columns: {AGE: years}\n", SHEET "\nA\t3\t1\n", CXS_EFORMAT, "CX020",
     "column \"years\" is missing"},
    {YAML_OS, SHEET "\nA\t3\t0\nB\t4\t0\n", CXS_EDEGENERATE, "CX052",
     "no event of OS among 2 patients"},
    {YAML_OS, SHEET "\n", CXS_EFORMAT, "", "patients.tsv"},
    {YAML_OS, SHEET "\tDX_DATE\nA\t3\t1\t09.01.2023\nB\t4\t0\t2023-01-09\n",
     CXS_EFORMAT, "CX057", "patients.tsv:2:DX_DATE: \"09.01.2023\" is not YYYY-MM-DD"},
    {YAML_OS, SHEET "\tDX_DATE\nA\t3\t1\t2023-02-29\nB\t4\t0\t2024-02-29\n",
     CXS_EFORMAT, "CX057", "patients.tsv:2:DX_DATE: \"2023-02-29\" is not YYYY-MM-DD"},
    {YAML_OS, SHEET "\tDX_DATE\nA\t3\t1\t2023-13-01\nB\t4\t0\t23-01-09\n", CXS_EFORMAT,
     "CX057", "patients.tsv:3:DX_DATE: \"23-01-09\" is not YYYY-MM-DD"},
    {YAML_OS, SHEET "\tDX_DATE\nA\t3\t1\t2023-01-09\nB\t4\t0\t2190-01-09\n",
     CXS_EFORMAT, "CX057", "patients.tsv:3:DX_DATE: \"2190-01-09\" is in the future"},
    {YAML_OS, SHEET "\tOS_MONTHS\nA\t30\t1\t1\nB\t90\t0\t2\n", CXS_EFORMAT, "",
     "patients.tsv:3: OS_DAYS gives 90 days, OS_MONTHS 60.875: they must agree"},
    {YAML_OS,
     SHEET "\tENROLL_DATE\tDEATH_DATE\tLAST_CONTACT_DATE\n"
           "A\t30\t1\t2023-01-01\t2023-02-15\t2023-02-15\n",
     CXS_EFORMAT, "",
     "patients.tsv:2: dates give OS 45 days with status 1, columns 30 days with "
     "status 1: they must agree within 1 day"},
    {YAML_OS, SHEET "\tENROLL_DATE\tDEATH_DATE\nA\t3\t1\t2023-03-01\t2023-02-15\n",
     CXS_EFORMAT, "CX007", "patients.tsv:2:OS_DAYS: negative time -14"},
};

static void rows_of_the_catalogue_on_one_sheet(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sheet_cases / sizeof *sheet_cases; i++) {
        case_plain("plain", sheet_cases[i].yaml, sheet_cases[i].patients);
        expect_failure("plain", sheet_cases[i].rc, sheet_cases[i].code,
                       sheet_cases[i].message);
    }
    CHECK_DONE();
}

static void warnings_do_not_stop(void **state)
{
    static const struct {
        const char *yaml, *patients, *warning;
    } cases[] = {
        {YAML_OS, SHEET "\nA\t30\t1\nB\t40\t0\nA\t30\t1\n", "CX002: "},
        {YAML_OS, SHEET "\nA\t0\t1\nB\t40\t0\n",
         "patients.tsv: 1 times of OS are 0 and became 0.5 day"},
        {YAML_OS, SHEET "\tAGE\nA\t30\t1\t99\nB\t40\t0\t40\n",
         "patients.tsv:AGE: 1 cells hold 99; is it missing? add --na 99"},
        {YAML_OS "bad_rows: drop\n", SHEET "\tENTRY_DAYS\nA\t30\t1\t30\nB\t90\t1\t0\n",
         "1 patients whose entry is not before the exit were dropped"},
        {YAML_OS "accept_units: yes\n", SHEET "\nA\t3.2\t1\nB\t14.5\t0\n", NULL},
        {YAML_OS "status_coding_12: yes\n", SHEET "\nA\t30\t1\nB\t90\t2\n", NULL},
        {YAML_OS "na: [unk]\n", SHEET "\tAGE\nA\t30\t1\tunk\nB\t40\t0\t40\n", NULL},
        {YAML_OS "values: {SEX: {female: F}}\n",
         SHEET "\tSEX\nA\t30\t1\tfemale\nB\t40\t0\tM\n", NULL},
        {YAML_OS, SHEET "\tAGE\nA\t30\t1\t98\nB\t40\t0\t40\nC\t44\t0\t101\n", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        case_plain("warned", cases[i].yaml, cases[i].patients);
        expect_warning("warned", cases[i].warning);
    }
    CHECK_DONE();
}

/* Faults between the sheets of the committed study. */
static void rows_of_the_catalogue_between_sheets(void **state)
{
    static const struct {
        const char *file, *from, *to;
        cxs_rc rc;
        const char *code, *message;
    } cases[] = {
        {"samples.tsv", "P02-T\tP02", "P01-T\tP02", CXS_EFORMAT, "CX001",
         "samples.tsv:3:SAMPLE_ID: \"P01-T\" was already given at line 2"},
        {"samples.tsv", "P02-T\tP02", "P02-T\tP99", CXS_EFORMAT, "CX003",
         "samples.tsv:3:PATIENT_ID: no patient \"P99\""},
        {"samples.tsv", "P02-T\tP02", "P02-T\tp02", CXS_EFORMAT, "CX005",
         "differ only by case, blanks or punctuation"},
        {"assays.tsv", "P02-T\tRNA", "P77-T\tRNA", CXS_EFORMAT, "CX003",
         "assays.tsv:3:SAMPLE_ID: no sample \"P77-T\""},
        {"assays.tsv", "P02-T\tRNA", "P01-T\tRNA", CXS_EFORMAT, "CX001",
         "assays.tsv:3:SAMPLE_ID: \"P01-T\" was already given at line 2"},
        {"assays.tsv", "P02-T.x", "P02-T.y", CXS_EFORMAT, "CX006",
         "has no column \"P02-T.y\""},
        {"assays.tsv", "P02-T.x", "P01-T.x", CXS_EFORMAT, "CX006",
         "column \"P01-T.x\" of "},
        {"assays.tsv", "P02-T\tRNA_COUNTS", "P02-T\tRNA_TPM", CXS_EMISMATCH, "",
         "assays.tsv:3:ASSAY: \"RNA_TPM\" beside counts"},
        {"assays.tsv", "P02-T\tRNA_COUNTS", "P02-T\tRNA_COUNT", CXS_EFORMAT, "CX018",
         "did you mean \"RNA_COUNTS\"?"},
        {"visits.tsv", "P01\t30", "P01\t300", CXS_EFORMAT, "CX012",
         "visits.tsv:2:DAY: day 300 is after death (day 140)"},
        {"visits.tsv", "P02\t60", "P02\t460", CXS_EFORMAT, "CX012",
         "visits.tsv:4:DAY: day 460 is after the last contact (day 420)"},
        {"doses.tsv", "P12\t7", "P12\t70", CXS_EFORMAT, "CX012",
         "doses.tsv:13:DAY: day 70 is after death (day 45)"},
        {"doses.tsv", "1e7", "-1", CXS_EFORMAT, "CX018",
         "doses.tsv:2:DOSE: \"-1\" is outside >0"},
        {"samples.tsv", "P08-T\tP08\tTUMOR\tRNA\t-47", "P08-T\tP08\tTUMOR\tRNA\t21",
         CXS_EFORMAT, "CX014",
         "1 samples were drawn after the time origin; a patient must survive to be "
         "sampled: set landmark = 21"},
        {"samples.tsv", "P01-C0\tP01\tCSF_CELLS\tRNA\t7",
         "P01-C0\tP01\tCSF_CELLS\tRNA\tNA", CXS_EFORMAT, "",
         "samples.tsv:17:COLLECT_DAY: a CSF_CELLS sample needs its collection day"},
        {"tumour.tsv", "CD8B", "CD8A", CXS_EFORMAT, "CX025", "tumour.tsv"},
        {"study.yaml", "normalise: tmm", "expression: {file: other.tsv}", CXS_EARG, "",
         "study.yaml:9: expression: other.tsv of this kind is not in the assays sheet"},
        {"study.yaml", "reference: {SEX: M}", "reference: {KPS: M}", CXS_EARG, "",
         "reference: 'KPS' is not a covariate"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        case_study("between", cases[i].file, cases[i].from, cases[i].to);
        expect_failure("between", cases[i].rc, cases[i].code, cases[i].message);
    }
    CHECK_DONE();
}

static void who_has_no_sample_is_told(void **state)
{
    (void)state;
    case_study("without", NULL, NULL, NULL);
    expect_warning("without", "CX004: patients without any sample: 1 (");
    case_study("without", "study.yaml", "source: TUMOR\n", "");
    expect_warning("without", "baseline samples are of several materials (CSF_CELLS, "
                              "TUMOR): choose one by source: TUMOR");
    case_study("without", "study.yaml", "source: TUMOR\n", "source: PBMC\n");
    expect_failure("without", CXS_EMISMATCH, "", "no patient has a baseline sample");
    CHECK_DONE();
}

/* Columns are "P01-T.x": three characters of them are patient ids. */
static void a_cut_is_suggested_not_made(void **state)
{
    (void)state;
    case_file("cut", "study.yaml", "");
    case_copy("cut", "tumour.tsv", NULL, NULL);
    case_plain("cut", YAML_OS "expression: {file: tumour.tsv, kind: counts}\n",
               SHEET "\nP01\t30\t1\nP02\t40\t0\nP03\t50\t1\nP04\t60\t1\nP05\t60\t1\n"
                     "P06\t30\t1\nP07\t40\t0\nP08\t50\t1\nP09\t60\t1\nP10\t60\t1\n"
                     "P11\t30\t1\nP12\t40\t0\nP13\t50\t1\nP14\t60\t1\nP15\t60\t1\n");
    expect_failure(
        "cut", CXS_EMISMATCH, "CX006",
        "tumour.tsv: 0 of 15 columns are patient ids; 15 match after cutting "
        "to 3 characters");
    case_plain("cut", YAML_OS "expression: {file: tumour.tsv, kind: counts}\n",
               SHEET "\nX\t30\t1\nY\t40\t0\n");
    expect_failure("cut", CXS_EMISMATCH, "",
                   "tumour.tsv: none of the 15 columns are patient ids");
    CHECK_DONE();
}

/* More than 20 faults of a sheet: 20 sentences and the total. */
static void many_faults_are_counted(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_buf text = {0};
    size_t lines = 0;

    (void)state;
    CHECK(cxs_buf_addf(ctx, &text, SHEET "\tAGE\n") == CXS_OK);
    for (int i = 0; i < 33; i++)
        CHECK(cxs_buf_addf(ctx, &text, "A%d\t30\t1\tx%d\n", i, i) == CXS_OK);
    case_plain("many", YAML_OS, text.text);
    CHECK(case_ingest(ctx, "many") == CXS_EFORMAT);
    for (const char *c = cxs_ctx_message(ctx); *c != '\0'; c++)
        lines += *c == '\n';
    CHECK(lines == 20);
    CHECK(strstr(cxs_ctx_message(ctx), "33 such faults in total") != NULL);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX016") == 0);
    cxs_free(text.text);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void masked_ids_stay_hidden(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    cxs_ctx_set_mask_ids(ctx, 1);
    case_study("masked", "samples.tsv", "P02-T\tP02", "P02-T\tCANARY");
    CHECK(case_ingest(ctx, "masked") == CXS_EFORMAT);
    CHECK(strstr(cxs_ctx_message(ctx), "CANARY") == NULL);
    CHECK(strstr(cxs_ctx_message(ctx), "no patient \"***\"") != NULL);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void every_allocation_may_fail(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    const long live = cxs_alloc_live();
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)state;
    case_plain("alloc",
               YAML_OS "strata: [COHORT]\ncovariates: [AGE, SEX]\nreference: {SEX: M}\n"
                       "bad_rows: drop\n"
                       "expression: {file: x.tsv, kind: counts, normalise: none}\n",
               SHEET
               "\tCOHORT\tAGE\tSEX\tENTRY_DAYS\nA\t30\t1\tBM\t50\tF\t1\n"
               "B\t40\t0\tGLIOMA\t60\tM\t2\nC\t0\t0\tBM\t60\tM\t3\nC\t0\t0\tBM\t60"
               "\tM\t3\n");
    case_file("alloc", "x.tsv", "gene\tA\tB\tZ\nG1\t10\t200\t3\nG2\t0\t70\t5\n");
    for (k = 1; rc == CXS_ENOMEM && k < 2000; k++) {
        cxs_alloc_fail_at(k);
        rc = case_ingest(ctx, "alloc");
        cxs_alloc_fail_at(0);
        if (rc != CXS_OK && rc != CXS_ENOMEM) {
            test_failures++;
            printf("  allocation %ld: %d %s\n", k, (int)rc, cxs_ctx_message(ctx));
        }
    }
    cxs_ctx_free(ctx);
    CHECK(rc == CXS_OK && k > 100);
    CHECK(cxs_alloc_live() == live - 1); /* the context was counted */
    printf("# %ld allocations\n", k);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(yaml_faults_name_the_line),
        cmocka_unit_test(an_absent_file_is_named),
        cmocka_unit_test(rows_of_the_catalogue_on_one_sheet),
        cmocka_unit_test(warnings_do_not_stop),
        cmocka_unit_test(rows_of_the_catalogue_between_sheets),
        cmocka_unit_test(who_has_no_sample_is_told),
        cmocka_unit_test(a_cut_is_suggested_not_made),
        cmocka_unit_test(many_faults_are_counted),
        cmocka_unit_test(masked_ids_stay_hidden),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("ingest", tests, test_folder_make,
                                       test_folder_remove);
}
