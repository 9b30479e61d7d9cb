# make_reference_copynumber.R -- reference answers for copy-number kernels
#
#   Rscript tests/make_reference_copynumber.R        (from the top of the checkout)
#
# Writes tests/data/copynumber/*.tsv; the tests read these files and never need R.  All
# data are simulated here.  loess() and lowess() are those of R's stats, segment() that
# of DNAcopy.
suppressPackageStartupMessages(library(DNAcopy))
folder <- file.path("tests", "data", "copynumber")
dir.create(folder, showWarnings = FALSE, recursive = TRUE)

write_tsv <- function(x, name) {
    text <- vapply(x, function(column) sprintf("%.17g", column), character(nrow(x)))
    write.table(text, file.path(folder, name), sep = "\t", quote = FALSE,
                row.names = FALSE)
}

# Reads on GC with outliers, in ascending GC with some ties.
set.seed(20261122)
gc <- sort(round(runif(150, 0.32, 0.6), 3))
reads <- 200 * exp(-12 * (gc - 0.45)^2) + rnorm(150, sd = 8)
reads[c(20, 90)] <- reads[c(20, 90)] + 150
direct <- loess.control(surface = "direct")
fit <- function(span, degree) {
    fitted(loess(reads ~ gc, span = span, degree = degree, control = direct))
}
write_tsv(data.frame(gc = gc, reads = reads, span30 = fit(0.3, 2), span75 = fit(0.75, 2),
                     wide = fit(1.5, 2), line = fit(0.5, 1),
                     lowess = lowess(gc, reads, f = 2/3, iter = 3)$y,
                     lowess0 = lowess(gc, reads, f = 0.2, iter = 0)$y),
          "loess.tsv")

# Segments that leave no doubt (a draw without steps near the level of the test, where
# permutations decide); chromosome 2 has none.
set.seed(7)
level <- rep(c(0, 0.6, 0, -0.5), c(40, 30, 50, 30))
log2 <- c(level + rnorm(150, sd = 0.1), rnorm(90, sd = 0.1))
chrom <- rep(1:2, c(150, 90))
place <- c(1:150, 1:90)
write_tsv(data.frame(chrom = chrom, log2 = log2), "cbs_input.tsv")
cna <- CNA(log2, chrom, place, data.type = "logratio", sampleid = "S")
found <- segment(cna, alpha = 0.01, nperm = 10000, undo.splits = "none", verbose = 0)
write_tsv(data.frame(chrom = as.numeric(found$output$chrom),
                     end = found$output$loc.end, mean = found$segRows$startRow * 0 +
                         vapply(seq_len(nrow(found$output)), function(k) {
                             rows <- found$segRows[k, ]
                             mean(log2[rows$startRow:rows$endRow])
                         }, 0)),
          "cbs_segments.tsv")
