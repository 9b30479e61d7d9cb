/*
 * cox.c -- Cox partial likelihood: value, gradient, Hessian products
 *
 * For an event time t_k of a stratum let
 *     R_k = { j : entry_j < t_k <= time_j }      risk set
 *     D_k = { j : event at t_k },  d = |D_k|     tied events, total weight W_k
 *     e_j = w_j exp(eta_j)                       weighted relative risk
 *     S_k = sum of e_j over R_k,  E_k = sum of e_j over D_k
 * A term (k,l), l = 0 .. d-1 (Efron 1977) or l = 0 only (Breslow 1974), has
 *     f_kl = l/d,  S_kl = S_k - f_kl E_k,  wbar_kl = W_k/d   (Breslow: 0, S_k, W_k)
 *     c_kl,j = 1 - f_kl for j in D_k, else 1;  q_kl,j = c_kl,j e_j / S_kl on R_k
 * Then
 *     loglik = sum_k [ sum_{j in D_k} w_j eta_j - sum_l wbar_kl log S_kl ]           (1)
 *     r_j    = d loglik / d eta_j = w_j event_j - a_j,
 *     a_j    = sum_{kl: j in R_k} wbar_kl q_kl,j                                     (2)
 *     H      = -d2 loglik / d eta2 = diag(a) - sum_kl wbar_kl q_kl q_kl'             (3)
 *     m_kl   = sqrt(wbar_kl) q_kl'x
 *            = sqrt(wbar_kl)/S_kl [ sum_{R_k} e x - f_kl sum_{D_k} e x ]             (4)
 * Weighted Efron as in R survival: the mean weight of the tied deaths (Therneau and
 * Grambsch 2000, section 3.3).  (2), (3) by differentiation; tests/test_cox.c checks
 * them by finite differences and against the definition read literally.
 *
 * Two precautions.  eta is shifted by its maximum per stratum before exp(), which
 * leaves (1)-(4) unchanged; a spread so wide that a risk set vanishes is reported, not
 * repaired.  Without delayed entry the sums over risk sets are suffix sums; with it,
 * "suffix sum minus those who have not entered" would cancel when one patient's risk
 * is large, so sums over the interval [first, last) of event times use a binary tree of
 * partial sums instead: O(log K) a row and only additions.
 */
#include "num/cox.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Two times closer than this, relative, are one time (as R survival's timefix). */
static const double TIE_RELATIVE = 1e-9;

/* ---- building the risk sets ------------------------------------------------------ */

typedef struct sort_key {
    double time;
    uint32_t stratum, row;
    uint8_t event;
} sort_key;

static int by_stratum_time(const void *left, const void *right)
{
    const sort_key *a = left, *b = right;

    if (a->stratum != b->stratum)
        return a->stratum < b->stratum ? -1 : 1;
    if (a->time < b->time || a->time > b->time)
        return a->time < b->time ? -1 : 1;
    if (a->event != b->event)
        return a->event > b->event ? -1 : 1;
    return a->row < b->row ? -1 : 1;
}

static int by_event_row(const void *left, const void *right)
{
    const sort_key *a = left, *b = right;

    if (a->event != b->event)
        return a->event > b->event ? -1 : 1;
    return a->row < b->row ? -1 : 1;
}

static size_t round8(size_t bytes)
{
    return (bytes + 7) & ~(size_t)7;
}

size_t cxs_risk_size(size_t n)
{
    const size_t doubles = 4 * n, words = 10 * (n + 1);

    return round8(n * sizeof(size_t)) + doubles * sizeof(double) +
           round8(words * sizeof(uint32_t)) + round8(n) + n * sizeof(sort_key) + 64;
}

/* Take bytes from the caller's block. */
static void *take(char **at, size_t bytes)
{
    void *here = *at;

    *at += round8(bytes);
    return here;
}

static void place(cxs_risk *risk, size_t n, void *memory, sort_key **keys)
{
    char *at = memory;

    risk->row = take(&at, n * sizeof(size_t));
    risk->weight_ts = take(&at, n * sizeof(double));
    risk->offset_ts = take(&at, n * sizeof(double));
    risk->time_value = take(&at, n * sizeof(double));
    risk->death_weight = take(&at, n * sizeof(double));
    *keys = take(&at, n * sizeof(sort_key));
    risk->stratum_first = take(&at, (n + 1) * sizeof(uint32_t));
    risk->first_ts = take(&at, n * sizeof(uint32_t));
    risk->last_ts = take(&at, n * sizeof(uint32_t));
    risk->death_ts = take(&at, n * sizeof(uint32_t));
    risk->time_stratum = take(&at, n * sizeof(uint32_t));
    risk->deaths = take(&at, n * sizeof(uint32_t));
    risk->term_first = take(&at, (n + 1) * sizeof(uint32_t));
    risk->time_position = take(&at, n * sizeof(uint32_t));
    risk->time_first = take(&at, (n + 1) * sizeof(uint32_t));
    risk->event_ts = take(&at, n);
}

static int same_time(double early, double late)
{
    return late - early <= TIE_RELATIVE * fabs(late);
}

/* Sort rows of positive weight; equal times (with tolerance) get events first. */
static void sort_rows(const cxs_outcome *o, cxs_risk *risk, sort_key *keys)
{
    size_t n = 0;

    for (size_t i = 0; i < o->n; i++)
        if (o->weight == NULL || o->weight[i] > 0.0)
            keys[n++] = (sort_key){o->time[i], o->stratum != NULL ? o->stratum[i] : 0,
                                   (uint32_t)i, o->event[i]};
    qsort(keys, n, sizeof *keys, by_stratum_time);
    for (size_t first = 0, end; first < n; first = end) {
        for (end = first + 1; end < n && keys[end].stratum == keys[first].stratum &&
                              same_time(keys[first].time, keys[end].time);
             end++)
            keys[end].time = keys[first].time;
        qsort(keys + first, end - first, sizeof *keys, by_event_row);
    }
    risk->n = n;
    for (size_t i = 0; i < n; i++) {
        risk->row[i] = keys[i].row;
        risk->event_ts[i] = keys[i].event;
        risk->weight_ts[i] = o->weight != NULL ? o->weight[keys[i].row] : 1.0;
        risk->offset_ts[i] = o->offset != NULL ? o->offset[keys[i].row] : 0.0;
    }
}

/* Event times of sorted rows: fills the K arrays, last_ts and death_ts. */
static void find_times(cxs_risk *risk, const sort_key *keys)
{
    size_t times = 0;
    uint32_t strata = 0;

    for (size_t first = 0, end; first < risk->n; first = end) {
        uint32_t deaths = 0;
        double weight = 0.0;
        if (first == 0 || keys[first].stratum != keys[first - 1].stratum) {
            risk->stratum_first[strata] = (uint32_t)first;
            risk->time_first[strata++] = (uint32_t)times;
        }
        for (end = first; end < risk->n && keys[end].stratum == keys[first].stratum &&
                          !(keys[end].time > keys[first].time);
             end++) {
            deaths += keys[end].event;
            weight += keys[end].event ? risk->weight_ts[end] : 0.0;
            risk->death_ts[end] = keys[end].event ? (uint32_t)times : UINT32_MAX;
        }
        if (deaths > 0) {
            risk->time_value[times] = keys[first].time;
            risk->time_position[times] = (uint32_t)first;
            risk->time_stratum[times] = strata - 1;
            risk->deaths[times] = deaths;
            risk->death_weight[times++] = weight;
        }
        for (size_t i = first; i < end; i++)
            risk->last_ts[i] = (uint32_t)times;
    }
    risk->stratum_first[strata] = (uint32_t)risk->n;
    risk->time_first[strata] = (uint32_t)times;
    risk->strata = strata;
    risk->times = times;
}

/* First event time after each row's entry (the stratum's first without entry). */
static void find_entries(const cxs_outcome *o, cxs_risk *risk)
{
    risk->has_entry = 0;
    for (size_t s = 0; s < risk->strata; s++)
        for (size_t i = risk->stratum_first[s]; i < risk->stratum_first[s + 1]; i++) {
            uint32_t lo = risk->time_first[s], hi = risk->last_ts[i];
            const double entry = o->entry != NULL ? o->entry[risk->row[i]] : -HUGE_VAL;
            while (lo < hi) { /* first k with t_k > entry, equal times excluded */
                const uint32_t middle = lo + (hi - lo) / 2;
                const double t = risk->time_value[middle];
                if (entry < t && !same_time(entry, t))
                    hi = middle;
                else
                    lo = middle + 1;
            }
            risk->first_ts[i] = lo;
            risk->has_entry |= lo > risk->time_first[s];
        }
}

cxs_rc cxs_risk_build(const cxs_outcome *outcome, cxs_risk *risk, void *memory)
{
    sort_key *keys;
    size_t terms = 0;

    memset(risk, 0, sizeof *risk);
    risk->ties = outcome->ties;
    place(risk, outcome->n, memory, &keys);
    sort_rows(outcome, risk, keys);
    find_times(risk, keys);
    find_entries(outcome, risk);
    for (size_t k = 0; k < risk->times; k++) {
        risk->term_first[k] = (uint32_t)terms;
        terms += outcome->ties == CXS_TIES_EFRON ? risk->deaths[k] : 1;
        risk->events += risk->deaths[k];
        risk->event_weight_sum += risk->death_weight[k];
    }
    risk->term_first[risk->times] = (uint32_t)terms;
    risk->terms = terms;
    for (size_t i = 0; i < risk->n; i++)
        risk->weight_sum += risk->weight_ts[i];
    return risk->events > 0 ? CXS_OK : CXS_EDEGENERATE;
}

/* ---- sums over risk sets --------------------------------------------------------- */

size_t cxs_cox_state_size(const cxs_risk *risk)
{
    return 3 * risk->n + 4 * risk->terms;
}

void cxs_cox_state_place(const cxs_risk *risk, double *memory, cxs_cox_state *state)
{
    state->loglik = (double)NAN;
    state->r = memory;
    state->a = state->r + risk->n;
    state->we = state->a + risk->n;
    state->term_sum = state->we + risk->n;
    state->term_weight = state->term_sum + risk->terms;
    state->term_frac = state->term_weight + risk->terms;
    state->term_scale = state->term_frac + risk->terms;
}

size_t cxs_cox_work_size(const cxs_risk *risk)
{
    return risk->n + risk->terms + 3 * risk->times; /* K <= M <= n */
}

/* sum[k] = sum of v over the risk set at t_k.  tree: [2 K], used with entry only. */
void cxs_risk_sums(const cxs_risk *risk, const double *v, double *sum, double *tree)
{
    const size_t times = risk->times;

    if (!risk->has_entry) {
        for (size_t s = 0; s < risk->strata; s++) {
            size_t i = risk->stratum_first[s + 1];
            double run = 0.0;
            for (size_t k = risk->time_first[s + 1]; k-- > risk->time_first[s];) {
                while (i > risk->time_position[k])
                    run += v[--i];
                sum[k] = run;
            }
        }
        return;
    }
    memset(tree, 0, 2 * times * sizeof *tree);
    for (size_t i = 0; i < risk->n; i++) {
        size_t l = risk->first_ts[i] + times, r = risk->last_ts[i] + times;
        for (; l < r; l >>= 1, r >>= 1) {
            if (l & 1)
                tree[l++] += v[i];
            if (r & 1)
                tree[--r] += v[i];
        }
    }
    for (size_t k = 1; k < times; k++) { /* hand each node's share down to the leaves */
        tree[2 * k] += tree[k];
        tree[2 * k + 1] += tree[k];
    }
    memcpy(sum, tree + times, times * sizeof *sum);
}

/* out[i] = sum of u[k] over the event times at which row i is at risk. */
void cxs_risk_interval_sums(const cxs_risk *risk, const double *u, double *out,
                            double *tree)
{
    const size_t times = risk->times;

    if (!risk->has_entry) {
        for (size_t s = 0; s < risk->strata; s++) {
            size_t k = risk->time_first[s];
            double run = 0.0;
            for (size_t i = risk->stratum_first[s]; i < risk->stratum_first[s + 1];
                 i++) {
                for (; k < risk->last_ts[i]; k++)
                    run += u[k];
                out[i] = run;
            }
        }
        return;
    }
    memcpy(tree + times, u, times * sizeof *u);
    for (size_t k = times; k-- > 1;)
        tree[k] = tree[2 * k] + tree[2 * k + 1];
    for (size_t i = 0; i < risk->n; i++) {
        size_t l = risk->first_ts[i] + times, r = risk->last_ts[i] + times;
        double total = 0.0;
        for (; l < r; l >>= 1, r >>= 1) {
            if (l & 1)
                total += tree[l++];
            if (r & 1)
                total += tree[--r];
        }
        out[i] = total;
    }
}

/* Sum of v over the deaths at t_k. */
double cxs_risk_death_sum(const cxs_risk *risk, size_t k, const double *v)
{
    const double *first = v + risk->time_position[k];
    double total = 0.0;

    for (uint32_t l = 0; l < risk->deaths[k]; l++)
        total += first[l];
    return total;
}

/* ---- likelihood ------------------------------------------------------------------ */

/* we = w exp(eta + offset - shift of the stratum), and sum of w event (eta - shift). */
cxs_rc cxs_cox_relative_risks(const cxs_risk *risk, const double *eta, double *we,
                              double *linear)
{
    *linear = 0.0;
    for (size_t s = 0; s < risk->strata; s++) {
        const size_t first = risk->stratum_first[s], end = risk->stratum_first[s + 1];
        double shift = -HUGE_VAL;
        for (size_t i = first; i < end; i++) {
            const double value = eta[i] + risk->offset_ts[i];
            if (!isfinite(value))
                return CXS_EDEGENERATE;
            shift = fmax(shift, value);
        }
        for (size_t i = first; i < end; i++) {
            const double value = eta[i] + risk->offset_ts[i] - shift;
            we[i] = risk->weight_ts[i] * exp(value);
            if (risk->event_ts[i])
                *linear += risk->weight_ts[i] * value;
        }
    }
    return CXS_OK;
}

/* Terms of time k: S_kl, wbar_kl, f_kl; false when a sum vanished. */
static int fill_terms(const cxs_risk *risk, size_t k, double at_risk, double tied,
                      cxs_cox_state *state, double *loglik)
{
    const size_t first = risk->term_first[k], count = risk->term_first[k + 1] - first;

    for (size_t l = 0; l < count; l++) {
        const double frac = (double)l / (double)count;
        const double sum = at_risk - frac * tied;
        const double weight = risk->death_weight[k] / (double)count;
        if (!(sum >= DBL_MIN)) /* eta spread too wide for exp() */
            return 0;
        state->term_sum[first + l] = sum;
        state->term_frac[first + l] = frac;
        state->term_weight[first + l] = weight;
        state->term_scale[first + l] = sqrt(weight) / sum;
        *loglik -= weight * log(sum);
    }
    return 1;
}

cxs_rc cxs_cox_eval(const cxs_risk *risk, const double *eta_ts, cxs_cox_state *state,
                    double *work)
{
    double *at_risk = work, *tree = work + risk->times;
    double *hazard = at_risk; /* reused: sum_l wbar / S_kl of each time */
    double loglik = 0.0;

    if (cxs_cox_relative_risks(risk, eta_ts, state->we, &loglik) != CXS_OK)
        return CXS_EDEGENERATE;
    cxs_risk_sums(risk, state->we, at_risk, tree);
    for (size_t k = 0; k < risk->times; k++)
        if (!fill_terms(risk, k, at_risk[k], cxs_risk_death_sum(risk, k, state->we),
                        state, &loglik))
            return CXS_EDEGENERATE;
    for (size_t k = 0; k < risk->times; k++) {
        hazard[k] = 0.0;
        for (size_t m = risk->term_first[k]; m < risk->term_first[k + 1]; m++)
            hazard[k] += state->term_weight[m] / state->term_sum[m];
    }
    cxs_risk_interval_sums(risk, hazard, state->a, tree);
    for (size_t i = 0; i < risk->n; i++) {
        const uint32_t k = risk->death_ts[i];
        if (k != UINT32_MAX) /* c = 1 - f at the row's own time */
            for (size_t m = risk->term_first[k]; m < risk->term_first[k + 1]; m++)
                state->a[i] -=
                    state->term_frac[m] * state->term_weight[m] / state->term_sum[m];
        state->a[i] *= state->we[i]; /* (2) */
        state->r[i] = (k != UINT32_MAX ? risk->weight_ts[i] : 0.0) - state->a[i];
    }
    state->loglik = loglik;
    return CXS_OK;
}

double cxs_cox_loglik(const cxs_risk *risk, const double *eta_ts, double *work)
{
    double *we = work, *at_risk = we + risk->n, *tree = at_risk + risk->times;
    double loglik = 0.0;

    if (cxs_cox_relative_risks(risk, eta_ts, we, &loglik) != CXS_OK)
        return (double)NAN;
    cxs_risk_sums(risk, we, at_risk, tree);
    for (size_t k = 0; k < risk->times; k++) {
        const size_t count = risk->term_first[k + 1] - risk->term_first[k];
        const double tied = count > 1 ? cxs_risk_death_sum(risk, k, we) : 0.0;
        const double weight = risk->death_weight[k] / (double)count;
        for (size_t l = 0; l < count; l++) {
            const double sum = at_risk[k] - (double)l / (double)count * tied;
            if (!(sum >= DBL_MIN))
                return (double)NAN;
            loglik -= weight * log(sum);
        }
    }
    return loglik;
}

/*
 * Saturated: eta of the deaths at t_k -> infinity together, all others vanish.  With
 * equal eta in D_k the shares are w_j / W_k, so the terms are
 * -W_k log W_k (Breslow) and -wbar sum_l log(wbar (d - l)) (Efron).
 */
double cxs_cox_loglik_saturated(const cxs_risk *risk)
{
    double loglik = 0.0;

    for (size_t k = 0; k < risk->times; k++) {
        const size_t count = risk->term_first[k + 1] - risk->term_first[k];
        const double weight = risk->death_weight[k] / (double)count;
        for (size_t l = 0; l < count; l++)
            loglik -= weight * log(weight * (double)(count - l));
    }
    return loglik;
}

void cxs_cox_means(const cxs_risk *risk, const cxs_cox_state *state, const double *x_ts,
                   double *m, double *work)
{
    double *ex = work, *sum = ex + risk->n, *tree = sum + risk->times;

    for (size_t i = 0; i < risk->n; i++)
        ex[i] = state->we[i] * x_ts[i];
    cxs_risk_sums(risk, ex, sum, tree);
    for (size_t k = 0; k < risk->times; k++) {
        const size_t first = risk->term_first[k], end = risk->term_first[k + 1];
        const double tied = end - first > 1 ? cxs_risk_death_sum(risk, k, ex) : 0.0;
        for (size_t t = first; t < end; t++)
            m[t] =
                state->term_scale[t] * (sum[k] - state->term_frac[t] * tied); /* (4) */
    }
}

void cxs_cox_hessian_times(const cxs_risk *risk, const cxs_cox_state *state,
                           const double *v_ts, double *out_ts, double *work)
{
    double *m = work, *rest = work + risk->terms; /* rest: [n + 3 K] */
    double *u = rest + risk->n, *tree = u + risk->times;

    cxs_cox_means(risk, state, v_ts, m, rest);
    for (size_t k = 0; k < risk->times; k++) { /* sum_l wbar q_kl'v / S_kl */
        u[k] = 0.0;
        for (size_t t = risk->term_first[k]; t < risk->term_first[k + 1]; t++)
            u[k] += m[t] * state->term_scale[t];
    }
    cxs_risk_interval_sums(risk, u, out_ts, tree);
    for (size_t i = 0; i < risk->n; i++) {
        const uint32_t k = risk->death_ts[i];
        if (k != UINT32_MAX)
            for (size_t t = risk->term_first[k]; t < risk->term_first[k + 1]; t++)
                out_ts[i] -= state->term_frac[t] * m[t] * state->term_scale[t];
        out_ts[i] = state->a[i] * v_ts[i] - state->we[i] * out_ts[i]; /* (3) */
    }
}
