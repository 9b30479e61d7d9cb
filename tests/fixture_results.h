/*
 * fixture_results.h -- a results store and model files written by hand for the tests of
 * their readers; numbers are plausible, not computed
 */
#ifndef CXS_FIXTURE_RESULTS_H
#define CXS_FIXTURE_RESULTS_H

#include "base/base.h"
#include "store/db.h"
#include "store/results.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct fixture {
    size_t markers;   /* rows of the ranking */
    const char *name; /* of marker 1, centre 1, first warning, title; NULL: plain */
    const char *verdict;
    size_t permutations;
    size_t small_centre; /* patients of the third centre */
    bool bare;           /* nothing but the meta table and the markers */
    bool families;       /* the first markers are features of the catalogue */
} fixture;

#define FIXTURE_DEFAULTS                                                               \
    {                                                                                  \
        .markers = 30,                                                                 \
        .verdict = "Evidence that at least one candidate is better than chance "       \
                   "(permutation p = 0.005, B = 200)",                                 \
        .permutations = 200, .small_centre = 7                                         \
    }

/* One row: a letter per value, t text, i int, r double, - NULL. */
static cxs_rc fixture_row(cxs_ctx *ctx, cxs_db *db, const char *sql, const char *kinds,
                          ...)
{
    cxs_stmt *stmt = NULL;
    cxs_rc rc = cxs_db_prepare(ctx, db, sql, &stmt);
    va_list args;

    va_start(args, kinds);
    for (int i = 0; rc == CXS_OK && kinds[i] != '\0'; i++) {
        if (kinds[i] == 't')
            cxs_bind_text(stmt, i + 1, va_arg(args, const char *));
        else if (kinds[i] == 'i')
            cxs_bind_int(stmt, i + 1, va_arg(args, int));
        else if (kinds[i] == 'r')
            cxs_bind_real(stmt, i + 1, va_arg(args, double));
        else
            cxs_bind_text(stmt, i + 1, NULL);
    }
    va_end(args);
    if (rc == CXS_OK)
        rc = cxs_stmt_run(ctx, stmt);
    cxs_stmt_free(stmt);
    return rc;
}

static cxs_rc fixture_meta(cxs_ctx *ctx, cxs_db *db, const fixture *f)
{
    const char *const pairs[][2] = {
        {"version", "0.1.0"},
        {"settings_digest", "0123456789abcdef"},
        {"endpoint", "OS"},
        {"time_unit", "days"},
        {"n", "120"},
        {"n_subjects", "120"},
        {"events", "84"},
        {"p", "20000"},
        {"p_tested", "18542"},
        {"ties", "efron"},
        {"strata", "cohort=BM, cohort=GLIOMA"},
        {"covariates", "age, kps, sex=male"},
        {"median_followup", "912"},
        {"stability_q", "60"},
        {"stability_pairs", "50"},
        {"stability_threshold", "0.75"},
        {"pfer_bound", "0.48"},
        {"pfer_bound_mb", "0.97"},
        {"permutations", "200"},
        {"permutation_p", "0.004975124378109453"},
        {"max_abs_z", "5.81"},
        {"pi0", "0.93"},
        {"tau2", "0.041"},
    };
    static const char sql[] = "INSERT INTO meta VALUES(?1, ?2)";
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        CXS_TRY(fixture_row(ctx, db, sql, "tt", pairs[i][0], pairs[i][1]));
    CXS_TRY(fixture_row(ctx, db, sql, "tt", "verdict", f->verdict));
    if (f->name != NULL)
        CXS_TRY(fixture_row(ctx, db, sql, "tt", "title", f->name));
done:
    return rc;
}

static cxs_rc fixture_patients(cxs_ctx *ctx, cxs_db *db, const fixture *f)
{
    static const char flow[] = "INSERT INTO flow VALUES(?1, ?2, ?3)";
    static const char centre[] = "INSERT INTO centre VALUES(?1, ?2, ?3)";
    static const char stratum[] = "INSERT INTO stratum VALUES(?1, ?2, ?3)";
    const int small = (int)f->small_centre;
    cxs_rc rc = CXS_OK;

    CXS_TRY(fixture_row(ctx, db, flow, "iti", 1, "rows in table", 143));
    CXS_TRY(fixture_row(ctx, db, flow, "iti", 2, "dropped: time missing", 4));
    CXS_TRY(fixture_row(ctx, db, flow, "iti", 3, "dropped: covariate missing", 12));
    CXS_TRY(fixture_row(ctx, db, flow, "iti", 4, "rows with follow-up", 127));
    CXS_TRY(fixture_row(ctx, db, flow, "iti", 5, "dropped: no expression profile", 7));
    CXS_TRY(fixture_row(ctx, db, flow, "iti", 6, "analysed", 120));
    CXS_TRY(fixture_row(ctx, db, centre, "tii", f->name != NULL ? f->name : "Pudong",
                        78, 55));
    CXS_TRY(fixture_row(ctx, db, centre, "tii", "Huashan", 35, 25));
    CXS_TRY(fixture_row(ctx, db, centre, "tii", "Renji", small, small / 2));
    CXS_TRY(fixture_row(ctx, db, stratum, "tii", "cohort=GLIOMA", 74, 56));
    CXS_TRY(fixture_row(ctx, db, stratum, "tii", "cohort=BM", 46, 28));
    CXS_TRY(fixture_row(
        ctx, db, "INSERT INTO warning VALUES(?1, ?2)", "ti",
        f->name != NULL ? f->name : "CX007: data/clin.tsv: 2 times are zero", 2));
done:
    return rc;
}

static cxs_rc fixture_clinical(cxs_ctx *ctx, cxs_db *db)
{
    static const char sql[] = "INSERT INTO clinical(term, beta, se, z, log10_p, p, hr, "
                              "hr_l95, hr_u95, status)"
                              " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    static const char setting[] = "INSERT INTO setting VALUES(?1, ?2)";
    cxs_rc rc = CXS_OK;

    CXS_TRY(fixture_row(ctx, db, sql, "trrrrrrrrt", "age", 0.031, 0.009, 3.44, 3.24,
                        5.8e-4, 1.031, 1.013, 1.05, "ok"));
    CXS_TRY(fixture_row(ctx, db, sql, "trrrrrrrrt", "kps", -0.022, 0.008, -2.75, 2.22,
                        6.0e-3, 0.978, 0.963, 0.994, "ok"));
    CXS_TRY(fixture_row(ctx, db, sql, "t--------t", "sex=male", "aliased"));
    CXS_TRY(fixture_row(ctx, db, setting, "tt", "seed", "1"));
    CXS_TRY(fixture_row(ctx, db, setting, "tt", "ties", "efron"));
    CXS_TRY(fixture_row(ctx, db, setting, "tt", "strata", "COHORT"));
done:
    return rc;
}

static const char *fixture_symbol(size_t i)
{
    static const char *const symbols[] = {"OSMR",   "CHI3L1", "MGMT",  "TIMP1",
                                          "IGFBP2", "EMP3",   "POSTN", "CD44",
                                          "VIM",    "SOCS3",  "PDPN",  "SERPINE1"};

    return symbols[i % 12];
}

static cxs_rc fixture_marker(cxs_ctx *ctx, cxs_db *db, const fixture *f, size_t i)
{
    static const char sql[] =
        "INSERT INTO indicator(rank, feature_id, feature_name, layer, tier, n, events,"
        " missing_n, scale, beta, se, z, log10_p, p, q, hr, hr_l95, hr_u95, sel_freq,"
        " pfer_bound, lfsr, beta_shrunk, rank_l95, rank_u95, ph_p, direction, status)"
        " VALUES(?1, ?2, ?3, 'rna', ?4, 120, 84, 0, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,"
        " ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, 'ok')";
    const double sign = i % 3 == 1 ? -1 : 1, rank = (double)i + 1;
    const double beta = sign * (0.72 / sqrt(rank) + 0.02), se = 0.12 + 0.001 * rank;
    const double z = beta / se, p = erfc(fabs(z) / sqrt(2.0));
    const double freq = fmax(0, 1.02 - 0.07 * rank);
    char id[32], name[32];

    static const char *const features[] = {"rna.sig.GEP18", "cn.arm.7p",
                                           "var.gene.EGFR", "cn.nosuch",
                                           "var.gene.TP53", "frag.mds"};
    snprintf(id, sizeof id, "ENSG%011zu", 1000 + 37 * i);
    snprintf(name, sizeof name, i < 12 ? "%s" : "%s-%zu", fixture_symbol(i), i / 12);
    if (f->families && i < sizeof features / sizeof *features) {
        snprintf(id, sizeof id, "%s", features[i]);
        *name = '\0';
    }
    return fixture_row(
        ctx, db, sql,
        "ittt"
        "rrrrrrrrrrrrrrrrr"
        "t",
        (int)i + 1, id, i == 0 && f->name != NULL ? f->name : name,
        i < 2    ? "A"
        : i < 7  ? "B"
        : i < 15 ? "C"
                 : "D",
        i == 4 ? 1.0 : 1.7, beta, se, z, -log10(p), p, fmin(1, p * 800 / rank),
        exp(beta), exp(beta - 1.96 * se), exp(beta + 1.96 * se), fmin(freq, 1),
        freq > 0.5 ? 0.4 / freq : (double)NAN, fmin(0.5, 0.001 * rank * rank),
        beta * 0.8, fmax(1, rank - 3), rank + 9, i == 3 ? 0.0041 : 0.4,
        beta > 0 ? "harmful" : "protective");
}

/* Two curves of 60 patients: step k of group g at time t, with a plain band. */
static cxs_rc fixture_curve(cxs_ctx *ctx, cxs_db *db, const char *id, int group)
{
    static const char curve[] =
        "INSERT INTO curve VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    static const char risk[] = "INSERT INTO at_risk VALUES(?1, ?2, ?3, ?4)";
    const char *label = group == 0 ? "at or below the median" : "above the median";
    const int n = 60, deaths = group == 0 ? 34 : 52;
    cxs_rc rc = CXS_OK;

    CXS_TRY(fixture_row(ctx, db, curve, "titirrrr", id, group, label, 0, 0.0, 1.0, 1.0,
                        1.0));
    for (int k = 1; k <= deaths; k++) {
        const double surv = 1 - (double)k / n;
        const double half = 1.96 * sqrt(surv * (1 - surv) / n);
        CXS_TRY(fixture_row(ctx, db, curve, "titirrrr", id, group, label, k,
                            (group == 0 ? 41.0 : 24.0) * k, surv, fmax(0, surv - half),
                            fmin(1, surv + half)));
    }
    for (int half_years = 0; half_years <= 7; half_years++) {
        const double t = 182.625 * half_years;
        const int gone = (int)(t / (group == 0 ? 41.0 : 24.0));
        CXS_TRY(fixture_row(ctx, db, risk, "tiri", id, group, t,
                            n - gone > 0 ? n - gone : 0));
    }
done:
    return rc;
}

static cxs_rc fixture_null(cxs_ctx *ctx, cxs_db *db, size_t permutations)
{
    cxs_rc rc = CXS_OK;

    for (size_t b = 0; b < permutations; b++)
        CXS_TRY(fixture_row(ctx, db, "INSERT INTO null_score VALUES(?1, ?2)", "ir",
                            (int)b,
                            3.4 + 0.9 * fabs(sin(1.7 * (double)b)) +
                                0.7 * fabs(cos(2.9 * (double)b * (double)b))));
done:
    return rc;
}

static cxs_rc fixture_write(cxs_ctx *ctx, const char *path, const fixture *f)
{
    cxs_rc rc = CXS_OK;
    cxs_db *db = NULL;
    char id[32];

    CXS_TRY(cxs_db_create(ctx, path, CXS_DB_RESULTS, CXS_RESULTS_VERSION,
                          CXS_RESULTS_SCHEMA, &db));
    CXS_TRY(fixture_meta(ctx, db, f));
    for (size_t i = 0; i < f->markers; i++)
        CXS_TRY(fixture_marker(ctx, db, f, i));
    if (!f->bare) {
        CXS_TRY(fixture_patients(ctx, db, f));
        CXS_TRY(fixture_clinical(ctx, db));
        CXS_TRY(fixture_null(ctx, db, f->permutations));
        for (size_t i = 0; i < f->markers && i < 4; i++)
            for (int g = 0; g < 2; g++) {
                snprintf(id, sizeof id, "ENSG%011zu", 1000 + 37 * i);
                CXS_TRY(fixture_curve(ctx, db, id, g));
            }
    }
    rc = cxs_db_commit(ctx, db);
    db = NULL;
done:
    cxs_db_close(db);
    return rc;
}

/* P.path.tsv, P.coef.tsv, P.cv.tsv and P.run.json: 40 lambdas, markers enter in turn.
 */
static inline void fixture_model(const char *prefix)
{
    const char *const suffixes[] = {".path.tsv", ".coef.tsv", ".cv.tsv", ".run.json"};
    FILE *file[4];
    char path[512];

    for (int k = 0; k < 4; k++) {
        snprintf(path, sizeof path, "%s%s", prefix, suffixes[k]);
        file[k] = fopen(path, "w");
        if (file[k] == NULL)
            abort();
    }
    fputs("lambda_index\tlambda\tdf\tloglik\tdev_ratio\tkkt_max\titerations\tstatus\n",
          file[0]);
    fputs("lambda_index\tlambda\tfeature_id\tbeta\n", file[1]);
    fputs("lambda_index\tlambda\tcvm\tcvse\tn_folds\n", file[2]);
    fputs("{\"results\": {\"lambda_min\": 0.03556480306223128,"
          " \"lambda_1se\": 0.08912509381337455}}\n",
          file[3]);
    for (int l = 0; l < 40; l++) {
        const double lambda = 0.251188643150958 * pow(10.0, -0.05 * l);
        int df = 0;
        fprintf(file[1], "%d\t%.17g\tage\t0.03\n", l + 1, lambda);
        for (int j = 0; j < 16; j++) {
            const double entry = 2.0 * j, beta = 0.03 * (l - entry) / sqrt(1.0 + j);
            if (beta <= 0)
                continue;
            df++;
            fprintf(file[1], "%d\t%.17g\tENSG%011d\t%.17g\n", l + 1, lambda,
                    1000 + 37 * j, (j % 3 == 1 ? -1 : 1) * beta / (1 + 0.02 * l));
        }
        fprintf(file[0], "%d\t%.17g\t%d\t-300\t0.1\t1e-9\t4\tok\n", l + 1, lambda, df);
        fprintf(file[2], "%d\t%.17g\t%.17g\t%.17g\t10\n", l + 1,
                l == 17 ? 0.03556480306223128 : lambda,
                7.2 + 0.0009 * (l - 17) * (l - 17), 0.11);
    }
    for (int k = 0; k < 4; k++)
        fclose(file[k]);
}

#endif /* CXS_FIXTURE_RESULTS_H */
