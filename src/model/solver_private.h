/*
 * solver_private.h -- the insides of cxs_solver, for solver.c (one lambda after the
 * other) and solver_life.c (set up, start, what comes out)
 */
#ifndef CXS_SOLVER_PRIVATE_H
#define CXS_SOLVER_PRIVATE_H

#include "model/columns.h"
#include "model/ridge.h"
#include "model/solver.h"
#include "model/working.h"
#include "num/enet.h"

/* lambda_max of a nearly pure ridge would be infinite: glmnet's floor. */
#define CXS_ALPHA_FLOOR 1e-3

struct cxs_solver {
    const cxs_model_settings *settings;
    size_t p, total; /* features; features + covariates */
    cxs_columns columns;
    cxs_risk risk;
    void *risk_memory;
    cxs_cox_state state;
    double *state_memory, *work;
    cxs_working set;
    double *factor;         /* [total] penalty factors, 0 for covariates */
    double *r_row;          /* [n rows] */
    double *eta, *eta_try;  /* [risk.n] */
    double *c, *target, *g; /* [set.capacity] */
    cxs_quad_memory quad;
    uint8_t *keep;
    size_t scratch; /* capacity of the five arrays above */
    cxs_gate gate;  /* question to the pass over all columns; its answer is the list of
                       columns that the strong rule keeps for the next lambda */
    double known;   /* the list holds every feature with |g| / factor above this */
    int list_is_short, rounds;
    double lambda, next, reference, inner; /* what is being solved */
    cxs_solved solved;
    double lambda_max, loglik_null, last_lambda;
    cxs_ridge *ridge; /* alpha = 0 with more features than rows; NULL else */
    double ridge_violation;
};

/* Weights of every held column's penalty at lambda. */
void cxs_solver_set_penalty(cxs_solver *s, double lambda);
/* Penalty of coefficients b of the held columns. */
double cxs_solver_penalty(const cxs_solver *s, const double *b);
/* Hold column id with b = 0. */
cxs_rc cxs_solver_admit(cxs_ctx *ctx, cxs_solver *s, size_t id) CXS_MUST_USE;
/* Varies, and is not excluded. */
int cxs_solver_usable(const cxs_solver *s, size_t id);
/* Newton until the violation on the held columns is <= tol (absolute). */
cxs_rc cxs_solver_newton(cxs_ctx *ctx, cxs_solver *s, double tol,
                         cxs_solved *solved) CXS_MUST_USE;
/* r of the state into row order. */
void cxs_solver_scatter(cxs_solver *s);
/* The question to a pass over all columns at the present point. */
cxs_gate *cxs_solver_question(cxs_solver *s);
/* The arrays that the ridge shares with the solver. */
cxs_ridge_place cxs_solver_place(cxs_solver *s);

#endif /* CXS_SOLVER_PRIVATE_H */
