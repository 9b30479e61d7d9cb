/*
 * few_events.h -- CX053: too few events for the model
 *
 * An unpenalised model wants 10 events for each parameter, any selection 20 events.  A
 * selecting command counts the unpenalised terms and one feature as its parameters.
 */
#ifndef CXS_FEW_EVENTS_H
#define CXS_FEW_EVENTS_H

#include "coxswain/cox.h"

enum { CXS_EVENTS_PER_PARAMETER = 10, CXS_EVENTS_TO_SELECT = 20 };

/* Warn with the patients that `parameters` need, and note the table of sample sizes.
 * Nothing with enough events, without parameters or without events. */
cxs_rc cxs_warn_few_events(cxs_ctx *ctx, const cxs_surv *surv, size_t parameters,
                           int selects) CXS_MUST_USE;

/* cxs_cox_fit_new() without the warning: for a command that has warned already. */
cxs_rc cxs_cox_fit_unwarned(cxs_ctx *ctx, const cxs_surv *surv,
                            const cxs_cox_settings *settings,
                            cxs_cox_fit **out) CXS_MUST_USE;

#endif /* CXS_FEW_EVENTS_H */
