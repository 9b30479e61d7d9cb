/*
 * solver_private.h -- the insides of cxs_solver, for solver.c (one lambda after the
 * other) and solver_life.c (set up, start, what comes out)
 */
#ifndef CXS_SOLVER_PRIVATE_H
#define CXS_SOLVER_PRIVATE_H

#include "model/columns.h"
#include "model/ridge.h"
#include "model/rows.h"
#include "model/solver.h"
#include "model/working.h"
#include "num/enet.h"

/* The inner solve aims below the certificate's bound by this factor. */
#define CXS_INNER_SHARE 0.8

/* lambda_max of a nearly pure ridge would be infinite: glmnet's floor. */
#define CXS_ALPHA_FLOOR 1e-3

/*
 * What the steps told about the Hessian beyond the old Gram: a step v left the gradient
 * off the model's by e = (H - B) v, so B + e e'/(e'v) is right along v (symmetric
 * rank-one update, Nocedal and Wright 2006, section 6.2).  The first correction is that
 * of the whole way from the lambda before, which the next step is nearly parallel to.
 */
typedef struct cxs_secant {
    double *w;                  /* [capacity x CXS_QUAD_RANK] */
    double sign[CXS_QUAD_RANK]; /* of each */
    size_t rank, m;             /* corrections; columns that were held */
    double *step;               /* [capacity] the step that is being judged, or: */
    int pending;
    double *way, *way_off; /* [capacity] sum of the steps of this lambda, and of
                              (H - G) v along it */
    double *drift;         /* [capacity] what its first correction lacked */
} cxs_secant;

struct cxs_solver {
    const cxs_design *design;
    const cxs_problem *problem;
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
    int at_point;           /* eta and state belong to the coefficients held */
    size_t g_known;         /* g of the first columns held does, too */
    cxs_quad_memory quad;
    cxs_secant secant;
    uint8_t *keep;
    size_t scratch; /* capacity of the arrays above */
    cxs_gate gate;  /* question to the pass over all columns; its answer is the list of
                       columns that the strong rule keeps for the next lambda */
    double known;   /* the list holds every feature with |g| / factor above this */
    int list_is_short, rounds;
    double slope; /* the list holds what may enter when |g| moves so much faster than
                     lambda; 1 is the strong rule */
    double lambda, next, reference, inner; /* what is being solved */
    cxs_solved solved;
    double lambda_max, loglik_null, last_lambda;
    double weight_least; /* of the rows */
    cxs_ridge *ridge;    /* alpha = 0 with more features than rows; NULL else */
    double ridge_violation;
    cxs_rows
        *rows; /* once more columns are held than the Gram is good for; NULL else */
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
/* The same on the rows, and whether that is the way now. */
int cxs_solver_by_rows(const cxs_solver *s);
cxs_rc cxs_solver_newton_rows(cxs_ctx *ctx, cxs_solver *s, double tol,
                              cxs_solved *solved) CXS_MUST_USE;
/* Pieces of both: scratch arrays follow the working set; state, gradients and violation
 * at the present point (*known = 0: no likelihood there); a step to the target. */
cxs_rc cxs_solver_fit_scratch(cxs_ctx *ctx, cxs_solver *s) CXS_MUST_USE;
cxs_rc cxs_solver_evaluate(cxs_ctx *ctx, cxs_solver *s, double *violation,
                           int *known) CXS_MUST_USE;
cxs_rc cxs_solver_line_search(cxs_ctx *ctx, cxs_solver *s, int *moved) CXS_MUST_USE;
/* A lambda begins: what its predecessor's whole way told becomes the first correction. */
void cxs_solver_turn_way(cxs_solver *s);
/* r of the state into row order. */
void cxs_solver_scatter(cxs_solver *s);
/* The question to a pass over all columns at the present point. */
cxs_gate *cxs_solver_question(cxs_solver *s);
/* The arrays that the ridge shares with the solver. */
cxs_ridge_place cxs_solver_place(cxs_solver *s);

#endif /* CXS_SOLVER_PRIVATE_H */
