/*
 * hts_meter_sites.c -- alleles at given positions: common SNPs, hotspots
 *
 * Primary alignments that are not QC-fail or duplicate, with MAPQ and base quality of at
 * least what is asked.  A fragment counts once: where both mates show the site the base
 * of higher quality counts, none when the qualities are equal and the alleles are not.
 * A deletion over the site is an `other`; a skipped intron shows nothing.  Alleles of
 * several bases (adjacent substitutions) are compared whole, by their lowest quality.
 *
 * Table snps or hotspots: chrom, pos (1-based), ref, alt, [name], n_ref, n_alt, n_other,
 * n_alt_reverse (of n_alt those on the reverse strand); counts are missing where the
 * contig is not in the header.
 */
#include "ingest/hts_meters.h"
#include "ingest/hts_windows.h"

#include "base/number.h"
#include "base/table.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum {
    SKIP = BAM_FUNMAP | BAM_FSECONDARY | BAM_FSUPPLEMENTARY | BAM_FQCFAIL | BAM_FDUP,
    LONGEST = 16
};
enum { N_REF, N_ALT, N_OTHER, N_ALT_REVERSE, COUNTS, NOTHING };

typedef struct site {
    char *ref, *alt; /* capitals, of equal length */
} site;

typedef struct sites {
    cxs_windows *windows;
    site *at; /* [windows->count] */
    size_t capacity;
    bool has_names;
    int min_mapq, min_baseq;
} sites;

typedef struct sites_state {
    const sites *s;
    cxs_spans *spans;
    int64_t (*count)[COUNTS];
} sites_state;

static void state_free(void *state)
{
    sites_state *s = state;

    if (s == NULL)
        return;
    cxs_spans_free(s->spans);
    cxs_free(s->count);
    cxs_free(s);
}

static cxs_rc state_new(cxs_ctx *ctx, const cxs_meter *meter,
                        const cxs_reads_info *info, void **state)
{
    cxs_rc rc = CXS_OK;
    sites_state *s = NULL;

    *state = NULL;
    CXS_NEW(s, 1);
    s->s = meter->shared;
    CXS_NEW(s->count, s->s->windows->count);
    CXS_TRY(cxs_spans_new(ctx, info, s->s->windows, 0, false, &s->spans));
    *state = s;
    s = NULL;

done:
    state_free(s);
    return rc;
}

/* ---- what a read shows ----------------------------------------------------------- */

typedef struct shown {
    int what; /* N_REF, N_ALT, N_OTHER, NOTHING */
    int quality;
} shown;

/* Allele of the bases [query, query + length) of the read. */
static shown allele(const sites *s, const bam1_t *b, int64_t query, const site *at)
{
    const uint8_t *seq = bam_get_seq(b), *quality = bam_get_qual(b);
    const size_t length = strlen(at->ref);
    bool is_ref = true, is_alt = true;
    int lowest = 255;

    if (query + (int64_t)length > b->core.l_qseq)
        return (shown){NOTHING, 0};
    for (size_t i = 0; i < length; i++) {
        const char base = seq_nt16_str[bam_seqi(seq, query + (int64_t)i)];

        is_ref = is_ref && base == at->ref[i];
        is_alt = is_alt && base == at->alt[i];
        if (quality[query + (int64_t)i] < lowest)
            lowest = quality[query + (int64_t)i];
        if (base == 'N')
            return (shown){NOTHING, 0};
    }
    if (lowest < s->min_baseq)
        return (shown){NOTHING, 0};
    return (shown){is_ref ? N_REF : is_alt ? N_ALT : N_OTHER, lowest};
}

/* What the read shows of the site at [start, end). */
static shown look(const sites *s, const bam1_t *b, const cxs_span *span)
{
    const uint32_t *cigar = bam_get_cigar(b);
    int64_t ref = b->core.pos, query = 0;

    for (uint32_t i = 0; i < b->core.n_cigar && ref < span->end; i++) {
        const int op = bam_cigar_op(cigar[i]), type = bam_cigar_type(op);
        const int64_t length = bam_cigar_oplen(cigar[i]);

        if (type == 3 && ref <= span->start && span->end <= ref + length)
            return allele(s, b, query + (span->start - ref), &s->at[span->row]);
        if (op == BAM_CDEL && ref < span->end && span->start < ref + length)
            return (shown){N_OTHER, 0};
        ref += type & 2 ? length : 0;
        query += type & 1 ? length : 0;
    }
    return (shown){NOTHING, 0};
}

static void count_site(sites_state *s, const cxs_span *span, const bam1_t *first,
                       const bam1_t *second)
{
    const shown none = {NOTHING, 0};
    const shown a = look(s->s, first, span);
    const shown b = second != NULL ? look(s->s, second, span) : none;
    const bam1_t *from = first;
    shown best = a;

    if (a.what == NOTHING || (b.what != NOTHING && b.quality > a.quality)) {
        best = b;
        from = second;
    } else if (b.what != NOTHING && b.what != a.what && b.quality == a.quality) {
        return;
    }
    if (best.what == NOTHING)
        return;
    s->count[span->row][best.what]++;
    s->count[span->row][N_ALT_REVERSE] += best.what == N_ALT && bam_is_rev(from);
}

/* Sites under `b` that do not lie under `before`; other: the mate. */
static void count_under(sites_state *s, const bam1_t *b, const bam1_t *other,
                        const bam1_t *before)
{
    const size_t limit = cxs_spans_limit(s->spans, b->core.tid);
    size_t i = cxs_spans_seek(s->spans, b->core.tid, b->core.pos);

    if (i == limit)
        return;
    const int64_t end = cxs_read_end(b);

    for (; i < limit && s->spans->span[i].start < end; i++) {
        const cxs_span *span = &s->spans->span[i];

        if (span->end > b->core.pos &&
            !(before != NULL && before->core.tid == b->core.tid &&
              span->start < bam_endpos(before) && span->end > before->core.pos))
            count_site(s, span, b,
                       other != NULL && other->core.tid == b->core.tid ? other : NULL);
    }
}

static bool counts(const sites *s, const bam1_t *b)
{
    return b != NULL && (b->core.flag & SKIP) == 0 && b->core.qual >= s->min_mapq &&
           b->core.tid >= 0 && b->core.l_qseq > 0;
}

static cxs_rc pair(cxs_ctx *ctx, const cxs_meter *meter, void *state,
                   const bam1_t *first, const bam1_t *second)
{
    sites_state *s = state;
    const bool one = counts(s->s, first), two = counts(s->s, second);

    (void)ctx;
    (void)meter;
    if (one)
        count_under(s, first, two ? second : NULL, NULL);
    if (two)
        count_under(s, second, NULL, one ? first : NULL);
    return CXS_OK;
}

static void add(void *into, const void *from)
{
    sites_state *a = into;
    const sites_state *b = from;

    for (size_t i = 0; i < a->s->windows->count; i++)
        for (int k = 0; k < COUNTS; k++)
            a->count[i][k] += b->count[i][k];
}

/* ---- table ----------------------------------------------------------------------- */

static cxs_rc add_texts(cxs_ctx *ctx, const sites *s, cxs_measure *table)
{
    cxs_rc rc = CXS_OK;
    size_t chrom, ref, alt, name = 0;
    int64_t *pos;

    CXS_TRY(cxs_measure_text(ctx, table, "chrom", &chrom));
    CXS_TRY(cxs_measure_int(ctx, table, "pos", &pos));
    CXS_TRY(cxs_measure_text(ctx, table, "ref", &ref));
    CXS_TRY(cxs_measure_text(ctx, table, "alt", &alt));
    if (s->has_names)
        CXS_TRY(cxs_measure_text(ctx, table, "name", &name));
    for (size_t i = 0; i < s->windows->count; i++) {
        CXS_TRY(cxs_measure_set_text(ctx, table, chrom, i, s->windows->at[i].contig));
        CXS_TRY(cxs_measure_set_text(ctx, table, ref, i, s->at[i].ref));
        CXS_TRY(cxs_measure_set_text(ctx, table, alt, i, s->at[i].alt));
        if (s->has_names)
            CXS_TRY(cxs_measure_set_text(ctx, table, name, i, s->windows->at[i].name));
        pos[i] = s->windows->at[i].start + 1;
    }

done:
    return rc;
}

static cxs_rc finish(cxs_ctx *ctx, const cxs_meter *meter, const cxs_reads_info *info,
                     const void *state, cxs_measures *bag)
{
    static const char *const name[COUNTS] = {"n_ref", "n_alt", "n_other",
                                             "n_alt_reverse"};
    const sites_state *s = state;
    const size_t rows = s->s->windows->count;
    cxs_rc rc = CXS_OK;
    cxs_measure *table;
    int64_t *count;

    (void)info;
    CXS_TRY(cxs_measures_add(ctx, bag, meter->name, rows, &table));
    CXS_TRY(add_texts(ctx, s->s, table));
    for (int k = 0; k < COUNTS; k++) {
        CXS_TRY(cxs_measure_int(ctx, table, name[k], &count));
        for (size_t i = 0; i < rows; i++)
            count[i] = CXS_MEASURE_MISSING;
        for (size_t i = 0; i < s->spans->count; i++)
            count[s->spans->span[i].row] = s->count[s->spans->span[i].row][k];
    }

done:
    return rc;
}

/* ---- the list of sites ----------------------------------------------------------- */

static void meter_free(cxs_meter *meter)
{
    sites *s = meter->shared;

    if (s != NULL) {
        for (size_t i = 0; s->at != NULL && i < s->windows->count; i++) {
            cxs_free(s->at[i].ref);
            cxs_free(s->at[i].alt);
        }
        cxs_free(s->at);
        cxs_windows_free(s->windows);
        cxs_free(s);
    }
    cxs_free(meter);
}

/* Capitals of an allele; false when it holds anything but A, C, G, T. */
static bool read_allele(const char *text, char out[LONGEST + 1])
{
    const size_t length = strlen(text);

    if (length == 0 || length > LONGEST)
        return false;
    for (size_t i = 0; i <= length; i++)
        out[i] = (char)toupper((unsigned char)text[i]);
    return strspn(out, "ACGT") == length;
}

enum { CHROM, POS, REF, ALT, GENE, LABEL, COLUMNS };

static cxs_rc add_site(cxs_ctx *ctx, sites *s, const cxs_table *t, size_t row,
                       const size_t column[COLUMNS])
{
    const char *position = cxs_table_cell(t, row, column[POS]);
    char ref[LONGEST + 1], alt[LONGEST + 1], name[256] = "";
    cxs_rc rc = CXS_OK;
    int64_t pos;
    site at = {0};

    if (cxs_is_na(position, strlen(position)))
        return CXS_OK;
    if (!cxs_number_parse_int(position, 1, INT32_MAX, &pos))
        return cxs_fail(ctx, CXS_EFORMAT, "%s:%zu:%s: '%s' is not a position", t->path,
                        t->line[row], t->name[column[POS]], position);
    if (!read_allele(cxs_table_cell(t, row, column[REF]), ref) ||
        !read_allele(cxs_table_cell(t, row, column[ALT]), alt) ||
        strlen(ref) != strlen(alt) || strcmp(ref, alt) == 0) {
        cxs_note(ctx, "%s:%zu: not a substitution, its reads are not counted", t->path,
                 t->line[row]);
        return CXS_OK;
    }
    if (s->has_names)
        snprintf(name, sizeof name, "%s %s", cxs_table_cell(t, row, column[GENE]),
                 cxs_table_cell(t, row, column[LABEL]));
    CXS_TRY(cxs_grow(ctx, (void **)&s->at, &s->capacity, s->windows->count + 1,
                     sizeof *s->at));
    if ((at.ref = cxs_strdup(ctx, ref)) == NULL ||
        (at.alt = cxs_strdup(ctx, alt)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    CXS_TRY(cxs_windows_add(ctx, s->windows, cxs_table_cell(t, row, column[CHROM]),
                            pos - 1, pos - 1 + (int64_t)strlen(ref), name, '.'));
    s->at[s->windows->count - 1] = at;
    return CXS_OK;

done:
    cxs_free(at.ref);
    cxs_free(at.alt);
    return rc;
}

static cxs_rc read_sites(cxs_ctx *ctx, sites *s, const char *path, const char *build)
{
    cxs_rc rc = CXS_OK;
    cxs_table *table = NULL;
    char position[32];
    size_t column[COLUMNS];

    snprintf(position, sizeof position, "%.20s_pos", build != NULL ? build : "");
    CXS_TRY(cxs_table_read(ctx, path, &table));
    CXS_TRY(cxs_windows_new(ctx, path, &s->windows));
    CXS_TRY(cxs_table_need(ctx, table, "chrom", &column[CHROM]));
    column[POS] = cxs_table_find(table, position);
    if (column[POS] == SIZE_MAX)
        CXS_TRY(cxs_table_need(ctx, table, "pos", &column[POS]));
    CXS_TRY(cxs_table_need(ctx, table, "ref", &column[REF]));
    CXS_TRY(cxs_table_need(ctx, table, "alt", &column[ALT]));
    column[GENE] = cxs_table_find(table, "gene");
    column[LABEL] = cxs_table_find(table, "label");
    s->has_names = column[GENE] != SIZE_MAX && column[LABEL] != SIZE_MAX;
    for (size_t row = 0; row < table->rows; row++)
        CXS_TRY(add_site(ctx, s, table, row, column));
    if (s->windows->count == 0)
        CXS_TRY(cxs_fail(ctx, CXS_EFORMAT, "%s: no substitution in this table", path));

done:
    cxs_table_free(table);
    return rc;
}

cxs_rc cxs_meter_sites(cxs_ctx *ctx, const char *name, const char *path,
                       const char *build, int min_mapq, int min_baseq, cxs_meter **out)
{
    cxs_rc rc = CXS_OK;
    cxs_meter *meter = NULL;
    sites *s = NULL;

    *out = NULL;
    CXS_NEW(meter, 1);
    *meter = (cxs_meter){.name = name,
                         .wants_pairs = true,
                         .state_new = state_new,
                         .state_free = state_free,
                         .pair = pair,
                         .add = add,
                         .finish = finish,
                         .free = meter_free};
    CXS_NEW(s, 1);
    meter->shared = s;
    s->min_mapq = min_mapq;
    s->min_baseq = min_baseq;
    CXS_TRY(read_sites(ctx, s, path, build));
    *out = meter;
    meter = NULL;

done:
    if (meter != NULL)
        meter_free(meter);
    return rc;
}
