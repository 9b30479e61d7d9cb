/*
 * hts_contigs.c -- kinds of contigs, and a grid of bins over those that count
 */
#include "ingest/hts_contigs.h"

#include "base/number.h"

#include <string.h>

static cxs_contig_kind kind_of(const char *name)
{
    int64_t number;

    if (*name >= '1' && *name <= '9' && cxs_number_parse_int(name, 1, 22, &number))
        return CXS_CONTIG_AUTOSOME;
    if (strcmp(name, "X") == 0)
        return CXS_CONTIG_X;
    if (strcmp(name, "Y") == 0)
        return CXS_CONTIG_Y;
    return strcmp(name, "MT") == 0 ? CXS_CONTIG_MT : CXS_CONTIG_OTHER;
}

cxs_rc cxs_contig_kinds(cxs_ctx *ctx, const cxs_reads_info *info, unsigned char **kind)
{
    cxs_rc rc = CXS_OK;
    bool any = false;

    CXS_NEW(*kind, info->n_targets);
    for (size_t t = 0; t < info->n_targets; t++) {
        (*kind)[t] = (unsigned char)kind_of(info->target[t]);
        any = any || (*kind)[t] == CXS_CONTIG_AUTOSOME;
    }
    for (size_t t = 0; t < info->n_targets && !any; t++)
        if ((*kind)[t] == CXS_CONTIG_OTHER)
            (*kind)[t] = CXS_CONTIG_AUTOSOME;

done:
    return rc;
}

void cxs_bins_free(cxs_bins *bins)
{
    if (bins == NULL)
        return;
    cxs_free(bins->first);
    cxs_free(bins->on);
    cxs_free(bins);
}

cxs_rc cxs_bins_new(cxs_ctx *ctx, const cxs_reads_info *info, int64_t width,
                    cxs_bins **out)
{
    cxs_rc rc = CXS_OK;
    cxs_bins *bins = NULL;

    *out = NULL;
    if (width < 1)
        return cxs_fail(ctx, CXS_EARG, "bins must be at least 1 base wide");
    CXS_NEW(bins, 1);
    bins->width = width;
    bins->n_targets = info->n_targets;
    CXS_NEW(bins->first, info->n_targets + 1);
    CXS_TRY(cxs_contig_kinds(ctx, info, &bins->on));
    for (size_t t = 0; t < info->n_targets; t++) {
        bins->on[t] = bins->on[t] != CXS_CONTIG_OTHER && bins->on[t] != CXS_CONTIG_MT;
        bins->first[t] = bins->count;
        if (bins->on[t])
            bins->count += (size_t)((info->length[t] + width - 1) / width);
    }
    bins->first[info->n_targets] = bins->count;
    *out = bins;
    bins = NULL;

done:
    cxs_bins_free(bins);
    return rc;
}

cxs_rc cxs_bins_table(cxs_ctx *ctx, const cxs_bins *bins, const cxs_reads_info *info,
                      const char *name, cxs_measures *bag, cxs_measure **table)
{
    cxs_rc rc = CXS_OK;
    int64_t *start, *end;
    size_t chrom, row = 0;

    CXS_TRY(cxs_measures_add(ctx, bag, name, bins->count, table));
    CXS_TRY(cxs_measure_text(ctx, *table, "chrom", &chrom));
    CXS_TRY(cxs_measure_int(ctx, *table, "start", &start));
    CXS_TRY(cxs_measure_int(ctx, *table, "end", &end));
    for (size_t t = 0; t < info->n_targets; t++)
        for (int64_t s = 0; bins->on[t] && s < info->length[t]; s += bins->width) {
            const int64_t e = s + bins->width;

            CXS_TRY(cxs_measure_set_text(ctx, *table, chrom, row, info->target[t]));
            start[row] = s;
            end[row++] = e < info->length[t] ? e : info->length[t];
        }

done:
    return rc;
}
