/*
 * mgmt.c -- the two probes of MGMT-STP27 of one sample
 *
 * A matrix has up to a million rows of which two are wanted: lines are streamed, and
 * only those that begin with one of the names are split.
 */
#include "ingest/mgmt.h"

#include "base/number.h"
#include "base/text.h"
#include "num/stp27.h"

#include <math.h>
#include <string.h>

enum { PROBES = 2 };

const char *const cxs_mgmt_probe[PROBES] = {"cg12434587", "cg12981137"};
static const char *const epic2[PROBES] = {"cg12434587_BC11", "cg12981137_TC11"};

/* Of five lines two are of the same name: a fault that needs no more of them. */
enum { KEPT = 5 };

typedef struct kept_line {
    char *text;
    size_t length, number;
} kept_line;

struct cxs_mgmt_lines {
    char *path, sep;
    kept_line header, row[KEPT];
    size_t rows;
};

typedef struct reading {
    const char *path, *column;
    bool beta;
    const cxs_mgmt_lines *lines;
    cxs_fields fields;
    char sep;
    size_t names, at; /* of the header; place of the sample */
    bool found[PROBES], suffixed[PROBES];
    double m[PROBES];
} reading;

/* Cuts the quotes that R writes, in place. */
static const char *bare(char *text)
{
    const size_t length = strlen(text);

    if (length < 2 || text[0] != '"' || text[length - 1] != '"')
        return text;
    text[length - 1] = '\0';
    return text + 1;
}

/* Which probe a line is of, PROBES for none; *suffixed: by its EPICv2 name. */
static size_t probe_of(const char *line, char sep, bool *suffixed)
{
    const char *name = line + (*line == '"');

    for (size_t p = 0; p < PROBES; p++)
        for (int s = 0; s < 2; s++) {
            const char *wanted = s == 0 ? cxs_mgmt_probe[p] : epic2[p];
            const size_t length = strlen(wanted);
            *suffixed = s == 1;
            if (strncmp(name, wanted, length) == 0 &&
                (name[length] == sep || name[length] == '"'))
                return p;
        }
    return PROBES;
}

/* ---- the lines ---------------------------------------------------------------------- */

void cxs_mgmt_lines_free(cxs_mgmt_lines *lines)
{
    if (lines == NULL)
        return;
    for (size_t i = 0; i < lines->rows; i++)
        cxs_free(lines->row[i].text);
    cxs_free(lines->header.text);
    cxs_free(lines->path);
    cxs_free(lines);
}

static cxs_rc keep_line(cxs_ctx *ctx, const cxs_text *text, const char *line,
                        size_t length, kept_line *out)
{
    *out = (kept_line){.text = cxs_strndup(ctx, line, length),
                       .length = length,
                       .number = cxs_text_line_number(text)};
    return out->text != NULL ? CXS_OK : CXS_ENOMEM;
}

static cxs_rc keep_lines(cxs_ctx *ctx, cxs_text *text, cxs_mgmt_lines *lines)
{
    char *line = NULL;
    size_t length = 0;
    bool suffixed;
    cxs_rc rc = CXS_OK;

    do
        CXS_TRY(cxs_text_line(ctx, text, &line, &length));
    while (line != NULL && *line == '#');
    if (line == NULL)
        CXS_TRY(cxs_fail_code(ctx, CXS_EFORMAT, "CX020", "%s:1: no header line",
                              lines->path));
    CXS_TRY(cxs_text_separator(ctx, lines->path, line, &lines->sep));
    CXS_TRY(keep_line(ctx, text, line, length, &lines->header));
    for (;;) {
        CXS_TRY(cxs_text_line(ctx, text, &line, &length));
        if (line == NULL)
            break;
        if (lines->rows < KEPT && probe_of(line, lines->sep, &suffixed) < PROBES)
            CXS_TRY(keep_line(ctx, text, line, length, &lines->row[lines->rows++]));
    }
done:
    return rc;
}

cxs_rc cxs_mgmt_lines_read(cxs_ctx *ctx, const char *path, cxs_mgmt_lines **out)
{
    cxs_mgmt_lines *lines = NULL;
    cxs_text *text = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_NEW(lines, 1);
    if ((lines->path = cxs_strdup(ctx, path)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    CXS_TRY(cxs_text_open(ctx, path, &text));
    CXS_TRY(keep_lines(ctx, text, lines));
    *out = lines;
    lines = NULL;
done:
    cxs_text_close(text);
    cxs_mgmt_lines_free(lines);
    return rc;
}

/* ---- one sample --------------------------------------------------------------------- */

/* Fields of a copy, which stays the caller's. */
static cxs_rc split(cxs_ctx *ctx, reading *r, const kept_line *line, char **copy)
{
    cxs_rc rc;

    if ((*copy = cxs_strndup(ctx, line->text, line->length)) == NULL)
        return CXS_ENOMEM;
    rc = cxs_fields_split(ctx, *copy, line->length, r->sep, &r->fields);
    if (rc == CXS_EFORMAT)
        return cxs_fail_code(ctx, rc, "CX019", "%s:%zu: %s", r->path, line->number,
                             cxs_ctx_message(ctx));
    return rc;
}

static cxs_rc find_column(cxs_ctx *ctx, reading *r)
{
    char *copy = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(split(ctx, r, &r->lines->header, &copy));
    r->names = r->fields.count;
    r->at = r->names;
    for (size_t f = 0; f < r->names && r->at == r->names; f++)
        if (strcmp(bare(r->fields.text[f]), r->column) == 0)
            r->at = f;
    if (r->at == r->names)
        rc =
            cxs_fail_code(ctx, CXS_EFORMAT, "CX006", "%s:%zu: no column \"%s\"",
                          r->path, r->lines->header.number, cxs_ctx_id(ctx, r->column));
done:
    cxs_free(copy);
    return rc;
}

static cxs_rc read_value(cxs_ctx *ctx, const reading *r, size_t probe, size_t number,
                         double *m)
{
    /* R writes no name above the row names */
    const size_t at = r->at + (r->fields.count == r->names + 1);
    const char *text;
    double value = (double)NAN;

    if (r->fields.count != r->names && r->fields.count != r->names + 1)
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX019",
                             "%s:%zu: %zu fields, the header has %zu", r->path, number,
                             r->fields.count, r->names);
    text = r->fields.text[at];
    *m = (double)NAN;
    if (cxs_is_na(text, r->fields.length[at]))
        return CXS_OK;
    if (!cxs_number_parse(text, r->fields.length[at], &value))
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX016",
                             "%s:%zu: \"%s\" is not a number", r->path, number, text);
    if (r->beta && (value < 0.0 || value > 1.0))
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX049",
                             "%s: %s: %s is not a beta value; METH_M?", r->path,
                             cxs_mgmt_probe[probe], text);
    *m = r->beta ? cxs_m_value(value) : value;
    return CXS_OK;
}

/* The plain name goes before the suffixed one; a file that has one twice is faulty. */
static cxs_rc take_line(cxs_ctx *ctx, reading *r, const kept_line *line)
{
    bool suffixed = false;
    const size_t p = probe_of(line->text, r->sep, &suffixed);
    char *copy = NULL;
    double m;
    cxs_rc rc = CXS_OK;

    if (r->found[p] && suffixed == r->suffixed[p])
        CXS_TRY(cxs_fail_code(ctx, CXS_EFORMAT, "CX025",
                              "%s:%zu: probe \"%s\" was already given", r->path,
                              line->number, cxs_mgmt_probe[p]));
    CXS_TRY(split(ctx, r, line, &copy));
    CXS_TRY(read_value(ctx, r, p, line->number, &m));
    if (!r->found[p] || !suffixed) {
        r->m[p] = m;
        r->suffixed[p] = suffixed;
    }
    r->found[p] = true;
done:
    cxs_free(copy);
    return rc;
}

static cxs_rc read_rows(cxs_ctx *ctx, reading *r)
{
    size_t suffixes = 0;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < r->lines->rows; i++)
        CXS_TRY(take_line(ctx, r, &r->lines->row[i]));
    for (size_t p = 0; p < PROBES; p++) {
        suffixes += r->suffixed[p];
        if (!r->found[p])
            CXS_TRY(cxs_warn(ctx, "CX049", "%s: probe %s is missing: no MGMT call",
                             r->path, cxs_mgmt_probe[p]));
    }
    if (r->beta && (r->found[0] || r->found[1]))
        cxs_note(
            ctx,
            "%s: M-values of MGMT are from betas; those of Illumina have 100 added "
            "below, which moves M of dim probes down: taken as they are",
            r->path);
    if (suffixes > 0)
        cxs_note(ctx, "%s: %zu of 2 MGMT probes carry the suffix of EPICv2", r->path,
                 suffixes);
done:
    return rc;
}

static cxs_rc put(cxs_ctx *ctx, const reading *r, cxs_measures *bag)
{
    cxs_measure *t = NULL;
    size_t probe = 0;
    double *m = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_measures_add(ctx, bag, "mgmt", PROBES, &t));
    CXS_TRY(cxs_measure_text(ctx, t, "probe", &probe));
    CXS_TRY(cxs_measure_real(ctx, t, "m", &m));
    for (size_t p = 0; p < PROBES; p++) {
        CXS_TRY(cxs_measure_set_text(ctx, t, probe, p, cxs_mgmt_probe[p]));
        m[p] = r->m[p];
    }
done:
    return rc;
}

cxs_rc cxs_mgmt_measure_lines(cxs_ctx *ctx, const cxs_mgmt_lines *lines,
                              const char *column, bool beta, cxs_measures *bag)
{
    reading r = {.path = lines->path,
                 .column = column,
                 .beta = beta,
                 .lines = lines,
                 .sep = lines->sep};
    cxs_rc rc = CXS_OK;

    for (size_t p = 0; p < PROBES; p++)
        r.m[p] = (double)NAN;
    CXS_TRY(find_column(ctx, &r));
    CXS_TRY(read_rows(ctx, &r));
    rc = put(ctx, &r, bag);
done:
    cxs_fields_free(&r.fields);
    return rc;
}

cxs_rc cxs_mgmt_measure(cxs_ctx *ctx, const char *path, const char *column, bool beta,
                        cxs_measures *bag)
{
    cxs_mgmt_lines *lines = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_mgmt_lines_read(ctx, path, &lines));
    rc = cxs_mgmt_measure_lines(ctx, lines, column, beta, bag);
done:
    cxs_mgmt_lines_free(lines);
    return rc;
}
