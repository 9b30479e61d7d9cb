/*
 * rank.c -- gather the evidence and rank
 *
 *   filter  which features are evaluable
 *   E1, E2  unadjusted and adjusted scan           E3  q over all features evaluated
 *   E4, E5  stability selection and its bounds     E7  sign stability of the candidates
 *   global check by permutation                    shrinkage, expected rank, tiers
 * Order: tier, then posterior expected rank, then feature id.  Each piece has its file;
 * what they share is the joined matrix and follow-up, and nothing that one piece learns
 * from the outcome reaches another piece's splits.
 */
#include "rank/evidence.h"

#include "base/number.h"
#include "model/few_events.h"
#include "model/scan.h"
#include "num/blas.h"
#include "num/multiple.h"
#include "num/special.h"
#include "rank/bounds.h"

#include <math.h>
#include <stdlib.h>

/* Below 30 events p of the unadjusted test is a permutation p. */
enum { FEW_EVENTS = 30, PERMUTED_SCORES = 10000 };

cxs_rank_settings cxs_rank_defaults(void)
{
    return (cxs_rank_settings){
        .ties = CXS_TIES_EFRON,
        .test = CXS_SCREEN_LRT,
        .pairs = 50,
        .threshold = 0.75,
        .max_errors = 0.5,
        .alpha = 0.9,
        .permutations = 200,
        .bootstraps = 500,
        .draws = 4000,
        .top = 6,
        .horizon_days = (double)NAN,
        .seed = 1,
    };
}

static cxs_rc check_settings(cxs_ctx *ctx, const cxs_rank_settings *s)
{
    if (!(s->threshold > 0.5 && s->threshold <= 1.0))
        return cxs_fail(ctx, CXS_EARG, "threshold: %g is outside (0.5, 1]",
                        s->threshold);
    if (!(s->alpha >= 1e-3 && s->alpha <= 1.0)) /* a ridge selects nothing */
        return cxs_fail(ctx, CXS_EARG, "alpha: %g is outside [0.001, 1]", s->alpha);
    if (!(s->max_errors > 0.0))
        return cxs_fail(ctx, CXS_EARG, "max_errors: %g is not positive", s->max_errors);
    if (s->horizon_days <= 0.0)
        return cxs_fail(ctx, CXS_EARG, "horizon_days: %g is not positive",
                        s->horizon_days);
    if (s->draws < 1)
        return cxs_fail(ctx, CXS_EARG, "draws: 0 is below 1");
    return CXS_OK;
}

/* Leave out what cannot be evaluated.  The global check stands between the two rules:
 * it applies the second one to every permuted outcome itself. */
static cxs_rc filter_and_check(cxs_ctx *ctx, cxs_ranking *ranking)
{
    const cxs_joined *joined = ranking->joined;
    cxs_candidates *candidates = &ranking->candidates;
    uint8_t *binary = NULL;
    size_t evaluable = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(binary, ranking->p);
    CXS_TRY(cxs_plausible(ctx, joined, &ranking->settings));
    CXS_TRY(cxs_evaluable(ctx, joined, ranking->row, binary));
    for (size_t j = 0; j < ranking->p; j++)
        evaluable += ranking->row[j].adjusted.status == CXS_STATUS_OK;
    CXS_TRY(cxs_rank_budget(ctx, ranking->joined, &ranking->settings, evaluable));
    CXS_TRY(cxs_candidates_take(ctx, joined, ranking->row, binary, candidates));
    CXS_TRY(cxs_permutation_check(ctx, &candidates->joined, candidates->binary,
                                  &ranking->settings, &ranking->permutation));
    cxs_evaluable_events(joined, binary, ranking->row);
    CXS_TRY(cxs_candidates_take(ctx, joined, ranking->row, binary, candidates));
    CXS_TRY(cxs_evaluable_warn(ctx, ranking->p, ranking->row));
    CXS_TRY(cxs_outliers_warn(ctx, joined, ranking->row));

done:
    cxs_free(binary);
    return rc;
}

/* E1 and E2: with and without the covariates. */
static cxs_rc scan_both(cxs_ctx *ctx, cxs_ranking *ranking)
{
    const cxs_joined *joined = &ranking->candidates.joined;
    const size_t *at = ranking->candidates.at, count = joined->design.p;
    cxs_screen_settings screen = cxs_screen_defaults();
    cxs_problem bare = joined->problem;
    cxs_screen_row *rows = NULL;
    cxs_rc rc = CXS_OK;

    screen.ties = ranking->settings.ties;
    screen.test = ranking->settings.test;
    bare.k = 0;
    bare.z = NULL;
    CXS_NEW(rows, count);
    CXS_TRY(cxs_scan(ctx, &joined->design, &joined->problem, &screen, rows));
    for (size_t c = 0; c < count; c++)
        ranking->row[at[c]].adjusted = ranking->row[at[c]].unadjusted = rows[c];
    if (joined->problem.k > 0) {
        CXS_TRY(cxs_scan(ctx, &joined->design, &bare, &screen, rows));
        for (size_t c = 0; c < count; c++)
            ranking->row[at[c]].unadjusted = rows[c];
    }

done:
    cxs_free(rows);
    return rc;
}

/* E1 with few events: p by permutation instead of the chi-squared limit. */
static cxs_rc permute_unadjusted(cxs_ctx *ctx, cxs_ranking *ranking)
{
    const cxs_joined *joined = &ranking->candidates.joined;
    const size_t events = cxs_surv_events(joined->surv);
    double *p = NULL;
    cxs_rc rc = CXS_OK;

    if (events >= FEW_EVENTS || joined->design.p == 0)
        return CXS_OK;
    CXS_NEW(p, joined->design.p);
    CXS_TRY(cxs_permuted_p(ctx, joined, ranking->settings.seed, PERMUTED_SCORES, p));
    for (size_t c = 0; c < joined->design.p; c++) {
        cxs_screen_row *row = &ranking->row[ranking->candidates.at[c]].unadjusted;
        if (row->status != CXS_STATUS_OK)
            continue;
        row->p = p[c];
        row->log10_p = -log10(p[c]);
    }
    cxs_note(ctx,
             "rank: %zu events, fewer than %d: unadjusted p by %d permutations of "
             "the score",
             events, FEW_EVENTS, PERMUTED_SCORES);

done:
    cxs_free(p);
    return rc;
}

/* E3; rows whose status is not ok are no tests. */
static cxs_rc adjust_q(cxs_ctx *ctx, cxs_ranking *ranking)
{
    const size_t p = ranking->p;
    cxs_p_item *work = NULL;
    double *q = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(work, p);
    CXS_NEW(q, p);
    for (size_t j = 0; j < p; j++) {
        const cxs_screen_row *row = &ranking->row[j].adjusted;
        q[j] = row->status == CXS_STATUS_OK ? row->p : (double)NAN;
        ranking->evaluated += row->status == CXS_STATUS_OK;
    }
    cxs_adjust_bh(p, q, q, work);
    for (size_t j = 0; j < p; j++)
        ranking->row[j].adjusted.q = q[j];

done:
    cxs_free(work);
    cxs_free(q);
    return rc;
}

/* E4 and E5 of each feature; one bound for each number of hits. */
static void take_frequencies(cxs_ranking *ranking)
{
    const cxs_stability *stability = &ranking->stability;
    const cxs_candidates *candidates = &ranking->candidates;
    const size_t fits = 2 * stability->pairs;

    if (stability->hits == NULL)
        return;
    for (size_t h = 0; h <= fits; h++) {
        double bound = (double)NAN;
        int known = 0;
        for (size_t c = 0; c < candidates->joined.design.p; c++) {
            cxs_rank_row *row = &ranking->row[candidates->at[c]];
            if (stability->hits[c] != h)
                continue;
            if (!known)
                bound = cxs_pfer_concave(ranking->evaluated, stability->q, h,
                                         stability->pairs);
            known = 1;
            row->sel_freq = (double)h / (double)fits;
            row->pfer_bound = bound;
        }
    }
}

/*
 * Shrinkage compares features, so effects are taken per standard deviation.  The scan
 * reports a 0/1 feature per unit: its own sd, sqrt(m (1 - m)), brings it to the scale
 * of the others.  @return sd of feature j in units of its `scale`.
 */
static double sd_in_scale_units(const cxs_design *design, size_t j, double scale)
{
    const double *x = design->x + j * design->n;
    double sum = 0.0;
    size_t known = 0;

    for (size_t i = 0; i < design->n; i++) {
        if (isnan(x[i]))
            continue;
        if (x[i] != 0.0 && x[i] != 1.0)
            return 1.0;
        sum += x[i];
        known++;
    }
    sum /= (double)known;
    return sqrt(sum * (1.0 - sum)) / scale;
}

/* Posterior of every feature evaluated, then expected ranks. */
static cxs_rc shrink(cxs_ctx *ctx, cxs_ranking *ranking)
{
    const size_t p = ranking->p;
    double *b = NULL, *s = NULL, *unit = NULL, *per = NULL;
    cxs_posterior *post = NULL;
    size_t *index = NULL, m = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(b, p);
    CXS_NEW(s, p);
    CXS_NEW(unit, p);
    CXS_NEW(per, p);
    CXS_NEW(post, p);
    CXS_NEW(index, p);
    for (size_t j = 0; j < p; j++) {
        const cxs_screen_row *row = &ranking->row[j].adjusted;
        if (row->status != CXS_STATUS_OK)
            continue;
        unit[m] = sd_in_scale_units(&ranking->joined->design, j, row->scale);
        cxs_design_drop(&ranking->joined->design, j, j + 1);
        b[m] = row->beta * unit[m];
        s[m] = row->se * unit[m];
        index[m++] = j;
    }
    ranking->prior = cxs_prior_fit(m, b, s);
    for (size_t i = 0; i < m; i++)
        post[i] = cxs_posterior_of(&ranking->prior, b[i], s[i]);
    CXS_TRY(cxs_expected_rank(ctx, m, post, index, ranking->settings.draws,
                              ranking->settings.seed, per));
    for (size_t i = 0; i < m; i++) {
        cxs_rank_row *row = &ranking->row[index[i]];
        row->lfsr = cxs_posterior_lfsr(&post[i]);
        row->beta_shrunk = cxs_posterior_mean(&post[i]) / unit[i];
        row->expected_rank = per[i];
        row->score = m > 1 ? 100.0 * (1.0 - (per[i] - 1.0) / (double)(m - 1)) : 100.0;
    }

done:
    cxs_free(b);
    cxs_free(s);
    cxs_free(unit);
    cxs_free(per);
    cxs_free(post);
    cxs_free(index);
    return rc;
}

/* E7, for those that it can lift into tier B. */
static cxs_rc check_signs(cxs_ctx *ctx, cxs_ranking *ranking)
{
    size_t *feature = NULL, count = 0;
    double *share = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(feature, ranking->p);
    for (size_t j = 0; j < ranking->p; j++)
        if (cxs_tier_candidate(&ranking->row[j]))
            feature[count++] = j;
    CXS_NEW(share, count);
    for (size_t c = 0; c < count; c++)
        share[c] = (double)NAN;
    CXS_TRY(cxs_sign_stability(ctx, ranking->joined, &ranking->settings, count, feature,
                               share));
    for (size_t c = 0; c < count; c++)
        ranking->row[feature[c]].sign_stability = share[c];

done:
    cxs_free(feature);
    cxs_free(share);
    return rc;
}

typedef struct place {
    cxs_tier tier;
    double expected_rank;
    size_t feature; /* design order is the order of the ids */
} place;

static int by_place(const void *left, const void *right)
{
    const place *a = left, *b = right;

    if (a->tier != b->tier)
        return a->tier < b->tier ? -1 : 1;
    if (a->expected_rank < b->expected_rank)
        return -1;
    if (a->expected_rank > b->expected_rank)
        return 1;
    return (a->feature > b->feature) - (a->feature < b->feature);
}

/* Tiers, then rows from the order of the design into that of the ranks. */
static cxs_rc put_in_order(cxs_ctx *ctx, cxs_ranking *ranking)
{
    place *places = NULL;
    cxs_rank_row *sorted = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(places, ranking->p);
    CXS_NEW(sorted, ranking->p);
    for (size_t j = 0; j < ranking->p; j++) {
        cxs_rank_row *row = &ranking->row[j];
        row->tier = cxs_tier_of(row);
        places[j] = (place){row->tier, row->expected_rank, j};
    }
    qsort(places, ranking->p, sizeof *places, by_place);
    for (size_t i = 0; i < ranking->p; i++) {
        ranking->feature[i] = places[i].feature;
        sorted[i] = ranking->row[places[i].feature];
    }
    cxs_free(ranking->row);
    ranking->row = sorted;
    sorted = NULL;

done:
    cxs_free(places);
    cxs_free(sorted);
    return rc;
}

/* The sentence that opens the report. */
static cxs_rc make_verdict(cxs_ctx *ctx, cxs_ranking *ranking)
{
    static const double CHANCE = 0.10, EVIDENCE = 0.05;
    const cxs_permutation *check = &ranking->permutation;
    char p[CXS_NUMBER_BYTES];
    cxs_buf text = {0};
    const char *claim = "No evidence that any candidate is better than chance";
    cxs_rc rc = CXS_OK;

    cxs_number_format(round(check->p * 1e4) / 1e4, p);
    if (check->p <= EVIDENCE)
        claim = "Evidence that at least one candidate is better than chance";
    else if (check->p <= CHANCE)
        claim = "Weak evidence that some candidate is better than chance";
    if (ranking->evaluated == 0)
        CXS_TRY(cxs_buf_addf(ctx, &text, "No candidate could be evaluated"));
    else if (check->replicates == 0)
        CXS_TRY(cxs_buf_addf(ctx, &text,
                             "Not compared with chance: no permutations were run"));
    else
        CXS_TRY(cxs_buf_addf(ctx, &text, "%s (permutation p = %s, B = %zu)", claim, p,
                             check->replicates));
    ranking->verdict = text.text;
    text.text = NULL;

done:
    cxs_free(text.text);
    return rc;
}

static cxs_rc ranking_new(cxs_ctx *ctx, cxs_joined *joined,
                          const cxs_rank_settings *settings, cxs_ranking **out)
{
    const size_t p = joined->design.p;
    const char *const *name = cxs_matrix_feature_name(joined->matrix);
    cxs_ranking *ranking = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(ranking, 1);
    *out = ranking; /* the caller frees it, whatever follows */
    ranking->settings = *settings;
    if (joined->problem.cluster != NULL) /* the other tests take rows as independent */
        ranking->settings.test = CXS_SCREEN_WALD;
    ranking->joined = joined;
    ranking->p = p;
    CXS_NEW(ranking->row, p);
    CXS_NEW(ranking->feature, p);
    for (size_t j = 0; j < p; j++)
        ranking->row[j] = (cxs_rank_row){.feature_id = joined->design.feature[j],
                                         .feature_name = name[j],
                                         .sel_freq = (double)NAN,
                                         .pfer_bound = (double)NAN,
                                         .sign_stability = (double)NAN,
                                         .lfsr = (double)NAN,
                                         .beta_shrunk = (double)NAN,
                                         .expected_rank = (double)NAN,
                                         .score = (double)NAN};

done:
    return rc;
}

/* The clinical base model: covariates without any feature, on the same rows. */
static cxs_rc fit_clinical(cxs_ctx *ctx, cxs_ranking *ranking)
{
    cxs_cox_settings settings = cxs_cox_defaults();

    settings.ties = ranking->settings.ties;
    if (ranking->joined->problem.k == 0)
        return CXS_OK;
    return cxs_cox_fit_unwarned(ctx, ranking->joined->surv, &settings,
                                &ranking->clinical);
}

static cxs_rc gather(cxs_ctx *ctx, cxs_ranking *ranking)
{
    const cxs_joined *joined = &ranking->candidates.joined;
    const cxs_rank_settings *settings = &ranking->settings;
    cxs_rc rc = CXS_OK;

    CXS_TRY(fit_clinical(ctx, ranking));
    CXS_TRY(filter_and_check(ctx, ranking));
    CXS_TRY(scan_both(ctx, ranking));
    CXS_TRY(permute_unadjusted(ctx, ranking));
    CXS_TRY(adjust_q(ctx, ranking));
    CXS_TRY(cxs_stability_select(ctx, joined, settings, ranking->evaluated,
                                 &ranking->stability));
    take_frequencies(ranking);
    CXS_TRY(shrink(ctx, ranking));
    CXS_TRY(check_signs(ctx, ranking));
    CXS_TRY(put_in_order(ctx, ranking));
    CXS_TRY(make_verdict(ctx, ranking));

done:
    return rc;
}

cxs_rc cxs_rank_run(cxs_ctx *ctx, cxs_matrix *matrix, cxs_surv *surv,
                    const cxs_rank_settings *settings, cxs_ranking **out)
{
    const cxs_rank_settings s = settings != NULL ? *settings : cxs_rank_defaults();
    cxs_ranking *ranking = NULL;
    cxs_joined *joined = NULL;
    cxs_rc rc = check_settings(ctx, &s);

    *out = NULL;
    if (rc != CXS_OK) {
        cxs_matrix_free(matrix);
        cxs_surv_free(surv);
        return rc;
    }
    CXS_TRY(cxs_join(ctx, matrix, surv, s.ties, &joined));
    CXS_TRY(cxs_warn_few_events(ctx, joined->surv, cxs_surv_k(joined->surv) + 1, 1));
    CXS_TRY(cxs_blas_init(ctx)); /* before the pool: one BLAS thread in each worker */
    rc = ranking_new(ctx, joined, &s, &ranking);
    if (ranking != NULL)
        joined = NULL; /* now the ranking's */
    CXS_TRY(rc);
    CXS_TRY(gather(ctx, ranking));
    *out = ranking;
    ranking = NULL;

done:
    cxs_joined_free(joined);
    cxs_ranking_free(ranking);
    return rc;
}

void cxs_ranking_free(cxs_ranking *ranking)
{
    if (ranking == NULL)
        return;
    cxs_joined_free(ranking->joined);
    cxs_free(ranking->row);
    cxs_free(ranking->feature);
    cxs_free(ranking->stability.hits);
    cxs_free(ranking->permutation.max_abs_z);
    cxs_candidates_free(&ranking->candidates);
    cxs_cox_fit_free(ranking->clinical);
    cxs_free(ranking->verdict);
    cxs_free(ranking);
}

const cxs_rank_row *cxs_ranking_rows(const cxs_ranking *ranking, size_t *count)
{
    *count = ranking->p;
    return ranking->row;
}

const char *cxs_ranking_verdict(const cxs_ranking *ranking)
{
    return ranking->verdict;
}
