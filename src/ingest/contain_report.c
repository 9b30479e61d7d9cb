/*
 * contain_report.c -- failure, warnings and notes of a child on their way to the parent
 *
 * The report is a packed bag like any other; in the parent every code, number and line
 * is taken for the work of a stranger.
 */
#include "ingest/contain_private.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* ---- in the child ---------------------------------------------------------------- */

/* Messages quote cells of the file; what is not UTF-8 cannot travel. */
static cxs_rc set_line(cxs_ctx *ctx, cxs_measure *table, size_t column, size_t row,
                       const char *text)
{
    char *copy;
    cxs_rc rc;

    if (cxs_text_is_utf8(text, strlen(text)))
        return cxs_measure_set_text(ctx, table, column, row, text);
    if ((copy = cxs_strdup(ctx, text)) == NULL)
        return CXS_ENOMEM;
    for (char *c = copy; *c != '\0'; c++)
        if ((unsigned char)*c >= 0x80)
            *c = '?';
    rc = cxs_measure_set_text(ctx, table, column, row, copy);
    cxs_free(copy);
    return rc;
}

static cxs_rc add_result(cxs_ctx *ctx, cxs_measures *bag, cxs_rc result,
                         const char *code, const char *message)
{
    cxs_measure *table;
    int64_t *value;
    size_t code_at, message_at;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_measures_add(ctx, bag, "result", 1, &table));
    CXS_TRY(cxs_measure_int(ctx, table, "rc", &value));
    CXS_TRY(cxs_measure_text(ctx, table, "code", &code_at));
    CXS_TRY(cxs_measure_text(ctx, table, "message", &message_at));
    value[0] = (int64_t)result;
    CXS_TRY(set_line(ctx, table, code_at, 0, code));
    CXS_TRY(set_line(ctx, table, message_at, 0, message));
done:
    return rc;
}

static cxs_rc add_warnings(cxs_ctx *ctx, cxs_measures *bag)
{
    const size_t n = cxs_ctx_warning_count(ctx);
    cxs_measure *table;
    int64_t *times;
    size_t code_at, line_at, masked_at;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_measures_add(ctx, bag, "warning", n, &table));
    CXS_TRY(cxs_measure_text(ctx, table, "code", &code_at));
    CXS_TRY(cxs_measure_text(ctx, table, "line", &line_at));
    CXS_TRY(cxs_measure_text(ctx, table, "masked", &masked_at));
    CXS_TRY(cxs_measure_int(ctx, table, "times", &times));
    for (size_t i = 0; i < n; i++) {
        const char *code, *line = cxs_ctx_warning_line(ctx, i, &code);
        size_t count = 0;
        CXS_TRY(set_line(ctx, table, masked_at, i, cxs_ctx_warning(ctx, i, &count)));
        CXS_TRY(set_line(ctx, table, code_at, i, code));
        CXS_TRY(set_line(ctx, table, line_at, i, line));
        times[i] = (int64_t)count;
    }
done:
    return rc;
}

static cxs_rc add_notes(cxs_ctx *ctx, cxs_measures *bag, const cxs_contain_notes *notes)
{
    cxs_measure *table;
    size_t line_at;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_measures_add(ctx, bag, "note", notes->count, &table));
    CXS_TRY(cxs_measure_text(ctx, table, "line", &line_at));
    for (size_t i = 0; i < notes->count; i++)
        CXS_TRY(set_line(ctx, table, line_at, i, notes->line[i]));
done:
    return rc;
}

cxs_rc cxs_contain_report_make(cxs_ctx *ctx, cxs_rc result,
                               const cxs_contain_notes *notes, unsigned char **bytes,
                               size_t *size)
{
    char *code = cxs_strdup(ctx, cxs_ctx_code(ctx));
    char *message = cxs_strdup(ctx, cxs_ctx_message(ctx));
    cxs_measures *bag = NULL;
    cxs_rc rc = CXS_OK;

    *bytes = NULL;
    *size = 0;
    if (code == NULL || message == NULL)
        CXS_TRY(CXS_ENOMEM);
    CXS_TRY(cxs_measures_new(ctx, &bag));
    CXS_TRY(add_result(ctx, bag, result, code, message));
    CXS_TRY(add_warnings(ctx, bag));
    CXS_TRY(add_notes(ctx, bag, notes));
    rc = cxs_measures_pack(ctx, bag, bytes, size);
done:
    cxs_measures_free(bag);
    cxs_free(code);
    cxs_free(message);
    return rc;
}

/* ---- in the parent --------------------------------------------------------------- */

/* "" or "CX" and three digits. */
static bool is_code(const char *code)
{
    return code != NULL &&
           (*code == '\0' || (strlen(code) == 5 && memcmp(code, "CX", 2) == 0 &&
                              strspn(code + 2, "0123456789") == 3));
}

static bool is_failure(int64_t rc)
{
    return rc >= CXS_EARG && rc <= CXS_ENOTBUILT;
}

static cxs_rc take_result(cxs_ctx *ctx, const cxs_measures *bag, cxs_contained *file)
{
    const cxs_measure *table = cxs_measures_find(bag, "result");
    const int64_t *rc;
    const char *const *code, *const *message;

    if (table == NULL || cxs_measure_rows(table) != 1)
        return CXS_EFORMAT;
    rc = cxs_measure_get_int(table, "rc");
    code = cxs_measure_get_text(table, "code");
    message = cxs_measure_get_text(table, "message");
    if (rc == NULL || code == NULL || message == NULL || message[0] == NULL ||
        !is_code(code[0]) || (rc[0] != CXS_OK && !is_failure(rc[0])))
        return CXS_EFORMAT;
    file->rc = (cxs_rc)rc[0];
    if (file->rc == CXS_OK)
        return CXS_OK;
    snprintf(file->code, sizeof file->code, "%s", code[0]);
    file->message = cxs_strdup(ctx, message[0]);
    return file->message != NULL ? CXS_OK : CXS_ENOMEM;
}

static cxs_rc take_warnings(cxs_ctx *ctx, const cxs_measures *bag)
{
    const cxs_measure *table = cxs_measures_find(bag, "warning");
    const char *const *code, *const *line, *const *masked;
    const int64_t *times;

    if (table == NULL)
        return CXS_EFORMAT;
    code = cxs_measure_get_text(table, "code");
    line = cxs_measure_get_text(table, "line");
    masked = cxs_measure_get_text(table, "masked");
    times = cxs_measure_get_int(table, "times");
    if (code == NULL || line == NULL || masked == NULL || times == NULL)
        return CXS_EFORMAT;
    for (size_t i = 0; i < cxs_measure_rows(table); i++) {
        if (!is_code(code[i]) || line[i] == NULL || masked[i] == NULL || times[i] < 1)
            return CXS_EFORMAT;
        cxs_ctx_keep_warning(ctx, code[i], line[i], masked[i], (size_t)times[i]);
    }
    return CXS_OK;
}

static cxs_rc take_notes(cxs_ctx *ctx, const cxs_measures *bag)
{
    const cxs_measure *table = cxs_measures_find(bag, "note");
    const char *const *line =
        table != NULL ? cxs_measure_get_text(table, "line") : NULL;

    if (line == NULL)
        return CXS_EFORMAT;
    for (size_t i = 0; i < cxs_measure_rows(table) && i < CXS_CONTAIN_NOTES; i++)
        if (line[i] != NULL)
            cxs_note(ctx, "%s", line[i]);
    return CXS_OK;
}

cxs_rc cxs_contain_report_take(cxs_ctx *ctx, const unsigned char *bytes, size_t size,
                               cxs_contained *file)
{
    cxs_measures *bag = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_measures_unpack(ctx, bytes, size, file->what, &bag));
    CXS_TRY(take_notes(ctx, bag));
    CXS_TRY(take_warnings(ctx, bag));
    CXS_TRY(take_result(ctx, bag, file));
    file->report = bag;
    bag = NULL;
done:
    cxs_measures_free(bag);
    return rc;
}
