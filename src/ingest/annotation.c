/*
 * annotation.c -- genes and their exons from GTF, GFF3 or SAF
 *
 * GTF (gene_id "G1";) and GFF3 (gene_id=G1;) differ in the last column only, and which
 * it is is asked of every attribute.  SAF has five columns: GeneID, Chr, Start, End,
 * Strand, with or without a header line.  Contig names lose their "chr".
 */
#include "ingest/annotation.h"

#include "base/number.h"
#include "base/text.h"
#include "ingest/contigs.h"
#include "ingest/names.h"

#include <stdlib.h>
#include <string.h>

enum { GFF_FIELDS = 9, SAF_FIELDS = 5 };

typedef struct reader {
    const char *path;
    size_t line;
    const char *feature_type, *group_by;
    cxs_names genes, contigs;
    cxs_exon *exon;
    size_t count, capacity;
} reader;

void cxs_annotation_free(cxs_annotation *annotation)
{
    if (annotation == NULL)
        return;
    cxs_free_strings(annotation->gene, annotation->gene_count);
    cxs_free_strings(annotation->contig, annotation->contig_count);
    cxs_free(annotation->exon);
    cxs_free(annotation);
}

size_t cxs_annotation_contig(const cxs_annotation *annotation, const char *plain)
{
    size_t low = 0, high = annotation->contig_count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (strcmp(annotation->contig[middle], plain) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < annotation->contig_count && strcmp(annotation->contig[low], plain) == 0
               ? low
               : SIZE_MAX;
}

/* ---- rows --------------------------------------------------------------------------- */

/* A position of a row, 1-based in the file. */
static cxs_rc read_position(cxs_ctx *ctx, const reader *r, const char *column,
                            const char *text, int64_t *position)
{
    if (cxs_number_parse_int(text, 1, INT32_MAX, position))
        return CXS_OK;
    return cxs_fail(ctx, CXS_EFORMAT, "%s:%zu:%s: '%s' is not a position", r->path,
                    r->line, column, text);
}

static cxs_rc add_exon(cxs_ctx *ctx, reader *r, const char *contig, const char *from,
                       const char *to, const char *strand, const char *gene,
                       size_t gene_length)
{
    const char *plain = cxs_contig_plain(contig);
    cxs_exon e = {0};
    cxs_rc rc = CXS_OK;

    CXS_TRY(read_position(ctx, r, "start", from, &e.start));
    CXS_TRY(read_position(ctx, r, "end", to, &e.end));
    if (e.end < e.start)
        return cxs_fail(ctx, CXS_EFORMAT, "%s:%zu:end: %s is before the start, %s",
                        r->path, r->line, to, from);
    if (strlen(strand) != 1 || strchr("+-.?", *strand) == NULL)
        return cxs_fail(ctx, CXS_EFORMAT, "%s:%zu:strand: '%s' is not +, - or .",
                        r->path, r->line, strand);
    e.start--;
    e.strand = *strand == '+'   ? CXS_STRAND_FORWARD
               : *strand == '-' ? CXS_STRAND_REVERSE
                                : CXS_STRAND_NONE;
    CXS_TRY(cxs_names_number(ctx, &r->contigs, plain, strlen(plain), &e.contig));
    CXS_TRY(cxs_names_number(ctx, &r->genes, gene, gene_length, &e.gene));
    CXS_TRY(
        cxs_grow(ctx, (void **)&r->exon, &r->capacity, r->count + 1, sizeof *r->exon));
    r->exon[r->count++] = e;
done:
    return rc;
}

/* Is text an item of a list "a,b"? */
static bool is_listed(const char *list, const char *text)
{
    const size_t n = strlen(text);

    for (const char *at = list; at != NULL; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, text, n) == 0 && (at[n] == '\0' || at[n] == ','))
            return true;
    }
    return false;
}

/* Value of an attribute: of `key "value";` or of `key=value;`.  False when absent. */
static bool find_attribute(const char *text, const char *key, const char **value,
                           size_t *length)
{
    const size_t n = strlen(key);

    while (*text != '\0') {
        const char *end = text;
        bool quoted = false;
        text += strspn(text, " \t;");
        for (end = text; *end != '\0' && (quoted || *end != ';'); end++)
            quoted = quoted != (*end == '"');
        if (strncmp(text, key, n) == 0 && (text[n] == ' ' || text[n] == '=')) {
            const char *from = text + n + 1 + strspn(text + n + 1, " \"");
            while (end > from && (end[-1] == ' ' || end[-1] == '"'))
                end--;
            *value = from;
            *length = (size_t)(end - from);
            return *length > 0;
        }
        text = end;
    }
    return false;
}

static bool quotes_are_closed(const char *text)
{
    bool quoted = false;

    for (; *text != '\0'; text++)
        quoted = quoted != (*text == '"');
    return !quoted;
}

/* A forgotten mark shifts all that follow: what was between values is inside one. */
static bool has_separator(const char *value, size_t length)
{
    return memchr(value, '"', length) != NULL || memchr(value, ';', length) != NULL;
}

static cxs_rc read_gff(cxs_ctx *ctx, reader *r, char *const *field)
{
    const char *gene = NULL;
    size_t length = 0;

    if (!is_listed(r->feature_type, field[2]))
        return CXS_OK;
    if (!quotes_are_closed(field[8]))
        return cxs_fail(ctx, CXS_EFORMAT,
                        "%s:%zu:attributes: quotation mark is not closed", r->path,
                        r->line);
    if (!find_attribute(field[8], r->group_by, &gene, &length))
        return cxs_fail(ctx, CXS_EFORMAT, "%s:%zu:attributes: no %s in this %s row",
                        r->path, r->line, r->group_by, field[2]);
    if (has_separator(gene, length))
        return cxs_fail(ctx, CXS_EFORMAT,
                        "%s:%zu:attributes: quotation mark or semicolon in %s '%.*s'",
                        r->path, r->line, r->group_by, (int)length, gene);
    return add_exon(ctx, r, field[0], field[3], field[4], field[6], gene, length);
}

static cxs_rc read_row(cxs_ctx *ctx, reader *r, const cxs_fields *f)
{
    char *const *field = f->text;
    int64_t number = 0;

    if (f->count == GFF_FIELDS)
        return read_gff(ctx, r, field);
    if (f->count != SAF_FIELDS)
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX019",
                             "%s:%zu: %zu fields, GTF and GFF3 have %d, SAF has %d",
                             r->path, r->line, f->count, GFF_FIELDS, SAF_FIELDS);
    if (r->count == 0 && !cxs_number_parse_int(field[2], 0, INT64_MAX, &number) &&
        strcmp(field[0], "GeneID") == 0)
        return CXS_OK; /* the header */
    return add_exon(ctx, r, field[1], field[2], field[3], field[4], field[0],
                    strlen(field[0]));
}

static cxs_rc read_rows(cxs_ctx *ctx, reader *r)
{
    cxs_text *text = NULL;
    cxs_fields fields = {0};
    char *line = NULL;
    size_t length = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_text_open(ctx, r->path, &text));
    for (;;) {
        CXS_TRY(cxs_text_line(ctx, text, &line, &length));
        if (line == NULL || strncmp(line, "##FASTA", 7) == 0)
            break;
        if (*line == '#' || *line == '\0')
            continue;
        r->line = cxs_text_line_number(text);
        CXS_TRY(cxs_fields_split(ctx, line, length, '\t', &fields));
        CXS_TRY(read_row(ctx, r, &fields));
    }
    if (r->count == 0)
        CXS_TRY(cxs_fail(ctx, CXS_EDEGENERATE, "%s: no row is of the type %s", r->path,
                         r->feature_type));
done:
    cxs_fields_free(&fields);
    cxs_text_close(text);
    return rc;
}

/* ---- all of it ---------------------------------------------------------------------- */

static int by_place(const void *a, const void *b)
{
    const cxs_exon *x = a, *y = b;

    if (x->contig != y->contig)
        return x->contig < y->contig ? -1 : 1;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    if (x->gene != y->gene)
        return x->gene < y->gene ? -1 : 1;
    return (x->strand > y->strand) - (x->strand < y->strand);
}

static cxs_rc put_in_order(cxs_ctx *ctx, reader *r)
{
    uint32_t *gene = NULL, *contig = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_names_sort(ctx, &r->genes, &gene));
    CXS_TRY(cxs_names_sort(ctx, &r->contigs, &contig));
    for (size_t i = 0; i < r->count; i++) {
        r->exon[i].gene = gene[r->exon[i].gene];
        r->exon[i].contig = contig[r->exon[i].contig];
    }
    qsort(r->exon, r->count, sizeof *r->exon, by_place);
done:
    cxs_free(gene);
    cxs_free(contig);
    return rc;
}

cxs_rc cxs_annotation_read(cxs_ctx *ctx, const char *path, const char *feature_type,
                           const char *group_by, cxs_annotation **out)
{
    reader r = {.path = path, .feature_type = feature_type, .group_by = group_by};
    cxs_annotation *a = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_TRY(read_rows(ctx, &r));
    CXS_TRY(put_in_order(ctx, &r));
    CXS_NEW(a, 1);
    *a = (cxs_annotation){.gene_count = r.genes.count,
                          .contig_count = r.contigs.count,
                          .exon_count = r.count,
                          .gene = r.genes.name,
                          .contig = r.contigs.name,
                          .exon = r.exon};
    r.genes.name = r.contigs.name = NULL;
    r.genes.count = r.contigs.count = 0;
    r.exon = NULL;
    *out = a;
done:
    cxs_names_free(&r.genes);
    cxs_names_free(&r.contigs);
    cxs_free(r.exon);
    return rc;
}
