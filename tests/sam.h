/*
 * sam.h -- alignment files for tests, from texts
 */
#ifndef CXS_TEST_SAM_H
#define CXS_TEST_SAM_H

#include "files.h"

#include <htslib/faidx.h>
#include <htslib/sam.h>

/* Rewrite a SAM text as BAM ("wb"), CRAM ("wc") or BGZF SAM ("wz"); fasta for CRAM. */
static inline const char *sam_convert(const char *name, const char *text,
                                      const char *mode, const char *fasta)
{
    const char *from = test_text("convert.sam", text), *to = test_path(name);
    samFile *in = sam_open(from, "r"), *out = sam_open(to, mode);
    sam_hdr_t *header = in != NULL ? sam_hdr_read(in) : NULL;
    bam1_t *b = bam_init1();

    if (fasta != NULL && hts_set_fai_filename(out, fasta) != 0)
        abort();
    if (header == NULL || out == NULL || sam_hdr_write(out, header) != 0)
        abort();
    while (sam_read1(in, header, b) >= 0)
        if (sam_write1(out, header, b) < 0)
            abort();
    bam_destroy1(b);
    sam_hdr_destroy(header);
    if (sam_close(in) != 0 || sam_close(out) != 0)
        abort();
    return to;
}

#endif /* CXS_TEST_SAM_H */
