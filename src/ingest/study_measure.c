/*
 * study_measure.c -- measures of all sequencing files into a store
 *
 * A row that an older store holds with the same digests of file and settings is copied,
 * warnings included; the others are read in contained processes.  Rows are stored in
 * the order of the assays wherever they come from, so that the result has the same
 * bytes however it was put together.
 */
#include "ingest/study_measure.h"

#include "ingest/contain.h"
#include "ingest/study_group.h"
#include "ingest/file_faults.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- what is there already -------------------------------------------------------- */

static cxs_measure_key key_of(const cxs_assay *a)
{
    cxs_measure_key key = {.sample = a->sample,
                           .assay = a->assay,
                           .file = a->file,
                           .column = a->column != NULL ? a->column : ""};

    memcpy(key.input, a->input, sizeof key.input);
    memcpy(key.settings, a->settings, sizeof key.settings);
    return key;
}

static bool same_row(const cxs_measure_key *a, const cxs_measure_key *b)
{
    return strcmp(a->sample, b->sample) == 0 && strcmp(a->assay, b->assay) == 0 &&
           strcmp(a->file, b->file) == 0 && strcmp(a->column, b->column) == 0 &&
           strcmp(a->settings, b->settings) == 0;
}

typedef struct found {
    const cxs_measure_source *source; /* NULL: nowhere */
    const cxs_measure_row *row;
} found;

/* The row of this assay; its file must be the same too, unless it comes from parts,
 * where the file may be on another machine. */
static found find_row(const cxs_measure_work *w, const cxs_assay *a)
{
    const cxs_measure_key key = key_of(a);

    for (size_t s = 0; s < w->sources; s++)
        for (size_t r = 0; r < w->source[s].rows; r++) {
            const cxs_measure_row *row = &w->source[s].row[r];
            if (same_row(&row->key, &key) &&
                (w->parts || strcmp(row->key.input, key.input) == 0))
                return (found){&w->source[s], row};
        }
    return (found){0};
}

/* ---- storing ---------------------------------------------------------------------- */

typedef struct keeper {
    cxs_measure_work *work;
    const found *have;   /* [assays] */
    const size_t *assay; /* of each contained file */
    cxs_contained *file;
    size_t next; /* first assay that is not stored yet */
    cxs_groups groups;
    cxs_yield *yield; /* of files that were read together */
    size_t handed;    /* of these: those before it are stored */
    cxs_file_faults faults;
} keeper;

typedef struct copier {
    cxs_db *db;
    int64_t at;
    size_t line;
} copier;

/* A stored warning, once more: to the person, to the store. */
static cxs_rc copy_warning(cxs_ctx *ctx, const char *code, const char *text,
                           size_t times, void *user)
{
    copier *c = user;
    cxs_buf masked = {0};
    cxs_rc rc = CXS_OK;

    CXS_TRY(
        cxs_buf_addf(ctx, &masked, "%s%s%s", code, *code != '\0' ? ": " : "", text));
    cxs_ctx_keep_warning(ctx, code, text, masked.text, times);
    rc = cxs_measure_warning_store(ctx, c->db, c->at, c->line++, code, text, times);
done:
    cxs_free(masked.text);
    return rc;
}

static cxs_rc copy_row(cxs_ctx *ctx, cxs_measure_work *w, size_t i, const found *from)
{
    copier c = {.db = w->db, .at = (int64_t)i};
    unsigned char *bytes = NULL;
    cxs_measures *bag = NULL;
    size_t size = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_measure_bytes(ctx, from->source->db, from->source->path, from->row->at,
                              &bytes, &size));
    CXS_TRY(cxs_measures_unpack(ctx, bytes, size, from->source->path, &bag));
    CXS_TRY(cxs_measure_store(ctx, w->db, (int64_t)i, &from->row->key, bytes, size));
    CXS_TRY(
        cxs_measure_warnings(ctx, from->source->db, from->row->at, copy_warning, &c));
    w->reused++;
done:
    cxs_measures_free(bag);
    cxs_free(bytes);
    return rc;
}

/* Rows that are there already, up to assay `end`. */
static cxs_rc copy_until(cxs_ctx *ctx, keeper *k, size_t end)
{
    cxs_rc rc = CXS_OK;

    for (; k->next < end; k->next++)
        if (k->have[k->next].source != NULL)
            CXS_TRY(copy_row(ctx, k->work, k->next, &k->have[k->next]));
done:
    return rc;
}

/* Warnings of the child into the store: without ids and folders. */
static cxs_rc store_warnings(cxs_ctx *ctx, const keeper *k, size_t i,
                             const cxs_contained *file)
{
    const cxs_measure *table =
        file->report != NULL ? cxs_measures_find(file->report, "warning") : NULL;
    const char *const *code, *const *masked;
    const int64_t *times;
    cxs_buf text = {0};
    cxs_rc rc = CXS_OK;

    if (table == NULL)
        return CXS_OK;
    code = cxs_measure_get_text(table, "code");
    masked = cxs_measure_get_text(table, "masked");
    times = cxs_measure_get_int(table, "times");
    for (size_t r = 0; r < cxs_measure_rows(table); r++) {
        const char *sentence = masked[r];
        if (*code[r] != '\0' && strncmp(sentence, code[r], 5) == 0)
            sentence += 7; /* "CX041: " */
        CXS_TRY(cxs_draft_without_folders(ctx, k->work->draft, sentence, &text));
        CXS_TRY(cxs_measure_warning_store(ctx, k->work->db, (int64_t)i, r, code[r],
                                          text.text, (size_t)times[r]));
    }
done:
    cxs_free(text.text);
    return rc;
}

/* One file could not be read: its sentence joins those of the others. */
static cxs_rc keep_fault(cxs_ctx *ctx, keeper *k, const cxs_contained *file)
{
    const char *drop = cxs_plan_text(k->work->draft->plan, "sequencing", "bad_files");
    const char *message = file->message != NULL ? file->message : "", *hint = "";

    if (drop != NULL && strcmp(drop, "drop") == 0) {
        k->work->dropped++;
        return cxs_warn(ctx, file->code, "%s; the file is left out", message);
    }
    if (strcmp(file->code, "CX039") == 0 && k->work->assays->study.reference == NULL)
        hint = " (in a study: sequencing: reference:)";
    return cxs_file_faults_add(ctx, &k->faults, file->rc, file->code, message,
                               file->what, hint);
}

static cxs_rc keep_file(cxs_ctx *ctx, cxs_contained *file, size_t index, void *user)
{
    keeper *k = user;
    const size_t i = k->assay[index];
    const cxs_assay *a = &k->work->assays->at[i];
    const cxs_measure_key key = key_of(a);
    cxs_rc rc = CXS_OK;

    CXS_TRY(copy_until(ctx, k, i));
    k->next = i + 1;
    if (file->rc != CXS_OK) {
        CXS_TRY(keep_fault(ctx, k, file));
    } else {
        CXS_TRY(cxs_measure_store(ctx, k->work->db, (int64_t)i, &key, file->packed,
                                  file->packed_size));
        CXS_TRY(store_warnings(ctx, k, i, file));
        k->work->read++;
    }
done:
    cxs_contained_clear(file);
    return rc;
}

/* ---- reading ---------------------------------------------------------------------- */

/* A file of n bytes is read at a MiB a second or faster, and never in less than ten
 * minutes; the wall may be four times as long on a slow disk. */
static cxs_contain_limits limits_for(const char *path)
{
    struct stat status;
    cxs_contain_limits limits = {.memory = 0};
    double seconds = 600.0;

    if (stat(path, &status) == 0)
        seconds += (double)status.st_size / 1048576.0;
    limits.cpu_s = seconds < 1e7 ? (unsigned)seconds : 10000000U;
    limits.wall_s = 4 * limits.cpu_s;
    return limits;
}

/* The contained process measures; MD5 is part of what a file must withstand. */
static cxs_rc measure_file(cxs_ctx *ctx, void *arg, cxs_measures *bag)
{
    char md5[CXS_MD5_HEX] = "";
    const cxs_rc rc = cxs_assay_check_md5(ctx, arg, md5);

    return rc == CXS_OK ? cxs_assay_measure(ctx, arg, bag) : rc;
}

/* Samples that were read together, before file f. */
static cxs_rc hand_on(cxs_ctx *ctx, keeper *k, size_t f)
{
    cxs_rc rc = CXS_OK;

    for (; k->handed < f; k->handed++) {
        cxs_yield *y = &k->yield[k->handed];
        if (!y->waits)
            continue;
        CXS_TRY(cxs_yield_take(ctx, y));
        CXS_TRY(keep_file(ctx, &y->file, k->handed, k));
        cxs_yield_clear(y);
    }
done:
    return rc;
}

static cxs_rc keep_single(cxs_ctx *ctx, cxs_contained *file, size_t index, void *user)
{
    keeper *k = user;
    cxs_rc rc = CXS_OK;

    CXS_TRY(hand_on(ctx, k, k->groups.single[index]));
    rc = keep_file(ctx, file, k->groups.single[index], k);
done:
    return rc;
}

static cxs_rc keep_group(cxs_ctx *ctx, cxs_contained *file, size_t index, void *user)
{
    keeper *k = user;
    const cxs_rc rc = cxs_group_split(ctx, &k->groups.at[index], file, k->yield);
    cxs_contained_clear(file);
    return rc;
}

static cxs_rc read_groups(cxs_ctx *ctx, keeper *k)
{
    cxs_contained *file = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(file, k->groups.count);
    for (size_t g = 0; g < k->groups.count; g++)
        file[g] = (cxs_contained){.what = k->groups.at[g].assay[0]->path,
                                  .limits = limits_for(k->groups.at[g].assay[0]->path),
                                  .fn = cxs_group_measure,
                                  .arg = &k->groups.at[g]};
    rc = cxs_contain_many(ctx, file, k->groups.count, keep_group, k);
done:
    for (size_t g = 0; file != NULL && g < k->groups.count; g++)
        cxs_contained_clear(&file[g]);
    cxs_free(file);
    return rc;
}

static cxs_rc read_files(cxs_ctx *ctx, keeper *k, size_t count)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_groups_make(ctx, k->work->assays, k->assay, count, &k->groups));
    for (size_t s = 0; s < k->groups.singles; s++) {
        cxs_assay *a = &k->work->assays->at[k->assay[k->groups.single[s]]];
        k->file[s] = (cxs_contained){.what = a->path,
                                     .limits = limits_for(a->path),
                                     .fn = measure_file,
                                     .arg = a};
    }
    if (count > 0) {
        CXS_TRY(cxs_assays_load(ctx, k->work->draft, k->work->assays));
        cxs_htslib_note(ctx);
    }
    CXS_TRY(read_groups(ctx, k));
    CXS_TRY(cxs_contain_many(ctx, k->file, k->groups.singles, keep_single, k));
    CXS_TRY(hand_on(ctx, k, count));
    CXS_TRY(copy_until(ctx, k, k->work->assays->count));
    rc = cxs_file_faults_end(ctx, &k->faults);
done:
    for (size_t s = 0; s < k->groups.singles; s++)
        cxs_contained_clear(&k->file[s]);
    return rc;
}

/* Digest of every file that is wanted; all that are absent in one message. */
static cxs_rc mark_files(cxs_ctx *ctx, const cxs_measure_work *w)
{
    const char *sheet = w->draft->sheet[CXS_SHEET_ASSAYS]->table->path;
    cxs_faults absent = {.code = ""};
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < w->assays->count; i++) {
        cxs_assay *a = &w->assays->at[i];
        if (!w->wanted[i])
            continue;
        if (access(a->path, R_OK) != 0)
            cxs_fault_add(ctx, &absent, "%s:%zu:FILE: %s: %s", sheet, a->line, a->path,
                          strerror(errno));
        else
            CXS_TRY(cxs_file_mark(ctx, a->path, a->input));
    }
    if (cxs_faults_end(ctx, &absent) != CXS_OK)
        rc = CXS_ENOINPUT;
done:
    cxs_free(absent.text.text);
    return rc;
}

/* ---- parts ------------------------------------------------------------------------ */

/* "2/5" of a part. */
static bool split_part(const char *part, size_t *shard, size_t *shards)
{
    return part != NULL && sscanf(part, "%zu/%zu", shard, shards) == 2;
}

/* Shards that no part is, as " 2/5 4/5". */
static cxs_rc name_shards(cxs_ctx *ctx, const cxs_measure_work *w, cxs_buf *names)
{
    size_t shards = 0, shard, of;
    cxs_rc rc = CXS_OK;

    for (size_t s = 0; s < w->sources; s++)
        if (split_part(w->source[s].part, &shard, &of) && of > shards)
            shards = of;
    for (size_t want = 1; want <= shards; want++) {
        bool there = false;
        for (size_t s = 0; s < w->sources && !there; s++)
            there = split_part(w->source[s].part, &shard, &of) && shard == want &&
                    of == shards;
        if (!there)
            CXS_TRY(cxs_buf_addf(ctx, names, " %zu/%zu", want, shards));
    }
done:
    return rc;
}

static cxs_rc check_missing(cxs_ctx *ctx, const cxs_measure_work *w, const found *have)
{
    cxs_buf names = {0};
    size_t missing = 0, first = 0;
    cxs_rc rc = CXS_OK;

    for (size_t i = w->assays->count; i-- > 0;)
        if (w->wanted[i] && have[i].source == NULL) {
            missing++;
            first = i;
        }
    if (missing == 0)
        return CXS_OK;
    CXS_TRY(name_shards(ctx, w, &names));
    rc = cxs_fail(
        ctx, CXS_EMISMATCH,
        "%zu of %zu files are in no part (first: sample \"%s\", %s); %s%s%s", missing,
        w->assays->count, cxs_ctx_id(ctx, w->assays->at[first].sample),
        w->assays->at[first].file, names.length > 0 ? "missing shards:" : "",
        names.length > 0 ? names.text : "",
        names.length > 0 ? ": make them by `coxswain ingest --shard`"
                         : "make a part of them by `coxswain ingest --sample`");
done:
    cxs_free(names.text);
    return rc;
}

cxs_rc cxs_measure_all(cxs_ctx *ctx, cxs_measure_work *w)
{
    keeper k = {.work = w};
    found *have = NULL;
    const char **input = NULL;
    size_t *assay = NULL, count = 0;
    char left_out[48] = "";
    cxs_rc rc = CXS_OK;

    if (!w->parts)
        CXS_TRY(mark_files(ctx, w));
    CXS_NEW(have, w->assays->count);
    CXS_NEW(assay, w->assays->count);
    CXS_NEW(k.file, w->assays->count);
    CXS_NEW(k.yield, w->assays->count);
    for (size_t i = 0; i < w->assays->count; i++) {
        if (w->wanted[i])
            have[i] = find_row(w, &w->assays->at[i]);
        if (w->wanted[i] && have[i].source == NULL)
            assay[count++] = i;
    }
    if (w->parts)
        CXS_TRY(check_missing(ctx, w, have));
    CXS_NEW(input, w->assays->count);
    for (size_t i = 0; i < w->assays->count; i++)
        input[i] = w->parts && have[i].row != NULL ? have[i].row->key.input
                                                   : w->assays->at[i].input;
    CXS_TRY(cxs_assays_check_shared(ctx, w->draft, w->assays, input));
    k.have = have;
    k.assay = assay;
    CXS_TRY(read_files(ctx, &k, w->parts ? 0 : count));
    if (w->dropped > 0)
        snprintf(left_out, sizeof left_out, ", %zu left out", w->dropped);
    cxs_note(ctx, "sequencing files: %zu read, %zu taken from %s%s", w->read, w->reused,
             w->parts ? "parts" : "the older study file", left_out);
done:
    cxs_file_faults_clear(&k.faults);
    for (size_t i = 0; k.yield != NULL && i < w->assays->count; i++)
        cxs_yield_clear(&k.yield[i]);
    cxs_free(k.yield);
    cxs_groups_clear(&k.groups);
    cxs_free(k.file);
    cxs_free(input);
    cxs_free(assay);
    cxs_free(have);
    return rc;
}

/* ---- sources ---------------------------------------------------------------------- */

void cxs_measure_source_close(cxs_measure_source *source)
{
    cxs_measure_rows_free(source->row, source->rows);
    cxs_db_close(source->db);
    cxs_free(source->path);
    cxs_free(source->part);
    *source = (cxs_measure_source){0};
}

static cxs_rc open_source(cxs_ctx *ctx, const char *path, int kind, int version,
                          cxs_measure_source *out)
{
    cxs_rc rc = CXS_OK;

    *out = (cxs_measure_source){0};
    if ((out->path = cxs_strdup(ctx, path)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    CXS_TRY(cxs_db_open(ctx, path, kind, version, &out->db));
    rc = cxs_measure_rows_read(ctx, out->db, &out->row, &out->rows);
done:
    if (rc != CXS_OK)
        cxs_measure_source_close(out);
    return rc;
}

cxs_rc cxs_measure_source_old(cxs_ctx *ctx, const char *path, cxs_measure_source *out)
{
    const cxs_rc rc = open_source(ctx, path, CXS_DB_STUDY, CXS_STUDY_VERSION, out);

    return rc == CXS_ENOMEM ? rc : CXS_OK;
}

cxs_rc cxs_measure_source_part(cxs_ctx *ctx, const char *path, const char *plan,
                               cxs_measure_source *out)
{
    char *made_for = NULL, *rows = NULL, expected[32];
    cxs_rc rc = CXS_OK;

    CXS_TRY(open_source(ctx, path, CXS_DB_PART, CXS_PART_VERSION, out));
    CXS_TRY(cxs_measure_meta(ctx, out->db, "plan", &made_for));
    CXS_TRY(cxs_measure_meta(ctx, out->db, "rows", &rows));
    CXS_TRY(cxs_measure_meta(ctx, out->db, "part", &out->part));
    snprintf(expected, sizeof expected, "%zu", out->rows);
    if (rows == NULL || strcmp(rows, expected) != 0)
        CXS_TRY(cxs_fail(ctx, CXS_ETRUNCATED,
                         "%s: the part is incomplete: make it again", path));
    if (made_for == NULL || strcmp(made_for, plan) != 0)
        CXS_TRY(cxs_fail(ctx, CXS_EMISMATCH,
                         "%s: a part of another plan: the study, its settings, its "
                         "reference files or the program changed since; make the "
                         "part again",
                         path));
done:
    cxs_free(made_for);
    cxs_free(rows);
    if (rc != CXS_OK)
        cxs_measure_source_close(out);
    return rc;
}
