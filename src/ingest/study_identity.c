/*
 * study_identity.c -- identity checks over the whole study: CX043-CX045, CX056
 *
 * Sex by expression compares what the Y genes of gene_panels.tsv (qc_sex, male) sum to
 * with XIST.  Limits are choices of this project: a woman's tissue with a log2(CPM + 1)
 * above 4 on Y, or a man's above 4 for XIST and below 1 on Y, is not taken for chance;
 * a man without Y genes alone is not a fault, as tumours lose Y.
 */
#include "ingest/genes.h"
#include "ingest/identity.h"
#include "ingest/study_measure.h"

#include "base/out.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const double MUCH = 4.0, LITTLE = 1.0; /* log2(CPM + 1) */

/* ---- patients enrolled twice, by the sheet ----------------------------------------- */

static const char *patient_text(const cxs_draft *draft, const char *column, size_t i)
{
    return cxs_column_value(cxs_sheet_find(draft->sheet[CXS_SHEET_PATIENTS], column),
                            i);
}

static bool same_text(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static double birth_year(const cxs_draft *draft, size_t i)
{
    const char *enrolled = patient_text(draft, "ENROLL_DATE", i);
    const double age =
        cxs_column_number(cxs_sheet_find(draft->sheet[CXS_SHEET_PATIENTS], "AGE"), i);

    return enrolled != NULL ? (double)strtol(enrolled, NULL, 10) - floor(age)
                            : (double)NAN;
}

/* Same sex, birth year within the rounding of an age, day of diagnosis and last day. */
static bool looks_like_one(const cxs_draft *draft, size_t i, size_t j)
{
    const char *sex = patient_text(draft, "SEX", i);

    return same_text(sex, patient_text(draft, "SEX", j)) && strcmp(sex, "U") != 0 &&
           fabs(birth_year(draft, i) - birth_year(draft, j)) <= 1.0 &&
           same_text(patient_text(draft, "DX_DATE", i),
                     patient_text(draft, "DX_DATE", j)) &&
           (same_text(patient_text(draft, "DEATH_DATE", i),
                      patient_text(draft, "DEATH_DATE", j)) ||
            same_text(patient_text(draft, "LAST_CONTACT_DATE", i),
                      patient_text(draft, "LAST_CONTACT_DATE", j)));
}

static cxs_rc check_patients(cxs_ctx *ctx, const cxs_draft *draft)
{
    cxs_faults twice = {.code = "CX056"};

    for (size_t a = 0; a < draft->patient.n; a++)
        for (size_t b = a + 1; b < draft->patient.n; b++)
            if (looks_like_one(draft, draft->patient.entry[a].row,
                               draft->patient.entry[b].row))
                cxs_fault_add(ctx, &twice, "patients %s and %s look like one person",
                              cxs_ctx_id(ctx, draft->patient.entry[a].name),
                              cxs_ctx_id(ctx, draft->patient.entry[b].name));
    return cxs_faults_end(ctx, &twice);
}

/* ---- files ------------------------------------------------------------------------ */

typedef struct people {
    cxs_person_file *file; /* [count] */
    size_t count;
    cxs_measure_row *row;
    size_t rows;
    cxs_index sample; /* of the samples sheet */
} people;

static void clear_people(people *p)
{
    for (size_t i = 0; i < p->count; i++)
        cxs_person_file_clear(&p->file[i]);
    cxs_free(p->file);
    cxs_measure_rows_free(p->row, p->rows);
    cxs_index_clear(&p->sample);
}

/* chrX and chrY were read like the rest of the genome. */
static bool is_whole_genome(const cxs_draft *draft, const cxs_measure_key *key)
{
    const cxs_sheet *sheet = draft->sheet[CXS_SHEET_ASSAYS];
    const cxs_column *id = cxs_sheet_find(sheet, "SAMPLE_ID");
    const cxs_column *file = cxs_sheet_find(sheet, "FILE");
    const cxs_column *library = cxs_sheet_find(sheet, "LIBRARY");

    for (size_t r = 0; r < sheet->rows; r++)
        if (same_text(cxs_column_value(id, r), key->sample) &&
            same_text(cxs_column_value(file, r), key->file))
            return same_text(cxs_column_value(library, r), "WGS") ||
                   same_text(cxs_column_value(library, r), "SWGS");
    return false;
}

static cxs_rc take_file(cxs_ctx *ctx, const cxs_draft *draft, cxs_db *db, people *p,
                        const cxs_measure_row *row)
{
    const cxs_sheet *samples = draft->sheet[CXS_SHEET_SAMPLES];
    const size_t at = cxs_index_find(&p->sample, row->key.sample);
    const char *owner, *source;
    cxs_person_file *f = &p->file[p->count];
    cxs_measures *bag = NULL;
    size_t patient;
    cxs_rc rc = CXS_OK;

    if (at == SIZE_MAX || !cxs_assay_is_reads(row->key.assay))
        return CXS_OK;
    owner = cxs_column_value(cxs_sheet_find(samples, "PATIENT_ID"), at);
    source = cxs_column_value(cxs_sheet_find(samples, "SOURCE"), at);
    patient = owner != NULL ? cxs_index_find(&draft->patient, owner) : SIZE_MAX;
    if (patient == SIZE_MAX)
        return CXS_OK;
    CXS_TRY(cxs_measure_load(ctx, db, draft->plan->path, row->at, &bag));
    *f = (cxs_person_file){
        .sample = row->key.sample,
        .patient = owner,
        .file = row->key.file,
        .sex = patient_text(draft, "SEX", patient),
        .tumour = same_text(source, "TUMOR"),
        .normal = source != NULL &&
                  (strncmp(source, "NORMAL_", 7) == 0 || strcmp(source, "PBMC") == 0)};
    p->count++;
    rc = cxs_person_file_take(ctx, bag, is_whole_genome(draft, &row->key), f);
done:
    cxs_measures_free(bag);
    return rc;
}

static cxs_rc take_files(cxs_ctx *ctx, const cxs_draft *draft, cxs_db *db, people *p)
{
    const cxs_sheet *samples = draft->sheet[CXS_SHEET_SAMPLES];
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_measure_rows_read(ctx, db, &p->row, &p->rows));
    if (samples == NULL)
        goto done;
    CXS_TRY(cxs_index_make(ctx, cxs_sheet_find(samples, "SAMPLE_ID")->text,
                           samples->rows, &p->sample));
    CXS_NEW(p->file, p->rows);
    for (size_t r = 0; r < p->rows; r++)
        CXS_TRY(take_file(ctx, draft, db, p, &p->row[r]));
done:
    return rc;
}

/* ---- sex by expression -------------------------------------------------------------- */

typedef struct sex_genes {
    bool *y, *xist; /* [p] of the matrix */
    size_t n_y, n_xist;
} sex_genes;

static cxs_rc mark_gene(const cxs_matrix *m, const cxs_genes *genes, const char *symbol,
                        bool is_y, sex_genes *out)
{
    for (size_t j = 0; j < m->p; j++) {
        const char *name = m->feature[j];
        (void)cxs_genes_find(genes, name, &name);
        if (strcmp(name, symbol) != 0)
            continue;
        (is_y ? out->y : out->xist)[j] = true;
        *(is_y ? &out->n_y : &out->n_xist) += 1;
    }
    return CXS_OK;
}

/* Genes of the panel that the matrix has. */
static cxs_rc find_genes(cxs_ctx *ctx, const cxs_draft *draft, sex_genes *out)
{
    char *path = cxs_path_join(ctx, draft->refdata, "/gene_panels.tsv");
    size_t panel, gene, role;
    cxs_table *table = NULL;
    cxs_genes *genes = NULL;
    cxs_rc rc = CXS_OK;

    if (path == NULL)
        return CXS_ENOMEM;
    CXS_NEW(out->y, draft->matrix->p);
    CXS_NEW(out->xist, draft->matrix->p);
    CXS_TRY(cxs_table_read(ctx, path, &table));
    CXS_TRY(cxs_table_need(ctx, table, "panel_id", &panel));
    CXS_TRY(cxs_table_need(ctx, table, "symbol", &gene));
    CXS_TRY(cxs_table_need(ctx, table, "role", &role));
    CXS_TRY(cxs_genes_read(ctx, draft->refdata, &genes));
    for (size_t r = 0; r < table->rows; r++) {
        const char *symbol = cxs_table_cell(table, r, gene);
        const bool is_y = strcmp(cxs_table_cell(table, r, role), "male") == 0;
        if (strcmp(cxs_table_cell(table, r, panel), "qc_sex") != 0 ||
            (!is_y && strcmp(symbol, "XIST") != 0))
            continue;
        CXS_TRY(mark_gene(draft->matrix, genes, symbol, is_y, out));
    }
done:
    cxs_genes_free(genes);
    cxs_table_free(table);
    cxs_free(path);
    return rc;
}

/* log2(CPM + 1) of the genes that are marked. */
static double log_cpm(const cxs_matrix *m, size_t i, const bool *marked)
{
    double all = 0.0, sum = 0.0;

    for (size_t j = 0; j < m->p; j++) {
        const double x = m->x[j * m->n + i];
        all += isnan(x) ? 0.0 : x;
        sum += marked[j] && !isnan(x) ? x : 0.0;
    }
    return all > 0.0 ? log2(1e6 * sum / all + 1.0) : (double)NAN;
}

/* Patient row of a matrix column: a sample of the sheet, or a patient. */
static size_t patient_of(const cxs_draft *draft, const people *p, const char *name)
{
    const size_t at = cxs_index_find(&p->sample, name);
    const char *owner =
        at == SIZE_MAX
            ? name
            : cxs_column_value(
                  cxs_sheet_find(draft->sheet[CXS_SHEET_SAMPLES], "PATIENT_ID"), at);

    return owner != NULL ? cxs_index_find(&draft->patient, owner) : SIZE_MAX;
}

static cxs_rc warn_expressed(cxs_ctx *ctx, const char *sample, const char *sex,
                             double y, double xist, bool *disagrees)
{
    *disagrees = false;
    if (same_text(sex, "F") && y > MUCH) {
        *disagrees = true;
        return cxs_warn(ctx, "CX043",
                        "sample %s: recorded F, Y genes expressed (log2 CPM %.1f)",
                        cxs_ctx_id(ctx, sample), y);
    }
    if (same_text(sex, "M") && xist > MUCH && y < LITTLE) {
        *disagrees = true;
        return cxs_warn(
            ctx, "CX043",
            "sample %s: recorded M, XIST expressed (log2 CPM %.1f), Y genes "
            "not",
            cxs_ctx_id(ctx, sample), xist);
    }
    return CXS_OK;
}

static cxs_rc check_expression(cxs_ctx *ctx, const cxs_draft *draft, people *p)
{
    const cxs_matrix *m = draft->matrix;
    sex_genes genes = {NULL, NULL, 0, 0};
    cxs_rc rc = CXS_OK;

    if (m == NULL || m->kind != CXS_KIND_COUNTS || !cxs_genes_exist(draft->refdata))
        return CXS_OK;
    CXS_TRY(find_genes(ctx, draft, &genes));
    for (size_t i = 0; genes.n_y >= 3 && i < m->n; i++) {
        const size_t patient = patient_of(draft, p, m->sample[i]);
        bool disagrees;
        if (patient == SIZE_MAX)
            continue;
        CXS_TRY(warn_expressed(ctx, m->sample[i], patient_text(draft, "SEX", patient),
                               log_cpm(m, i, genes.y),
                               genes.n_xist > 0 ? log_cpm(m, i, genes.xist) : 0.0,
                               &disagrees));
        for (size_t f = 0; disagrees && f < p->count; f++)
            if (cxs_index_find(&draft->patient, p->file[f].patient) == patient)
                p->file[f].rna_disagrees = 1;
    }
done:
    cxs_free(genes.y);
    cxs_free(genes.xist);
    return rc;
}

/* ---- exclusion --------------------------------------------------------------------- */

static const char *const CONTAMINATED = "contaminated";
static const char *const OTHER_SEX = "sex of RNA and DNA";

const char *cxs_draft_excluded(const cxs_draft *draft, const char *sample)
{
    for (size_t i = 0; i < draft->excluded_count; i++)
        if (strcmp(draft->excluded[i], sample) == 0)
            return draft->excluded_why[i];
    return NULL;
}

static cxs_rc exclude(cxs_ctx *ctx, cxs_draft *draft, const char *sample,
                      const char *code, const char *why)
{
    const size_t n = draft->excluded_count;
    cxs_rc rc = CXS_OK;

    if (cxs_draft_excluded(draft, sample) != NULL)
        return CXS_OK;
    CXS_TRY(cxs_grow(ctx, (void **)&draft->excluded, &draft->excluded_capacity, n + 1,
                     sizeof *draft->excluded));
    CXS_TRY(cxs_grow(ctx, (void **)&draft->excluded_why, &draft->why_capacity, n + 1,
                     sizeof *draft->excluded_why));
    if ((draft->excluded[n] = cxs_strdup(ctx, sample)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    draft->excluded_why[n] = why;
    draft->excluded_count++;
    rc = cxs_warn(ctx, code, "sample %s is excluded (%s): its features are missing",
                  cxs_ctx_id(ctx, sample), why);
done:
    return rc;
}

/* Whose samples these are is open. */
static cxs_rc exclude_patient(cxs_ctx *ctx, cxs_draft *draft, const char *patient)
{
    const cxs_sheet *samples = draft->sheet[CXS_SHEET_SAMPLES];
    const cxs_column *id = cxs_sheet_find(samples, "SAMPLE_ID");
    const cxs_column *owner = cxs_sheet_find(samples, "PATIENT_ID");
    cxs_rc rc = CXS_OK;

    for (size_t r = 0; r < samples->rows; r++)
        if (same_text(cxs_column_value(owner, r), patient))
            CXS_TRY(exclude(ctx, draft, cxs_column_value(id, r), "CX043", OTHER_SEX));
done:
    return rc;
}

cxs_rc cxs_draft_identity(cxs_ctx *ctx, cxs_draft *draft, cxs_db *db)
{
    people p = {0};
    cxs_rc rc = CXS_OK;

    CXS_TRY(check_patients(ctx, draft));
    CXS_TRY(take_files(ctx, draft, db, &p));
    CXS_TRY(cxs_identity_genotypes(ctx, p.file, p.count));
    CXS_TRY(cxs_identity_sex(ctx, p.file, p.count));
    CXS_TRY(check_expression(ctx, draft, &p));
    for (size_t f = 0; f < p.count; f++) {
        if (cxs_is_contaminated(&p.file[f]))
            CXS_TRY(exclude(ctx, draft, p.file[f].sample, "CX045", CONTAMINATED));
        if (p.file[f].dna_disagrees && p.file[f].rna_disagrees)
            CXS_TRY(exclude_patient(ctx, draft, p.file[f].patient));
    }
done:
    clear_people(&p);
    return rc;
}
