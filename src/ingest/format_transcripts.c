/*
 * format_transcripts.c -- gene counts from transcript quantifications (Salmon, kallisto)
 *
 * Notation: t transcripts of gene g, i samples; a_ti TPM, l_ti effective length, c_ti
 * estimated reads.
 *
 *   A_gi = sum_t a_ti          C_gi = sum_t c_ti                                   (1)
 *   L_gi = sum_t a_ti l_ti / A_gi                                                  (2)
 *          where A_gi = 0: the geometric mean of L_gi over the other samples, or, when
 *          A_gi = 0 in all, the mean over t of the mean over i of l_ti
 *   K_gi = A_gi mean_i(L_gi) * sum_g C_gi / sum_g (A_gi mean_i(L_gi))              (3)
 *
 * K are "lengthScaledTPM" counts: differences of isoform use between samples no longer
 * change the counts of a gene, and the library keeps its size.  mean_i ties the counts
 * of a sample to the samples read with it; --transcript-counts sum gives C instead,
 * which does not.
 *
 * Source: Soneson, Love, Robinson (2015) F1000Research 4:1521 and the code of tximport.
 * Transcripts are looked up by their id, cut at '|' (GENCODE), and without the version
 * when nothing is found with it.
 */
#include "ingest/format.h"

#include "base/text.h"
#include "ingest/study_ids.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAMED = 5 };

static const char *const salmon_names[] = {"Name", "Length",   "EffectiveLength",
                                           "TPM",  "NumReads", NULL};
static const char *const kallisto_names[] = {"target_id",  "length", "eff_length",
                                             "est_counts", "tpm",    NULL};

bool cxs_sniff_salmon(const cxs_head *head, const cxs_matrix_settings *s)
{
    (void)s;
    return cxs_head_begins(head, head->header, salmon_names);
}

bool cxs_sniff_kallisto(const cxs_head *head, const cxs_matrix_settings *s)
{
    (void)s;
    return cxs_head_begins(head, head->header, kallisto_names);
}

cxs_rc cxs_layout_transcripts(cxs_ctx *ctx, cxs_matrix_reader *r)
{
    const char *const *names =
        strcmp(r->format->name, "kallisto") == 0 ? kallisto_names : salmon_names;

    for (size_t i = 0; names[i] != NULL; i++)
        if (i >= r->header_names || strcmp(r->header[i], names[i]) != 0)
            return cxs_fail_code(ctx, CXS_EFORMAT, "CX020",
                                 "%s:%zu: column \"%s\" is missing", r->path,
                                 r->header_line, names[i]);
    r->settings.kind = CXS_KIND_OTHER; /* lengths, TPM and counts side by side */
    cxs_reader_keep(r, 2, 3, 0); /* without the full length, which nothing needs */
    return CXS_OK;
}

/* ---- transcript -> gene ---------------------------------------------------------- */

typedef struct tx2gene {
    cxs_table *table;
    size_t gene, name; /* columns; name SIZE_MAX: none */
    char **cut;        /* [rows] transcript ids without version */
    cxs_index whole, short_ids;
} tx2gene;

/* Id up to '|', and up to the version when `version` is to go. */
static size_t id_length(const char *id, bool version)
{
    const size_t whole = strcspn(id, "|");
    const char *dot = version ? memchr(id, '.', whole) : NULL;

    return dot != NULL ? (size_t)(dot - id) : whole;
}

static void close_tx2gene(tx2gene *t)
{
    cxs_index_clear(&t->whole);
    cxs_index_clear(&t->short_ids);
    cxs_free_strings(t->cut, t->table != NULL ? t->table->rows : 0);
    cxs_table_free(t->table);
}

static size_t column_or(const cxs_table *t, const char *name, size_t otherwise)
{
    const size_t found = cxs_table_find(t, name);

    return found != SIZE_MAX ? found : otherwise < t->columns ? otherwise : SIZE_MAX;
}

/* One gene for each transcript, and a header: some programs write the table without. */
static cxs_rc check_tx2gene(cxs_ctx *ctx, const tx2gene *t, size_t id)
{
    const char *first = t->table->name[id];

    for (size_t i = 1; i < t->whole.n; i++) {
        const size_t a = t->whole.entry[i - 1].row, b = t->whole.entry[i].row;
        if (strcmp(t->whole.entry[i - 1].name, t->whole.entry[i].name) == 0 &&
            strcmp(cxs_table_cell(t->table, a, t->gene),
                   cxs_table_cell(t->table, b, t->gene)) != 0)
            return cxs_fail(ctx, CXS_EFORMAT,
                            "%s:%zu: transcript \"%s\" has another gene than in line "
                            "%zu",
                            t->table->path, t->table->line[b], t->whole.entry[i].name,
                            t->table->line[a]);
    }
    if (strncmp(first, "ENS", 3) == 0 || strncmp(first, "NM_", 3) == 0 ||
        strncmp(first, "NR_", 3) == 0)
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX020",
                             "%s:1: no header, the first line names transcript \"%s\"; "
                             "add: transcript_id gene_id gene_name",
                             t->table->path, first);
    return CXS_OK;
}

static cxs_rc open_tx2gene(cxs_ctx *ctx, const char *path, tx2gene *t)
{
    const char **ids = NULL;
    size_t id;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_table_read(ctx, path, &t->table));
    if (t->table->columns < 2)
        CXS_TRY(
            cxs_fail_code(ctx, CXS_EFORMAT, "CX020",
                          "%s:%zu: a table of transcripts and genes has two columns",
                          path, t->table->header_line));
    id = column_or(t->table, "transcript_id", 0);
    t->gene = column_or(t->table, "gene_id", 1);
    t->name = column_or(t->table, "gene_name", 2);
    CXS_NEW(ids, t->table->rows);
    CXS_NEW(t->cut, t->table->rows);
    for (size_t row = 0; row < t->table->rows; row++) {
        ids[row] = cxs_table_cell(t->table, row, id);
        t->cut[row] = cxs_strndup(ctx, ids[row], id_length(ids[row], true));
        if (t->cut[row] == NULL)
            CXS_TRY(CXS_ENOMEM);
    }
    CXS_TRY(cxs_index_make(ctx, ids, t->table->rows, &t->whole));
    CXS_TRY(cxs_index_make(ctx, (const char *const *)t->cut, t->table->rows,
                           &t->short_ids));
    CXS_TRY(check_tx2gene(ctx, t, id));
done:
    cxs_free(ids);
    return rc;
}

/* Row of a transcript in the table, SIZE_MAX when it is not there. */
static cxs_rc find_row(cxs_ctx *ctx, const tx2gene *t, const char *id, size_t *row)
{
    char *text = cxs_strndup(ctx, id, id_length(id, false));

    if (text == NULL)
        return CXS_ENOMEM;
    *row = cxs_index_find(&t->whole, text);
    text[id_length(text, true)] = '\0';
    if (*row == SIZE_MAX)
        *row = cxs_index_find(&t->short_ids, text);
    cxs_free(text);
    return CXS_OK;
}

/* ---- genes ----------------------------------------------------------------------- */

typedef struct genes {
    const cxs_part *part;
    size_t n, g;       /* samples, genes */
    size_t *row;       /* [transcripts] row of tx2gene or SIZE_MAX */
    size_t *gene;      /* [transcripts] gene, for those with a row */
    const char **id;   /* [g] sorted */
    size_t *first;     /* [g] a row of tx2gene with the gene, for its name */
    double *a, *c, *l; /* [n x g] column-major as a matrix: A, C, L */
    double *mean_l; /* [g] mean of l over transcripts and samples, then over i of L */
} genes;

static void free_genes(genes *s)
{
    cxs_free(s->row);
    cxs_free(s->gene);
    cxs_free(s->id);
    cxs_free(s->first);
    cxs_free(s->a);
    cxs_free(s->c);
    cxs_free(s->l);
    cxs_free(s->mean_l);
}

/* Values of one column of a part's file, for all transcripts: stride is the number of
 * columns. */
static const double *values_of(const cxs_part *part, const char *salmon,
                               const char *kallisto, size_t *stride)
{
    const cxs_matrix *m = part->values;

    *stride = m->n;
    for (size_t i = 0; i < m->n; i++)
        if (strcmp(m->sample[i], salmon) == 0 || strcmp(m->sample[i], kallisto) == 0)
            return m->x + i;
    return NULL;
}

/* Which transcripts have a gene; those that have none are told with their reads. */
static cxs_rc find_rows(cxs_ctx *ctx, const tx2gene *t, const char *path, genes *s)
{
    const cxs_matrix *m = s->part[0].values;
    size_t stride, missing = 0;
    const double *reads = values_of(&s->part[0], "NumReads", "est_counts", &stride);
    double all = 0.0, lost = 0.0;
    cxs_buf names = {0};
    cxs_rc rc = CXS_OK;

    CXS_NEW(s->row, m->p);
    for (size_t j = 0; j < m->p; j++) {
        CXS_TRY(find_row(ctx, t, m->feature[j], &s->row[j]));
        all += reads[j * stride];
        if (s->row[j] != SIZE_MAX)
            continue;
        lost += reads[j * stride];
        if (++missing <= NAMED)
            CXS_TRY(cxs_buf_addf(ctx, &names, "%s%s", missing > 1 ? ", " : "",
                                 m->feature[j]));
    }
    if (2 * missing > m->p)
        CXS_TRY(
            cxs_fail(ctx, CXS_EMISMATCH,
                     "%s: %zu of %zu transcripts are not in %s (%s): it must be the "
                     "table of the annotation that was quantified",
                     s->part[0].path, missing, m->p, path, names.text));
    if (missing > 0)
        CXS_TRY(cxs_warn(ctx, "",
                         "%s: %zu of %zu transcripts (%.1f %% of the reads of sample "
                         "%s) are not in it and are left out (%s%s)",
                         path, missing, m->p, all > 0.0 ? 100.0 * lost / all : 0.0,
                         cxs_ctx_id(ctx, s->part[0].sample), names.text,
                         missing > NAMED ? ", ..." : ""));
done:
    cxs_free(names.text);
    return rc;
}

/* Genes of the transcripts, sorted, and the gene of each transcript. */
static cxs_rc number_genes(cxs_ctx *ctx, const tx2gene *t, genes *s)
{
    const size_t p = s->part[0].values->p;
    size_t count = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(s->id, p);
    CXS_NEW(s->first, p);
    CXS_NEW(s->gene, p);
    for (size_t j = 0; j < p; j++)
        if (s->row[j] != SIZE_MAX)
            s->id[count++] = cxs_table_cell(t->table, s->row[j], t->gene);
    qsort(s->id, count, sizeof *s->id, cxs_text_compare);
    for (size_t j = 0; j < count; j++)
        if (j == 0 || strcmp(s->id[s->g - 1], s->id[j]) != 0)
            s->id[s->g++] = s->id[j];
    for (size_t j = p; j-- > 0;) {
        const char *id, **found;
        if (s->row[j] == SIZE_MAX)
            continue;
        id = cxs_table_cell(t->table, s->row[j], t->gene);
        found = bsearch(&id, s->id, s->g, sizeof *s->id, cxs_text_compare);
        s->gene[j] = (size_t)(found - s->id);
        s->first[s->gene[j]] = s->row[j];
    }
done:
    return rc;
}

/* Sums (1) and (2) of one sample, and its share of the mean effective lengths. */
static cxs_rc add_sample(cxs_ctx *ctx, genes *s, size_t i)
{
    const cxs_matrix *m = s->part[i].values;
    size_t stride;
    const double *tpm = values_of(&s->part[i], "TPM", "tpm", &stride);
    const double *reads = values_of(&s->part[i], "NumReads", "est_counts", &stride);
    const double *length =
        values_of(&s->part[i], "EffectiveLength", "eff_length", &stride);

    for (size_t j = 0; j < m->p; j++) {
        const double a = tpm[j * stride], c = reads[j * stride], l = length[j * stride];
        const size_t at = s->gene[j] * s->n + i;
        if (!(a >= 0.0 && c >= 0.0 && l > 0.0))
            return cxs_fail(ctx, CXS_EFORMAT,
                            "%s: transcript %s: TPM and reads must be >= 0 and the "
                            "effective length > 0, got %g, %g, %g",
                            s->part[i].path, s->part[0].values->feature[j], a, c, l);
        if (s->row[j] == SIZE_MAX)
            continue;
        s->a[at] += a;
        s->c[at] += c;
        s->l[at] += a * l;
        s->mean_l[s->gene[j]] += l;
    }
    return CXS_OK;
}

/* Number of transcripts of each gene, over which mean_l is a mean. */
static cxs_rc finish_means(cxs_ctx *ctx, genes *s)
{
    const size_t p = s->part[0].values->p;
    double *count = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(count, s->g);
    for (size_t j = 0; j < p; j++)
        if (s->row[j] != SIZE_MAX)
            count[s->gene[j]] += 1.0;
    for (size_t g = 0; g < s->g; g++)
        s->mean_l[g] /= count[g] * (double)s->n;
done:
    cxs_free(count);
    return rc;
}

/* (2) with its rule for samples in which nothing of the gene was seen; mean_l becomes
 * the mean over samples. */
static void finish_lengths(genes *s)
{
    for (size_t g = 0; g < s->g; g++) {
        double *l = s->l + g * s->n, log_sum = 0.0, sum = 0.0;
        const double *a = s->a + g * s->n;
        size_t seen = 0;
        for (size_t i = 0; i < s->n; i++) {
            l[i] /= a[i];
            if (a[i] > 0.0) {
                log_sum += log(l[i]);
                seen++;
            }
        }
        for (size_t i = 0; i < s->n; i++) {
            if (!(a[i] > 0.0))
                l[i] = seen > 0 ? exp(log_sum / (double)seen) : s->mean_l[g];
            sum += l[i];
        }
        s->mean_l[g] = sum / (double)s->n;
    }
}

/* (3) */
static void scale_counts(const genes *s, double *x)
{
    for (size_t i = 0; i < s->n; i++) {
        double reads = 0.0, scaled = 0.0;
        for (size_t g = 0; g < s->g; g++) {
            reads += s->c[g * s->n + i];
            scaled += s->a[g * s->n + i] * s->mean_l[g];
        }
        for (size_t g = 0; g < s->g; g++)
            x[g * s->n + i] = scaled > 0.0
                                  ? s->a[g * s->n + i] * s->mean_l[g] * (reads / scaled)
                                  : 0.0;
    }
}

static cxs_rc name_rows(cxs_ctx *ctx, const tx2gene *t, const genes *s, cxs_matrix *m)
{
    cxs_rc rc = CXS_OK;

    CXS_NEW(m->sample, s->n);
    for (; m->n < s->n; m->n++)
        if ((m->sample[m->n] = cxs_strdup(ctx, s->part[m->n].sample)) == NULL)
            CXS_TRY(CXS_ENOMEM);
    m->p = s->g; /* names that are not made yet are NULL */
    CXS_NEW(m->feature, s->g);
    if (t->name != SIZE_MAX)
        CXS_NEW(m->feature_name, s->g);
    for (size_t g = 0; g < s->g; g++) {
        if ((m->feature[g] = cxs_strdup(ctx, s->id[g])) == NULL)
            CXS_TRY(CXS_ENOMEM);
        if (t->name == SIZE_MAX)
            continue;
        m->feature_name[g] =
            cxs_strdup(ctx, cxs_table_cell(t->table, s->first[g], t->name));
        if (m->feature_name[g] == NULL)
            CXS_TRY(CXS_ENOMEM);
    }
done:
    if (rc != CXS_OK && m->feature == NULL)
        m->p = 0;
    return rc;
}

static cxs_rc sum_genes(cxs_ctx *ctx, genes *s)
{
    cxs_rc rc = CXS_OK;

    CXS_NEW(s->a, s->n * s->g);
    CXS_NEW(s->c, s->n * s->g);
    CXS_NEW(s->l, s->n * s->g);
    CXS_NEW(s->mean_l, s->g);
    for (size_t i = 0; i < s->n; i++)
        CXS_TRY(add_sample(ctx, s, i));
    CXS_TRY(finish_means(ctx, s));
    finish_lengths(s);
done:
    return rc;
}

cxs_rc cxs_transcripts_join(cxs_ctx *ctx, const cxs_matrix_settings *settings,
                            const cxs_part *part, size_t parts, cxs_matrix **out)
{
    genes s = {.part = part, .n = parts};
    tx2gene t = {.name = SIZE_MAX};
    cxs_matrix *m = NULL;
    double *swap;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    if (settings->tx2gene == NULL)
        return cxs_fail(ctx, CXS_EARG,
                        "%s: transcripts need --tx2gene FILE, a table of transcript, "
                        "gene and gene name",
                        part[0].path);
    CXS_TRY(open_tx2gene(ctx, settings->tx2gene, &t));
    CXS_TRY(find_rows(ctx, &t, settings->tx2gene, &s));
    CXS_TRY(number_genes(ctx, &t, &s));
    CXS_TRY(sum_genes(ctx, &s));
    CXS_NEW(m, 1);
    m->kind = settings->kind;
    m->estimated = true;
    CXS_TRY(name_rows(ctx, &t, &s, m));
    if (settings->kind != CXS_KIND_TPM &&
        settings->transcript_counts == CXS_LENGTH_SCALED_TPM)
        scale_counts(&s, s.l); /* the lengths are no longer needed */
    else
        memcpy(s.l, settings->kind == CXS_KIND_TPM ? s.a : s.c,
               s.n * s.g * sizeof *s.l);
    swap = s.l;
    s.l = NULL;
    m->x = swap;
    if (settings->kind != CXS_KIND_TPM) { /* K over it is in proportion to A */
        m->length = s.mean_l;
        s.mean_l = NULL;
    }
    cxs_note(ctx, "%zu transcripts in %zu genes", part[0].values->p, s.g);
    *out = m;
    m = NULL;
done:
    cxs_matrix_free(m);
    close_tx2gene(&t);
    free_genes(&s);
    return rc;
}
