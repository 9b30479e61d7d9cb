/*
 * study_shared.c -- one file of reads that two patients are said to have
 */
#include "ingest/study_assays.h"

#include <string.h>

/* Owner of a sample by the samples sheet, NULL when it is not there. */
static const char *owner_of(const cxs_draft *draft, const char *sample)
{
    const cxs_sheet *sheet = draft->sheet[CXS_SHEET_SAMPLES];
    const cxs_column *id = cxs_sheet_find(sheet, "SAMPLE_ID");

    for (size_t r = 0; sheet != NULL && r < sheet->rows; r++) {
        const char *name = cxs_column_value(id, r);
        if (name != NULL && strcmp(name, sample) == 0)
            return cxs_column_value(cxs_sheet_find(sheet, "PATIENT_ID"), r);
    }
    return NULL;
}

/* May two rows name one file?  Tables and variants of several samples may; reads only
 * when COLUMN tells them apart. */
static bool may_share(const cxs_assay *a, const cxs_assay *b)
{
    return !cxs_assay_is_reads(a->assay) || !cxs_assay_is_reads(b->assay) ||
           strcmp(a->column != NULL ? a->column : "",
                  b->column != NULL ? b->column : "") != 0;
}

cxs_rc cxs_assays_check_shared(cxs_ctx *ctx, const cxs_draft *draft,
                               const cxs_assays *assays, const char *const *input)
{
    const char *sheet = draft->sheet[CXS_SHEET_ASSAYS]->table->path;
    cxs_faults twice = {.code = ""};

    for (size_t j = 1; j < assays->count; j++)
        for (size_t i = 0; i < j; i++) {
            const cxs_assay *a = &assays->at[i], *b = &assays->at[j];
            const char *of_a, *of_b;
            if (*input[i] == '\0' || strcmp(input[i], input[j]) != 0 || may_share(a, b))
                continue;
            of_a = owner_of(draft, a->sample);
            of_b = owner_of(draft, b->sample);
            if (of_a == NULL || of_b == NULL || strcmp(of_a, of_b) == 0)
                continue;
            cxs_fault_add(
                ctx, &twice,
                "%s:%zu:FILE: the same file as in line %zu, of another sample", sheet,
                a->line > b->line ? a->line : b->line,
                a->line > b->line ? b->line : a->line);
        }
    return cxs_faults_end(ctx, &twice);
}
