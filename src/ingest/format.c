/*
 * format.c -- which format is this matrix: the table of formats and its lookup
 *
 * Recognition looks at the first lines, never at the name of the file; the order of the
 * table decides when two could fit, and --format overrules it.  A new format is one row
 * here and the functions it names.
 */
#include "ingest/format.h"

#include "base/number.h"

#include <string.h>

static bool sniff_never(const cxs_head *head, const cxs_matrix_settings *s)
{
    (void)head;
    (void)s;
    return false;
}

/* The header names all of these, in any order. */
static bool has_names(const cxs_head *head, const char *const *names)
{
    const size_t fields = cxs_head_fields(head, head->header);

    for (; *names != NULL; names++) {
        size_t f = 0;
        while (f < fields && !cxs_head_is(head, head->header, f, *names))
            f++;
        if (f == fields)
            return false;
    }
    return true;
}

static bool sniff_seg(const cxs_head *head, const cxs_matrix_settings *s)
{
    static const char *const names[] = {"ID",      "chrom",    "loc.start",
                                        "loc.end", "seg.mean", NULL};
    static const char *const gdc[] = {"GDC_Aliquot", "Chromosome", "Segment_Mean",
                                      NULL};

    (void)s;
    return has_names(head, names) || has_names(head, gdc);
}

static bool sniff_maf(const cxs_head *head, const cxs_matrix_settings *s)
{
    static const char *const names[] = {"Hugo_Symbol", "Chromosome",
                                        "Tumor_Sample_Barcode", NULL};
    (void)s;
    return has_names(head, names);
}

static bool sniff_airr(const cxs_head *head, const cxs_matrix_settings *s)
{
    static const char *const names[] = {"v_call", "j_call", "junction_aa", "productive",
                                        NULL};
    (void)s;
    return has_names(head, names);
}

static const cxs_format formats[] = {
    {.name = "gct",
     .help = "GCT 1.2 and 1.3: #1.2, sizes, header, rows",
     .sniff = cxs_sniff_gct,
     .begin = cxs_begin_gct,
     .layout = cxs_layout_gct,
     .end = cxs_end_gct},
    {.name = "featurecounts",
     .help = "featureCounts and coxswain count: id, place, length, then files",
     .sniff = cxs_sniff_featurecounts,
     .layout = cxs_layout_featurecounts},
    {.name = "nf-core",
     .help = "nf-core/rnaseq merged table: gene_id gene_name, then samples",
     .sniff = cxs_sniff_nfcore,
     .layout = cxs_layout_nfcore},
    {.name = "gistic",
     .help = "GISTIC: Gene Symbol, Locus ID, Cytoband, then samples",
     .sniff = cxs_sniff_gistic,
     .layout = cxs_layout_gistic},
    {.name = "star",
     .help = "STAR ReadsPerGene.out.tab, a file per sample; --stranded",
     .sniff = cxs_sniff_star,
     .begin = cxs_begin_star,
     .end = cxs_end_star,
     .join = cxs_parts_bind,
     .rows = "genes"},
    {.name = "gdc",
     .help = "GDC STAR counts, a file per sample; --kind tpm takes its TPM",
     .sniff = cxs_sniff_gdc,
     .layout = cxs_layout_gdc,
     .join = cxs_parts_bind,
     .rows = "genes"},
    {.name = "rsem",
     .help = "RSEM genes.results, a file per sample",
     .sniff = cxs_sniff_rsem,
     .layout = cxs_layout_rsem,
     .join = cxs_parts_bind,
     .rows = "genes"},
    {.name = "salmon",
     .help = "Salmon quant.sf, a file per sample; needs --tx2gene",
     .sniff = cxs_sniff_salmon,
     .layout = cxs_layout_transcripts,
     .join = cxs_transcripts_join,
     .rows = "transcripts"},
    {.name = "kallisto",
     .help = "kallisto abundance.tsv, a file per sample; needs --tx2gene",
     .sniff = cxs_sniff_kallisto,
     .layout = cxs_layout_transcripts,
     .join = cxs_transcripts_join,
     .rows = "transcripts"},
    {.name = "methylation",
     .help = "probes in rows (cg00000029); --kind beta or m",
     .sniff = cxs_sniff_methylation},
    {.name = "xena",
     .help = "UCSC Xena: sample or xena_sample, then samples; --scale log2p1",
     .sniff = cxs_sniff_xena},
    {.name = "sheet",
     .help = "sheet of files: sample_id, file; SAMPLE_ID, FILE; GDC sample sheet",
     .sniff = cxs_sniff_sheet},
    {.name = "plain",
     .help = "header, ids in the first column, numbers in the others",
     .sniff = sniff_never},
    {.name = "seg",
     .sniff = sniff_seg,
     .refusal = "a SEG file of copy-number segments"},
    {.name = "maf", .sniff = sniff_maf, .refusal = "a MAF file of variants"},
    {.name = "airr", .sniff = sniff_airr, .refusal = "an AIRR file of rearrangements"},
};

enum { FORMATS = sizeof formats / sizeof *formats };

const cxs_format *cxs_format_at(size_t i)
{
    return i < FORMATS ? &formats[i] : NULL;
}

const cxs_format *cxs_format_named(const char *name)
{
    for (size_t i = 0; i < FORMATS; i++)
        if (formats[i].refusal == NULL && strcmp(formats[i].name, name) == 0)
            return &formats[i];
    return NULL;
}

const char *cxs_matrix_format(size_t i, const char **help)
{
    const cxs_format *f = cxs_format_at(i);

    if (f == NULL || f->refusal != NULL)
        return NULL;
    *help = f->help;
    return f->name;
}

static cxs_rc unknown_format(cxs_ctx *ctx, const char *name)
{
    cxs_buf names = {0};
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < FORMATS; i++)
        if (formats[i].refusal == NULL)
            CXS_TRY(
                cxs_buf_addf(ctx, &names, "%s%s", i > 0 ? ", " : "", formats[i].name));
    rc = cxs_fail(ctx, CXS_EARG, "'%s' is no format of a matrix: %s", name, names.text);
done:
    cxs_free(names.text);
    return rc;
}

cxs_rc cxs_format_tell(cxs_ctx *ctx, cxs_text *text, const cxs_matrix_settings *s,
                       const cxs_format **out)
{
    cxs_head head;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    if (s->format != NULL) {
        *out = cxs_format_named(s->format);
        return *out != NULL ? CXS_OK : unknown_format(ctx, s->format);
    }
    CXS_TRY(cxs_head_read(ctx, text, &head));
    for (size_t i = 0; i < FORMATS && *out == NULL; i++)
        if (formats[i].sniff(&head, s))
            *out = &formats[i];
    if (*out == NULL)
        *out = cxs_format_named("plain");
    if ((*out)->refusal != NULL)
        rc = cxs_fail_code(ctx, CXS_EFORMAT, "CX022",
                           "%s: this is %s, not a matrix of features and samples",
                           cxs_text_path(text), (*out)->refusal);
done:
    return rc;
}

/* ---- first lines ----------------------------------------------------------------- */

cxs_rc cxs_head_read(cxs_ctx *ctx, cxs_text *text, cxs_head *head)
{
    const char *bytes = NULL;
    size_t left = 0;
    cxs_rc rc = CXS_OK;

    *head = (cxs_head){0};
    CXS_TRY(cxs_text_peek(ctx, text, CXS_HEAD_LINES, &bytes, &left));
    while (head->lines < CXS_HEAD_LINES && left > 0) {
        const char *newline = memchr(bytes, '\n', left);
        const size_t whole = newline != NULL ? (size_t)(newline - bytes) : left;
        const size_t step = whole + (newline != NULL);
        head->line[head->lines] = bytes;
        head->length[head->lines++] =
            whole > 0 && bytes[whole - 1] == '\r' ? whole - 1 : whole;
        bytes += step;
        left -= step;
    }
    while (head->header < head->lines && head->length[head->header] > 0 &&
           head->line[head->header][0] == '#')
        head->header++;
done:
    return rc;
}

/* As cxs_text_separator() decides. */
static char separator(const cxs_head *head, size_t line)
{
    return memchr(head->line[line], '\t', head->length[line]) != NULL ? '\t' : ',';
}

size_t cxs_head_fields(const cxs_head *head, size_t line)
{
    size_t fields = 1;
    char sep;

    if (line >= head->lines)
        return 0;
    sep = separator(head, line);
    for (size_t i = 0; i < head->length[line]; i++)
        fields += head->line[line][i] == sep;
    return fields;
}

/* Field of a line without blanks and quotes around it; NULL when there is none. */
static const char *head_field(const cxs_head *head, size_t line, size_t field,
                              size_t *length)
{
    const char *at, *end, *next;
    char sep;

    if (line >= head->lines)
        return NULL;
    sep = separator(head, line);
    at = head->line[line];
    end = at + head->length[line];
    for (; field > 0; field--) {
        if ((at = memchr(at, sep, (size_t)(end - at))) == NULL)
            return NULL;
        at++;
    }
    next = memchr(at, sep, (size_t)(end - at));
    end = next != NULL ? next : end;
    while (at < end && *at == ' ')
        at++;
    while (end > at && end[-1] == ' ')
        end--;
    if (end - at >= 2 && *at == '"' && end[-1] == '"') {
        at++;
        end--;
    }
    *length = (size_t)(end - at);
    return at;
}

bool cxs_head_is(const cxs_head *head, size_t line, size_t field, const char *text)
{
    size_t length = 0;
    const char *at = head_field(head, line, field, &length);

    return at != NULL && length == strlen(text) && memcmp(at, text, length) == 0;
}

bool cxs_head_begins(const cxs_head *head, size_t line, const char *const *names)
{
    for (size_t i = 0; names[i] != NULL; i++)
        if (!cxs_head_is(head, line, i, names[i]))
            return false;
    return true;
}

bool cxs_head_number(const cxs_head *head, size_t line, size_t field)
{
    size_t length = 0;
    const char *at = head_field(head, line, field, &length);
    double value;

    return at != NULL &&
           (cxs_number_parse(at, length, &value) || cxs_is_na(at, length));
}

/* ---- layout ---------------------------------------------------------------------- */

void cxs_reader_keep(cxs_matrix_reader *r, size_t first, size_t columns,
                     size_t name_field)
{
    r->row_fields = r->header_names;
    for (size_t i = 0; i < r->header_names; i++)
        if (i < first || i >= first + columns)
            cxs_free(r->header[i]);
    memmove(r->header, r->header + first, columns * sizeof *r->header);
    r->first = first;
    r->columns = columns;
    r->name_field = name_field;
}

size_t cxs_reader_find(const cxs_matrix_reader *r, const char *name)
{
    for (size_t i = 0; i < r->header_names; i++)
        if (strcmp(r->header[i], name) == 0)
            return i;
    return SIZE_MAX;
}

cxs_rc cxs_reader_rename(cxs_ctx *ctx, cxs_matrix_reader *r, size_t i, const char *name,
                         size_t length)
{
    char *copy = cxs_strndup(ctx, name, length);

    if (copy == NULL)
        return CXS_ENOMEM;
    cxs_free(r->header[i]);
    r->header[i] = copy;
    return CXS_OK;
}
