/*
 * baseline.h -- which sample stands for a patient: the one rule for every kind of file
 *
 * Baseline is the last sample with
 *     FIRST_DOSE_DAY - 28 <= COLLECT_DAY <= FIRST_DOSE_DAY
 * (day 0 where no dose is given; the same day counts as before the dose).  Tumour
 * tissue and the T-cell product have no lower limit: they do not change within weeks as
 * fluid and blood do.  A sample without a day stands, as the earliest, unless it is of
 * CSF or plasma, whose day is required.
 *
 * A sample after the dose was given by those who lived until then (immortal time).
 * Where a landmark or the patient's delayed entry accounts for the waiting, the last
 * sample until then stands for a patient who has none before the dose.  Where none is
 * declared, a patient who has only later samples stops the study (CX014); later samples
 * beside an earlier one are no fault.  After a declared landmark a sample is not known
 * at the landmark: the patient has none.
 */
#ifndef CXS_BASELINE_H
#define CXS_BASELINE_H

#include "base/base.h"

/* One sample that may stand for a patient; days since enrolment, NaN: not given. */
typedef struct cxs_dated {
    double day, dose, landmark, entry;
    const char
        *source; /* SOURCE of the samples sheet, borrowed; "" or NULL: not given */
} cxs_dated;

/* Worst first. */
typedef enum cxs_when {
    CXS_WHEN_NEVER,    /* normal tissue and blood: no sample of the disease */
    CXS_WHEN_OLD,      /* fluid or blood, before the window or without a day */
    CXS_WHEN_AFTER,    /* after the dose, and after the landmark or entry */
    CXS_WHEN_LATE,     /* after the dose, until the landmark or entry */
    CXS_WHEN_BASELINE, /* before the dose */
} cxs_when;

cxs_when cxs_when_of(const cxs_dated *sample);
/* Is b, of b_id, the better sample of its patient than a (NULL: none yet)?  First by
 * when, then the later day, then the id. */
bool cxs_is_better(const cxs_dated *a, const char *a_id, const cxs_dated *b,
                   const char *b_id);
/* 14 to 42 days after the dose, and covered by a landmark or entry? */
bool cxs_is_early(const cxs_dated *sample);
/* Is it a fault (CX014) when the patient has only this sample? */
bool cxs_is_immortal(const cxs_dated *sample);

/* CSF and plasma; these and blood cells. */
bool cxs_source_is_fluid(const char *source);
bool cxs_source_is_passing(const char *source);

/* What a choice has to tell, counted while it is made. */
typedef struct cxs_baseline_tally {
    size_t old, after; /* samples that are not used: too old; too late */
    size_t covered;    /* samples after the dose that stand */
    size_t immortal;   /* samples after the dose of patients who have no other */
    double landmark;   /* that would cover these */
    double *age;       /* [ages] of the tissue that stands, days before the dose */
    size_t ages, capacity;
} cxs_baseline_tally;

/* A sample, whether it stands or not. */
void cxs_tally_seen(cxs_baseline_tally *tally, const cxs_dated *sample);
/* The sample that stands for a patient. */
cxs_rc cxs_tally_chosen(cxs_ctx *ctx, cxs_baseline_tally *tally,
                        const cxs_dated *sample) CXS_MUST_USE;
/* The first sample of a patient for whom none stands, though it should: immortal. */
void cxs_tally_immortal(cxs_baseline_tally *tally, const cxs_dated *sample);
/* CX014, warnings and notes; `where` begins each line. */
cxs_rc cxs_tally_tell(cxs_ctx *ctx, const cxs_baseline_tally *tally,
                      const char *where) CXS_MUST_USE;
void cxs_tally_clear(cxs_baseline_tally *tally);

#endif /* CXS_BASELINE_H */
