/*
 * baseline.c -- which sample stands for a patient: the one rule for every kind of file
 */
#include "ingest/baseline.h"

#include "num/order.h"

#include <math.h>
#include <string.h>

static const double WINDOW_DAYS = 28.0, EARLY_FROM = 14.0, EARLY_TO = 42.0;

bool cxs_source_is_fluid(const char *source)
{
    return source != NULL &&
           (strncmp(source, "CSF_", 4) == 0 || strncmp(source, "PLASMA_", 7) == 0);
}

/* Blood cells change within weeks too, although their day may be unknown. */
bool cxs_source_is_passing(const char *source)
{
    return cxs_source_is_fluid(source) ||
           (source != NULL && strcmp(source, "PBMC") == 0);
}

static bool is_normal(const char *source)
{
    return source != NULL && strncmp(source, "NORMAL_", 7) == 0;
}

static bool is_tissue(const char *source)
{
    return source != NULL && strcmp(source, "TUMOR") == 0;
}

static double dose_of(const cxs_dated *s)
{
    return isnan(s->dose) ? 0.0 : s->dose;
}

/* Until when the analysis waits: NaN when it does not. */
static double waits_until(const cxs_dated *s)
{
    return fmax(s->landmark, s->entry); /* fmax skips NaN */
}

cxs_when cxs_when_of(const cxs_dated *s)
{
    const double dose = dose_of(s);

    if (is_normal(s->source))
        return CXS_WHEN_NEVER;
    if (isnan(s->day))
        return cxs_source_is_fluid(s->source) ? CXS_WHEN_OLD : CXS_WHEN_BASELINE;
    if (s->day > dose)
        return s->day <= waits_until(s) ? CXS_WHEN_LATE : CXS_WHEN_AFTER;
    return cxs_source_is_passing(s->source) && s->day < dose - WINDOW_DAYS
               ? CXS_WHEN_OLD
               : CXS_WHEN_BASELINE;
}

bool cxs_is_better(const cxs_dated *a, const char *a_id, const cxs_dated *b,
                   const char *b_id)
{
    const cxs_when now = cxs_when_of(b);
    cxs_when then;
    double x, y;

    if (now < CXS_WHEN_LATE || a == NULL)
        return now >= CXS_WHEN_LATE;
    then = cxs_when_of(a);
    x = isnan(a->day) ? -HUGE_VAL : a->day;
    y = isnan(b->day) ? -HUGE_VAL : b->day;
    if (now != then)
        return now > then;
    return y > x || (y == x && strcmp(b_id, a_id) < 0);
}

bool cxs_is_early(const cxs_dated *s)
{
    const double since = s->day - dose_of(s);

    return since >= EARLY_FROM && since <= EARLY_TO && s->day <= waits_until(s);
}

/* The product is made, not drawn from those who live: its day says nothing of them. */
bool cxs_is_immortal(const cxs_dated *s)
{
    return cxs_when_of(s) == CXS_WHEN_AFTER && isnan(s->landmark) &&
           (s->source == NULL || strcmp(s->source, "TCELL_PRODUCT") != 0);
}

/* ---- telling ------------------------------------------------------------------------ */

void cxs_tally_seen(cxs_baseline_tally *tally, const cxs_dated *sample)
{
    const cxs_when when = cxs_when_of(sample);

    tally->old += when == CXS_WHEN_OLD;
    tally->after += when == CXS_WHEN_AFTER;
}

cxs_rc cxs_tally_chosen(cxs_ctx *ctx, cxs_baseline_tally *tally,
                        const cxs_dated *sample)
{
    cxs_rc rc = CXS_OK;

    tally->covered += cxs_when_of(sample) == CXS_WHEN_LATE;
    if (!is_tissue(sample->source) || !(sample->day <= dose_of(sample)))
        return CXS_OK;
    CXS_TRY(cxs_grow(ctx, (void **)&tally->age, &tally->capacity, tally->ages + 1,
                     sizeof *tally->age));
    tally->age[tally->ages++] = dose_of(sample) - sample->day;
done:
    return rc;
}

void cxs_tally_immortal(cxs_baseline_tally *tally, const cxs_dated *sample)
{
    if (tally->immortal++ == 0 || sample->day > tally->landmark)
        tally->landmark = sample->day;
}

static void tell_age(cxs_ctx *ctx, const cxs_baseline_tally *t, const char *where)
{
    double most = -HUGE_VAL;

    for (size_t i = 0; i < t->ages; i++)
        most = fmax(most, t->age[i]);
    if (t->ages > 0)
        cxs_note(ctx,
                 "%s: %zu samples of tumour tissue were taken before the first dose: "
                 "median %.15g days, at most %.15g",
                 where, t->ages, cxs_median(t->ages, t->age), most);
}

cxs_rc cxs_tally_tell(cxs_ctx *ctx, const cxs_baseline_tally *t, const char *where)
{
    cxs_rc rc = CXS_OK;

    if (t->immortal > 0)
        return cxs_fail_code(
            ctx, CXS_EFORMAT, "CX014",
            "%s: %zu samples were drawn after the time origin; a patient must survive "
            "to be sampled: set landmark = %.15g (endpoint: landmark_days in "
            "study.yaml) or give a delayed entry",
            where, t->immortal, t->landmark);
    if (t->old > 0)
        CXS_TRY(cxs_warn(ctx, "",
                         "%s: %zu samples of fluid or blood are from more than 28 days "
                         "before the first dose: not used as baseline",
                         where, t->old));
    if (t->after > 0)
        cxs_note(ctx,
                 "%s: %zu samples are from after the first dose: not used as baseline",
                 where, t->after);
    if (t->covered > 0)
        cxs_note(ctx,
                 "%s: %zu samples from after the first dose stand for patients who "
                 "have none before it, until the landmark or their entry",
                 where, t->covered);
    tell_age(ctx, t, where);
done:
    return rc;
}

void cxs_tally_clear(cxs_baseline_tally *tally)
{
    cxs_free(tally->age);
    *tally = (cxs_baseline_tally){0};
}
