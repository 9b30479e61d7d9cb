/*
 * column.c -- numeric columns of a table, collected faults, near names
 *
 * A column that should be numeric is judged as a whole, so that a user sees all its
 * faults in one run: text (CX016), tokens that people write for "missing" (CX017), and
 * numbers such as 999 that look like a code because nothing in the column lies beyond
 * them.  Depends on table.h and number.h.
 */
#include "base/table.h"

#include "base/number.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { FAULTS_KEPT = 20, TEXT_CELLS_SHOWN = 10, CELL_BYTES_SHOWN = 80 };

/* ---- faults ---------------------------------------------------------------------- */

void cxs_fault_add(cxs_ctx *ctx, cxs_faults *f, const char *fmt, ...)
{
    char sentence[512];
    va_list args;

    if (f->total++ >= (f->keep > 0 ? f->keep : FAULTS_KEPT))
        return;
    va_start(args, fmt);
    vsnprintf(sentence, sizeof sentence, fmt, args);
    va_end(args);
    /* Short memory costs the sentence, the count and so the failure stay. */
    if (cxs_buf_addf(ctx, &f->text, "%s%s", f->text.length > 0 ? "\n" : "", sentence) !=
        CXS_OK)
        return;
}

cxs_rc cxs_faults_end(cxs_ctx *ctx, cxs_faults *f)
{
    const size_t keep = f->keep > 0 ? f->keep : FAULTS_KEPT;
    cxs_rc rc = CXS_OK;

    if (f->total > keep)
        rc = cxs_fail_code(ctx, CXS_EFORMAT, f->code, "%s\n%zu such faults in total",
                           f->text.text != NULL ? f->text.text : "", f->total);
    else if (f->total > 0)
        rc = cxs_fail_code(ctx, CXS_EFORMAT, f->code, "%s",
                           f->text.text != NULL ? f->text.text : "");
    cxs_free(f->text.text);
    f->text = (cxs_buf){0};
    f->total = 0;
    return rc;
}

/* ---- near names ------------------------------------------------------------------ */

/* Levenshtein's distance in a band of width 2 limit + 1: cells outside it cost more
 * than the limit, so that no memory proportional to the texts is needed. */
size_t cxs_edit_distance(const char *a, const char *b, size_t limit)
{
    enum { WIDEST = 16 };
    const size_t n = strlen(a), m = strlen(b);
    const size_t k = limit < WIDEST ? limit : WIDEST, far = k + 1;
    size_t before[2 * WIDEST + 3], now[2 * WIDEST + 3];

    if ((n > m ? n - m : m - n) > k)
        return far;
    /* before[d + 1] is the cost at column i + d - k of row i; d = 0 .. 2k */
    for (size_t d = 0; d < 2 * k + 3; d++)
        before[d] = d >= k + 1 && d <= 2 * k + 1 ? d - k - 1 : far;
    for (size_t i = 1; i <= n; i++) {
        now[0] = now[2 * k + 2] = far;
        for (size_t d = 0; d <= 2 * k; d++) {
            size_t best = far;
            if (i + d >= k && i + d - k <= m) {
                const size_t j = i + d - k;
                if (j > 0)
                    best = before[d + 1] + (a[i - 1] != b[j - 1]);
                else
                    best = i;
                if (before[d + 2] + 1 < best)
                    best = before[d + 2] + 1;
                if (now[d] + 1 < best)
                    best = now[d] + 1;
            }
            now[d + 1] = best < far ? best : far;
        }
        memcpy(before, now, sizeof before);
    }
    return before[m + k - n + 1];
}

/* ---- numeric columns ------------------------------------------------------------- */

/* Same text, or the same number in another notation. */
static bool is_declared_na(const char *cell, size_t length, const char *const *tokens)
{
    double value = 0.0, token_value = 0.0;

    for (; tokens != NULL && *tokens != NULL; tokens++) {
        if (strcmp(cell, *tokens) == 0)
            return true;
        if (cxs_number_parse(*tokens, strlen(*tokens), &token_value) &&
            cxs_number_parse(cell, length, &value) && value == token_value)
            return true;
    }
    return false;
}

static const char *const missing_words[] = {
    "unk",     "unknown", "-",       "?",     "#n/a",    "none",
    "missing", "--",      "#value!", "#ref!", "#div/0!", "1900-01-01"};
enum { MISSING_WORDS = sizeof missing_words / sizeof *missing_words };

/* Index of the word, ASCII case ignored, or MISSING_WORDS. */
static size_t find_missing_word(const char *cell)
{
    for (size_t i = 0; i < MISSING_WORDS; i++) {
        const char *w = missing_words[i], *p = cell;
        while (*w != '\0' && (*p == *w || (*p >= 'A' && *p <= 'Z' && *p + 32 == *w))) {
            w++;
            p++;
        }
        if (*w == '\0' && *p == '\0')
            return i;
    }
    return MISSING_WORDS;
}

/* State of one column's reading. */
typedef struct column_reader {
    const cxs_table *table;
    const char *name;
    cxs_faults text;                  /* CX016 */
    size_t words[MISSING_WORDS];      /* CX017: cells per word */
    const char *first[MISSING_WORDS]; /* as written in the file */
} column_reader;

static void read_cell(cxs_ctx *ctx, column_reader *r, size_t row, const char *cell,
                      const char *const *extra_na, double *value)
{
    const size_t length = strlen(cell);
    size_t word;

    *value = (double)NAN;
    if (cxs_is_na(cell, length) || is_declared_na(cell, length, extra_na) ||
        cxs_number_parse(cell, length, value))
        return;
    *value = (double)NAN;
    word = find_missing_word(cell);
    if (word < MISSING_WORDS) {
        if (r->words[word]++ == 0)
            r->first[word] = cell;
        return;
    }
    cxs_fault_add(ctx, &r->text, "%s:%zu:%s: \"%.*s\" is not a number", r->table->path,
                  r->table->line[row], r->name, CELL_BYTES_SHOWN,
                  cxs_ctx_id(ctx, cell));
}

static cxs_rc end_words(cxs_ctx *ctx, const column_reader *r)
{
    cxs_faults faults = {.code = "CX017"};

    for (size_t i = 0; i < MISSING_WORDS; i++)
        if (r->words[i] > 0)
            cxs_fault_add(
                ctx, &faults, "%s:%s: %zu cells hold %s; is it missing? add --na %s",
                r->table->path, r->name, r->words[i], r->first[i], r->first[i]);
    return cxs_faults_end(ctx, &faults);
}

/* Numbers that serve as codes for "missing" elsewhere: suspicious only where nothing
 * lies beyond them, because 99 is also an age and -9 a z-score. */
static cxs_rc warn_sentinels(cxs_ctx *ctx, const column_reader *r, const double *values)
{
    static const double sentinels[] = {-9, -99, 99, 999, 9999};
    double lo = (double)INFINITY, hi = -(double)INFINITY;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < r->table->rows; i++) {
        lo = fmin(lo, values[i]);
        hi = fmax(hi, values[i]);
    }
    for (size_t s = 0; s < sizeof sentinels / sizeof *sentinels; s++) {
        size_t n = 0;
        if (sentinels[s] != lo && sentinels[s] != hi)
            continue;
        for (size_t i = 0; i < r->table->rows; i++)
            n += values[i] == sentinels[s];
        CXS_TRY(cxs_warn(ctx, "CX017",
                         "%s:%s: %zu cells hold %g; is it missing? add --na %g",
                         r->table->path, r->name, n, sentinels[s], sentinels[s]));
    }
done:
    return rc;
}

cxs_rc cxs_table_numbers(cxs_ctx *ctx, const cxs_table *table, size_t column,
                         const char *const *extra_na, double *values)
{
    column_reader r = {.table = table, .name = table->name[column]};
    cxs_rc rc = CXS_OK;

    r.text.code = "CX016";
    r.text.keep = TEXT_CELLS_SHOWN;
    for (size_t i = 0; i < table->rows; i++)
        read_cell(ctx, &r, i, cxs_table_cell(table, i, column), extra_na, &values[i]);
    CXS_TRY(cxs_faults_end(ctx, &r.text));
    CXS_TRY(end_words(ctx, &r));
    CXS_TRY(warn_sentinels(ctx, &r, values));
done:
    return rc;
}
