/*
 * seg_measure.c -- segments of one sample of a SEG file
 */
#include "ingest/copy_tables.h"

#include "ingest/seg.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *chromosome_name(int number, char name[16])
{
    static const char *const others[] = {"X", "Y", "MT"};

    if (number >= CXS_CHROMOSOME_X)
        return others[number - CXS_CHROMOSOME_X];
    snprintf(name, 16, "%d", number);
    return name;
}

/* First base of a segment, 0-based: behind the one before it on the chromosome. */
static int64_t start_of(const cxs_seg_file *s, size_t first, size_t i)
{
    const cxs_seg_row *row = &s->segment[i], *before = row - 1;
    const int64_t start = row->start > 0 ? row->start - 1 : 0;

    return i > first && before->chromosome == row->chromosome && start < before->end
               ? before->end
               : start;
}

static cxs_rc add_segments(cxs_ctx *ctx, const cxs_seg_file *s, size_t sample,
                           cxs_measures *bag)
{
    const size_t first = s->first[sample], count = s->first[sample + 1] - first;
    cxs_measure *t;
    int64_t *start, *end, *marks;
    double *log2;
    size_t chrom;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_measures_add(ctx, bag, "segments", count, &t));
    CXS_TRY(cxs_measure_text(ctx, t, "chrom", &chrom));
    CXS_TRY(cxs_measure_int(ctx, t, "start", &start));
    CXS_TRY(cxs_measure_int(ctx, t, "end", &end));
    CXS_TRY(cxs_measure_int(ctx, t, "marks", &marks));
    CXS_TRY(cxs_measure_real(ctx, t, "log2", &log2));
    for (size_t i = 0; i < count; i++) {
        const cxs_seg_row *row = &s->segment[first + i];
        char name[16];
        CXS_TRY(cxs_measure_set_text(ctx, t, chrom, i,
                                     chromosome_name(row->chromosome, name)));
        start[i] = start_of(s, first, first + i);
        end[i] = row->end;
        marks[i] = row->markers >= 0.0 && row->markers < 9e15 ? (int64_t)row->markers
                                                              : CXS_MEASURE_MISSING;
        log2[i] = row->mean;
    }
done:
    return rc;
}

cxs_rc cxs_seg_measure(cxs_ctx *ctx, const cxs_copy_settings *settings,
                       cxs_measures *bag)
{
    cxs_seg_file *s = NULL;
    size_t sample = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_seg_file_read(ctx, settings->path, &s));
    while (sample < s->samples && strcmp(s->sample[sample], settings->sample) != 0)
        sample++;
    if (sample == s->samples)
        CXS_TRY(cxs_fail(ctx, CXS_EMISMATCH, "%s: no segment of sample \"%s\"",
                         settings->path, cxs_ctx_id(ctx, settings->sample)));
    rc = add_segments(ctx, s, sample, bag);
done:
    cxs_seg_file_free(s);
    return rc;
}
