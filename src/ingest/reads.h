/*
 * reads.h -- one pass over an alignment file: a stream of records for pluggable meters
 *
 * The file is opened, checked (end-of-file marker, build, contig names, sample name) and
 * decoded once; every meter that is switched on sees the same records.  Decompression
 * runs on HTSlib's thread pool.  Records travel in blocks of fixed size; each block is
 * handed to a worker with its own state of every meter; states are added at the end.
 * All state is whole numbers (counts, sums of integers), so the sum does not depend on
 * which worker saw which block: the same tables for any number of threads.
 *
 * Meters that need both mates ask for pairs.  Mates meet inside their block, by the
 * worker; what is left over waits in one table that the reader keeps in the order of the
 * file, so that who meets whom is the same for any number of threads.  In a file sorted
 * by coordinate a read stops waiting when its mate's place was passed, else at the end.
 * Memory is bounded by the blocks in flight and the mates that wait (at most 4 GiB,
 * CXS_EBUDGET), never by file size.
 *
 * This header is free of HTSlib types; hts_reads.h has the view that meters get.
 */
#ifndef CXS_READS_H
#define CXS_READS_H

#include "coxswain/error.h"
#include "store/measures.h"

#include <stdbool.h>

/* What the sheet says of the file; texts are borrowed, NULL where not given. */
typedef struct cxs_reads_settings {
    const char *path;      /* BAM, CRAM or SAM, told by content */
    const char *reference; /* local FASTA with .fai; NULL: none */
    const char *sample;    /* expected @RG SM; NULL: not checked */
    const char *build;     /* "hg19", "hg38", "other"; NULL: whatever the header says */
    size_t threads;        /* decompression and meters together, >= 1 */
    bool need_sorted;      /* CX040 unless coordinate-sorted */
} cxs_reads_settings;

#endif /* CXS_READS_H */
