/*
 * study_labels.c -- what the samples sheet says of a sample beside its day: site and label
 *
 * Lumbar, ventricular and reservoir fluid differ in protein, cells and yield, so that a
 * change between sites is no change of the disease.  TIMEPOINT is a label: where it
 * disagrees with COLLECT_DAY the day counts, and where there is no day it is not asked.
 */
#include "ingest/study_draft.h"

#include <math.h>
#include <string.h>

typedef struct labels {
    const cxs_sheet *sheet;
    const cxs_column *source, *site, *label;
    const char **first;    /* [patients] site of the first fluid that has one */
    bool *mixed;           /* [patients] */
    size_t wrong, undated; /* samples */
    const char *pair[2];   /* sites, of the first patient with two */
} labels;

static bool is_after(const char *label)
{
    return strcmp(label, "ON_TREATMENT") == 0 || strcmp(label, "FOLLOW_UP") == 0;
}

static void look_at_site(labels *l, const cxs_sample *s)
{
    const char *source = cxs_column_value(l->source, s->row),
               *site = cxs_column_value(l->site, s->row);
    const char **first = &l->first[s->patient];

    if (site == NULL || source == NULL || strncmp(source, "CSF_", 4) != 0)
        return;
    if (*first == NULL)
        *first = site;
    if (strcmp(*first, site) == 0)
        return;
    l->mixed[s->patient] = true;
    if (l->pair[0] == NULL) {
        l->pair[0] = *first;
        l->pair[1] = site;
    }
}

static void look_at_label(labels *l, const cxs_sample *s, double dose)
{
    const char *label = cxs_column_value(l->label, s->row);

    if (label == NULL)
        return;
    if (isnan(s->day))
        l->undated += is_after(label);
    else
        l->wrong += s->day > dose ? strcmp(label, "BASELINE") == 0 : is_after(label);
}

static cxs_rc tell(cxs_ctx *ctx, const labels *l, size_t patients)
{
    const char *path = l->sheet->table->path;
    size_t mixed = 0;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < patients; i++)
        mixed += l->mixed[i];
    if (mixed > 0)
        CXS_TRY(cxs_warn(ctx, "",
                         "%s: %zu patients gave fluid from several sites (first: %s, "
                         "%s): these are not interchangeable",
                         path, mixed, l->pair[0], l->pair[1]));
    if (l->wrong > 0)
        CXS_TRY(cxs_warn(ctx, "",
                         "%s: the TIMEPOINT of %zu samples disagrees with their "
                         "COLLECT_DAY and FIRST_DOSE_DAY: the days count",
                         path, l->wrong));
    if (l->undated > 0)
        rc = cxs_warn(ctx, "",
                      "%s: %zu samples of ON_TREATMENT or FOLLOW_UP have no "
                      "COLLECT_DAY: without it they may stand as baseline",
                      path, l->undated);
done:
    return rc;
}

cxs_rc cxs_draft_check_labels(cxs_ctx *ctx, const cxs_draft *draft)
{
    const cxs_sheet *sheet = draft->sheet[CXS_SHEET_SAMPLES];
    const cxs_column *doses =
        cxs_sheet_find(draft->sheet[CXS_SHEET_PATIENTS], "FIRST_DOSE_DAY");
    const size_t n = cxs_draft_patients(draft);
    labels l = {.sheet = sheet};
    cxs_rc rc = CXS_OK;

    if (sheet == NULL)
        return CXS_OK;
    l.source = cxs_sheet_find(sheet, "SOURCE");
    l.site = cxs_sheet_find(sheet, "SITE");
    l.label = cxs_sheet_find(sheet, "TIMEPOINT");
    CXS_NEW(l.first, n);
    CXS_NEW(l.mixed, n);
    for (size_t s = 0; s < draft->samples; s++) { /* in the order of ids */
        const cxs_sample *sample = &draft->sample[s];
        const double dose = cxs_column_number(doses, sample->patient);
        if (sample->row == SIZE_MAX)
            continue;
        look_at_site(&l, sample);
        look_at_label(&l, sample, isnan(dose) ? 0.0 : dose);
    }
    rc = tell(ctx, &l, n);
done:
    cxs_free(l.first);
    cxs_free(l.mixed);
    return rc;
}
