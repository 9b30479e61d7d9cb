/*
 * copygiven.c -- copy numbers that came as tables: segments, states of genes
 */
#include "features/copynumber.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double CHANGE = 0.2;

static cxs_rc add_segment(cxs_ctx *ctx, cxs_cn_segments *out, const cxs_cn_segment *one)
{
    const cxs_rc rc = cxs_grow(ctx, (void **)&out->at, &out->capacity, out->count + 1,
                               sizeof *out->at);

    if (rc == CXS_OK)
        out->at[out->count++] = *one;
    return rc;
}

static void empty(cxs_cn_segments *out)
{
    *out = (cxs_cn_segments){
        .tumour_fraction = (double)NAN, .ploidy = (double)NAN, .loglik = (double)NAN};
}

cxs_rc cxs_cn_given(cxs_ctx *ctx, const cxs_measure *segments, double purity,
                    cxs_cn_segments *out)
{
    const char *const *chrom = cxs_measure_get_text(segments, "chrom");
    const int64_t *start = cxs_measure_get_int(segments, "start"),
                  *end = cxs_measure_get_int(segments, "end"),
                  *marks = cxs_measure_get_int(segments, "marks");
    const double *level = cxs_measure_get_real(segments, "log2");
    cxs_rc rc = CXS_OK;

    empty(out);
    if (chrom == NULL || start == NULL || end == NULL || level == NULL)
        return CXS_OK;
    for (size_t i = 0; i < cxs_measure_rows(segments); i++) {
        const uint8_t number = cxs_cn_chrom(chrom[i]);
        const bool counted = marks != NULL && marks[i] != CXS_MEASURE_MISSING;
        const cxs_cn_segment one = {.chrom = number,
                                    .start0 = start[i],
                                    .end0 = end[i],
                                    .bins = counted ? (size_t)marks[i] : 0,
                                    .log2 = level[i],
                                    .direction =
                                        (level[i] >= CHANGE) - (level[i] <= -CHANGE),
                                    .copies = -1,
                                    .corrected = (double)NAN};
        if (number != 0 && !isnan(level[i]) && end[i] > start[i])
            CXS_TRY(add_segment(ctx, out, &one));
    }
    if (!isnan(purity))
        cxs_cn_take_purity(out, purity);
done:
    if (rc != CXS_OK)
        cxs_cn_segments_free(out);
    return rc;
}

uint8_t cxs_cn_chrom(const char *name)
{
    char *end;
    long number;

    if (name == NULL || *name < '0' || (*name > '9' && *name != 'X' && *name != 'Y'))
        return 0;
    if (strcmp(name, "X") == 0)
        return 23;
    if (strcmp(name, "Y") == 0)
        return 24;
    number = strtol(name, &end, 10);
    return *end == '\0' && number >= 1 && number <= CXS_CN_AUTOSOMES ? (uint8_t)number
                                                                     : 0;
}

cxs_rc cxs_cn_from_states(cxs_ctx *ctx, const cxs_interval *gene, const int64_t *state,
                          const size_t *order, size_t count, cxs_cn_segments *out)
{
    cxs_rc rc = CXS_OK;

    empty(out);
    for (size_t k = 0; k < count; k++) {
        const cxs_interval *g = &gene[order[k]];
        const int64_t now = state[order[k]];
        cxs_cn_segment *last = out->count > 0 ? &out->at[out->count - 1] : NULL;
        cxs_cn_segment one = {.chrom = g->chrom,
                              .start0 = g->start0,
                              .end0 = g->end0,
                              .bins = 1,
                              .log2 = (double)NAN,
                              .direction = (now > 0) - (now < 0),
                              .copies = -1,
                              .corrected = (double)NAN};
        if (now == CXS_MEASURE_MISSING)
            continue;
        if (last != NULL && last->chrom == g->chrom) {
            if (last->direction == one.direction) {
                last->end0 = g->end0 > last->end0 ? g->end0 : last->end0;
                last->bins++;
                continue;
            }
            if (one.start0 > last->end0)
                one.start0 = last->end0 = last->end0 + (one.start0 - last->end0) / 2;
        }
        CXS_TRY(add_segment(ctx, out, &one));
    }
done:
    if (rc != CXS_OK)
        cxs_cn_segments_free(out);
    return rc;
}
