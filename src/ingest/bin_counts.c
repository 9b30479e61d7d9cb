/*
 * bin_counts.c -- counts of reads in bins that were made elsewhere, as the table of the
 * depth meter
 *
 * A table tells by its own bins whether it counts from 0 or from 1: bins that touch end
 * where the next begins in the one notation and one before it in the other.
 */
#include "ingest/copy_tables.h"

#include "base/number.h"
#include "base/table.h"
#include "ingest/contigs.h"
#include "ingest/hts_refseq.h"

#include <math.h>
#include <string.h>

static const int64_t POSITION_LIMIT = 10000000000;

typedef struct bin {
    size_t contig; /* of the list below */
    int64_t start, end, fragments, gc, acgt;
    double share; /* of G and C, when the table says it */
    size_t line;
} bin;

typedef struct bins {
    const cxs_copy_settings *settings;
    bin *at;
    size_t count, capacity;
    char **contig; /* plain names in the order of the file */
    size_t contigs, contig_capacity;
    bool has_gc;
    size_t left_out; /* rows without a count */
    cxs_faults bad;  /* CX016 */
} bins;

static cxs_rc add_bin(cxs_ctx *ctx, bins *b, const bin *one)
{
    const cxs_rc rc =
        cxs_grow(ctx, (void **)&b->at, &b->capacity, b->count + 1, sizeof *b->at);

    if (rc == CXS_OK)
        b->at[b->count++] = *one;
    return rc;
}

/* Number of a contig; one that was left may not come back. */
static cxs_rc contig_of(cxs_ctx *ctx, bins *b, const char *name, size_t line,
                        size_t *out)
{
    const char *plain = cxs_contig_plain(name);
    cxs_rc rc = CXS_OK;

    if (b->contigs > 0 && strcmp(b->contig[b->contigs - 1], plain) == 0) {
        *out = b->contigs - 1;
        return CXS_OK;
    }
    for (size_t k = 0; k < b->contigs; k++)
        if (strcmp(b->contig[k], plain) == 0)
            return cxs_fail(ctx, CXS_EFORMAT,
                            "%s:%zu: bins of %s are in two places: they must be in "
                            "the order of places",
                            b->settings->path, line, plain);
    CXS_TRY(cxs_grow(ctx, (void **)&b->contig, &b->contig_capacity, b->contigs + 1,
                     sizeof *b->contig));
    if ((b->contig[b->contigs] = cxs_strdup(ctx, plain)) == NULL)
        return CXS_ENOMEM;
    *out = b->contigs++;
done:
    return rc;
}

/* A whole number of reads; *known is cleared where it is missing. */
static cxs_rc read_count(cxs_ctx *ctx, bins *b, const char *text, size_t length,
                         size_t line, bool *known, int64_t *out)
{
    double value = 0.0;

    *known = false;
    if (cxs_is_na(text, length))
        return CXS_OK;
    if (!cxs_number_parse(text, length, &value)) {
        cxs_fault_add(ctx, &b->bad, "%s:%zu: \"%.40s\" is not a number",
                      b->settings->path, line, text);
        return CXS_OK;
    }
    if (value < 0.0 || value > 9e15 || value > floor(value))
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX029", "%s:%zu: %g is not a count",
                             b->settings->path, line, value);
    *known = true;
    *out = (int64_t)value;
    return CXS_OK;
}

/* ---- table ----------------------------------------------------------------------- */

typedef enum bin_column { CHROM, START, END, COUNT, GC, COLUMNS } bin_column;

static cxs_rc find_columns(cxs_ctx *ctx, const bins *b, const cxs_table *t,
                           size_t column[COLUMNS])
{
    static const char *const names[][4] = {{"chrom", "chr", "Chromosome", NULL},
                                           {"start", "Start", NULL},
                                           {"end", "End", NULL}};
    cxs_rc rc = CXS_OK;

    for (size_t c = 0; c <= END; c++) {
        column[c] = SIZE_MAX;
        for (size_t k = 0; names[c][k] != NULL && column[c] == SIZE_MAX; k++)
            column[c] = cxs_table_find(t, names[c][k]);
        if (column[c] == SIZE_MAX)
            CXS_TRY(cxs_table_need(ctx, t, names[c][0], &column[c]));
    }
    CXS_TRY(cxs_table_need(ctx, t, b->settings->sample, &column[COUNT]));
    column[GC] = cxs_table_find(t, "gc");
done:
    return rc;
}

static int64_t read_position(cxs_ctx *ctx, bins *b, const cxs_table *t, size_t row,
                             size_t column)
{
    const char *cell = cxs_table_cell(t, row, column);
    double value = 0.0;

    if (cxs_number_parse(cell, strlen(cell), &value) && value >= 0.0 &&
        value < (double)POSITION_LIMIT && !(value > floor(value)))
        return (int64_t)value;
    cxs_fault_add(ctx, &b->bad, "%s:%zu:%s: \"%.40s\" is not a number", t->path,
                  t->line[row], t->name[column], cell);
    return 0;
}

static void read_gc(cxs_ctx *ctx, bins *b, const cxs_table *t, size_t row,
                    size_t column, bin *one)
{
    const char *cell = cxs_table_cell(t, row, column);
    double share = 0.0;

    if (cxs_is_na(cell, strlen(cell)))
        return;
    if (!cxs_number_parse(cell, strlen(cell), &share) || share < 0.0 || share > 1.0) {
        cxs_fault_add(ctx, &b->bad, "%s:%zu:%s: \"%.40s\" is not a share from 0 to 1",
                      t->path, t->line[row], t->name[column], cell);
        return;
    }
    one->share = share;
}

static cxs_rc read_table_row(cxs_ctx *ctx, bins *b, const cxs_table *t, size_t row,
                             const size_t column[COLUMNS])
{
    const char *count = cxs_table_cell(t, row, column[COUNT]);
    bin one = {.gc = CXS_MEASURE_MISSING,
               .acgt = CXS_MEASURE_MISSING,
               .share = (double)NAN,
               .line = t->line[row]};
    bool known = false;
    cxs_rc rc = CXS_OK;

    CXS_TRY(contig_of(ctx, b, cxs_table_cell(t, row, column[CHROM]), one.line,
                      &one.contig));
    one.start = read_position(ctx, b, t, row, column[START]);
    one.end = read_position(ctx, b, t, row, column[END]);
    CXS_TRY(read_count(ctx, b, count, strlen(count), one.line, &known, &one.fragments));
    if (column[GC] != SIZE_MAX && column[GC] != column[COUNT])
        read_gc(ctx, b, t, row, column[GC], &one);
    if (known)
        rc = add_bin(ctx, b, &one);
    else
        b->left_out++;
done:
    return rc;
}

/* Do the bins count from 1 with both ends? */
static cxs_rc from_one(cxs_ctx *ctx, const bins *b, bool *out)
{
    size_t zero = 0, one = 0;

    for (size_t i = 1; i < b->count; i++) {
        const bin *before = &b->at[i - 1], *now = &b->at[i];
        if (before->contig != now->contig)
            continue;
        zero += now->start == before->end;
        one += now->start == before->end + 1;
    }
    *out = one > 0;
    if (zero > 0 && one > 0)
        return cxs_fail(ctx, CXS_EFORMAT,
                        "%s: %zu bins begin where the one before ends, %zu one behind "
                        "it: 0-based or 1-based?",
                        b->settings->path, zero, one);
    return CXS_OK;
}

static cxs_rc read_table(cxs_ctx *ctx, bins *b)
{
    size_t column[COLUMNS];
    cxs_table *t = NULL;
    bool one = false;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_table_read(ctx, b->settings->path, &t));
    CXS_TRY(find_columns(ctx, b, t, column));
    for (size_t row = 0; row < t->rows; row++)
        CXS_TRY(read_table_row(ctx, b, t, row, column));
    CXS_TRY(cxs_faults_end(ctx, &b->bad));
    b->has_gc = column[GC] != SIZE_MAX && column[GC] != column[COUNT];
    CXS_TRY(from_one(ctx, b, &one));
    for (size_t i = 0; i < b->count; i++) {
        bin *at = &b->at[i];
        at->start -= one;
        if (isnan(at->share))
            continue;
        at->acgt = at->end - at->start; /* all bases are taken to be known */
        at->gc = (int64_t)floor(at->share * (double)at->acgt + 0.5);
    }
done:
    cxs_table_free(t);
    return rc;
}

/* ---- WIG ------------------------------------------------------------------------- */

typedef struct wig {
    size_t contig;
    int64_t next, step, span; /* next: 0-based start of the next value */
    bool open;                /* a declaration was read */
} wig;

/* Value of KEY= in a declaration; NULL without. */
static const char *value_of(const char *line, const char *key, size_t *length)
{
    const size_t n = strlen(key);

    for (const char *at = line; (at = strstr(at, key)) != NULL; at += n)
        if (at > line && (at[-1] == ' ' || at[-1] == '\t') && at[n] == '=') {
            *length = strcspn(at + n + 1, " \t");
            return at + n + 1;
        }
    return NULL;
}

static bool number_of(const char *line, const char *key, int64_t *out)
{
    char text[24];
    size_t length = 0;
    const char *value = value_of(line, key, &length);

    if (value == NULL || length >= sizeof text)
        return false;
    memcpy(text, value, length);
    text[length] = '\0';
    return cxs_number_parse_int(text, 1, POSITION_LIMIT, out);
}

/* fixedStep chrom=chr1 start=1 step=1000000 span=1000000; start counts from 1. */
static cxs_rc declare(cxs_ctx *ctx, bins *b, const char *line, size_t number, wig *w)
{
    size_t length = 0;
    const char *chrom = value_of(line, "chrom", &length);
    char *name = NULL;
    int64_t start = 0;
    cxs_rc rc = CXS_OK;

    if (chrom == NULL || length == 0 || !number_of(line, "start", &start) ||
        !number_of(line, "step", &w->step))
        return cxs_fail(ctx, CXS_EFORMAT,
                        "%s:%zu: fixedStep needs chrom, start and step",
                        b->settings->path, number);
    if (!number_of(line, "span", &w->span))
        w->span = w->step;
    if (w->span > w->step)
        return cxs_fail(ctx, CXS_EFORMAT, "%s:%zu: bins overlap: span above step",
                        b->settings->path, number);
    if ((name = cxs_strndup(ctx, chrom, length)) == NULL)
        return CXS_ENOMEM;
    rc = contig_of(ctx, b, name, number, &w->contig);
    cxs_free(name);
    w->next = start - 1;
    w->open = true;
    return rc;
}

static cxs_rc read_value(cxs_ctx *ctx, bins *b, const char *line, size_t length,
                         size_t number, wig *w)
{
    bin one = {.contig = w->contig,
               .start = w->next,
               .end = w->next + w->span,
               .gc = CXS_MEASURE_MISSING,
               .acgt = CXS_MEASURE_MISSING,
               .line = number};
    bool known = false;
    cxs_rc rc = CXS_OK;

    if (!w->open)
        return cxs_fail(ctx, CXS_EFORMAT, "%s:%zu: a value before fixedStep",
                        b->settings->path, number);
    CXS_TRY(read_count(ctx, b, line, length, number, &known, &one.fragments));
    w->next += w->step;
    if (known)
        rc = add_bin(ctx, b, &one);
    else
        b->left_out++;
done:
    return rc;
}

static cxs_rc read_wig(cxs_ctx *ctx, bins *b, cxs_text *text)
{
    wig w = {0};
    char *line = NULL;
    size_t length = 0;
    cxs_rc rc = CXS_OK;

    for (;;) {
        CXS_TRY(cxs_text_line(ctx, text, &line, &length));
        if (line == NULL)
            break;
        const size_t number = cxs_text_line_number(text);
        if (length == 0 || *line == '#' || strncmp(line, "track", 5) == 0 ||
            strncmp(line, "browser", 7) == 0)
            continue;
        if (strncmp(line, "variableStep", 12) == 0)
            CXS_TRY(cxs_fail(ctx, CXS_EFORMAT,
                             "%s:%zu: variableStep: bins must be of fixedStep",
                             b->settings->path, number));
        if (strncmp(line, "fixedStep", 9) == 0)
            CXS_TRY(declare(ctx, b, line, number, &w));
        else
            CXS_TRY(read_value(ctx, b, line, length, number, &w));
    }
    rc = cxs_faults_end(ctx, &b->bad);
done:
    return rc;
}

/* A WIG tells itself by its first line that is no comment. */
static bool is_wig(const char *bytes, size_t length)
{
    static const char *const words[] = {"fixedStep", "variableStep", "track",
                                        "browser"};

    while (length > 0 && *bytes == '#') {
        const char *end = memchr(bytes, '\n', length);
        if (end == NULL)
            return false;
        length -= (size_t)(end + 1 - bytes);
        bytes = end + 1;
    }
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (length >= strlen(words[k]) &&
            strncmp(bytes, words[k], strlen(words[k])) == 0)
            return true;
    return false;
}

/* ---- into the bag ---------------------------------------------------------------- */

/* Bins have a length, follow each other and do not overlap. */
static cxs_rc check_order(cxs_ctx *ctx, const bins *b)
{
    if (b->count == 0)
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX019", "%s: no row below the header",
                             b->settings->path);
    for (size_t i = 0; i < b->count; i++) {
        const bin *now = &b->at[i];
        if (now->end <= now->start || now->start < 0)
            return cxs_fail(ctx, CXS_EFORMAT,
                            "%s:%zu: the bin ends at %lld, before %lld",
                            b->settings->path, now->line, (long long)now->end,
                            (long long)now->start);
        if (i > 0 && b->at[i - 1].contig == now->contig &&
            now->start < b->at[i - 1].end)
            return cxs_fail(ctx, CXS_EFORMAT,
                            "%s:%zu: the bin begins at %lld, the one before it ends at "
                            "%lld",
                            b->settings->path, now->line, (long long)now->start,
                            (long long)b->at[i - 1].end);
    }
    return CXS_OK;
}

static cxs_rc fill_gc(cxs_ctx *ctx, bins *b)
{
    const cxs_reads_info info = {.path = b->settings->path,
                                 .n_targets = b->contigs,
                                 .target = (const char *const *)b->contig};
    cxs_refseq *ref = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_refseq_new(ctx, b->settings->reference, &info, &ref));
    for (size_t i = 0; i < b->count; i++) {
        bin *one = &b->at[i];
        const char *letters;
        CXS_TRY(cxs_refseq_get(ctx, ref, (int32_t)one->contig, one->start, one->end,
                               &letters));
        one->gc = one->acgt = CXS_MEASURE_MISSING;
        if (letters != NULL)
            cxs_base_composition(letters, one->end - one->start, &one->gc, &one->acgt);
    }
    b->has_gc = true;
done:
    cxs_refseq_free(ref);
    return rc;
}

static cxs_rc into_bag(cxs_ctx *ctx, const bins *b, cxs_measures *bag)
{
    cxs_measure *t;
    int64_t *start, *end, *fragments, *gc = NULL, *acgt = NULL;
    size_t chrom;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_measures_add(ctx, bag, "depth", b->count, &t));
    CXS_TRY(cxs_measure_text(ctx, t, "chrom", &chrom));
    CXS_TRY(cxs_measure_int(ctx, t, "start", &start));
    CXS_TRY(cxs_measure_int(ctx, t, "end", &end));
    CXS_TRY(cxs_measure_int(ctx, t, "fragments", &fragments));
    if (b->has_gc) {
        CXS_TRY(cxs_measure_int(ctx, t, "gc", &gc));
        CXS_TRY(cxs_measure_int(ctx, t, "acgt", &acgt));
    }
    for (size_t i = 0; i < b->count; i++) {
        const bin *one = &b->at[i];
        CXS_TRY(cxs_measure_set_text(ctx, t, chrom, i, b->contig[one->contig]));
        start[i] = one->start;
        end[i] = one->end;
        fragments[i] = one->fragments;
        if (gc != NULL)
            gc[i] = one->gc;
        if (acgt != NULL)
            acgt[i] = one->acgt;
    }
done:
    return rc;
}

static cxs_rc read_bins(cxs_ctx *ctx, bins *b)
{
    cxs_text *text = NULL;
    const char *bytes = NULL;
    size_t length = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_text_open(ctx, b->settings->path, &text));
    CXS_TRY(cxs_text_peek(ctx, text, 100, &bytes, &length));
    if (is_wig(bytes, length)) {
        rc = read_wig(ctx, b, text);
        goto done;
    }
    cxs_text_close(text);
    text = NULL;
    rc = read_table(ctx, b);
done:
    cxs_text_close(text);
    return rc;
}

cxs_rc cxs_bins_measure(cxs_ctx *ctx, const cxs_copy_settings *settings,
                        cxs_measures *bag)
{
    bins b = {.settings = settings, .bad = {.code = "CX016"}};
    cxs_rc rc = CXS_OK;

    CXS_TRY(read_bins(ctx, &b));
    CXS_TRY(check_order(ctx, &b));
    if (settings->reference != NULL)
        CXS_TRY(fill_gc(ctx, &b));
    if (!b.has_gc)
        CXS_TRY(cxs_warn(ctx, "",
                         "%s: GC of the bins is not known: no copy numbers without a "
                         "FASTA (sequencing: reference) or a column gc",
                         settings->path));
    if (b.left_out > 0)
        cxs_note(ctx, "%s: %zu bins without a count", settings->path, b.left_out);
    rc = into_bag(ctx, &b, bag);
done:
    cxs_free(b.bad.text.text);
    cxs_free_strings(b.contig, b.contigs);
    cxs_free(b.at);
    return rc;
}
