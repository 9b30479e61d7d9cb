#!/usr/bin/env Rscript
# peer.R -- R's glmnet and survival on a design that `coxswain simulate --design` wrote
#
#   peer.R facts                                versions
#   peer.R path      DIR LAMBDA THRESH          glmnet path, KKT violation left
#   peer.R cv        DIR LAMBDA all|FOLDS       cv.glmnet, or FOLDS of its 10 folds
#   peer.R stability DIR HALVES                 first 50 features of HALVES half-samples
#   peer.R scan      DIR FEATURES               coxph.fit of FEATURES features
#   peer.R kkt       DIR PREFIX                 violation of coxswain's path, raw data
#   peer.R agree     DIR PREFIX                 objectives of coxswain and of glmnet
#   peer.R agree_scan DIR PREFIX                coxswain's scan and coxph.fit
#   peer.R genesets  DIR N P SAMPLES            TMM and log-CPM by edgeR, ssGSEA by GSVA of
#                                               SAMPLES of the N samples
#
# Prints name and value per line; times exclude reading the design.  A part that stands
# for the whole (folds, half-samples, features) is timed and its mean is scaled up:
# `timed` and `of` say how many.  The design, in DIR: meta.tsv (n, p), X.f64 (n x p
# doubles, column-major, little endian), clinical.tsv (id time event z1 z2 z3).  LAMBDA
# has one lambda per line; PREFIX stands for coxswain's PREFIX.path.tsv and so on.
suppressMessages({library(survival); library(glmnet)})

say <- function(...) {
  a <- list(...)
  for (name in names(a)) cat(name, "\t", format(a[[name]], digits = 10), "\n", sep = "")
}
# Wall and processor time of an expression: on a shared machine the second is steadier.
clock <- function(expr) {
  s <- system.time(expr)
  list(seconds = unname(s[3]), cpu = unname(s[1] + s[2]))
}
# Extrapolate a clock from `timed` units of work to `of`.
scale_up <- function(s, timed, of) {
  say(seconds = s$seconds / timed * of, cpu = s$cpu / timed * of, timed = timed,
      of = of)
}

read_design <- function(dir) {
  meta <- read.delim(file.path(dir, "meta.tsv"), header = FALSE, row.names = 1)
  n <- meta["n", 1]
  p <- meta["p", 1]
  con <- file(file.path(dir, "X.f64"), "rb")
  on.exit(close(con))
  x <- matrix(readBin(con, "double", n * p, endian = "little"), n, p)
  cl <- read.delim(file.path(dir, "clinical.tsv"))
  list(n = n, p = p, x = x, y = Surv(cl$time, cl$event), time = cl$time,
       event = cl$event, z = as.matrix(cl[, c("z1", "z2", "z3")]))
}

# ---- the Breslow lasso, from its definition ------------------------------------------

# Columns of B, one per lambda, through f(eta).
by_lambda <- function(d, B, f) apply(as.matrix(d$x %*% B), 2, f)

risk_sums <- function(d, eta) {
  o <- order(-d$time)
  e <- exp(eta - max(eta))
  s <- cumsum(e[o])
  at_risk <- numeric(d$n)
  at_risk[o] <- s[findInterval(-d$time[o], -d$time[o])] # ties: the last of equal times
  list(e = e, at_risk = at_risk, shift = max(eta))
}
loglik <- function(d, eta) {
  r <- risk_sums(d, eta)
  sum((eta - log(r$at_risk) - r$shift)[d$event == 1])
}
# d loglik / d eta: event minus exp(eta) times the Breslow hazard up to one's own time.
residual <- function(d, eta) {
  r <- risk_sums(d, eta)
  o <- order(d$time)
  hazard <- cumsum((d$event / r$at_risk)[o])
  cum <- numeric(d$n)
  cum[o] <- hazard[findInterval(d$time[o], d$time[o])]
  d$event - r$e * cum
}
unit <- function(d) sqrt(colMeans(d$x^2) - colMeans(d$x)^2)

# Largest violation at each lambda over lambda_max; B per unit of the raw column.
violation <- function(d, lambda, B) {
  s <- unit(d)
  g <- crossprod(d$x, by_lambda(d, B, function(eta) residual(d, eta))) / (d$n * s)
  g0 <- crossprod(d$x, residual(d, numeric(d$n))) / (d$n * s)
  v <- vapply(seq_along(lambda), function(l) {
    b <- B[, l]
    max(ifelse(b != 0, abs(g[, l] - lambda[l] * sign(b)), abs(g[, l]) - lambda[l]), 0)
  }, 0)
  v / max(abs(g0))
}
objective <- function(d, lambda, B) {
  ll <- by_lambda(d, B, function(eta) loglik(d, eta))
  -ll / d$n + lambda * colSums(abs(as.matrix(B)) * unit(d))
}

# ---- coxswain's answers --------------------------------------------------------------

read_path <- function(d, prefix) {
  path <- read.delim(paste0(prefix, ".path.tsv"))
  coef <- read.delim(paste0(prefix, ".coef.tsv"))
  B <- Matrix::sparseMatrix(i = as.integer(sub("f", "", coef$feature_id)),
    j = coef$lambda_index, x = coef$beta, dims = c(d$p, nrow(path)))
  list(lambda = path$lambda, B = B)
}
read_lambda <- function(file) scan(file, quiet = TRUE)
glmnet_path <- function(d, lambda, thresh = 1e-7, rows = seq_len(d$n)) {
  glmnet(d$x[rows, , drop = FALSE], d$y[rows], family = "cox", lambda = lambda,
         thresh = thresh, maxit = 1e+07)
}

# ---- tasks ---------------------------------------------------------------------------

task_facts <- function() {
  say(R = as.character(getRversion()), glmnet = as.character(packageVersion("glmnet")),
      survival = as.character(packageVersion("survival")))
}
task_path <- function(dir, lambda, thresh) {
  d <- read_design(dir)
  lambda <- read_lambda(lambda)
  s <- clock(f <- glmnet(d$x, d$y, family = "cox", lambda = lambda,
                         thresh = as.numeric(thresh), maxit = 1e+07))
  say(seconds = s$seconds, cpu = s$cpu, lambdas = length(f$lambda), df_max = max(f$df),
      kkt_max = max(violation(d, f$lambda, f$beta)))
}
task_cv <- function(dir, lambda, folds) {
  d <- read_design(dir)
  lambda <- read_lambda(lambda)
  set.seed(1)
  if (folds == "all") {
    s <- clock(cv.glmnet(d$x, d$y, family = "cox", lambda = lambda, nfolds = 10))
    return(scale_up(s, 10, 10))
  }
  # What cv.glmnet does for one fold: the path without it, its deviance on all rows and
  # on the rows of the fit.  The path on all rows comes once on top.
  fold <- sample(rep(1:10, length.out = d$n))
  whole <- clock(glmnet_path(d, lambda))
  s <- clock(for (k in seq_len(as.integer(folds))) {
    rows <- which(fold != k)
    beta <- coef(glmnet_path(d, lambda, rows = rows), s = lambda)
    coxnet.deviance(x = d$x, y = d$y, beta = beta)
    coxnet.deviance(x = d$x[rows, ], y = d$y[rows], beta = beta)
  })
  timed <- as.integer(folds)
  say(seconds = whole$seconds + s$seconds / timed * 10,
      cpu = whole$cpu + s$cpu / timed * 10, timed = timed, of = 10)
}
task_stability <- function(dir, halves) {
  d <- read_design(dir)
  halves <- as.integer(halves)
  set.seed(1)
  s <- clock(for (b in seq_len(halves)) {
    rows <- sample(d$n, d$n %/% 2)
    glmnet(d$x[rows, ], d$y[rows], family = "cox", dfmax = 50)
  })
  scale_up(s, halves, 100)
}
scan_one <- function(d, j) {
  coxph.fit(cbind(d$x[, j], d$z), d$y, NULL, NULL, NULL, coxph.control(), NULL, "efron",
            NULL)
}
task_scan <- function(dir, features) {
  d <- read_design(dir)
  m <- min(d$p, as.integer(features))
  s <- clock(for (j in seq_len(m)) scan_one(d, j))
  scale_up(s, m, d$p)
}
task_kkt <- function(dir, prefix) {
  d <- read_design(dir)
  f <- read_path(d, prefix)
  say(kkt_max = max(violation(d, f$lambda, f$B)), lambdas = length(f$lambda))
}
task_agree <- function(dir, prefix) {
  d <- read_design(dir)
  f <- read_path(d, prefix)
  g <- glmnet_path(d, f$lambda, thresh = 1e-14)
  ours <- objective(d, f$lambda, f$B)
  theirs <- objective(d, g$lambda, g$beta)
  say(lambdas = length(g$lambda), asked = length(f$lambda),
      kkt_max = max(violation(d, f$lambda, f$B)),
      objective_difference = max(abs(ours - theirs) / (1 + abs(theirs))))
}
task_agree_scan <- function(dir, prefix) {
  d <- read_design(dir)
  ours <- read.delim(paste0(prefix, ".screen.tsv"))
  ours <- ours[match(paste0("f", seq_len(d$p)), ours$feature_id), ]
  theirs <- t(vapply(seq_len(d$p), function(j) {
    f <- scan_one(d, j)
    c(f$coefficients[1], sqrt(f$var[1, 1]))
  }, c(0, 0)))
  say(features = d$p, not_ok = sum(ours$status != "ok"),
      beta_difference = max(abs(ours$beta / ours$scale - theirs[, 1])),
      se_difference = max(abs(ours$se / ours$scale - theirs[, 2])))
}

task_genesets <- function(dir, n, p, samples) {
  if (!requireNamespace("edgeR", quietly = TRUE) ||
      !requireNamespace("GSVA", quietly = TRUE)) return(say(available = 0))
  n <- as.integer(n)
  p <- as.integer(p)
  m <- min(n, as.integer(samples))
  doubles <- function(name, rows, columns) {
    con <- file(file.path(dir, name), "rb")
    on.exit(close(con))
    matrix(readBin(con, "double", rows * columns, endian = "little"), rows, columns)
  }
  counts <- t(doubles("counts.f64", n, p))
  dimnames(counts) <- list(sprintf("G%08d", seq_len(p) - 1), sprintf("S%08d", seq_len(n)))
  lines <- strsplit(readLines(file.path(dir, "sets.gmt")), "\t")
  sets <- lapply(lines, function(l) unique(l[-(1:2)]))
  names(sets) <- vapply(lines, `[`, "", 1)
  first <- clock({
    y <- edgeR::calcNormFactors(edgeR::DGEList(counts))
    y <- edgeR::cpm(y, log = TRUE, prior.count = 2)
  })
  y <- y[rowSums(counts) > 0, ]
  # GSVA prints its steps to stdout, where the answer goes.
  second <- clock(capture.output(suppressWarnings(
    es <- GSVA::gsva(y[, seq_len(m)], sets, method = "ssgsea", ssgsea.norm = FALSE,
                     min.sz = 1, verbose = FALSE))))
  ours <- t(doubles("es.f64", n, length(sets)))[, seq_len(m)]
  say(seconds = first$seconds + second$seconds / m * n,
      cpu = first$cpu + second$cpu / m * n, timed = m, of = n, available = 1,
      difference = max(abs(ours - es[names(sets), ] / nrow(y))))
}

arg <- commandArgs(TRUE)
task <- mget(paste0("task_", arg[1]), mode = "function", ifnotfound = list(NULL))[[1]]
if (is.null(task)) stop("unknown task: ", arg[1])
do.call(task, as.list(arg[-1]))
