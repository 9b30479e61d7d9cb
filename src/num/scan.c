/*
 * scan.c -- score test and fit of features beside fixed covariates
 *
 * At the null model, with r, a, H, the terms (k,l) and m of cox.c,
 *     U = x'r,  x'Hx = sum a x^2 - sum_kl m_kl^2
 *     V = x'Hx - x'HZ (Z'HZ)^-1 Z'Hx,  score test U^2 / V                         (1)
 * (U of the covariates is zero there).  H Z is the same for every feature.
 *
 * The fit is Newton-Raphson in (gamma, b) for v_i = (z_i, x_i), with the sums
 *     S0_k, S1_k = sum of e, e v over the risk set; E0_k, E1_k over the deaths,
 *     mean_kl = (S1_k - f_kl E1_k) / (S0_k - f_kl E0_k)
 *     score = sum over deaths of w v - sum_kl wbar_kl mean_kl                     (2)
 *     information I = sum_i a_i v_i v_i' - sum_kl wbar_kl mean_kl mean_kl'        (3)
 * formed by scan_kernels.h.  Convergence and runaway coefficients: model/cox_newton.c.
 * The robust variance of b is (Lin and Wei 1989)
 *     sum over clusters of (sum over their rows of w_i U_i' I^-1 (0, .., 0, 1)')^2  (4)
 * with the score residuals U_i of newton.c, eq. (2).
 *
 * A feature that misses rows has weight zero there: each lane has its own weights, its
 * own terms (with fewer tied deaths the shares f differ) and its own null model, which
 * is near that of all rows and found from there.
 */
#include "num/scan.h"

#include "num/newton.h"
#include "num/scan_pass.h"

#include <math.h>
#include <string.h>

enum { L = CXS_SCAN_LANES, HALVINGS_MAX = 60 };
/* As in model/cox_newton.c: a coefficient per sd beyond this on a flat likelihood. */
static const double SEPARATED_B = 10.0, MOVING = 1e-4, LOGLIK_NOISE = 1e-12;

/* ---- score test ------------------------------------------------------------------ */

void cxs_scan_prepare(const cxs_scan_null *null, double *work)
{
    cxs_scan_pass_prepare(null, work);
}

void cxs_scan_centre(const cxs_risk *risk, double *x_lanes, cxs_lane_moments *moments)
{
    cxs_scan_kernels_here()->centre(risk->n, risk->weight_ts, x_lanes, moments);
}

void cxs_scan_score_lanes(const cxs_scan_null *null, const double *x_lanes,
                          cxs_lane_score *score, double *cross, double *work)
{
    static const double one[L] = {1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0};
    const size_t k = null->k;
    const cxs_scan_pass pass = cxs_scan_pass_place(null, work);
    const cxs_scan_kernels *kernels = cxs_scan_kernels_here();
    double *solved = pass.step;

    kernels->features(null, &pass, x_lanes, one);
    kernels->score(null, &pass, score, cross);
    for (size_t l = 0; l < L; l++) {
        for (size_t c = 0; c < k; c++)
            solved[c] = cross[c * L + l];
        cxs_newton_solve(k, null->factor, solved);
        score->loglik[l] = null->loglik;
        score->variance[l] = score->info[l];
        for (size_t c = 0; c < k; c++)
            score->variance[l] -= cross[c * L + l] * solved[c]; /* (1) */
    }
}

/* ---- fit ------------------------------------------------------------------------- */

/* What a lane does next. */
typedef enum lane_phase {
    STEPPING, /* try delta + fraction step */
    LOOKING,  /* is the likelihood no lower far ahead? */
    ARRIVED,  /* the information here gives the standard error */
    STANDING
} lane_phase;

typedef struct lane_walk {
    lane_phase phase;
    double loglik, fraction;
    size_t iterations;
    int halvings, small;
} lane_walk;

/* The lanes of one call. */
typedef struct walk {
    const cxs_scan_null *null;
    const cxs_scan_kernels *kernels;
    cxs_scan_pass p;
    int fixed; /* the feature stays where it is: a null model */
    lane_walk lane[L];
    cxs_scan_end end[L];
} walk;

static double floor_of(const lane_walk *lane)
{
    return lane->loglik - LOGLIK_NOISE * (1.0 + fabs(lane->loglik));
}

/* Lane l of count elements. */
static void copy_lane(size_t count, size_t l, const double *from, double *to)
{
    for (size_t c = 0; c < count; c++)
        to[c * L + l] = from[c * L + l];
}

/* The state of the lanes becomes that at `trial`. */
static void accept_lane(const cxs_scan_pass *p, size_t l)
{
    copy_lane(p->params, l, p->trial, p->delta);
    copy_lane(p->params, l, p->trial_grad, p->grad);
    copy_lane(p->pairs, l, p->trial_info, p->info);
}

static void finish(walk *w, size_t l, cxs_scan_end end)
{
    w->lane[l].phase = STANDING;
    w->end[l] = end;
}

/* The largest step among the parameters whose flight would end the fit: that of the
 * feature, or of all covariates. */
static double largest_step(const walk *w, size_t l)
{
    const size_t last = w->p.params - 1;
    double largest = 0.0;

    if (!w->fixed)
        return fabs(w->p.step[last * L + l]);
    for (size_t c = 0; c < last; c++)
        largest = fmax(largest, fabs(w->p.step[c * L + l]));
    return largest;
}

/* A new step of lane l, after solve(). */
static void set_out(walk *w, size_t l, const cxs_scan_limits *limits)
{
    lane_walk *lane = &w->lane[l];

    lane->small = w->p.gain[l] <= limits->tol * (1.0 + fabs(lane->loglik));
    lane->fraction = 1.0;
    lane->halvings = 0;
    lane->phase = STEPPING;
    if (lane->iterations >= limits->max_iterations)
        finish(w, l, CXS_SCAN_UNFINISHED);
    else if (lane->small && largest_step(w, l) > MOVING)
        lane->phase = LOOKING;
}

/* The multiple of its step that lane l tries next. */
static double multiple_of(const walk *w, size_t l)
{
    const lane_walk *lane = &w->lane[l];
    const size_t last = w->p.params - 1;
    const double s = w->p.step[last * L + l], b = w->p.delta[last * L + l];

    if (lane->phase == STANDING)
        return 0.0;
    if (lane->phase == STEPPING)
        return lane->fraction;
    if (w->fixed) /* a covariate: whether it would turn is for cox_newton.c to see */
        return 0.0;
    return fmax(1.0, (copysign(1.05 * SEPARATED_B, s) - b) / s);
}

/* What the evaluation means for lane l. */
static void judge(walk *w, size_t l)
{
    lane_walk *lane = &w->lane[l];
    const double value = w->p.trial_loglik[l];
    const int no_lower = value >= floor_of(lane);

    if (lane->phase == LOOKING) {
        lane->phase = STEPPING;
        if (no_lower) {
            accept_lane(&w->p, l);
            finish(w, l, CXS_SCAN_SEPARATED);
        }
    } else if (lane->phase == STEPPING && no_lower) {
        accept_lane(&w->p, l);
        lane->loglik = value;
        lane->iterations++;
        lane->phase = ARRIVED;
    } else if (lane->phase == STEPPING) {
        lane->fraction *= 0.5;
        if (++lane->halvings == HALVINGS_MAX) /* no better point can be told */
            finish(w, l, lane->small ? CXS_SCAN_CONVERGED : CXS_SCAN_UNFINISHED);
    }
}

/* Try the next point of every lane. */
static void look(walk *w)
{
    double multiple[L];

    for (size_t l = 0; l < L; l++)
        multiple[l] = multiple_of(w, l);
    for (size_t c = 0; c < w->p.params; c++)
        for (size_t l = 0; l < L; l++)
            w->p.trial[c * L + l] =
                w->p.delta[c * L + l] + multiple[l] * w->p.step[c * L + l];
    w->kernels->eval(w->null, &w->p);
    for (size_t l = 0; l < L; l++)
        judge(w, l);
}

/* After solve(): lanes that arrived stop or set out again; are any still walking? */
static int go_on(walk *w, const cxs_scan_limits *limits)
{
    int walking = 0;

    for (size_t l = 0; l < L; l++) {
        if (w->lane[l].phase == ARRIVED && w->lane[l].small)
            finish(w, l, CXS_SCAN_CONVERGED);
        else if (w->lane[l].phase == ARRIVED)
            set_out(w, l, limits);
        walking |= w->lane[l].phase != STANDING;
    }
    return walking;
}

/* Newton-Raphson in the wanted lanes from the state that stands in the workspace. */
static void run(walk *w, const uint8_t *wanted, const double *loglik,
                const cxs_scan_limits *limits)
{
    for (size_t l = 0; l < L; l++) {
        w->lane[l] =
            (lane_walk){.phase = wanted[l] ? ARRIVED : STANDING, .loglik = loglik[l]};
        w->end[l] = CXS_SCAN_UNFINISHED;
    }
    for (w->kernels->solve(&w->p, w->fixed); go_on(w, limits);
         w->kernels->solve(&w->p, w->fixed))
        look(w);
}

static walk walk_of(const cxs_scan_null *null, double *work)
{
    return (walk){.null = null,
                  .kernels = cxs_scan_kernels_here(),
                  .p = cxs_scan_pass_place(null, work)};
}

/* ---- begin, fit, end ------------------------------------------------------------- */

void cxs_scan_begin(const cxs_scan_null *null, const double *x_lanes,
                    const cxs_lane_score *score, const double *cross,
                    const double *factor, double *work)
{
    const cxs_scan_pass p = cxs_scan_pass_place(null, work);
    const size_t k = null->k;

    cxs_scan_kernels_here()->features(null, &p, x_lanes, factor);
    memset(p.delta, 0, p.params * L * sizeof *p.delta);
    memset(p.grad, 0, p.params * L * sizeof *p.grad);
    for (size_t c = 0; c < k; c++)
        for (size_t b = 0; b <= c; b++)
            for (size_t l = 0; l < L; l++)
                p.info[(c * (c + 1) / 2 + b) * L + l] = null->info[b + c * k];
    for (size_t l = 0; l < L; l++) {
        p.grad[k * L + l] = score->u[l] * factor[l];
        for (size_t c = 0; c < k; c++)
            p.info[(k * (k + 1) / 2 + c) * L + l] = cross[c * L + l] * factor[l];
        p.info[(p.pairs - 1) * L + l] = score->info[l] * factor[l] * factor[l];
    }
}

/* Are the inverse pivots of all covariates of lane l there? */
static int has_all(const cxs_scan_pass *p, size_t l)
{
    for (size_t c = 0; c + 1 < p->params; c++)
        if (!(p->factor[(c * (c + 1) / 2 + c) * L + l] > 0.0))
            return 0;
    return 1;
}

void cxs_scan_begin_own(const cxs_scan_null *null, const double *x_lanes,
                        const double *factor, const cxs_scan_limits *limits,
                        const uint8_t *known, double *shift, uint8_t *plain,
                        cxs_lane_score *score, double *work)
{
    walk w = walk_of(null, work);
    const cxs_scan_pass *p = &w.p;
    const size_t k = null->k;
    uint8_t wanted[L];

    cxs_scan_pass_rows(null, x_lanes, work);
    w.kernels->features(null, p, x_lanes, factor);
    memset(p->trial, 0, p->params * L * sizeof *p->trial);
    for (size_t l = 0; l < L; l++) {
        wanted[l] = !known[l] && k > 0;
        for (size_t c = 0; c < k; c++)
            p->trial[c * L + l] = known[l] ? shift[c * L + l] : 0.0;
    }
    w.kernels->eval(null, p);
    for (size_t l = 0; l < L; l++)
        accept_lane(p, l);
    w.fixed = 1;
    run(&w, wanted, p->trial_loglik, limits);
    for (size_t l = 0; l < L; l++) {
        plain[l] = !wanted[l] || (w.end[l] == CXS_SCAN_CONVERGED && has_all(p, l));
        score->loglik[l] = w.lane[l].loglik;
    }
    memcpy(shift, p->delta, k * L * sizeof *shift);
    memcpy(score->u, p->grad + k * L, sizeof score->u);
    memcpy(score->info, p->info + (p->pairs - 1) * L, sizeof score->info);
    memcpy(score->variance, p->pivot, sizeof score->variance);
}

void cxs_scan_newton(const cxs_scan_null *null, const uint8_t wanted[CXS_SCAN_LANES],
                     const cxs_scan_limits *limits, const cxs_lane_score *score,
                     cxs_lane_fit *fit, double *work)
{
    walk w = walk_of(null, work);
    const double *inverse = w.p.factor + (w.p.pairs - 1) * L;

    run(&w, wanted, score->loglik, limits);
    for (size_t l = 0; l < L; l++) {
        fit->b[l] = w.p.delta[null->k * L + l];
        fit->se[l] = sqrt(inverse[l]);
        fit->loglik[l] = w.lane[l].loglik;
        fit->end[l] = w.end[l];
        if (w.end[l] == CXS_SCAN_CONVERGED && !(inverse[l] > 0.0))
            fit->end[l] = CXS_SCAN_UNFINISHED;
    }
}

void cxs_scan_robust(const cxs_scan_null *null, const uint32_t *cluster,
                     size_t clusters, double *sums, double se[CXS_SCAN_LANES],
                     double *work)
{
    const walk w = walk_of(null, work);
    const cxs_risk *risk = null->risk;
    double total[L] = {0.0};

    w.kernels->dfbeta(null, &w.p);
    memset(sums, 0, clusters * L * sizeof *sums);
    for (size_t i = 0; i < risk->n; i++) {
        double *sum = sums + (cluster != NULL ? cluster[risk->row[i]] : i) * L;
        for (size_t l = 0; l < L; l++)
            sum[l] += w.p.y[i * L + l];
    }
    for (size_t c = 0; c < clusters; c++)
        for (size_t l = 0; l < L; l++)
            total[l] += sums[c * L + l] * sums[c * L + l];
    for (size_t l = 0; l < L; l++)
        se[l] = sqrt(total[l]); /* (4) */
}
