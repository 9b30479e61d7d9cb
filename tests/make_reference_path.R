#!/usr/bin/env Rscript
# make_reference_path.R -- penalised Cox paths of R glmnet on small simulated designs
#
#   Rscript tests/make_reference_path.R        writes tests/data/path/{designs,answers}.tsv.gz
#
# Inputs and answers are both committed, so the tests need no R. glmnet solves the Breslow
# likelihood; thresh 1e-14. Coefficients are per unit of the raw column. Made with R 4.2.2,
# glmnet 4.1-6, survival 3.5-3.
suppressMessages({library(glmnet); library(survival)})
set.seed(20240611)
dir <- "tests/data/path"
num <- function(v) format(v, digits = 17, trim = TRUE)
designs <- answers <- list()

make <- function(name, n, p, rho = 0.5, ties = FALSE, censor = 1, duplicate = FALSE) {
  f <- matrix(rnorm(n * ceiling(p / 5)), n)
  X <- sqrt(rho) * f[, rep(seq_len(ncol(f)), each = 5)[1:p]] + sqrt(1 - rho) * matrix(rnorm(n * p), n)
  if (duplicate) X[, 2] <- X[, 1] + 1e-4 * rnorm(n)
  eta <- drop(X[, c(1, 6, 11)] %*% c(0.8, -0.6, 0.5))
  t <- rexp(n, exp(eta)); c <- rexp(n, censor); time <- pmin(t, c); event <- as.integer(t <= c)
  if (ties) time <- ceiling(time * 6) / 6 else time <- time + 1e-3
  data.frame(design = name, id = sprintf("P%03d", seq_len(n)), time = time, entry = time * runif(n) * (runif(n) < 0.5),
    event = event, stratum = sample(0:2, n, TRUE), weight = sample(c(0.5, 1, 2, 3), n, TRUE), offset = 0.3 * rnorm(n), X)
}
fit <- function(d, case, alpha = 1, strata = FALSE, entry = FALSE, weight = FALSE, offset = FALSE, factor = NULL, lambda = NULL) {
  X <- as.matrix(d[, grep("^X", names(d))]); p <- ncol(X)
  y <- if (entry) Surv(d$entry, d$time, d$event) else Surv(d$time, d$event)
  if (strata) y <- stratifySurv(y, d$stratum)
  pf <- if (is.null(factor)) rep(1, p) else factor
  args <- list(x = X, y = y, family = "cox", alpha = alpha, nlambda = 20, lambda.min.ratio = 0.05, thresh = 1e-14, maxit = 1e7,
    penalty.factor = pf, standardize = TRUE)
  if (weight) args$weights <- d$weight
  if (offset) args$offset <- d$offset
  if (!is.null(lambda)) args$lambda <- lambda
  g <- do.call(glmnet, args); b <- as.matrix(g$beta)
  for (l in seq_along(g$lambda)) for (j in which(b[, l] != 0))
    answers[[length(answers) + 1]] <<- c(case, d$design[1], alpha, strata + 0, entry + 0, weight + 0, offset + 0,
      if (is.null(factor)) "0" else "1", l, num(g$lambda[l]), j, num(b[j, l]))
}
wide <- make("wide", 40, 60); tall <- make("tall", 120, 25); tied <- make("tied", 70, 30, ties = TRUE)
collinear <- make("collinear", 60, 30, rho = 0.95, duplicate = TRUE); censored <- make("censored", 90, 30, censor = 12)
pf <- rep(c(0.5, 1.5), 15); pf[1] <- 0; pf <- pf * 30 / sum(pf)
for (d in list(wide, tall, tied, collinear, censored)) fit(d, paste0(d$design[1], "_lasso"))
fit(wide, "wide_enet", alpha = 0.5); fit(tied, "tied_weights", weight = TRUE); fit(tied, "tied_offset", offset = TRUE)
fit(tied, "tied_strata", strata = TRUE); fit(tall, "tall_entry", entry = TRUE); fit(tied, "tied_factor", factor = pf)
fit(tall, "tall_entry_all", alpha = 0.7, entry = TRUE, weight = TRUE, offset = TRUE); fit(tall, "tall_strata_all", strata = TRUE, weight = TRUE, offset = TRUE)
# ridge: glmnet's own first lambda would be infinite, so the lambdas are given
glmnet.control(mxitnr = 1000, epsnr = 1e-14) # the outer Newton of entry and strata stops early else
ridge <- exp(seq(log(20), log(0.02), length.out = 12)); pf <- rep(c(0.5, 1.5), 30); pf[1] <- 0; pf <- pf * 60 / sum(pf)
fit(wide, "wide_ridge", alpha = 0, lambda = ridge); fit(tall, "tall_ridge", alpha = 0, lambda = ridge)
fit(wide, "wide_ridge_all", alpha = 0, lambda = ridge, entry = TRUE, weight = TRUE, offset = TRUE)
fit(wide, "wide_ridge_strata", alpha = 0, lambda = ridge, strata = TRUE, weight = TRUE)
fit(wide, "wide_ridge_factor", alpha = 0, lambda = ridge, factor = pf)
# not asked: strata with (start, stop]; glmnet 4.1-6 then solves another likelihood than coxph
write_tsv <- function(file, header, rows) { con <- gzfile(file.path(dir, file), "w"); writeLines(c(paste(header, collapse = "\t"), rows), con); close(con) }
rows <- unlist(lapply(list(wide, tall, tied, collinear, censored), function(d) vapply(seq_len(nrow(d)), function(i)
  paste(d$design[i], d$id[i], num(d$time[i]), num(d$entry[i]), d$event[i], d$stratum[i], d$weight[i], num(d$offset[i]),
    paste(vapply(unlist(d[i, grep("^X", names(d))]), num, ""), collapse = " "), sep = "\t"), "")))
write_tsv("designs.tsv.gz", c("design", "id", "time", "entry", "event", "stratum", "weight", "offset", "values"), rows)
write_tsv("answers.tsv.gz", c("case", "design", "alpha", "strata", "entry", "weight", "offset", "factor", "lambda_index", "lambda", "column", "beta"),
  vapply(answers, paste, "", collapse = "\t"))
