/*
 * test_reads_refused.c -- the pass over an alignment file: what is refused and in which
 * words
 */
#include "test.h"

#include "reads_case.h"

#include "ingest/contigs.h"

#include <htslib/bgzf.h>

static void refuse_text(const char *text, cxs_rc want, const char *code,
                        const char *sentence)
{
    const cxs_reads_settings s = {.path = test_text("refused.sam", text), .threads = 1};

    check_refused(&s, want, code, sentence);
}

static void what_is_no_alignment_file(void **state)
{
    cxs_reads_settings s = {.path = "/nonexistent/x.bam", .threads = 1};

    (void)state;
    check_refused(&s, CXS_ENOINPUT, "", "%s: No such file or directory");
    s.path = test_folder;
    check_refused(&s, CXS_ENOINPUT, "", "%s: this is a folder");
    s.path = "https://example.org/x.bam";
    check_refused(&s, CXS_EARG, "", "%s: only local files are read");
    s.path = "s3://bucket/x.bam";
    check_refused(&s, CXS_EARG, "", "%s: only local files are read");
    s.path = "data:,@HD";
    check_refused(&s, CXS_EARG, "", "%s: only local files are read");
    refuse_text("id\ttime\nP1\t3\n", CXS_EFORMAT, "CX022",
                "%s: this is neither BAM, CRAM nor SAM");
    refuse_text("", CXS_EFORMAT, "CX022", "%s: this is neither BAM, CRAM nor SAM");
    refuse_text("##fileformat=VCFv4.2\n#CHROM\tPOS\n", CXS_EFORMAT, "CX022",
                "%s: this is neither BAM, CRAM nor SAM");
    CHECK_DONE();
}

static void contigs_of_two_styles(void **state)
{
    (void)state;
    refuse_text("@SQ\tSN:chr1\tLN:10\n@SQ\tSN:1\tLN:10\n", CXS_EFORMAT, "CX035",
                "%s: both \"chr1\" and \"1\" occur");
    refuse_text("@SQ\tSN:chr1\tLN:10\n@SQ\tSN:2\tLN:10\n", CXS_EFORMAT, "CX035",
                "%s: both \"chr1\" and \"2\" occur");
    refuse_text("@SQ\tSN:MT\tLN:10\n@SQ\tSN:M\tLN:10\n", CXS_EFORMAT, "CX035",
                "%s: both \"MT\" and \"M\" occur");
    CHECK_DONE();
}

static void plain_names_and_builds(void **state)
{
    (void)state;
    CHECK(strcmp(cxs_contig_plain("chr7"), "7") == 0);
    CHECK(strcmp(cxs_contig_plain("7"), "7") == 0);
    CHECK(strcmp(cxs_contig_plain("chrM"), "MT") == 0);
    CHECK(strcmp(cxs_contig_plain("M"), "MT") == 0);
    CHECK(strcmp(cxs_contig_plain("MT"), "MT") == 0);
    CHECK(strcmp(cxs_contig_plain("chr"), "chr") == 0);
    CHECK(strcmp(cxs_contig_plain("chrUn_1"), "Un_1") == 0);
    CHECK(cxs_contig_is_main("X") && cxs_contig_is_main("MT"));
    CHECK(!cxs_contig_is_main("Un_1") && !cxs_contig_is_main("23"));
    CHECK(strcmp(cxs_contig_build("1", 249250621), "hg19") == 0);
    CHECK(strcmp(cxs_contig_build("Y", 57227415), "hg38") == 0);
    CHECK(strcmp(cxs_contig_build("1", 247249719), "hg18") == 0);
    CHECK(strcmp(cxs_contig_build("1", 248387328), "t2t") == 0);
    CHECK(cxs_contig_build("MT", 16569) == NULL && cxs_contig_build("2", 5) == NULL);
    CHECK_DONE();
}

static void builds(void **state)
{
    static const struct {
        const char *text, *declared, *sentence; /* sentence NULL: accepted */
    } cases[] = {
        {"@SQ\tSN:chr1\tLN:249250621\n", NULL, NULL},
        {"@SQ\tSN:chr1\tLN:249250621\n", "hg19", NULL},
        {"@SQ\tSN:chr1\tLN:248956422\n", "hg19",
         "%s: header says GRCh38 (chr1 248956422), sheet says hg19"},
        {"@SQ\tSN:Un\tLN:9\n@SQ\tSN:5\tLN:180915260\n", "hg38",
         "%s: header says GRCh37 (5 180915260), sheet says hg38"},
        {"@SQ\tSN:chr1\tLN:248956422\n@SQ\tSN:chr2\tLN:242193529\n", "hg38", NULL},
        {"@SQ\tSN:chr1\tLN:248956422\n@SQ\tSN:chr2\tLN:243199373\n", "hg38",
         "%s: header says GRCh38 (chr1 248956422) and GRCh37 (chr2 243199373)"},
        {"@SQ\tSN:chr1\tLN:5000\n", "hg38",
         "%s: header says no known build (chr1 5000), sheet says hg38"},
        {"@SQ\tSN:chr1\tLN:5000\n", "other", NULL},
        {"@SQ\tSN:chr1\tLN:248956422\n", "other", NULL},
        {"@SQ\tSN:chr1\tLN:248387328\n", "other", NULL},
        {"@SQ\tSN:chr1\tLN:247249719\n", NULL,
         "%s: header says NCBI36 (chr1 247249719), which is not supported: hg19 and "
         "hg38 are"},
        {"@SQ\tSN:chr1\tLN:248387328\n", NULL,
         "%s: header says T2T-CHM13v2.0 (chr1 248387328), which is not supported: hg19 "
         "and hg38 are"},
        {"@SQ\tSN:chr1\tLN:248387328\n", "hg38",
         "%s: header says T2T-CHM13v2.0 (chr1 248387328), sheet says hg38"},
        {"@HD\tVN:1.6\n", "hg38", "%s: header has no contigs, sheet says hg38"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const cxs_reads_settings s = {.path = test_text("build.sam", cases[i].text),
                                      .threads = 1,
                                      .build = cases[i].declared};
        cxs_ctx *ctx = cxs_ctx_new();
        cxs_measures *bag = NULL;
        if (cases[i].sentence != NULL)
            check_refused(&s, CXS_EMISMATCH, "CX034", cases[i].sentence);
        else
            CHECK(pass_with(ctx, &s, &bag) == CXS_OK);
        cxs_measures_free(bag);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

static void sample_names(void **state)
{
    const char *one = HD SQ "@RG\tID:a\tSM:S1\n@RG\tID:b\tSM:S1\n@RG\tID:c\n";
    const char *two = HD SQ "@RG\tID:a\tSM:S1\n@RG\tID:b\tSM:S11\n";
    cxs_reads_settings s = {.threads = 1, .sample = "S1"};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_measures *bag = NULL;
    const char *samples;

    (void)state;
    s.path = test_text("one.sam", one);
    CHECK(pass_with(ctx, &s, &bag) == CXS_OK);
    samples = cxs_measure_get_text(cxs_measures_find(bag, "reads"), "samples")[0];
    CHECK(samples != NULL && strcmp(samples, "S1") == 0);
    cxs_measures_free(bag);
    s.path = test_text("none.sam", HD SQ);
    CHECK(pass_with(ctx, &s, &bag) == CXS_OK);
    cxs_measures_free(bag);
    s.path = test_text("two.sam", two);
    check_refused(&s, CXS_EMISMATCH, "CX042",
                  "%s: sample is \"S1,S11\", sheet says \"S1\"");
    s.path = test_text("two.sam", HD SQ "@RG\tID:a\tSM:S11\n@RG\tID:b\tSM:S1\n");
    check_refused(&s, CXS_EMISMATCH, "CX042",
                  "%s: sample is \"S11,S1\", sheet says \"S1\"");
    s.sample = "S2";
    s.path = test_text("one.sam", one);
    check_refused(&s, CXS_EMISMATCH, "CX042",
                  "%s: sample is \"S1\", sheet says \"S2\"");
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void order_of_records(void **state)
{
    const char *back = HD SQ "a\t0\tchr1\t50\t60" SEQ "b\t0\tchr1\t49\t60" SEQ;
    cxs_reads_settings s = {.threads = 1, .need_sorted = true};

    (void)state;
    refuse_text(back, CXS_EFORMAT, "CX040",
                "%s: record 2 (chr1:49) is before the one above");
    refuse_text(HD SQ "a\t0\tchr2\t5\t60" SEQ "b\t0\tchr1\t9\t60" SEQ, CXS_EFORMAT,
                "CX040", "%s: record 2 (chr1:9) is before the one above");
    refuse_text(HD SQ "a\t4\t*\t0\t0\t*\t*\t0\t0\tAC\t*\nb\t0\tchr1\t9\t60" SEQ,
                CXS_EFORMAT, "CX040", "%s: record 2 (chr1:9) is before the one above");
    s.path = test_text("unsorted.sam", SQ "a\t0\tchr1\t50\t60" SEQ);
    check_refused(&s, CXS_EFORMAT, "CX040",
                  "%s: the header says SO:unknown, not coordinate; run: samtools sort "
                  "%s");
    s.path = test_text("named.sam", "@HD\tVN:1.6\tSO:queryname\n" SQ);
    check_refused(
        &s, CXS_EFORMAT, "CX040",
        "%s: the header says SO:queryname, not coordinate; run: samtools sort "
        "%s");
    /* any order is good where none was promised */
    cxs_measures *bag = pass(
        test_text("free.sam", SQ "a\t0\tchr1\t50\t60" SEQ "b\t0\tchr1\t49\t60" SEQ), 1);
    CHECK(cell(bag, "reads", "records") == 2 && cell(bag, "reads", "sorted") == 0);
    cxs_measures_free(bag);
    CHECK_DONE();
}

static const char *sam_from_far(size_t pairs)
{
    cxs_buf text = far_text(pairs, 10, true);
    const char *path = sam_convert("far.bam", text.text, "wb", NULL);

    cxs_free(text.text);
    return path;
}

static void damaged_records(void **state)
{
    const char *text = HD SQ "a\t0\tchr1\t50\t60" SEQ "b\t0\tchr1\t60\t60" SEQ;
    const char *bam = sam_convert("whole.bam", text, "wb", NULL);
    size_t size = 0;
    char *bytes = test_read(bam, &size);
    cxs_reads_settings s = {.threads = 1};

    (void)state;
    refuse_text(HD SQ "a\t0\tchr1\t50\t60" SEQ "b\t0\tchr1\tsixty\t60" SEQ, CXS_EFORMAT,
                "CX037", "%s: record 2 is damaged");
    refuse_text(HD SQ "a\t0\tchr2\t501\t60" SEQ, CXS_EFORMAT, "",
                "%s: record 1 (chr2:501) lies behind the end of its contig, 500");
    for (size_t threads = 1; threads <= 2; threads++) {
        s.threads = threads;
        s.path = test_file("cut.bam", bytes, size - 28);
        check_refused(&s, CXS_ETRUNCATED, "CX037",
                      "%s: no end-of-file marker: the file is truncated");
        s.path = test_file("cut.bam", bytes, size / 2);
        check_refused(&s, CXS_ETRUNCATED, "CX037",
                      "%s: no end-of-file marker: the file is truncated");
    }
    free(bytes);
    BGZF *file = bgzf_open(test_path("header.bam"), "w");
    if (file == NULL || bgzf_write(file, "BAM\1\xff\xff\xff\x7f@HD", 11) != 11 ||
        bgzf_close(file) != 0)
        abort();
    s.path = test_path("header.bam");
    check_refused(&s, CXS_EFORMAT, "CX037", "%s: the header is damaged");
    CHECK_DONE();
}

/* Bits that changed inside a whole file: the block's checksum tells. */
static void damaged_blocks(void **state)
{
    const char *bam = sam_from_far(9000);
    size_t size = 0;
    char *bytes = test_read(bam, &size);

    (void)state;
    memset(bytes + size / 2, 0x55, 60);
    for (size_t threads = 1; threads <= 3; threads++) {
        const cxs_reads_settings s = {.path = test_file("bad.bam", bytes, size),
                                      .threads = threads};
        cxs_ctx *ctx = cxs_ctx_new();
        cxs_measures *bag = NULL;
        const char *message;
        CHECK(pass_with(ctx, &s, &bag) == CXS_EFORMAT);
        CHECK(strcmp(cxs_ctx_code(ctx), "CX037") == 0);
        message = cxs_ctx_message(ctx);
        CHECK(strstr(message, "bad.bam: record ") != NULL &&
              strstr(message, " is damaged") != NULL);
        cxs_measures_free(bag);
        cxs_ctx_free(ctx);
    }
    free(bytes);
    CHECK_DONE();
}

/* A file that cannot be looked at from its end is checked there. */
static void truncated_stream(void **state)
{
    const char *text = HD SQ "a\t0\tchr1\t50\t60" SEQ "b\t0\tchr1\t60\t60" SEQ;
    size_t size = 0;
    char *bytes = test_read(sam_convert("whole.bam", text, "wb", NULL), &size);
    const int keep = dup(STDIN_FILENO);

    (void)state;
    for (size_t cut = 0; cut <= 28; cut += 28) {
        const cxs_reads_settings s = {.path = "-", .threads = 1};
        cxs_ctx *ctx = cxs_ctx_new();
        cxs_measures *bag = NULL;
        int ends[2];
        if (pipe(ends) != 0 || write(ends[1], bytes, size - cut) < 0 ||
            close(ends[1]) != 0 || dup2(ends[0], STDIN_FILENO) < 0)
            abort();
        close(ends[0]);
        CHECK(pass_with(ctx, &s, &bag) == (cut == 0 ? CXS_OK : CXS_ETRUNCATED));
        if (cut == 0)
            CHECK(cell(bag, "reads", "records") == 2);
        dup2(keep, STDIN_FILENO); /* HTSlib has closed it */
        cxs_measures_free(bag);
        cxs_ctx_free(ctx);
    }
    close(keep);
    free(bytes);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_alignment_file),
        cmocka_unit_test(contigs_of_two_styles),
        cmocka_unit_test(plain_names_and_builds),
        cmocka_unit_test(builds),
        cmocka_unit_test(sample_names),
        cmocka_unit_test(order_of_records),
        cmocka_unit_test(damaged_records),
        cmocka_unit_test(damaged_blocks),
        cmocka_unit_test(truncated_stream),
    };

    return cmocka_run_group_tests_name("reads_refused", tests, test_folder_make,
                                       test_folder_remove);
}
