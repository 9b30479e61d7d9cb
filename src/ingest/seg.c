/*
 * seg.c -- copy-number segments from SEG files
 *
 * The table is small (some hundred segments per sample), so it is read whole, typed,
 * and sorted; overlaps are then neighbours.
 */
#include "ingest/seg.h"

#include "base/number.h"
#include "base/table.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef enum seg_column { ID, CHROM, START, END, MARKERS, MEAN, COLUMNS } seg_column;

/* Names of the columns: those of DNAcopy first. */
static const char *const names[COLUMNS][6] = {
    {"ID", "Sample", "sample", "GDC_Aliquot", "SampleID", NULL},
    {"chrom", "Chromosome", "chromosome", "chr", NULL},
    {"loc.start", "Start", "start", "Start_Position", NULL},
    {"loc.end", "End", "end", "End_Position", NULL},
    {"num.mark", "Num_Probes", "probes", "nprobes", NULL},
    {"seg.mean", "Segment_Mean", "log2", "mean", NULL},
};

void cxs_seg_file_free(cxs_seg_file *segments)
{
    if (segments == NULL)
        return;
    cxs_free_strings(segments->sample, segments->samples);
    cxs_free(segments->segment);
    cxs_free(segments->first);
    cxs_free(segments);
}

int cxs_chromosome_number(const char *name)
{
    int64_t number = 0;

    if (strncasecmp(name, "chr", 3) == 0)
        name += 3;
    if (strcasecmp(name, "X") == 0)
        return CXS_CHROMOSOME_X;
    if (strcasecmp(name, "Y") == 0)
        return CXS_CHROMOSOME_Y;
    if (strcasecmp(name, "M") == 0 || strcasecmp(name, "MT") == 0)
        return CXS_CHROMOSOME_M;
    return cxs_number_parse_int(name, 1, CXS_CHROMOSOME_Y, &number) ? (int)number : 0;
}

static cxs_rc find_columns(cxs_ctx *ctx, const cxs_table *t, size_t column[COLUMNS])
{
    for (size_t c = 0; c < COLUMNS; c++) {
        column[c] = SIZE_MAX;
        for (size_t k = 0; names[c][k] != NULL && column[c] == SIZE_MAX; k++)
            column[c] = cxs_table_find(t, names[c][k]);
        if (column[c] == SIZE_MAX && c != MARKERS)
            return cxs_table_need(ctx, t, names[c][0], &column[c]);
    }
    return CXS_OK;
}

/* "chr1" and "1" in one file are two files put together. */
static cxs_rc check_styles(cxs_ctx *ctx, const cxs_table *t, size_t column)
{
    const char *with = NULL, *without = NULL;

    for (size_t row = 0; row < t->rows; row++) {
        const char *name = cxs_table_cell(t, row, column);
        if (strncasecmp(name, "chr", 3) == 0)
            with = name;
        else
            without = name;
    }
    if (with == NULL || without == NULL)
        return CXS_OK;
    return cxs_fail_code(ctx, CXS_EFORMAT, "CX035", "%s: both \"%s\" and \"%s\" occur",
                         t->path, with, without);
}

/* ---- samples --------------------------------------------------------------------- */

static cxs_rc list_samples(cxs_ctx *ctx, const cxs_table *t, size_t column,
                           cxs_seg_file *s)
{
    const char **all = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(all, t->rows);
    CXS_NEW(s->sample, t->rows);
    for (size_t row = 0; row < t->rows; row++) {
        all[row] = cxs_table_cell(t, row, column);
        if (*all[row] == '\0')
            CXS_TRY(cxs_fail_code(ctx, CXS_EFORMAT, "CX020",
                                  "%s:%zu: the row has no id", t->path, t->line[row]));
    }
    qsort(all, t->rows, sizeof *all, cxs_text_compare);
    for (size_t row = 0; row < t->rows; row++) {
        if (row > 0 && strcmp(all[row - 1], all[row]) == 0)
            continue;
        if ((s->sample[s->samples] = cxs_strdup(ctx, all[row])) == NULL)
            CXS_TRY(CXS_ENOMEM);
        s->samples++;
    }
done:
    cxs_free(all);
    return rc;
}

static size_t sample_index(const cxs_seg_file *s, const char *id)
{
    const char *const *found =
        bsearch(&id, s->sample, s->samples, sizeof *s->sample, cxs_text_compare);

    return (size_t)(found - (const char *const *)s->sample);
}

/* ---- segments -------------------------------------------------------------------- */

/* Position: a whole number, also when it is written as 1.5e+07. */
static void read_position(cxs_ctx *ctx, cxs_faults *faults, const cxs_table *t,
                          size_t row, size_t column, int64_t *out)
{
    const double largest = 1e10;
    const char *cell = cxs_table_cell(t, row, column);
    double value = 0.0;

    if (cxs_number_parse(cell, strlen(cell), &value) && value >= 0.0 &&
        value < largest && value == floor(value))
        *out = (int64_t)value;
    else
        cxs_fault_add(ctx, faults, "%s:%zu:%s: \"%s\" is not a number", t->path,
                      t->line[row], t->name[column], cell);
}

static double read_number(cxs_ctx *ctx, cxs_faults *faults, const cxs_table *t,
                          size_t row, size_t column)
{
    double value = (double)NAN;
    const char *cell;

    if (column == SIZE_MAX)
        return value;
    cell = cxs_table_cell(t, row, column);
    if (!cxs_number_parse(cell, strlen(cell), &value)) {
        value = (double)NAN;
        if (!cxs_is_na(cell, strlen(cell)))
            cxs_fault_add(ctx, faults, "%s:%zu:%s: \"%s\" is not a number", t->path,
                          t->line[row], t->name[column], cell);
    }
    return value;
}

static cxs_rc read_segments(cxs_ctx *ctx, const cxs_table *t,
                            const size_t column[COLUMNS], cxs_seg_file *s)
{
    cxs_faults faults = {.code = "CX016"}, reversed = {.code = ""};
    cxs_rc rc = CXS_OK;

    CXS_NEW(s->segment, t->rows);
    for (size_t row = 0; row < t->rows; row++) {
        cxs_seg_row *segment = &s->segment[s->count];
        *segment = (cxs_seg_row){
            .sample = sample_index(s, cxs_table_cell(t, row, column[ID])),
            .chromosome = cxs_chromosome_number(cxs_table_cell(t, row, column[CHROM])),
            .markers = read_number(ctx, &faults, t, row, column[MARKERS]),
            .mean = read_number(ctx, &faults, t, row, column[MEAN]),
            .line = t->line[row]};
        read_position(ctx, &faults, t, row, column[START], &segment->start);
        read_position(ctx, &faults, t, row, column[END], &segment->end);
        if (segment->end < segment->start)
            cxs_fault_add(ctx, &reversed,
                          "%s:%zu: the segment ends at %lld, before %lld", t->path,
                          t->line[row], (long long)segment->end,
                          (long long)segment->start);
        s->left_out += segment->chromosome == 0;
        s->count += segment->chromosome != 0;
    }
    CXS_TRY(cxs_faults_end(ctx, &faults));
    CXS_TRY(cxs_faults_end(ctx, &reversed));
    if (s->left_out > 0)
        CXS_TRY(cxs_warn(ctx, "", "%s: %zu segments on other contigs were left out",
                         t->path, s->left_out));
done:
    cxs_free(faults.text.text);
    cxs_free(reversed.text.text);
    return rc;
}

static int compare_segments(const void *left, const void *right)
{
    const cxs_seg_row *l = left, *r = right;

    if (l->sample != r->sample)
        return l->sample < r->sample ? -1 : 1;
    if (l->chromosome != r->chromosome)
        return l->chromosome < r->chromosome ? -1 : 1;
    if (l->start != r->start)
        return l->start < r->start ? -1 : 1;
    if (l->end != r->end)
        return l->end < r->end ? -1 : 1;
    return (l->line > r->line) - (l->line < r->line);
}

static cxs_rc check_overlaps(cxs_ctx *ctx, const char *path, const cxs_seg_file *s)
{
    cxs_faults faults = {.code = ""};

    for (size_t i = 1; i < s->count; i++) {
        const cxs_seg_row *a = &s->segment[i - 1], *b = &s->segment[i];
        if (a->sample != b->sample || a->chromosome != b->chromosome ||
            (b->start >= a->end && b->end > a->end))
            continue;
        cxs_fault_add(ctx, &faults,
                      "%s:%zu: segment %d:%lld-%lld of sample \"%s\" overlaps that of "
                      "line %zu",
                      path, b->line, b->chromosome, (long long)b->start,
                      (long long)b->end, cxs_ctx_id(ctx, s->sample[b->sample]),
                      a->line);
    }
    return cxs_faults_end(ctx, &faults);
}

cxs_rc cxs_seg_file_read(cxs_ctx *ctx, const char *path, cxs_seg_file **out)
{
    size_t column[COLUMNS], i = 0;
    cxs_table *t = NULL;
    cxs_seg_file *s = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_TRY(cxs_table_read(ctx, path, &t));
    CXS_TRY(find_columns(ctx, t, column));
    if (t->rows == 0)
        CXS_TRY(cxs_fail_code(ctx, CXS_EFORMAT, "CX019", "%s: no row below the header",
                              path));
    CXS_TRY(check_styles(ctx, t, column[CHROM]));
    CXS_NEW(s, 1);
    CXS_TRY(list_samples(ctx, t, column[ID], s));
    CXS_TRY(read_segments(ctx, t, column, s));
    qsort(s->segment, s->count, sizeof *s->segment, compare_segments);
    CXS_TRY(check_overlaps(ctx, path, s));
    CXS_NEW(s->first, s->samples + 1);
    for (size_t k = 0; k <= s->samples; k++) {
        while (i < s->count && s->segment[i].sample < k)
            i++;
        s->first[k] = i;
    }
    *out = s;
    s = NULL;
done:
    cxs_seg_file_free(s);
    cxs_table_free(t);
    return rc;
}
