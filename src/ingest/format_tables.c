/*
 * format_tables.c -- matrices that are one table with something around it
 *
 *   GCT 1.2    "#1.2", "rows TAB columns", header Name Description samples, rows
 *   GCT 1.3    "#1.3", "rows columns row-annotations column-annotations", header,
 *              a line per column annotation, rows with their annotations first
 *   featureCounts   "# Program:featureCounts ...", header Geneid Chr Start End Strand
 *              Length and one column per alignment file, named by its path; and the
 *              table of `coxswain count`, the same with names of its own
 *   nf-core    gene_id gene_name samples (salmon.merged.gene_counts.tsv)
 *   GISTIC     Gene Symbol, Locus ID (or Gene ID), Cytoband, samples
 *   Xena       sample (or xena_sample) as the corner of a features x samples table
 */
#include "ingest/format.h"

#include "base/number.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

/* ---- GCT ------------------------------------------------------------------------- */

bool cxs_sniff_gct(const cxs_head *head, const cxs_matrix_settings *s)
{
    (void)s;
    return cxs_head_is(head, 0, 0, "#1.2") || cxs_head_is(head, 0, 0, "#1.3");
}

/* Whole numbers of the second line, empty fields at its end left out. */
static cxs_rc gct_sizes(cxs_ctx *ctx, cxs_matrix_reader *r, size_t wanted,
                        int64_t *size)
{
    size_t count = r->fields.count;

    while (count > 0 && r->fields.length[count - 1] == 0)
        count--;
    for (size_t i = 0; i < wanted; i++)
        if (count != wanted ||
            !cxs_number_parse_int(r->fields.text[i], 0, INT32_MAX, &size[i]))
            return cxs_fail_code(
                ctx, CXS_EFORMAT, "CX020", "%s:2: expected %zu sizes (rows, columns%s)",
                r->path, wanted, wanted > 2 ? ", row and column annotations" : "");
    return CXS_OK;
}

cxs_rc cxs_begin_gct(cxs_ctx *ctx, cxs_matrix_reader *r)
{
    int64_t size[4] = {0};
    char *line = NULL;
    size_t length = 0, version;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_text_line(ctx, r->text, &line, &length));
    version = line != NULL && strncmp(line, "#1.3", 4) == 0   ? 3
              : line != NULL && strncmp(line, "#1.2", 4) == 0 ? 2
                                                              : 0;
    if (version == 0)
        CXS_TRY(cxs_fail_code(ctx, CXS_EFORMAT, "CX020",
                              "%s:1: a GCT file begins with #1.2 or #1.3", r->path));
    if (r->settings.samples_in_rows)
        CXS_TRY(cxs_fail(ctx, CXS_EARG, "%s: a GCT file has its samples in columns",
                         r->path));
    CXS_TRY(cxs_text_line(ctx, r->text, &line, &length));
    if (line == NULL)
        CXS_TRY(cxs_fail_code(ctx, CXS_ETRUNCATED, "CX037",
                              "%s:2: the line of sizes is missing: the file is "
                              "truncated",
                              r->path));
    CXS_TRY(cxs_fields_split(ctx, line, length, '\t', &r->fields));
    CXS_TRY(gct_sizes(ctx, r, version == 3 ? 4 : 2, size));
    r->declared = true;
    r->declared_rows = (size_t)size[0];
    r->declared_columns = (size_t)size[1];
    r->annotations = version == 3 ? (size_t)size[2] : 1;
    r->skip_rows = (size_t)size[3];
done:
    return rc;
}

/* The annotation that is a name for people. */
static size_t gct_name(const cxs_matrix_reader *r)
{
    static const char *const names[] = {"Description", "pr_gene_symbol", "gene_symbol",
                                        "gene_name", "symbol"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (size_t f = 1; f <= r->annotations && f < r->header_names; f++)
            if (strcasecmp(r->header[f], names[i]) == 0)
                return f;
    return 0;
}

cxs_rc cxs_layout_gct(cxs_ctx *ctx, cxs_matrix_reader *r)
{
    const size_t first = 1 + r->annotations;

    if (r->header_names != first + r->declared_columns || r->declared_columns == 0)
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX020",
                             "%s:%zu: %zu names for %zu columns of values and %zu "
                             "before them, as line 2 says",
                             r->path, r->header_line, r->header_names,
                             r->declared_columns, first);
    cxs_reader_keep(r, first, r->declared_columns, gct_name(r));
    return CXS_OK;
}

cxs_rc cxs_end_gct(cxs_ctx *ctx, cxs_matrix_reader *r)
{
    if (r->rows < r->declared_rows)
        return cxs_fail_code(ctx, CXS_ETRUNCATED, "CX037",
                             "%s: %zu rows, line 2 says %zu: the file is truncated",
                             r->path, r->rows, r->declared_rows);
    if (r->rows > r->declared_rows)
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX019", "%s: %zu rows, line 2 says %zu",
                             r->path, r->rows, r->declared_rows);
    return CXS_OK;
}

/* ---- featureCounts --------------------------------------------------------------- */

static const char *const featurecounts_names[] = {"Geneid", "Chr",    "Start", "End",
                                                  "Strand", "Length", NULL};
/* `coxswain count` */
static const char *const count_names[] = {"gene_id", "chrom",  "start", "end",
                                          "strand",  "length", NULL};

bool cxs_sniff_featurecounts(const cxs_head *head, const cxs_matrix_settings *s)
{
    (void)s;
    return cxs_head_begins(head, head->header, featurecounts_names) ||
           cxs_head_begins(head, head->header, count_names);
}

static bool ends_with(const char *text, size_t length, const char *ending)
{
    const size_t n = strlen(ending);

    return length > n && strncasecmp(text + length - n, ending, n) == 0;
}

/* The part of an alignment file's path that names the sample: the last component
 * without what aligners append; the folder above it when nothing is left. */
static const char *sample_of_path(const char *path, size_t *length)
{
    static const char *const endings[] = {
        ".bam",        ".sam",    ".cram",   "Aligned.sortedByCoord.out",
        "Aligned.out", ".sorted", ".markdup"};
    const char *end = path + strlen(path), *start = strrchr(path, '/');

    start = start != NULL ? start + 1 : path;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        const size_t n = strlen(endings[i]);
        if (ends_with(start, (size_t)(end - start), endings[i]) ||
            ((size_t)(end - start) == n && i > 2 && start > path &&
             strncasecmp(start, endings[i], n) == 0))
            end -= n;
    }
    while (end > start && (end[-1] == '.' || end[-1] == '_' || end[-1] == '-'))
        end--;
    if (end == start && start > path) { /* out/P1/Aligned.sortedByCoord.out.bam */
        end = --start;
        while (start > path && start[-1] != '/')
            start--;
    }
    *length = (size_t)(end - start);
    return start;
}

static cxs_rc shorten_paths(cxs_ctx *ctx, cxs_matrix_reader *r)
{
    size_t shortened = 0, shown = 0;
    char *before = NULL;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < r->columns; i++) {
        size_t length = 0;
        const char *name = sample_of_path(r->header[i], &length);
        if (length == 0 || length == strlen(r->header[i]))
            continue;
        if (shortened++ == 0) {
            shown = i;
            if ((before = cxs_strdup(ctx, r->header[i])) == NULL)
                CXS_TRY(CXS_ENOMEM);
        }
        CXS_TRY(cxs_reader_rename(ctx, r, i, name, length));
    }
    if (shortened > 0)
        cxs_note(ctx, "%s: %zu columns are named by files; %s is sample %s", r->path,
                 shortened, cxs_ctx_id(ctx, before), cxs_ctx_id(ctx, r->header[shown]));
done:
    cxs_free(before);
    return rc;
}

cxs_rc cxs_layout_featurecounts(cxs_ctx *ctx, cxs_matrix_reader *r)
{
    static const char *const extra[] = {"gene_name", "gene_symbol", "gene_biotype",
                                        "gene_type", "gene_id",     "gene_version"};
    const bool ours = r->header_names > 0 && strcmp(r->header[0], count_names[0]) == 0;
    const char *const *names = ours ? count_names : featurecounts_names;
    size_t first = 0, name_field = 0, i;

    while (first < r->header_names && names[first] != NULL &&
           strcmp(r->header[first], names[first]) == 0)
        first++;
    if (names[first] != NULL)
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX020",
                             "%s:%zu: column \"%s\" is missing", r->path,
                             r->header_line, names[first]);
    r->length_field = first - 1;
    do { /* --extraAttributes stand between Length and the files */
        for (i = 0; first < r->header_names && i < sizeof extra / sizeof *extra; i++)
            if (strcmp(r->header[first], extra[i]) == 0)
                break;
        if (first < r->header_names && i < 2)
            name_field = first;
        first += first < r->header_names && i < sizeof extra / sizeof *extra;
    } while (first < r->header_names && i < sizeof extra / sizeof *extra);
    if (first == r->header_names)
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX020",
                             "%s:%zu: no column beside the ids", r->path,
                             r->header_line);
    cxs_reader_keep(r, first, r->header_names - first, name_field);
    return shorten_paths(ctx, r);
}

/* ---- names before the values ----------------------------------------------------- */

/* Values begin behind `first` columns; there must be some. */
static cxs_rc keep_behind(cxs_ctx *ctx, cxs_matrix_reader *r, size_t first,
                          size_t name_field)
{
    if (r->header_names <= first)
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX020",
                             "%s:%zu: no column beside the ids", r->path,
                             r->header_line);
    cxs_reader_keep(r, first, r->header_names - first, name_field);
    return CXS_OK;
}

bool cxs_sniff_nfcore(const cxs_head *head, const cxs_matrix_settings *s)
{
    static const char *const names[] = {"gene_id", "gene_name", NULL};

    return !s->samples_in_rows && cxs_head_begins(head, head->header, names) &&
           !cxs_head_is(head, head->header, 2, "gene_type");
}

cxs_rc cxs_layout_nfcore(cxs_ctx *ctx, cxs_matrix_reader *r)
{
    r->estimated = true; /* Salmon's: what is left of the rule are sign and size */
    return keep_behind(ctx, r, 2, 1);
}

bool cxs_sniff_gistic(const cxs_head *head, const cxs_matrix_settings *s)
{
    (void)s;
    return cxs_head_is(head, head->header, 0, "Gene Symbol") &&
           (cxs_head_is(head, head->header, 1, "Locus ID") ||
            cxs_head_is(head, head->header, 1, "Gene ID")) &&
           cxs_head_is(head, head->header, 2, "Cytoband");
}

cxs_rc cxs_layout_gistic(cxs_ctx *ctx, cxs_matrix_reader *r)
{
    return keep_behind(ctx, r, 3, 0);
}

bool cxs_sniff_xena(const cxs_head *head, const cxs_matrix_settings *s)
{
    return !s->samples_in_rows && (cxs_head_is(head, head->header, 0, "sample") ||
                                   cxs_head_is(head, head->header, 0, "xena_sample"));
}

/* The id of the first row is that of a probe: cg or ch. and digits. */
bool cxs_sniff_methylation(const cxs_head *head, const cxs_matrix_settings *s)
{
    static const char *const kinds[] = {"cg", "ch."};
    const size_t row = head->header + 1;
    const char *at;

    if (s->samples_in_rows || row >= head->lines || head->length[row] < 8)
        return false;
    at = head->line[row] + (head->line[row][0] == '"');
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strncmp(at, kinds[i], strlen(kinds[i])) == 0 &&
            isdigit((unsigned char)at[strlen(kinds[i])]))
            return true;
    return false;
}
