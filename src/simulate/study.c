/*
 * study.c -- a study folder with known truth: sheets, counts, study.yaml
 *
 * Counts are drawn and packed gene chunk by gene chunk on the pool and written in
 * order: memory is the patients plus a few chunks.
 */
#include "simulate/study.h"

#include "base/pool.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PART_AGE, PART_KPS, PART_SEX, PART_GRADE, PART_COHORT, PART_DAY };

static const double SHAPE = 1.3;

static cxs_stream clinical(const cohort *c, uint64_t part)
{
    return cxs_sim_stream(c->s.seed, CXS_DRAW_SIMULATE, CXS_SIM_CLINICAL, part);
}

static double clamp(double x, double lo, double hi)
{
    return fmin(fmax(x, lo), hi);
}

static void draw_patient(const cohort *c, size_t i, patient *one)
{
    const cxs_stream age = clinical(c, PART_AGE), kps = clinical(c, PART_KPS),
                     sex = clinical(c, PART_SEX), grade = clinical(c, PART_GRADE),
                     disease = clinical(c, PART_COHORT), day = clinical(c, PART_DAY);
    const cxs_stream place =
        cxs_sim_stream(c->s.seed, CXS_DRAW_SIMULATE, CXS_SIM_CENTRE, 1);
    const double k = (double)c->s.centres;
    /* the share of centre c falls linearly: its distribution function is
     * 1 - (1 - c/k)^2 */
    const double centre = k * (1.0 - sqrt(1.0 - cxs_draw_uniform(&place, i)));

    one->age = floor(clamp(57.0 + 12.0 * cxs_draw_normal(&age, i), 20.0, 88.0) + 0.5);
    one->kps = 10.0 * floor(clamp(8.0 + cxs_draw_normal(&kps, i), 4.0, 10.0) + 0.5);
    one->female = cxs_draw_uniform(&sex, i) < 0.45;
    one->metastasis = cxs_draw_uniform(&disease, i) < 0.35;
    one->grade = cxs_draw_uniform(&grade, i) < 0.7 ? 4 : 3;
    one->collect_day = -(int)cxs_draw_below(&day, i, 14);
    one->centre = (size_t)clamp(floor(centre), 0.0, k - 1.0);
}

/* Adds the planted genes to eta. */
static cxs_rc add_planted(cxs_ctx *ctx, cohort *c)
{
    double *u = NULL, *z = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(u, c->s.n);
    CXS_NEW(z, c->s.n);
    for (size_t m = 0; m < c->s.k; m++) {
        const size_t g = cxs_planted_feature(&c->s, m);
        cxs_latent_block(&c->latent, g / c->s.block, u);
        cxs_latent_feature(&c->latent, g, u, z);
        c->planted[g] = 1;
        for (size_t i = 0; i < c->s.n; i++)
            c->eta[i] += cxs_planted_effect(&c->s, m) * z[i];
    }

done:
    cxs_free(z);
    cxs_free(u);
    return rc;
}

static cxs_rc draw_cohort(cxs_ctx *ctx, cohort *c)
{
    const cxs_stream shift =
        cxs_sim_stream(c->s.seed, CXS_DRAW_SIMULATE, CXS_SIM_CENTRE, 0);
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < c->s.n; i++) {
        patient *one = &c->patients[i];
        draw_patient(c, i, one);
        c->eta[i] = CXS_SIM_AGE_EFFECT * (one->age - 57.0) / 12.0 +
                    CXS_SIM_KPS_EFFECT * (one->kps - 80.0) / 10.0;
        c->scale[i] = (one->metastasis ? 360.0 : 600.0) *
                      exp(0.25 * cxs_draw_normal(&shift, one->centre));
    }
    CXS_TRY(add_planted(ctx, c));
    if (c->s.sequencing)
        for (size_t i = 0; i < c->s.n; i++) {
            cxs_person_draw(&c->genome, c->s.seed, i, &c->persons[i]);
            c->eta[i] += cxs_person_eta(&c->persons[i]);
        }
    CXS_TRY(cxs_draw_outcome(ctx, &c->s, CXS_DRAW_SIMULATE, c->eta, c->scale, SHAPE,
                             c->time, c->event));
    for (size_t i = 0; i < c->s.n; i++)
        c->time[i] = fmax(1.0, ceil(c->time[i]));

done:
    return rc;
}

static int digits(size_t count, int least)
{
    int width = 1;

    for (; count >= 10; count /= 10)
        width++;
    return width > least ? width : least;
}

static void cohort_free(cohort *c)
{
    cxs_free(c->patients);
    cxs_free(c->eta);
    cxs_free(c->scale);
    cxs_free(c->time);
    cxs_free(c->event);
    cxs_free(c->planted);
    cxs_free(c->persons);
    cxs_genome_free(&c->genome);
}

static cxs_rc allocate(cxs_ctx *ctx, cohort *c)
{
    cxs_rc rc = CXS_OK;

    CXS_NEW(c->patients, c->s.n);
    CXS_NEW(c->eta, c->s.n);
    CXS_NEW(c->scale, c->s.n);
    CXS_NEW(c->time, c->s.n);
    CXS_NEW(c->event, c->s.n);
    CXS_NEW(c->planted, c->s.p);
    if (c->s.sequencing) {
        CXS_NEW(c->persons, c->s.n);
        CXS_TRY(cxs_genome_make(ctx, c->s.seed, c->s.p, &c->genome));
    }

done:
    return rc;
}

/* Does the folder hold anything but hidden files?  An absent folder holds nothing. */
static bool holds_files(const char *folder)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    bool found = false;

    if (dir == NULL)
        return false;
    while (!found && (entry = readdir(dir)) != NULL)
        found = entry->d_name[0] != '.';
    closedir(dir);
    return found;
}

/* A simulated study may replace a simulated study, and nothing else. */
static cxs_rc check_folder(cxs_ctx *ctx, const char *folder)
{
    static const char title[] = "title: Simulated study";
    char line[sizeof title] = "";
    char *path = cxs_path_join(ctx, folder, "/study.yaml");
    FILE *file;

    if (path == NULL)
        return CXS_ENOMEM;
    if ((file = fopen(path, "re")) != NULL) {
        if (fgets(line, sizeof line, file) == NULL)
            *line = '\0';
        fclose(file);
    }
    cxs_free(path);
    if (strcmp(line, title) == 0)
        return CXS_OK;
    if (file != NULL)
        return cxs_fail(ctx, CXS_ECREATE,
                        "%s: holds another study; choose a new folder", folder);
    if (holds_files(folder))
        return cxs_fail(ctx, CXS_ECREATE,
                        "%s: holds other files; choose a new folder", folder);
    return CXS_OK;
}

cxs_rc cxs_simulate_study(cxs_ctx *ctx, const cxs_simulate_settings *settings,
                          const char *folder)
{
    cohort c = {.s = settings != NULL ? *settings : cxs_simulate_defaults()};
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_simulate_check(ctx, &c.s));
    CXS_TRY(check_folder(ctx, folder));
    c.latent = (cxs_latent){c.s.seed, CXS_DRAW_SIMULATE, c.s.n, c.s.block, c.s.rho};
    c.patient_digits = digits(c.s.n, 4);
    c.gene_digits = digits(c.s.p, 5);
    c.mean_count = c.s.sequencing ? (double)c.s.rna_fragments / (double)c.s.p : 1000.0;
    CXS_TRY(allocate(ctx, &c));
    CXS_TRY(draw_cohort(ctx, &c));
    CXS_TRY(cxs_make_folder(ctx, folder));
    CXS_TRY(cxs_sim_write_sheets(ctx, folder, &c));
    CXS_TRY(cxs_sim_write_counts(ctx, folder, &c));
    if (c.s.sequencing)
        CXS_TRY(cxs_sim_write_sequencing(ctx, folder, &c));

done:
    cohort_free(&c);
    return rc;
}
