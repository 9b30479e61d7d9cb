/*
 * concordance.c -- concordance of a score with follow-up, and its standard error
 *
 * A pair (i, j) of one stratum is comparable when i has an event at t_i while j is at
 * risk and has no event then: entry_j < t_i < time_j, or time_j = t_i and j censored
 * (Harrell 1982; Therneau and Atkinson 2024, concordance vignette of R survival).  With
 * pair weight w_i w_j, let A, B, T be the weights of the comparable pairs with
 * score_i > score_j, score_i < score_j, score_i = score_j:
 *     c = (A + T/2) / N,  N = A + B + T,  and with D = (A - B)/N:  c = (D + 1)/2    (1)
 * Let A_i, B_i, T_i be the same sums over the pairs that hold row i, per unit of w_i.
 * The infinitesimal jackknife (Efron 1982) has
 *     u_i = w_i/2 [ (A_i - B_i)/N - (D/N) (A_i + B_i + T_i) ],  se^2 = sum u_i^2    (2)
 *
 * Sums by rank of the score are kept in a binary indexed tree (Fenwick 1994), so that
 * each row costs O(log n).  Row i meets the others twice: as the event, where the tree
 * holds the weights at risk (time runs down), and as the one at risk, where the tree
 * holds the events between its entry and its end (time runs up).
 */
#include "num/concordance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct score_key {
    double score;
    size_t row;
} score_key;

typedef struct tally {
    double less, equal, more; /* weights of scores below, at and above one score */
} tally;

typedef struct space {
    score_key *key;            /* [n] */
    tally *as_event, *at_risk; /* [n] */
    double *tree;              /* [n + 1] binary indexed tree over the ranks */
    double *level;             /* [n + 1] weight at each rank */
    uint32_t *rank;            /* [n] from 1; equal scores share one */
    uint32_t *by_first;        /* [n] positions ordered by first event time at risk */
    uint32_t *count;           /* [n + 2] counting sort */
    size_t ranks;
} space;

size_t cxs_concordance_work_size(size_t n)
{
    return n * (sizeof(score_key) + 2 * sizeof(tally)) + (n + 1) * 2 * sizeof(double) +
           (3 * n + 3) * sizeof(uint32_t) + 8;
}

static space place(size_t n, void *work)
{
    space s;
    void *next;

    s.key = work;
    next = s.key + n;
    s.as_event = next;
    s.at_risk = s.as_event + n;
    next = s.at_risk + n;
    s.tree = next;
    s.level = s.tree + n + 1;
    next = s.level + n + 1;
    s.rank = next;
    s.by_first = s.rank + n;
    s.count = s.by_first + n;
    s.ranks = 0;
    return s;
}

static int by_score(const void *left, const void *right)
{
    const score_key *a = left, *b = right;

    if (a->score < b->score || a->score > b->score)
        return a->score < b->score ? -1 : 1;
    return a->row < b->row ? -1 : 1;
}

/* Dense ranks of the scores of one stratum; clears the tree for them. */
static void rank_scores(const double *score, size_t first, size_t end, space *s)
{
    const size_t n = end - first;

    for (size_t i = 0; i < n; i++)
        s->key[i] = (score_key){score[first + i], first + i};
    qsort(s->key, n, sizeof *s->key, by_score);
    s->ranks = 0;
    for (size_t i = 0; i < n; i++) {
        s->ranks += i == 0 || s->key[i].score > s->key[i - 1].score;
        s->rank[s->key[i].row] = (uint32_t)s->ranks;
    }
}

static void tree_clear(space *s)
{
    memset(s->tree, 0, (s->ranks + 1) * sizeof *s->tree);
    memset(s->level, 0, (s->ranks + 1) * sizeof *s->level);
}

static void tree_add(space *s, size_t rank, double weight)
{
    s->level[rank] += weight;
    for (size_t i = rank; i <= s->ranks; i += i & (~i + 1))
        s->tree[i] += weight;
}

/* Sum of the weights at ranks 1 .. rank. */
static double tree_sum(const space *s, size_t rank)
{
    double total = 0.0;

    for (size_t i = rank; i > 0; i &= i - 1)
        total += s->tree[i];
    return total;
}

static tally tree_tally(const space *s, size_t rank)
{
    const double below = tree_sum(s, rank - 1), at = s->level[rank];

    return (tally){below, at, tree_sum(s, s->ranks) - below - at};
}

/* Order the rows [first, end) by the first event time at which they are at risk. */
static void order_by_first(const cxs_risk *risk, size_t first, size_t end, uint32_t k0,
                           uint32_t k1, space *s)
{
    memset(s->count, 0, (k1 - k0 + 2) * sizeof *s->count);
    for (size_t i = first; i < end; i++)
        s->count[risk->first_ts[i] - k0 + 1]++;
    for (uint32_t k = 0; k < k1 - k0; k++)
        s->count[k + 1] += s->count[k];
    for (size_t i = first; i < end; i++)
        s->by_first[s->count[risk->first_ts[i] - k0]++] = (uint32_t)i;
}

/* False for a row whose interval holds no event time of its stratum. */
static int ever_at_risk(const cxs_risk *risk, size_t i)
{
    return risk->first_ts[i] < risk->last_ts[i];
}

/* Every event of the stratum against the rows at risk; time runs down. */
static void events_meet_risk_sets(const cxs_risk *risk, size_t stratum, space *s)
{
    const uint32_t k0 = risk->time_first[stratum], k1 = risk->time_first[stratum + 1];
    const size_t first = risk->stratum_first[stratum];
    size_t i = risk->stratum_first[stratum + 1], late = i - first;

    tree_clear(s);
    for (uint32_t k = k1; k-- > k0;) {
        const size_t from = risk->time_position[k], deaths = risk->deaths[k];
        while (i > from + deaths) {
            i--;
            if (ever_at_risk(risk, i))
                tree_add(s, s->rank[i], risk->weight_ts[i]);
        }
        while (late > 0 && risk->first_ts[s->by_first[late - 1]] > k) {
            const size_t j = s->by_first[--late]; /* enters at t_k or later */
            if (ever_at_risk(risk, j))
                tree_add(s, s->rank[j], -risk->weight_ts[j]);
        }
        for (size_t j = from; j < from + deaths; j++)
            s->as_event[j] = tree_tally(s, s->rank[j]);
        for (; i > from; i--)
            tree_add(s, s->rank[i - 1], risk->weight_ts[i - 1]);
    }
}

/* Every row against the events between its entry and its end; time runs up. */
static void rows_meet_events(const cxs_risk *risk, size_t stratum, space *s)
{
    const uint32_t k0 = risk->time_first[stratum], k1 = risk->time_first[stratum + 1];
    const size_t first = risk->stratum_first[stratum];
    const size_t end = risk->stratum_first[stratum + 1];
    size_t i = first, entering = 0;

    tree_clear(s);
    for (uint32_t k = k0; k <= k1; k++) { /* the tree holds events before t_k */
        for (; entering < end - first; entering++) {
            const size_t j = s->by_first[entering];
            if (risk->first_ts[j] > k)
                break;
            if (ever_at_risk(risk, j))
                s->at_risk[j] = tree_tally(s, s->rank[j]);
        }
        for (; i < end; i++) { /* a row's own event time does not count for it */
            const uint32_t last =
                risk->event_ts[i] ? risk->death_ts[i] : risk->last_ts[i];
            tally seen;
            if (last > k)
                break;
            if (!ever_at_risk(risk, i))
                continue;
            seen = tree_tally(s, s->rank[i]);
            s->at_risk[i].less = seen.less - s->at_risk[i].less;
            s->at_risk[i].equal = seen.equal - s->at_risk[i].equal;
            s->at_risk[i].more = seen.more - s->at_risk[i].more;
        }
        if (k < k1)
            for (size_t j = risk->time_position[k];
                 j < risk->time_position[k] + risk->deaths[k]; j++)
                tree_add(s, s->rank[j], risk->weight_ts[j]);
    }
}

/* Equation (2). */
static double jackknife(const cxs_risk *risk, const cxs_concordance *c, const space *s,
                        double *influence)
{
    const double pairs = c->concordant + c->discordant + c->tied;
    const double somers_d = (c->concordant - c->discordant) / pairs;
    double total = 0.0;

    for (size_t i = 0; i < risk->n; i++) {
        const tally *e = &s->as_event[i], *r = &s->at_risk[i];
        const double concordant = e->less + r->more, discordant = e->more + r->less;
        const double all = concordant + discordant + e->equal + r->equal;
        influence[i] = 0.5 * risk->weight_ts[i] / pairs *
                       (concordant - discordant - somers_d * all);
        total += influence[i] * influence[i];
    }
    return sqrt(total);
}

cxs_concordance cxs_concordance_of(const cxs_risk *risk, const double *score_ts,
                                   double *influence_ts, void *work)
{
    space s = place(risk->n, work);
    cxs_concordance c = {0.0, 0.0, 0.0, (double)NAN, (double)NAN};
    double pairs;

    memset(s.as_event, 0, risk->n * sizeof *s.as_event);
    memset(s.at_risk, 0, risk->n * sizeof *s.at_risk);
    for (size_t k = 0; k < risk->strata; k++) {
        const size_t first = risk->stratum_first[k], end = risk->stratum_first[k + 1];
        rank_scores(score_ts, first, end, &s);
        order_by_first(risk, first, end, risk->time_first[k], risk->time_first[k + 1],
                       &s);
        events_meet_risk_sets(risk, k, &s);
        if (influence_ts != NULL)
            rows_meet_events(risk, k, &s);
    }
    for (size_t i = 0; i < risk->n; i++) {
        c.concordant += risk->weight_ts[i] * s.as_event[i].less;
        c.discordant += risk->weight_ts[i] * s.as_event[i].more;
        c.tied += risk->weight_ts[i] * s.as_event[i].equal;
    }
    pairs = c.concordant + c.discordant + c.tied;
    if (!(pairs > 0.0))
        return c;
    c.c = (c.concordant + 0.5 * c.tied) / pairs;
    if (influence_ts != NULL)
        c.se = jackknife(risk, &c, &s, influence_ts);
    return c;
}
