/*
 * tiers.c -- tiers of evidence: lexicographic rules, no weights to argue about
 */
#include "rank/evidence.h"

#include <math.h>

static const double Q_CANDIDATE = 0.20, FREQUENCY_CANDIDATE = 0.5;
static const double SIGN_STABLE = 0.90;
static const double P_NOMINAL = 0.05;

const char *cxs_tier_name(cxs_tier tier)
{
    static const char *const names[] = {"A", "B", "C", "D", "X"};

    return names[tier];
}

/* Comparisons with NaN are false: evidence that does not exist carries nothing. */
int cxs_tier_candidate(const cxs_rank_row *row)
{
    return row->adjusted.status == CXS_STATUS_OK &&
           (row->adjusted.q <= Q_CANDIDATE || row->sel_freq >= FREQUENCY_CANDIDATE);
}

cxs_tier cxs_tier_of(const cxs_rank_row *row)
{
    if (row->adjusted.status != CXS_STATUS_OK)
        return CXS_TIER_X;
    if (cxs_tier_candidate(row) && row->sign_stability >= SIGN_STABLE)
        return CXS_TIER_B;
    if (row->adjusted.p <= P_NOMINAL || row->unadjusted.p <= P_NOMINAL)
        return CXS_TIER_C;
    return CXS_TIER_D;
}

const char *cxs_rank_direction(const cxs_rank_row *row)
{
    if (row->adjusted.beta > 0.0)
        return "harmful";
    return row->adjusted.beta < 0.0 ? "protective" : "NA";
}
