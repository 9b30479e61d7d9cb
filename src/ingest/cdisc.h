/*
 * cdisc.h -- CDISC analysis data sets: ADTTE, ADAE, ADRS
 *
 * They are told by their columns:
 *   ADTTE  USUBJID PARAMCD AVAL CNSR     one row per subject and endpoint; CNSR 0 is the
 *                                        event, AVAL is usually ADT - STARTDT + 1 days
 *   ADAE   USUBJID AEDECOD               study days have no day 0
 *   ADRS   USUBJID PARAMCD AVALC         overall responses are those of PARAMCD OVR
 */
#ifndef CXS_CDISC_H
#define CXS_CDISC_H

#include "base/table.h"

bool cxs_is_adtte(const cxs_table *t);

/*
 * The endpoint of an ADTTE table.  @p paramcd NULL: the only one of the table.
 *
 * CXS_EARG when several could be meant (they are named) or the declared unit ("days",
 * "months", "years", NULL) contradicts the table; CXS_EFORMAT when paramcd does not
 * occur or the rows disagree in their unit; CX018 for a CNSR that is no whole number.
 * Warns when AVAL is not what the dates say.
 */
typedef struct cxs_adtte {
    const char *paramcd; /* borrowed from the table or the caller */
    const char *unit;    /* declared, or told by AVALU or PARAM; NULL: not told */
    size_t subject, code, aval, cnsr; /* columns */
} cxs_adtte;
cxs_rc cxs_adtte_choose(cxs_ctx *ctx, const cxs_table *t, const char *paramcd,
                        const char *declared, cxs_adtte *out) CXS_MUST_USE;
bool cxs_adtte_is(const cxs_adtte *a, const cxs_table *t, size_t row);

/* Rows of the endpoint only. */
cxs_rc cxs_adtte_narrow(cxs_ctx *ctx, const cxs_adtte *a, cxs_table *t) CXS_MUST_USE;

/* ADAE as an `ae` sheet, ADRS as a `visits` sheet: days lose the missing day 0, grades
 * and relations their CDISC words, other PARAMCD their rows.  Other tables are left as
 * they are. */
cxs_rc cxs_cdisc_prepare(cxs_ctx *ctx, const char *sheet, cxs_table *t) CXS_MUST_USE;

#endif /* CXS_CDISC_H */
