/*
 * targets.c -- read a BED file, merge its intervals and look genes up
 *
 * BED: chrom, start0, end0, half-open, tab- or blank-separated; "track", "browser" and
 * '#' lines are skipped (UCSC).  Overlapping and touching intervals become one, so that
 * the number of bases counts each base once.
 */
#include "ingest/targets.h"

#include "base/number.h"
#include "base/text.h"
#include "ingest/contigs.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static int by_place(const void *a, const void *b)
{
    const cxs_target *x = a, *y = b;
    const int chrom = strcmp(x->chrom, y->chrom);

    if (chrom != 0)
        return chrom;
    if (x->start0 != y->start0)
        return x->start0 < y->start0 ? -1 : 1;
    return x->end0 < y->end0 ? -1 : x->end0 > y->end0;
}

/* The name as the last one, or a new one. */
static cxs_rc chrom_of(cxs_ctx *ctx, cxs_targets *t, const char *name,
                       const char **chrom)
{
    cxs_rc rc = CXS_OK;

    name = cxs_contig_plain(name);
    for (size_t i = t->chroms; i-- > 0;)
        if (strcmp(t->chrom[i], name) == 0) {
            *chrom = t->chrom[i];
            return CXS_OK;
        }
    CXS_TRY(cxs_grow(ctx, (void **)&t->chrom, &t->chrom_capacity, t->chroms + 1,
                     sizeof *t->chrom));
    if ((t->chrom[t->chroms] = cxs_strdup(ctx, name)) == NULL)
        return CXS_ENOMEM;
    *chrom = t->chrom[t->chroms++];
done:
    return rc;
}

static cxs_rc add_label(cxs_ctx *ctx, cxs_targets *t, const char *label)
{
    cxs_rc rc = CXS_OK;

    if (t->labels > 0 && strcmp(t->label[t->labels - 1], label) == 0)
        return CXS_OK;
    CXS_TRY(cxs_grow(ctx, (void **)&t->label, &t->label_capacity, t->labels + 1,
                     sizeof *t->label));
    if ((t->label[t->labels] = cxs_strdup(ctx, label)) == NULL)
        return CXS_ENOMEM;
    t->labels++;
done:
    return rc;
}

/* Cut the next word off *at, NULL at the end of the line. */
static char *word(char **at)
{
    char *start = *at + strspn(*at, "\t ");
    const size_t length = strcspn(start, "\t ");

    *at = start + length + (start[length] != '\0');
    start[length] = '\0';
    return length > 0 ? start : NULL;
}

static cxs_rc take_line(cxs_ctx *ctx, cxs_text *text, char *line, cxs_targets *t)
{
    char *at = line, *chrom = word(&at), *start = NULL, *end = NULL, *label = NULL;
    cxs_target new = {0};
    cxs_rc rc = CXS_OK;

    if (chrom == NULL || *chrom == '#' || strcmp(chrom, "track") == 0 ||
        strcmp(chrom, "browser") == 0)
        return CXS_OK;
    if ((start = word(&at)) == NULL || (end = word(&at)) == NULL ||
        !cxs_number_parse_int(start, 0, INT64_MAX, &new.start0) ||
        !cxs_number_parse_int(end, new.start0, INT64_MAX, &new.end0))
        return cxs_fail(
            ctx, CXS_EFORMAT,
            "%s:%zu: a BED line is chrom, start, end with 0 <= start <= end",
            cxs_text_path(text), cxs_text_line_number(text));
    if (new.start0 == new.end0)
        return CXS_OK;
    CXS_TRY(chrom_of(ctx, t, chrom, &new.chrom));
    CXS_TRY(cxs_grow(ctx, (void **)&t->interval, &t->capacity, t->count + 1,
                     sizeof *t->interval));
    t->interval[t->count++] = new;
    if ((label = word(&at)) != NULL)
        CXS_TRY(add_label(ctx, t, label));
done:
    return rc;
}

static void merge(cxs_targets *t)
{
    size_t kept = 0;

    qsort(t->interval, t->count, sizeof *t->interval, by_place);
    for (size_t i = 0; i < t->count; i++) {
        cxs_target *last = kept > 0 ? &t->interval[kept - 1] : NULL;
        if (last != NULL && strcmp(last->chrom, t->interval[i].chrom) == 0 &&
            t->interval[i].start0 <= last->end0) {
            if (t->interval[i].end0 > last->end0)
                last->end0 = t->interval[i].end0;
        } else {
            t->interval[kept++] = t->interval[i];
        }
    }
    t->count = kept;
    for (size_t i = 0; i < kept; i++)
        t->bases += t->interval[i].end0 - t->interval[i].start0;
    if (t->labels > 0)
        qsort(t->label, t->labels, sizeof *t->label, cxs_text_compare);
}

cxs_rc cxs_targets_read(cxs_ctx *ctx, const char *path, cxs_targets *out)
{
    cxs_text *text = NULL;
    char *line = NULL;
    size_t length = 0;
    cxs_rc rc = CXS_OK;

    *out = (cxs_targets){0};
    CXS_TRY(cxs_text_open(ctx, path, &text));
    for (;;) {
        CXS_TRY(cxs_text_line(ctx, text, &line, &length));
        if (line == NULL)
            break;
        CXS_TRY(take_line(ctx, text, line, out));
    }
    if (out->count == 0)
        CXS_TRY(cxs_fail(ctx, CXS_EFORMAT, "%s: no interval", path));
    merge(out);
done:
    cxs_text_close(text);
    if (rc != CXS_OK)
        cxs_targets_clear(out);
    return rc;
}

void cxs_targets_clear(cxs_targets *t)
{
    cxs_free(t->interval);
    cxs_free_strings(t->chrom, t->chroms);
    cxs_free_strings(t->label, t->labels);
    *t = (cxs_targets){0};
}

bool cxs_targets_touch(const cxs_targets *t, const char *chrom, int64_t start,
                       int64_t end)
{
    size_t low = 0, high = t->count;

    while (low < high) { /* the first interval that does not end before `start` */
        const size_t middle = low + (high - low) / 2;
        const cxs_target *i = &t->interval[middle];
        const int order = strcmp(i->chrom, chrom);
        if (order < 0 || (order == 0 && i->end0 < start))
            low = middle + 1;
        else
            high = middle;
    }
    return low < t->count && strcmp(t->interval[low].chrom, chrom) == 0 &&
           t->interval[low].start0 < end;
}

bool cxs_targets_name(const cxs_targets *t, const char *gene)
{
    const size_t length = strlen(gene);

    for (size_t i = 0; i < t->labels; i++)
        for (const char *at = t->label[i]; (at = strstr(at, gene)) != NULL; at++) {
            const bool starts = at == t->label[i] || !isalnum((unsigned char)at[-1]);
            const unsigned char next = (unsigned char)at[length];
            if (starts && !isalnum(next) && next != '-')
                return true;
        }
    return false;
}
