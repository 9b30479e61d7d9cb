/*
 * cna_measure.c -- states of genes of one sample, from a discrete copy-number matrix
 *
 * Only the genes and one column are kept, so that a matrix of a thousand samples costs
 * no more memory than one of ten.
 */
#include "ingest/copy_tables.h"

#include "base/number.h"
#include "base/text.h"
#include "ingest/study_ids.h"
#include "ingest/variant_private.h"

#include <stdlib.h>
#include <string.h>

typedef struct states {
    char **gene;
    int64_t *state;
    size_t count, gene_capacity, state_capacity;
} states;

typedef struct place { /* of the columns */
    size_t gene, sample, width;
} place;

static cxs_rc find_columns(cxs_ctx *ctx, const cxs_copy_settings *settings,
                           const cxs_fields *names, size_t line, place *at)
{
    *at = (place){.gene = 0, .sample = SIZE_MAX, .width = names->count};
    for (size_t f = 0; f < names->count; f++) {
        if (strcmp(names->text[f], "Hugo_Symbol") == 0)
            at->gene = f;
        if (strcmp(names->text[f], settings->sample) != 0)
            continue;
        if (at->sample != SIZE_MAX)
            return cxs_fail_code(ctx, CXS_EFORMAT, "CX020",
                                 "%s:%zu: column \"%s\" is there twice", settings->path,
                                 line, cxs_ctx_id(ctx, settings->sample));
        at->sample = f;
    }
    if (at->sample == SIZE_MAX || at->sample == at->gene)
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX020",
                             "%s:%zu: column \"%s\" is missing", settings->path, line,
                             cxs_ctx_id(ctx, settings->sample));
    return CXS_OK;
}

/* -2 .. 2 as a whole number, also when it is written "2.0"; missing for NA. */
static bool read_state(const char *text, size_t length, int64_t *state)
{
    double value = 0.0;

    *state = CXS_MEASURE_MISSING;
    if (cxs_is_na(text, length))
        return true;
    if (!cxs_number_parse(text, length, &value))
        return false;
    for (int64_t level = -2; level <= 2; level++)
        if (!(value < (double)level) && !(value > (double)level)) {
            *state = level;
            return true;
        }
    return false;
}

static cxs_rc add_row(cxs_ctx *ctx, const cxs_copy_settings *settings,
                      const cxs_fields *f, const place *at, size_t line,
                      cxs_faults *faults, states *s)
{
    const char *gene = f->text[at->gene];
    int64_t state;
    cxs_rc rc = CXS_OK;

    if (*gene == '\0')
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX020", "%s:%zu: the row has no gene",
                             settings->path, line);
    if (settings->refs != NULL)
        gene = cxs_gene_current(settings->refs, gene);
    if (!read_state(f->text[at->sample], f->length[at->sample], &state))
        cxs_fault_add(ctx, faults, "%s:%zu:%s: \"%.40s\" is not one of -2 -1 0 1 2",
                      settings->path, line, cxs_ctx_id(ctx, settings->sample),
                      f->text[at->sample]);
    CXS_TRY(cxs_grow(ctx, (void **)&s->gene, &s->gene_capacity, s->count + 1,
                     sizeof *s->gene));
    CXS_TRY(cxs_grow(ctx, (void **)&s->state, &s->state_capacity, s->count + 1,
                     sizeof *s->state));
    if ((s->gene[s->count] = cxs_strdup(ctx, gene)) == NULL)
        return CXS_ENOMEM;
    s->state[s->count++] = state;
done:
    return rc;
}

static cxs_rc read_rows(cxs_ctx *ctx, const cxs_copy_settings *settings, cxs_text *text,
                        states *s)
{
    cxs_faults faults = {.code = "CX016"};
    cxs_fields fields = {0};
    place at = {0};
    char *line = NULL;
    size_t length = 0;
    char sep = '\t';
    cxs_rc rc = CXS_OK;

    for (;;) {
        CXS_TRY(cxs_text_line(ctx, text, &line, &length));
        if (line == NULL)
            break;
        if (length == 0 || (at.width == 0 && *line == '#'))
            continue;
        const size_t number = cxs_text_line_number(text);
        if (at.width == 0)
            CXS_TRY(cxs_text_separator(ctx, settings->path, line, &sep));
        CXS_TRY(cxs_fields_split(ctx, line, length, sep, &fields));
        if (at.width == 0) {
            CXS_TRY(find_columns(ctx, settings, &fields, number, &at));
            continue;
        }
        if (fields.count != at.width)
            CXS_TRY(cxs_fail_code(ctx, CXS_EFORMAT, "CX019",
                                  "%s:%zu: %zu fields, the header has %zu",
                                  settings->path, number, fields.count, at.width));
        CXS_TRY(add_row(ctx, settings, &fields, &at, number, &faults, s));
    }
    CXS_TRY(cxs_faults_end(ctx, &faults));
    if (s->count == 0)
        rc = cxs_fail_code(ctx, CXS_EFORMAT, "CX019", "%s: no row below the header",
                           settings->path);
done:
    cxs_free(faults.text.text);
    cxs_fields_free(&fields);
    return rc;
}

/* The first row of each gene stays. */
static cxs_rc drop_repeats(cxs_ctx *ctx, const cxs_copy_settings *settings, states *s)
{
    const size_t all = s->count;
    bool *repeated = NULL;
    cxs_index seen = {0};
    cxs_rc rc = CXS_OK;

    CXS_NEW(repeated, all);
    CXS_TRY(cxs_index_make(ctx, (const char *const *)s->gene, all, &seen));
    for (size_t i = 0; i < all; i++)
        repeated[i] = cxs_index_find(&seen, s->gene[i]) != i;
    s->count = 0;
    for (size_t i = 0; i < all; i++) {
        if (repeated[i]) {
            cxs_free(s->gene[i]);
            continue;
        }
        s->gene[s->count] = s->gene[i];
        s->state[s->count++] = s->state[i];
    }
    if (s->count < all)
        rc = cxs_warn(ctx, "", "%s: %zu rows repeat a gene: the first one counts",
                      settings->path, all - s->count);
done:
    cxs_index_clear(&seen);
    cxs_free(repeated);
    return rc;
}

cxs_rc cxs_cna_measure(cxs_ctx *ctx, const cxs_copy_settings *settings,
                       cxs_measures *bag)
{
    states s = {0};
    cxs_text *text = NULL;
    cxs_measure *t;
    int64_t *state;
    size_t gene;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_text_open(ctx, settings->path, &text));
    CXS_TRY(read_rows(ctx, settings, text, &s));
    CXS_TRY(drop_repeats(ctx, settings, &s));
    CXS_TRY(cxs_measures_add(ctx, bag, "cn.gene", s.count, &t));
    CXS_TRY(cxs_measure_text(ctx, t, "gene", &gene));
    CXS_TRY(cxs_measure_int(ctx, t, "state", &state));
    for (size_t i = 0; i < s.count; i++) {
        CXS_TRY(cxs_measure_set_text(ctx, t, gene, i, s.gene[i]));
        state[i] = s.state[i];
    }
done:
    cxs_text_close(text);
    cxs_free_strings(s.gene, s.count);
    cxs_free(s.state);
    return rc;
}
