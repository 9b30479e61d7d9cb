/*
 * test_rank_store.c -- P.rank.tsv and the results store P.cxr
 */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include "test.h"

#include "cohort.h"
#include "num/km.h"
#include "rank/results.h"
#include "store/results.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { N = 90, P = 8, PATH_BYTES = 512 };

static char folder[PATH_BYTES];

static int make_folder(void **state)
{
    const char *base = getenv("TMPDIR");

    (void)state;
    snprintf(folder, sizeof folder, "%s/coxswain-XXXXXX", base != NULL ? base : "/tmp");
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"a", "b", "c"};
    char path[2 * PATH_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s.rank.tsv", folder, names[i]);
        unlink(path);
        snprintf(path, sizeof path, "%s/%s.cxr", folder, names[i]);
        unlink(path);
    }
    return rmdir(folder);
}

static char *path_of(const char *name, char path[PATH_BYTES])
{
    snprintf(path, PATH_BYTES, "%.400s/%s", folder, name);
    return path;
}

/* Whole file, zero-terminated; the caller frees. */
static char *slurp(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    char *bytes = NULL;

    *length = 0;
    if (file == NULL)
        return NULL;
    fseek(file, 0, SEEK_END);
    *length = (size_t)ftell(file);
    rewind(file);
    bytes = calloc(*length + 1, 1);
    if (bytes != NULL && fread(bytes, 1, *length, file) != *length)
        *length = 0;
    fclose(file);
    return bytes;
}

/* Ids that no other text of a results file could contain by chance. */
static cxs_ranking *rank_cohort(cxs_ctx *ctx, size_t strata, size_t k)
{
    cxs_rank_settings s = cxs_rank_defaults();
    cxs_ranking *ranking = NULL;
    cxs_matrix *matrix = cohort_matrix(N, P, 4);
    double eta[N];
    cxs_surv *surv;

    for (size_t i = 0; i < N; i++) {
        eta[i] = 1.2 * matrix->x[i + 2 * N];
        matrix->x[i + 5 * N] = matrix->x[i + 5 * N] > 0.0;
        matrix->x[i + 6 * N] = 1.5;
    }
    surv = cohort_surv(N, strata, k, eta, 4);
    surv->centre = cxs_calloc(ctx, N, sizeof *surv->centre);
    surv->n_centres = 2;
    surv->title = cxs_strdup(ctx, "Glioma & metastases");
    surv->centre_name = cohort_names("C", 2);
    for (size_t i = 0; i < N; i++) {
        surv->centre[i] = i >= 30;
        snprintf(surv->id[i], 5, "#%03zu", i);
        snprintf(matrix->sample[i], 5, "#%03zu", i);
    }
    CHECK(cxs_surv_flow_add(ctx, surv, N + 3, "rows in table") == CXS_OK);
    s.pairs = 4;
    s.permutations = 9;
    s.bootstraps = 10;
    s.draws = 50;
    s.top = 7;
    CHECK(cxs_rank_run(ctx, matrix, surv, &s, &ranking) == CXS_OK);
    return ranking;
}

/* The layer of a feature is the domain that its id begins with, else the matrix's. */
static void layers_are_domains(void **state)
{
    static const struct {
        const char *id, *layer;
    } want[] = {{"cn.arm.7p", "cn"},   {"var.gene.TP53", "var"}, {"rna.sig.X", "rna"},
                {"frag.mds", "frag"},  {"meth.mgmt", "meth"},    {"csf.protein", "csf"},
                {"tcr.clones", "tcr"}, {"clin.gpa", "clin"},     {"cnx.arm", NULL},
                {"var", NULL},         {"HLA.A", NULL},          {".rna", NULL},
                {"varx.gene", NULL},   {"va.gene", NULL}};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_ranking *ranking = rank_cohort(ctx, 2, 1);
    char path[PATH_BYTES], *text;
    size_t length;

    (void)state;
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        const char *domain = cxs_feature_domain(want[i].id);
        CHECK((domain == NULL) == (want[i].layer == NULL));
        CHECK(domain == NULL || strcmp(domain, want[i].layer) == 0);
    }
    ranking->row[1].feature_id = "cn.arm.7p";
    CHECK(strcmp(cxs_rank_layer(ranking, 0), "rna") == 0);
    CHECK(strcmp(cxs_rank_layer(ranking, 1), "cn") == 0);
    CHECK(cxs_rank_write(ctx, ranking, path_of("b", path), NULL) == CXS_OK);
    text = slurp(path_of("b.rank.tsv", path), &length);
    CHECK(text != NULL && strstr(text, "\n2\tcn.arm.7p\t") != NULL);
    CHECK(text != NULL && strstr(text, "\tcn\t") != NULL &&
          strstr(strstr(text, "\tcn\t") + 1, "\tcn\t") == NULL);
    free(text);
    cxs_ranking_free(ranking);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void table_has_the_columns(void **state)
{
    static const char header[] =
        "rank\tfeature_id\tfeature_name\tlayer\ttier\tn\tevents\tmissing_"
        "n\tscale\tbeta\t"
        "se\tz\tlog10_p\tp\tq\thr\thr_l95\thr_u95\tsel_freq\tpfer_bound\tlfsr\t"
        "beta_shrunk\trank_l95\trank_u95\tdelta_c\tph_p\ti2\tdirection\tstatus\n";
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_ranking *ranking = rank_cohort(ctx, 2, 1);
    char prefix[PATH_BYTES], path[PATH_BYTES], *text, *line;
    size_t length, rows = 0;

    (void)state;
    CHECK(cxs_rank_write(ctx, ranking, path_of("a", prefix), NULL) == CXS_OK);
    text = slurp(path_of("a.rank.tsv", path), &length);
    CHECK(text != NULL && strncmp(text, header, sizeof header - 1) == 0);
    line = text != NULL ? strchr(text, '\n') + 1 : NULL;
    for (; line != NULL && *line != '\0'; line = strchr(line, '\n') + 1) {
        const cxs_rank_row *row = &ranking->row[rows];
        char id[64] = "", tier = '?';
        size_t rank = 0, tabs = 0;
        CHECK(sscanf(line, "%zu %63s %*s rna %c", &rank, id, &tier) == 3);
        CHECK(rank == rows + 1 && strcmp(id, row->feature_id) == 0);
        CHECK(tier == cxs_tier_name(row->tier)[0]);
        for (const char *c = line; *c != '\n'; c++)
            tabs += *c == '\t';
        CHECK(tabs == 28);
        rows++;
    }
    CHECK(rows == P);
    /* the constant feature: no numbers, its status, last */
    CHECK(text != NULL && strstr(text, "8\tG006\tG006\trna\tX\t90\t") != NULL);
    CHECK(text != NULL && strcmp(text + length - 12, "NA\tconstant\n") == 0);
    free(text);
    cxs_ranking_free(ranking);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* First column of the first row of a query, as text. */
static void ask(cxs_ctx *ctx, cxs_db *db, const char *sql, char answer[PATH_BYTES])
{
    cxs_stmt *stmt = NULL;
    bool row = false;

    *answer = '\0';
    CHECK(cxs_db_prepare(ctx, db, sql, &stmt) == CXS_OK);
    CHECK(cxs_stmt_step(ctx, stmt, &row) == CXS_OK);
    if (row)
        snprintf(answer, PATH_BYTES, "%s", cxs_column_text(stmt, 0));
    cxs_stmt_free(stmt);
}

static void store_holds_the_ranking(void **state)
{
    static const struct {
        const char *sql, *want;
    } facts[] = {
        {"SELECT count(*) FROM meta", "25"},
        {"SELECT value FROM meta WHERE key = 'n'", "90"},
        {"SELECT value FROM meta WHERE key = 'title'", "Glioma & metastases"},
        {"SELECT value FROM meta WHERE key = 'p_tested'", "7"},
        {"SELECT value FROM meta WHERE key = 'strata'", "S000, S001"},
        {"SELECT value FROM meta WHERE key = 'covariates'", "z000"},
        {"SELECT value FROM meta WHERE key = 'permutation_p'", "0.1"},
        {"SELECT value FROM meta WHERE key = 'endpoint'", "OS"},
        {"SELECT value FROM meta WHERE key = 'stability_threshold'", "0.75"},
        {"SELECT value FROM setting WHERE key = 'draws'", "50"},
        {"SELECT value FROM setting WHERE key = 'test'", "lrt"},
        {"SELECT feature_id FROM indicator WHERE rank = 1", "G002"},
        {"SELECT count(*) FROM indicator", "8"},
        {"SELECT direction FROM indicator WHERE rank = 1", "harmful"},
        {"SELECT typeof(hr_l95) FROM indicator WHERE feature_id = 'G006'", "null"},
        {"SELECT rowid FROM indicator_search('G002')", "1"},
        {"SELECT count(*) FROM null_score", "9"},
        {"SELECT count(DISTINCT feature_id) FROM curve", "7"},
        {"SELECT label FROM curve WHERE feature_id = 'G005' AND grp = 1", "G005 = 1"},
        {"SELECT count(*) FROM at_risk WHERE feature_id = 'G005' AND time = 0 AND "
         "n_risk BETWEEN 25 AND 65",
         "2"},
        {"SELECT substr(label, 1, 12) FROM curve WHERE feature_id = 'G002' AND grp = 1",
         "G002 high (>"},
        {"SELECT sum(n_risk) FROM at_risk WHERE feature_id = 'G002' AND time = 0",
         "90"},
        {"SELECT count(*) FROM centre", "2"},
        {"SELECT n FROM centre WHERE name = 'C000'", "30"},
        {"SELECT sum(n) FROM stratum", "90"},
        {"SELECT count FROM flow WHERE step = 1", "93"},
        {"SELECT status FROM clinical WHERE term = 'z000'", "ok"},
    };
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_ranking *ranking = rank_cohort(ctx, 2, 1);
    char prefix[PATH_BYTES], path[PATH_BYTES], answer[PATH_BYTES];
    cxs_db *db = NULL;

    (void)state;
    CHECK(cxs_warn(ctx, "CX007", "/data/x/clin.tsv:7: '#003' and #004 at %s", "0") ==
          CXS_OK);
    CHECK(cxs_rank_write(ctx, ranking, path_of("a", prefix), NULL) == CXS_OK);
    CHECK(cxs_db_open(ctx, path_of("a.cxr", path), CXS_DB_RESULTS, CXS_RESULTS_VERSION,
                      &db) == CXS_OK);
    for (size_t i = 0; db != NULL && i < sizeof facts / sizeof *facts; i++) {
        ask(ctx, db, facts[i].sql, answer);
        CHECK(strcmp(answer, facts[i].want) == 0);
        if (strcmp(answer, facts[i].want) != 0)
            printf("    %s: %s\n", facts[i].sql, answer);
    }
    ask(ctx, db, "SELECT text FROM warning WHERE text LIKE 'CX007%'", answer);
    CHECK(strcmp(answer, "CX007: clin.tsv:7: *** and *** at 0") == 0);
    cxs_db_close(db);
    cxs_ranking_free(ranking);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* The curve of the first feature against a Kaplan-Meier fit of its upper half. */
static void curves_are_kaplan_meier(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_ranking *ranking = rank_cohort(ctx, 2, 1);
    const cxs_surv *surv = ranking->joined->surv;
    const double *x = ranking->joined->design.x + 2 * N;
    char prefix[PATH_BYTES], path[PATH_BYTES];
    cxs_km_row row[N], work[N];
    cxs_km_point point[N];
    size_t n = 0, points, steps = 0, above;
    cxs_db *db = NULL;
    cxs_stmt *stmt = NULL;
    bool more = true;

    (void)state;
    for (size_t i = 0; i < N; i++) {
        above = 0;
        for (size_t j = 0; j < N; j++)
            above += x[j] > x[i];
        if (above < N / 2)
            row[n++] =
                (cxs_km_row){cxs_surv_time(surv)[i], 0.0, 1.0, cxs_surv_event(surv)[i]};
    }
    CHECK(n == N / 2);
    points = cxs_km(n, row, CXS_KM_LOGLOG, cxs_z95(), point, work);
    CHECK(cxs_rank_write(ctx, ranking, path_of("a", prefix), NULL) == CXS_OK);
    CHECK(cxs_db_open(ctx, path_of("a.cxr", path), CXS_DB_RESULTS, CXS_RESULTS_VERSION,
                      &db) == CXS_OK);
    CHECK(cxs_db_prepare(ctx, db,
                         "SELECT time, surv, lower, upper FROM curve WHERE feature_id "
                         "= 'G002' AND grp = 1 ORDER BY step",
                         &stmt) == CXS_OK);
    while (cxs_stmt_step(ctx, stmt, &more) == CXS_OK && more) {
        const double time = cxs_column_real(stmt, 0);
        CHECK(cxs_column_real(stmt, 1) == cxs_km_surv_at(points, point, time));
        for (size_t k = 0; k < points; k++)
            if (point[k].time == time && point[k].surv > 0.0)
                CHECK(cxs_column_real(stmt, 2) == point[k].lower &&
                      cxs_column_real(stmt, 3) == point[k].upper);
        steps++;
    }
    CHECK(steps > 10 && steps <= points + 1);
    cxs_stmt_free(stmt);
    cxs_db_close(db);
    cxs_ranking_free(ranking);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Byte for byte the same for one and four threads, and no patient inside. */
static void same_bytes_and_no_patients(void **state)
{
    static const char *const suffix[] = {"rank.tsv", "cxr"};
    char prefix[PATH_BYTES], name[32], path[PATH_BYTES];

    (void)state;
    for (int threads = 1; threads <= 4; threads += 3) {
        cxs_ctx *ctx = cxs_ctx_new(); /* a run of its own, warnings too */
        cxs_ranking *ranking;
        cxs_ctx_set_threads(ctx, threads);
        ranking = rank_cohort(ctx, 1, 0);
        CHECK(cxs_rank_write(ctx, ranking, path_of(threads == 1 ? "b" : "c", prefix),
                             NULL) == CXS_OK);
        cxs_ranking_free(ranking);
        cxs_ctx_free(ctx);
    }
    for (size_t s = 0; s < 2; s++) {
        size_t length[2], found = 0;
        char *bytes[2];
        for (size_t f = 0; f < 2; f++) {
            snprintf(name, sizeof name, "%c.%s", (char)('b' + f), suffix[s]);
            bytes[f] = slurp(path_of(name, path), &length[f]);
        }
        CHECK(length[0] > 0 && length[0] == length[1]);
        CHECK(length[0] == length[1] && memcmp(bytes[0], bytes[1], length[0]) == 0);
        for (size_t i = 0; i + 3 < length[0]; i++)
            found += bytes[0][i] == '#' && bytes[0][i + 1] == '0';
        CHECK(found == 0);
        free(bytes[0]);
        free(bytes[1]);
    }
    CHECK_DONE();
}

static void rounded_texts(void **state)
{
    static const struct {
        double value;
        const char *want;
    } cases[] = {{1.2345, "1.23"},     {-0.00123456, "-0.00123"},
                 {123456.0, "123000"}, {0.0, "0"},
                 {9.999, "10"},        {0.1 + 0.2, "0.3"},
                 {3e-12, "3e-12"},     {(double)NAN, "NA"}};
    char text[CXS_NUMBER_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cxs_round_text(cases[i].value, 3, text);
        CHECK(strcmp(text, cases[i].want) == 0);
    }
    CHECK_DONE();
}

/* Every cohort gets 5 to 8 ticks, whole years from 4 years on. */
static void ticks_of_time(void **state)
{
    static const struct {
        double end;
        const char *unit;
        double want;
    } cases[] = {
        {7, "days", 1},          {45, "days", 7},         {120, "days", 21},
        {200, "days", 30.4375},  {365, "days", 60.875},   {730, "days", 91.3125},
        {1000, "days", 182.625}, {1461, "days", 365.25},  {2500, "days", 365.25},
        {2922, "days", 730.5},   {6000, "days", 1095.75}, {9, "months", 2},
        {36, "months", 6},       {60, "months", 12},      {120, "months", 24},
        {6, "years", 1},         {9, "years", 2},         {0.3, "", 0.05},
        {1e6, "days", 200000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_NEAR(cxs_time_step(cases[i].end, cases[i].unit), cases[i].want, TOL_SUM);
    for (double end = 5.0; end < 20000.0; end *= 1.01) {
        const double ticks = 1.0 + floor(end / cxs_time_step(end, "days"));
        CHECK(ticks >= 5.0 && ticks <= 8.0);
    }
    CHECK_DONE();
}

static void nothing_half_written(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_ranking *ranking = rank_cohort(ctx, 1, 0);
    char prefix[PATH_BYTES];
    const long live = cxs_alloc_live();
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)state;
    for (k = 1; rc != CXS_OK && k < 10000; k += 1 + k / 8) {
        cxs_alloc_fail_at(k);
        rc = cxs_rank_write(ctx, ranking, path_of("c", prefix), NULL);
        cxs_alloc_fail_at(0);
        CHECK(rc == CXS_OK || rc == CXS_ENOMEM);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 10);
    CHECK(cxs_rank_write(ctx, ranking, path_of("absent/c", prefix), NULL) ==
          CXS_ECREATE);
    cxs_ranking_free(ranking);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers_are_domains),
        cmocka_unit_test(table_has_the_columns),
        cmocka_unit_test(store_holds_the_ranking),
        cmocka_unit_test(curves_are_kaplan_meier),
        cmocka_unit_test(same_bytes_and_no_patients),
        cmocka_unit_test(rounded_texts),
        cmocka_unit_test(ticks_of_time),
        cmocka_unit_test(nothing_half_written),
    };

    return cmocka_run_group_tests_name("rank_store", tests, make_folder, remove_folder);
}
