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
        cluster_se = sqrt(diag(vcov(clustered))), cluster_p = summary(clustered)$coef[, "Pr(>|z|)"],
        cluster_l95 = summary(clustered)$conf.int[, "lower .95"],
        cluster_u95 = summary(clustered)$conf.int[, "upper .95"]))
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

# ---- proportional hazards, variance matrices, residuals ------------------------------
zph_rows <- vcov_rows <- residual_rows <- NULL
per_term <- c("score", "dfbeta", "schoenfeld", "scaledsch")
for (s in seq_len(nrow(settings))) {
    a <- settings[s, ]
    fit <- function(...) fit_of(cohort, terms, a$ties, a$strata, a$entry, a$weights,
                                a$offset, ...)
    plain <- fit()
    robust <- fit(robust = TRUE)
    clustered <- fit(clustered = TRUE)
    test <- cox.zph(plain, transform = "km", terms = FALSE)$table
    stopifnot(all.equal(test, cox.zph(robust, transform = "km", terms = FALSE)$table))
    zph_rows <- rbind(zph_rows, data.frame(a, row.names = NULL, term = rownames(test),
        chisq = test[, "chisq"], p = test[, "p"]))
    one <- function(name, v) data.frame(a, row.names = NULL, variance = name, term = terms, v)
    vcov_rows <- rbind(vcov_rows, one("naive", vcov(plain)), one("robust", vcov(robust)),
                       one("cluster", vcov(clustered)))
    # Schoenfeld residuals come sorted by stratum and time; put them back to their rows
    died <- which(cohort$event == 1)
    died <- died[if (a$strata) order(cohort$stratum[died], cohort$time[died]) else
                 order(cohort$time[died])]
    columns <- do.call(cbind, lapply(per_term, function(type) {
        r <- as.matrix(residuals(plain, type))
        if (nrow(r) < n) {
            all_rows <- matrix(NA_real_, n, ncol(r))
            all_rows[died, ] <- r
            r <- all_rows
        }
        r
    }))
    colnames(columns) <- paste(rep(per_term, each = 3), terms, sep = "_")
    residual_rows <- rbind(residual_rows, data.frame(a, row.names = NULL, id = cohort$id,
        martingale = residuals(plain, "martingale"),
        deviance = residuals(plain, "deviance"), columns))
}
write_tsv(zph_rows, "cohort_zph.tsv")
write_tsv(vcov_rows, "cohort_vcov.tsv")
write_gz <- function(d, name) {
    path <- file.path(folder, name)
    write_tsv(d, name, 12)
    system2("gzip", c("-9nf", path)) # -n: no time in the file
}
write_gz(residual_rows, "cohort_residuals.tsv")

# ---- the discrete likelihood ---------------------------------------------------------
# survival enumerates all subsets for (start, stop] data, which would not end here.  One
# stratum for each risk set is the same likelihood and is fitted by the recursion.
risk_sets <- function(data, strata, entry) {
    group <- if (strata) data$stratum else rep("all", nrow(data))
    one <- function(g, t) {
        d <- data[group == g & data$time >= t & (if (entry) data$entry < t else TRUE), ]
        d$event <- as.integer(d$event == 1 & d$time == t)
        d$time <- 1
        d$set <- paste(g, t)
        d
    }
    sets <- unique(data.frame(g = group, t = data$time)[data$event == 1, ])
    do.call(rbind, Map(one, sets$g, sets$t))
}
exact_fit <- function(data, strata, entry, offset) {
    f <- as.formula(paste("Surv(time, event) ~ x1 + x2 + x3 + strata(set)",
                          if (offset) "+ offset(offset)"))
    coxph(f, risk_sets(data, strata, entry), ties = "exact", control = tight)
}
exact_rows <- NULL
exact_settings <- expand.grid(strata = 0:1, entry = 0:1, offset = 0:1)
for (s in seq_len(nrow(exact_settings))) {
    a <- exact_settings[s, ]
    f <- exact_fit(cohort, a$strata, a$entry, a$offset)
    direct <- function(data) fit_of(data, terms, "exact", a$strata, a$entry, 0, a$offset)
    if (a$entry) { # survival's own enumeration on a cohort without many ties
        few <- cohort[cohort$time >= 5, ]
        stopifnot(all.equal(coef(direct(few)),
                            coef(exact_fit(few, a$strata, 1, a$offset)), tolerance = 1e-8))
    } else
        stopifnot(all.equal(coef(f), coef(direct(cohort)), tolerance = 1e-9))
    exact_rows <- rbind(exact_rows, data.frame(ties = "exact", a, weights = 0, row.names = NULL,
        term = terms, beta = coef(f), se = sqrt(diag(vcov(f))), loglik_null = f$loglik[1],
        loglik = f$loglik[2], score_test = f$score, wald_test = f$wald.test,
        lr_test = 2 * diff(f$loglik)))
}
write_tsv(exact_rows, "cohort_exact.tsv")

# ---- Firth's penalty -----------------------------------------------------------------
# log|I|/2 added to the log likelihood of coxph(), derivatives by differences of order 4.
separated <- data.frame(id = sprintf("S%02d", 1:16), stratum = "a", cluster = 1,
    x1 = rep(0:1, each = 8), x2 = c(3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3),
    x3 = c(2, 7, 1, 8, 2, 8, 1, 8, 2, 8, 4, 5, 9, 0, 4, 5),
    time = c(1, 2, 3, 4, 5, 6, 7, 8, 3, 5, 9, 9, 2, 2, 6, 8),
    event = c(1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    entry = 0, weight = rep(c(1, 2), 8), offset = 0)
write_tsv(separated, "separated.tsv", 15)
penalised <- function(data, a) function(b) {
    f <- suppressWarnings(fit_of(data, terms, a$ties, a$strata, a$entry, a$weights, a$offset,
                                 init = b, control = none))
    list(value = f$loglik[1] - as.numeric(determinant(vcov(f))$modulus) / 2, var = vcov(f))
}
gradient <- function(f, b, free, h) sapply(free, function(j) {
    at <- function(k) { e <- b; e[j] <- e[j] + k * h[j]; f(e)$value }
    (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h[j])
})
maximum <- function(f, b, free) {
    for (i in 1:200) {
        now <- f(b)
        info <- solve(now$var)[free, free, drop = FALSE]
        step <- solve(info, gradient(f, b, free, 1e-3 * pmin(1, sqrt(diag(now$var)))))
        while (f(replace(b, free, b[free] + step))$value < now$value - 1e-11) step <- step / 2
        b[free] <- b[free] + step
        if (max(abs(step) / sqrt(diag(now$var))[free]) < 1e-10) break
    }
    list(b = b, value = f(b)$value, var = f(b)$var)
}
bound <- function(f, best, j, side) {
    start <- best$b
    gap <- function(x) {
        m <- maximum(f, replace(start, j, x), setdiff(1:3, j))
        start <<- m$b
        2 * (best$value - m$value) - qchisq(0.95, 1)
    }
    se <- sqrt(best$var[j, j])
    uniroot(gap, best$b[j] + side * se * c(0.5, 3), extendInt = "yes", tol = 1e-10 * se)$root
}
firth_rows <- NULL
firth_of <- function(name, data, a, ends) {
    f <- penalised(data, a)
    best <- maximum(f, c(0, 0, 0), 1:3)
    lr <- sapply(1:3, function(j)
        2 * (best$value - maximum(f, replace(best$b, j, 0), setdiff(1:3, j))$value))
    end <- function(side)
        if (ends) exp(sapply(1:3, function(j) bound(f, best, j, side))) else NA_real_
    data.frame(cohort = name, a, row.names = NULL, term = terms, beta = best$b,
        se = sqrt(diag(best$var)), lr = lr, hr_l95 = end(-1), hr_u95 = end(1),
        loglik_null = f(c(0, 0, 0))$value, loglik = best$value)
}
for (s in seq_len(nrow(settings)))
    firth_rows <- rbind(firth_rows, firth_of("cohort", cohort, settings[s, ], s %in% c(1, 32)))
for (s in which(settings$strata + settings$entry + settings$offset == 0))
    firth_rows <- rbind(firth_rows, firth_of("separated", separated, settings[s, ], TRUE))
write_tsv(firth_rows, "cohort_firth.tsv")
