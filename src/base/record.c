/*
 * record.c -- P.run.json: what was run, on what, with which settings; home of jansson
 *
 * The digest of the settings is SHA-256 over their compact JSON with sorted keys, so
 * that it depends on keys and values alone.  A whole number is stored as such (1, not
 * 1.0); NaN and infinities, which JSON lacks, become null.  Texts that are not UTF-8
 * (an argument may be any bytes) have the offending bytes replaced.
 */
#include "coxswain/record.h"

#include "base/base.h"
#include "base/digest.h"
#include "base/memory.h"
#include "base/out.h"
#include "base/pack.h"
#include "base/progress.h"
#include "base/source.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

struct cxs_record {
    json_t *command, *argv, *settings, *results, *inputs, *outputs, *libraries;
    double started_s, peak_bytes; /* peak_bytes: before the last lap */
    time_t started;
};

/* ---- JSON values; every one is NULL when memory is short ------------------------- */

static json_t *text_value(const char *text)
{
    json_t *value = json_string(text);
    char *copy;

    if (value != NULL || (copy = cxs_strdup(NULL, text)) == NULL)
        return value;
    for (char *p = copy; *p != '\0'; p++)
        if ((unsigned char)*p >= 0x80)
            *p = '?';
    value = json_string(copy);
    cxs_free(copy);
    return value;
}

static json_t *real_value(double value)
{
    const double exact = 9007199254740992.0; /* 2^53 */

    if (!isfinite(value))
        return json_null();
    if (fabs(value) <= exact && value == floor(value))
        return json_integer((json_int_t)value);
    return json_real(value);
}

/* Store a value whose reference is taken over; NULL stands for short memory. */
static cxs_rc put(cxs_ctx *ctx, json_t *object, const char *key, json_t *value)
{
    json_t *name = text_value(key);
    cxs_rc rc = CXS_OK;

    if (value == NULL || name == NULL ||
        json_object_set_new(object, json_string_value(name), json_incref(value)) != 0)
        rc = cxs_fail(ctx, CXS_ENOMEM, "no memory for the run record");
    json_decref(value);
    json_decref(name);
    return rc;
}

static cxs_rc append(cxs_ctx *ctx, json_t *array, json_t *value)
{
    if (json_array_append_new(array, value) != 0)
        return cxs_fail(ctx, CXS_ENOMEM, "no memory for the run record");
    return CXS_OK;
}

/* ---- making ---------------------------------------------------------------------- */

cxs_rc cxs_record_new(cxs_ctx *ctx, const char *command, int argc, char **argv,
                      cxs_record **out)
{
    cxs_record *r = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_NEW(r, 1);
    r->started_s = cxs_now_s();
    r->started = time(NULL);
    r->command = text_value(command);
    r->argv = json_array();
    r->settings = json_object();
    r->results = json_object();
    r->inputs = json_array();
    r->outputs = json_array();
    r->libraries = json_object();
    if (r->command == NULL || r->argv == NULL || r->settings == NULL ||
        r->results == NULL || r->inputs == NULL || r->outputs == NULL ||
        r->libraries == NULL)
        CXS_TRY(cxs_fail(ctx, CXS_ENOMEM, "no memory for the run record"));
    for (int i = 0; i < argc; i++)
        CXS_TRY(append(ctx, r->argv, text_value(argv[i])));
    CXS_TRY(cxs_record_library(ctx, r, "jansson", cxs_jansson_version()));
    CXS_TRY(cxs_record_library(ctx, r, "openssl", cxs_openssl_version()));
    CXS_TRY(cxs_record_library(ctx, r, "zlib", cxs_zlib_version()));
    CXS_TRY(cxs_record_library(ctx, r, "zstd", cxs_zstd_version()));
    *out = r;
    r = NULL;
done:
    cxs_record_free(r);
    return rc;
}

void cxs_record_free(cxs_record *r)
{
    if (r == NULL)
        return;
    json_decref(r->command);
    json_decref(r->argv);
    json_decref(r->settings);
    json_decref(r->results);
    json_decref(r->inputs);
    json_decref(r->outputs);
    json_decref(r->libraries);
    cxs_free(r);
}

cxs_rc cxs_record_setting_text(cxs_ctx *ctx, cxs_record *r, const char *key,
                               const char *value)
{
    return put(ctx, r->settings, key, value != NULL ? text_value(value) : json_null());
}

cxs_rc cxs_record_setting_real(cxs_ctx *ctx, cxs_record *r, const char *key,
                               double value)
{
    return put(ctx, r->settings, key, real_value(value));
}

cxs_rc cxs_record_result_real(cxs_ctx *ctx, cxs_record *r, const char *key,
                              double value)
{
    return put(ctx, r->results, key, real_value(value));
}

cxs_rc cxs_record_result_text(cxs_ctx *ctx, cxs_record *r, const char *key,
                              const char *value)
{
    return put(ctx, r->results, key, value != NULL ? text_value(value) : json_null());
}

static bool has_path(const json_t *files, const char *path)
{
    for (size_t i = 0; i < json_array_size(files); i++) {
        const json_t *known = json_object_get(json_array_get(files, i), "path");
        if (known != NULL && strcmp(json_string_value(known), path) == 0)
            return true;
    }
    return false;
}

/* Standard input and output have no bytes to come back to. */
static cxs_rc add_file(cxs_ctx *ctx, json_t *files, const char *path, bool may_be_large)
{
    char hex[CXS_SHA256_HEX];
    uint64_t bytes = 0;
    struct stat st;
    bool blocks;
    json_t *file = NULL;
    cxs_rc rc = CXS_OK;

    if (strcmp(path, "-") == 0 || has_path(files, path))
        return CXS_OK;
    blocks = may_be_large && stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
             (uint64_t)st.st_size > CXS_DIGEST_WHOLE;
    if (blocks) {
        bytes = (uint64_t)st.st_size;
        CXS_TRY(cxs_file_mark(ctx, path, hex));
    } else {
        CXS_TRY(cxs_sha256_file_size(ctx, path, hex, &bytes));
    }
    if ((file = json_object()) == NULL)
        CXS_TRY(cxs_fail(ctx, CXS_ENOMEM, "no memory for the run record"));
    CXS_TRY(put(ctx, file, "path", text_value(path)));
    CXS_TRY(put(ctx, file, blocks ? "sha256_of_blocks" : "sha256", text_value(hex)));
    CXS_TRY(put(ctx, file, "bytes", json_integer((json_int_t)bytes)));
    CXS_TRY(append(ctx, files, json_incref(file)));
done:
    json_decref(file);
    return rc;
}

cxs_rc cxs_record_input(cxs_ctx *ctx, cxs_record *r, const char *path)
{
    return add_file(ctx, r->inputs, path, false);
}

cxs_rc cxs_record_input_large(cxs_ctx *ctx, cxs_record *r, const char *path)
{
    return add_file(ctx, r->inputs, path, true);
}

cxs_rc cxs_record_output(cxs_ctx *ctx, cxs_record *r, const char *path)
{
    return add_file(ctx, r->outputs, path, false);
}

cxs_rc cxs_record_library(cxs_ctx *ctx, cxs_record *r, const char *name,
                          const char *version)
{
    return put(ctx, r->libraries, name, text_value(version));
}

cxs_rc cxs_record_settings_digest(cxs_ctx *ctx, const cxs_record *r,
                                  char hex[CXS_SHA256_HEX])
{
    char *text = json_dumps(r->settings, JSON_COMPACT | JSON_SORT_KEYS);
    cxs_rc rc;

    if (text == NULL)
        return cxs_fail(ctx, CXS_ENOMEM, "no memory for the run record");
    rc = cxs_sha256_bytes(ctx, text, strlen(text), hex);
    free(text); /* jansson's own block */
    return rc;
}

/* ---- writing --------------------------------------------------------------------- */

const char *cxs_jansson_version(void)
{
    return jansson_version_str();
}

static double cpu_seconds(void)
{
    struct timespec t = {0};

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void cxs_record_lap(cxs_record *r)
{
    r->peak_bytes = fmax(r->peak_bytes, cxs_memory_peak());
    cxs_memory_restart_peak();
}

/* The peak, and beside it what was expected; both also to the person who waits. */
static cxs_rc put_memory(cxs_ctx *ctx, json_t *root, const cxs_record *r)
{
    const double peak = fmax(r->peak_bytes, cxs_memory_peak());
    const double expected = cxs_memory_expected(ctx);
    char text[CXS_MEMORY_BYTES];
    cxs_rc rc = put(ctx, root, "peak_rss_bytes", real_value(peak));

    if (rc != CXS_OK || !(expected > 0.0))
        return rc;
    cxs_memory_text(peak, text);
    cxs_note(ctx, "memory: %s at the peak", text);
    return put(ctx, root, "expected_rss_bytes", real_value(round(expected)));
}

/* Clocks are read to the millisecond. */
static json_t *seconds_value(double seconds)
{
    return real_value(round(1e3 * seconds) / 1e3);
}

static cxs_rc put_run(cxs_ctx *ctx, json_t *root, const cxs_record *r)
{
    struct utsname host = {0};
    struct tm utc = {0};
    char started[32] = "";
    cxs_rc rc = CXS_OK;

    uname(&host);
    gmtime_r(&r->started, &utc);
    strftime(started, sizeof started, "%Y-%m-%dT%H:%M:%SZ", &utc);
    CXS_TRY(put(ctx, root, "host", text_value(host.nodename)));
    CXS_TRY(put(ctx, root, "threads", json_integer(cxs_ctx_threads(ctx))));
    CXS_TRY(put(ctx, root, "started", text_value(started)));
    CXS_TRY(put(ctx, root, "wall_s", seconds_value(cxs_now_s() - r->started_s)));
    CXS_TRY(put(ctx, root, "cpu_s", seconds_value(cpu_seconds())));
    CXS_TRY(put_memory(ctx, root, r));
done:
    return rc;
}

/* The entry of this text, or NULL: warnings that differ only in an id are one here. */
static json_t *find_warning(const json_t *list, const char *text)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *entry = json_array_get(list, i);
        if (strcmp(json_string_value(json_object_get(entry, "text")), text) == 0)
            return entry;
    }
    return NULL;
}

static cxs_rc add_warning(cxs_ctx *ctx, json_t *list, const char *text, size_t times)
{
    json_t *entry = json_incref(find_warning(list, text));
    cxs_rc rc = CXS_OK;

    if (entry != NULL) {
        times += (size_t)json_integer_value(json_object_get(entry, "times"));
        CXS_TRY(put(ctx, entry, "times", json_integer((json_int_t)times)));
        goto done;
    }
    if ((entry = json_object()) == NULL)
        CXS_TRY(cxs_fail(ctx, CXS_ENOMEM, "no memory for the run record"));
    CXS_TRY(put(ctx, entry, "text", text_value(text)));
    CXS_TRY(put(ctx, entry, "times", json_integer((json_int_t)times)));
    CXS_TRY(append(ctx, list, json_incref(entry)));
done:
    json_decref(entry);
    return rc;
}

static cxs_rc put_warnings(cxs_ctx *ctx, json_t *root)
{
    json_t *list = json_array();
    cxs_rc rc = CXS_OK;

    if (list == NULL)
        CXS_TRY(cxs_fail(ctx, CXS_ENOMEM, "no memory for the run record"));
    for (size_t i = 0; i < cxs_ctx_warning_count(ctx); i++) {
        size_t times = 0;
        const char *text = cxs_ctx_warning(ctx, i, &times);
        CXS_TRY(add_warning(ctx, list, text, times));
    }
    CXS_TRY(put(ctx, root, "warnings", json_incref(list)));
done:
    json_decref(list);
    return rc;
}

static cxs_rc build(cxs_ctx *ctx, json_t *root, const cxs_record *r)
{
    char digest[CXS_SHA256_HEX];
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_record_settings_digest(ctx, r, digest));
    CXS_TRY(put(ctx, root, "coxswain", text_value(cxs_version())));
    CXS_TRY(put(ctx, root, "libraries", json_incref(r->libraries)));
    CXS_TRY(put(ctx, root, "command", json_incref(r->command)));
    CXS_TRY(put(ctx, root, "argv", json_incref(r->argv)));
    CXS_TRY(put(ctx, root, "settings", json_incref(r->settings)));
    CXS_TRY(put(ctx, root, "settings_digest", text_value(digest)));
    CXS_TRY(put(ctx, root, "results", json_incref(r->results)));
    CXS_TRY(put(ctx, root, "inputs", json_incref(r->inputs)));
    CXS_TRY(put(ctx, root, "outputs", json_incref(r->outputs)));
    CXS_TRY(put_run(ctx, root, r));
    CXS_TRY(put_warnings(ctx, root));
done:
    return rc;
}

cxs_rc cxs_record_write(cxs_ctx *ctx, cxs_record *r, const char *prefix)
{
    char *path = cxs_path_join(ctx, prefix, ".run.json"), *text = NULL;
    json_t *root = json_object();
    cxs_out *out = NULL;
    cxs_rc rc = CXS_OK;

    if (path == NULL || root == NULL)
        CXS_TRY(cxs_fail(ctx, CXS_ENOMEM, "no memory for the run record"));
    CXS_TRY(build(ctx, root, r));
    if ((text = json_dumps(root, JSON_INDENT(2) | JSON_SORT_KEYS)) == NULL)
        CXS_TRY(cxs_fail(ctx, CXS_ENOMEM, "no memory for the run record"));
    CXS_TRY(cxs_out_open(ctx, path, &out));
    CXS_TRY(cxs_out_write(ctx, out, text, strlen(text)));
    CXS_TRY(cxs_out_write(ctx, out, "\n", 1));
    rc = cxs_out_commit(ctx, out);
    out = NULL;
done:
    cxs_out_abort(out);
    free(text); /* jansson's own block */
    json_decref(root);
    cxs_free(path);
    return rc;
}

/* ---- reading --------------------------------------------------------------------- */

static cxs_rc load(cxs_ctx *ctx, const char *path, json_t **root)
{
    json_error_t error;

    *root = NULL;
    if (access(path, R_OK) != 0)
        return cxs_fail(ctx, CXS_ENOINPUT, "%s: %s", path, strerror(errno));
    if ((*root = json_load_file(path, JSON_REJECT_DUPLICATES, &error)) == NULL)
        return cxs_fail(ctx, CXS_EFORMAT, "%s:%d:%d: not a run record: %s", path,
                        error.line, error.column, error.text);
    return CXS_OK;
}

cxs_rc cxs_record_copy_inputs(cxs_ctx *ctx, cxs_record *r, const char *path)
{
    json_t *root = NULL, *files;
    cxs_rc rc = CXS_OK;

    CXS_TRY(load(ctx, path, &root));
    files = json_object_get(root, "inputs");
    if (!json_is_array(files))
        CXS_TRY(cxs_fail(ctx, CXS_EFORMAT, "%s: not a run record: no inputs", path));
    for (size_t i = 0; i < json_array_size(files); i++) {
        json_t *file = json_array_get(files, i);
        if (!json_is_string(json_object_get(file, "path")))
            CXS_TRY(cxs_fail(ctx, CXS_EFORMAT,
                             "%s: not a run record: input %zu has no "
                             "path",
                             path, i + 1));
        if (!has_path(r->inputs, json_string_value(json_object_get(file, "path"))))
            CXS_TRY(append(ctx, r->inputs, json_incref(file)));
    }
done:
    json_decref(root);
    return rc;
}

cxs_rc cxs_record_read_result(cxs_ctx *ctx, const char *path, const char *key,
                              double *out)
{
    json_t *root = NULL;
    const json_t *value;
    cxs_rc rc = CXS_OK;

    *out = nan("");
    CXS_TRY(load(ctx, path, &root));
    if (!json_is_object(json_object_get(root, "results")))
        CXS_TRY(cxs_fail(ctx, CXS_EFORMAT, "%s: not a run record: no results", path));
    value = json_object_get(json_object_get(root, "results"), key);
    if (json_is_number(value))
        *out = json_number_value(value);
done:
    json_decref(root);
    return rc;
}
