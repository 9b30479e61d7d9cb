# make_reference.R -- inputs and reference answers of R survival for the tests
#
#   Rscript tests/make_reference.R        (from the top of the checkout)
#
# Writes tests/data/reference/*.tsv, inputs and answers; the tests read these files and
# never need R.  All data are simulated here.
suppressPackageStartupMessages(library(survival))
folder <- file.path("tests", "data", "reference")
dir.create(folder, showWarnings = FALSE, recursive = TRUE)

write_tsv <- function(d, name, digits = 17) {
    for (j in names(d))
        if (is.double(d[[j]]))
            d[[j]] <- ifelse(is.na(d[[j]]), NA, sprintf(paste0("%.", digits, "g"), d[[j]]))
    write.table(d, file.path(folder, name), sep = "\t", quote = FALSE, row.names = FALSE)
}

# ---- one small cohort with heavy ties ------------------------------------------------
set.seed(20240611)
n <- 72
cohort <- data.frame(
    id = sprintf("P%02d", sample(n)),
    stratum = sample(c("a", "b", "c"), n, TRUE, c(0.5, 0.3, 0.2)),
    cluster = sample(1:20, n, TRUE),
    x1 = round(rnorm(n), 3),
    x2 = rbinom(n, 1, 0.4),
    x3 = round(1000 + 25 * rnorm(n), 1)) # far from zero: centring matters
eta <- 0.6 * cohort$x1 - 0.8 * cohort$x2 + 0.02 * (cohort$x3 - 1000)
event_time <- rexp(n, 0.12 * exp(eta))
censor_time <- runif(n, 2, 16)
cohort$time <- pmax(1, ceiling(pmin(event_time, censor_time)))
cohort$event <- as.integer(event_time <= censor_time)
cohort$entry <- pmax(0, pmin(cohort$time - 1, floor(runif(n, -4, 6))))
cohort$weight <- round(runif(n, 0.3, 2.5), 2)
cohort$offset <- round(rnorm(n, 0.3, 0.4), 2)
write_tsv(cohort, "cohort.tsv", 15)

tight <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 60)
none <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 0)
text_of <- function(terms, strata, offset)
    paste(c(if (length(terms)) terms else "1", if (strata) "strata(stratum)",
            if (offset) "offset(offset)"), collapse = " + ")
response <- function(entry)
    if (entry) "Surv(entry, time, event)" else "Surv(time, event)"
fit_of <- function(data, terms, ties, strata, entry, weights, offset, init = NULL,
                   control = tight, robust = FALSE, clustered = FALSE) {
    data$case_weight <- if (weights) data$weight else 1
    f <- as.formula(paste(response(entry), "~", text_of(terms, strata, offset)))
    environment(f) <- environment()
    call <- list(f, data, weights = quote(case_weight), ties = ties, control = control)
    if (!is.null(init)) call$init <- init
    data$row <- seq_len(nrow(data)) # robust: each row its own cluster
    call[[2]] <- data
    if (robust) call$cluster <- quote(row) else if (!clustered) call$robust <- FALSE
    if (clustered) call$cluster <- quote(cluster)
    do.call(coxph, call)
}

settings <- expand.grid(ties = c("efron", "breslow"), strata = 0:1, entry = 0:1,
                        weights = 0:1, offset = 0:1, stringsAsFactors = FALSE)
terms <- c("x1", "x2", "x3")
coef_rows <- fit_rows <- haz_rows <- NULL
for (s in seq_len(nrow(settings))) {
    a <- settings[s, ]
    fit <- function(...) fit_of(cohort, terms, a$ties, a$strata, a$entry, a$weights,
                                a$offset, ...)
    plain <- fit()
    robust <- fit(robust = TRUE)
    clustered <- fit(clustered = TRUE)
    coef_rows <- rbind(coef_rows, data.frame(a, row.names = NULL, term = terms, beta = coef(plain),
        se = sqrt(diag(vcov(plain))), robust_se = sqrt(diag(vcov(robust))),
        cluster_se = sqrt(diag(vcov(clustered)))))
    fit_rows <- rbind(fit_rows, data.frame(a, loglik_null = plain$loglik[1],
        loglik = plain$loglik[2], score_test = plain$score,
        wald_test = plain$wald.test, lr_test = 2 * diff(plain$loglik),
        wald_robust = robust$wald.test, wald_cluster = clustered$wald.test,
        concordance = plain$concordance[["concordance"]],
        concordance_se = plain$concordance[["std"]],
        concordance_se_cluster = clustered$concordance[["std"]],
        n = plain$n, events = plain$nevent))
    # survfit() centres the offset at its weighted mean; undo it, so that the hazard is that of a
    # row with covariates 0 and offset 0
    h <- basehaz(plain, centered = FALSE)
    if (a$offset) h$hazard <- h$hazard * exp(-weighted.mean(cohort$offset,
                                            if (a$weights) cohort$weight else rep(1, n)))
    h$strata <- if (a$strata) as.character(h$strata) else "all"
    died <- unique(paste(if (a$strata) cohort$stratum else "all",
                         cohort$time)[cohort$event == 1])
    h <- h[paste(h$strata, h$time) %in% died, ]
    haz_rows <- rbind(haz_rows, data.frame(a, row.names = NULL, stratum = h$strata, time = h$time,
                                           cumhaz = h$hazard))
}
write_tsv(coef_rows, "cohort_coef.tsv")
write_tsv(fit_rows, "cohort_fit.tsv")
write_tsv(haz_rows, "cohort_basehaz.tsv")

# ---- one adjusted fit per feature ----------------------------------------------------
p <- 11
x <- matrix(round(rnorm(n * p, 5, 2), 2), n, p, dimnames = list(cohort$id, NULL))
x[, 1] <- round(x[, 1] + 1.5 * eta, 2)       # explained by the covariates
x[, 2] <- rbinom(n, 1, 0.3)                  # 0/1: per unit
x[, 3] <- 2 * rbinom(n, 1, 0.5)              # two values, not 0/1: per sd
x[, 4] <- 1e6 + 1e-2 * x[, 4]                # large mean, small spread
x[, 10] <- round(x[, 10] - 3 * log(event_time + 0.1), 2) # strong after adjustment
x[sample(n, 9), 5] <- NA
x[sample(n, 20), 6] <- NA
x[cohort$stratum == "c", 7] <- NA            # a stratum is lost
x[, 8] <- 3.25                               # constant
x[, 9] <- cohort$x1 * 2 + 1                  # aliased with a covariate
colnames(x) <- sprintf("g%02d", seq_len(p))
write_tsv(data.frame(feature_id = colnames(x), t(x), check.names = FALSE), "matrix.tsv", 15)

screen_rows <- NULL
for (s in seq_len(nrow(settings))) {
    a <- settings[s, ]
    for (g in setdiff(colnames(x), c("g08", "g09"))) {
        d <- cohort
        d$g <- x[, g]
        d <- d[!is.na(d$g), ]
        w <- if (a$weights) d$weight else rep(1, nrow(d))
        centre <- sum(w * d$g) / sum(w)
        scale <- if (all(d$g %in% 0:1)) 1 else sqrt(sum(w * (d$g - centre)^2) / sum(w))
        d$g <- (d$g - centre) / scale
        one <- function(t, ...) fit_of(d, t, a$ties, a$strata, a$entry, a$weights,
                                       a$offset, ...)
        null <- one(c("x1", "x2"))
        full <- one(c("g", "x1", "x2"))
        at_null <- suppressWarnings(one(c("g", "x1", "x2"), init = c(0, coef(null)),
            control = none))
        u <- sum(residuals(at_null, "martingale") * w * d$g)
        screen_rows <- rbind(screen_rows, data.frame(a, feature_id = g, n = nrow(d),
            events = sum(d$event), scale = scale, beta = coef(full)[["g"]],
            se = sqrt(vcov(full)[1, 1]),
            robust_se = sqrt(vcov(one(c("g", "x1", "x2"), robust = TRUE))[1, 1]),
            cluster_se = sqrt(vcov(one(c("g", "x1", "x2"), clustered = TRUE))[1, 1]),
            lrt = 2 * (full$loglik[2] - null$loglik[2]),
            score_z = sign(u) * sqrt(at_null$score)))
    }
}
write_tsv(screen_rows, "matrix_screen.tsv")
