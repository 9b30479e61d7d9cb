# make_reference_features.R -- expression, gene sets and reference scores for the tests
#
#   Rscript tests/make_reference_features.R        (from the top of the checkout)
#
# Writes tests/data/genesets/*.tsv; the tests read these files and never need R.  All
# data are simulated here.  edgeR gives TMM and log-CPM, GSVA the ssGSEA walk (ES before
# any division) and the combined z-scores.  Singscore is computed from its published
# formula with rank(ties.method = "min"), as the package is not in Debian; Spearman with
# cor().
suppressPackageStartupMessages({
    library(edgeR)
    library(GSVA)
})
folder <- file.path("tests", "data", "genesets")
dir.create(folder, showWarnings = FALSE, recursive = TRUE)

write_tsv <- function(m, name, corner = "id") {
    text <- apply(m, 2, function(x) sprintf("%.17g", x))
    out <- cbind(rownames(m), text)
    colnames(out) <- c(corner, colnames(m))
    write.table(out, file.path(folder, name), sep = "\t", quote = FALSE,
                row.names = FALSE)
}

# Counts with many zeros, so that log-CPM has long runs of ties.
set.seed(20261122)
p <- 300
n <- 12
gene <- sprintf("G%03d", seq_len(p))
mean_count <- exp(rnorm(p, 2.5, 2))
counts <- matrix(rnbinom(p * n, mu = mean_count, size = 1.5), p, n,
                 dimnames = list(gene, sprintf("S%02d", seq_len(n))))
counts[1:30, 7:12] <- counts[1:30, 7:12] * 6
counts[rowSums(counts) == 0, 1] <- 1 # what is 0 everywhere is no gene of a universe
write_tsv(counts, "counts.tsv")

y <- DGEList(counts)
y <- calcNormFactors(y, method = "TMM")
log_cpm <- cpm(y, log = TRUE, prior.count = 2)
write_tsv(log_cpm, "log_cpm.tsv")

sets <- list(UPPER = gene[1:30], LOWER = gene[order(mean_count)[1:25]],
             MIXED = gene[seq(7, 300, by = 11)], PAIR = gene[c(5, 250)],
             MOST = gene[1:299])
cat(vapply(names(sets), function(s)
    paste(c(s, "simulated", sets[[s]]), collapse = "\t"), ""),
    file = file.path(folder, "sets.gmt"), sep = "\n")

# GSVA 1.46's own walk, without the division by the range over all scores.
walk <- gsva(log_cpm, sets, method = "ssgsea", ssgsea.norm = FALSE, tau = 0.25,
             min.sz = 1, verbose = FALSE)
write_tsv(walk[names(sets), ], "ssgsea.tsv")
z <- gsva(log_cpm, sets, method = "zscore", min.sz = 1, verbose = FALSE)
write_tsv(z[names(sets), ], "zscore.tsv")

singscore <- function(set, down) {
    k <- length(set)
    apply(log_cpm, 2, function(x) {
        r <- rank(x, ties.method = "min")
        names(r) <- rownames(log_cpm)
        if (down) r <- p + 1 - r
        lo <- (k + 1) / 2
        hi <- (2 * p - k + 1) / 2
        (mean(r[set]) - lo) / (hi - lo) - 0.5
    })
}
up <- t(vapply(sets, singscore, numeric(n), down = FALSE))
down <- t(vapply(sets, singscore, numeric(n), down = TRUE))
write_tsv(up, "singscore_up.tsv")
write_tsv(down, "singscore_down.tsv")
# An up set and a down set of one signature, and their joint score.
pair <- list(SIG_UP = sets$UPPER, SIG_DN = sets$LOWER)
cat(vapply(names(pair), function(s)
    paste(c(s, "simulated", pair[[s]]), collapse = "\t"), ""),
    file = file.path(folder, "pair.gmt"), sep = "\n")
write_tsv(rbind(SIG_UP = up["UPPER", ], SIG_DN = up["LOWER", ],
                SIG = up["UPPER", ] + down["LOWER", ]), "singscore_pair.tsv")
write_tsv(cor(log_cpm, method = "spearman"), "spearman.tsv")

# Main axes of log-CPM with the sign rule (largest score in absolute value positive), and
# Kruskal-Wallis tests: on the axes, and on values with many ties in unequal groups.
axes <- prcomp(t(log_cpm), center = TRUE, scale. = FALSE)
scores <- axes$x[, 1:2]
for (k in 1:2) {
    at <- which.max(abs(scores[, k]))
    if (scores[at, k] < 0) scores[, k] <- -scores[, k]
}
write_tsv(scores, "axes.tsv", "sample_id")
batch <- c("b1", "b1", "b1", "b1", "b2", "b2", "b2", "b2", "b2", "b3", "b3", "b3")
set.seed(7)
ties <- data.frame(value = floor(rexp(90, 0.3)), group = rep(1:5, c(30, 25, 20, 14, 1)))
share <- axes$sdev^2 / sum(axes$sdev^2)
tests <- lapply(list(PC1 = kruskal.test(scores[, 1], factor(batch)),
                     PC2 = kruskal.test(scores[, 2], factor(batch)),
                     ties = kruskal.test(ties$value, factor(ties$group))),
                function(t) c(t$statistic, t$parameter, t$p.value))
write_tsv(cbind(matrix(unlist(tests), 3, byrow = TRUE,
                       dimnames = list(names(tests), c("statistic", "df", "p"))),
                share = c(share[1:2], NaN)), "kruskal.tsv", "what")
rownames(ties) <- sprintf("r%02d", seq_len(nrow(ties)))
write_tsv(as.matrix(ties), "ties.tsv", "row")

# Two new samples on the scale of the twelve: edgeR's factor against the training
# reference sample (the first of two columns, whose own factor is 1 before centring),
# training centring, training mean of the effective library sizes, training moments.
new <- matrix(rnbinom(p * 2, mu = mean_count * 1.4, size = 1.5), p, 2,
              dimnames = list(gene, c("N1", "N2")))
write_tsv(new, "new_counts.tsv")
lib <- colSums(counts)
quartile <- apply(t(t(counts) / lib), 2, quantile, p = 0.75)
reference <- which.min(abs(quartile - mean(quartile)))
against <- function(x) {
    f <- calcNormFactors(cbind(counts[, reference], x), method = "TMM", refColumn = 1)
    f[2] / f[1]
}
raw <- apply(counts, 2, against)
effective <- lib * raw / exp(mean(log(raw)))
stopifnot(max(abs(effective / lib - y$samples$norm.factors)) < 1e-12)
on_scale <- apply(new, 2, function(x) {
    e <- sum(x) * against(x) / exp(mean(log(raw)))
    prior <- 2 * e / mean(effective)
    log2((x + prior) / (e + 2 * prior) * 1e6)
})
write_tsv(on_scale, "new_log_cpm.tsv")
new_z <- (on_scale - rowMeans(log_cpm)) / apply(log_cpm, 1, sd)
write_tsv(t(vapply(sets, function(s) colSums(new_z[s, ]) / sqrt(length(s)),
                   numeric(2))), "new_zscore.tsv")
