/*
 * test_reads.c -- the pass over an alignment file: what is refused and in which words,
 * who is whose mate, and that threads change nothing
 */
#include "test.h"

#include "sam.h"

#include "ingest/contigs.h"
#include "ingest/hts_blocks.h"
#include "ingest/hts_open.h"

#include <htslib/bgzf.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#define HD  "@HD\tVN:1.6\tSO:coordinate\n"
#define SQ  "@SQ\tSN:chr1\tLN:1000\n@SQ\tSN:chr2\tLN:500\n"
#define SEQ "\t10M\t*\t0\t0\tACGTACGTAC\t*\n"

/* ---- a meter that tells what it was given ------------------------------------------- */

typedef struct seen {
    int64_t records, pairs, alone;
    int64_t sum; /* of first position * 1000003 + second position, in any order */
    int64_t fails_at;
} seen;

static cxs_rc seen_new(cxs_ctx *ctx, const cxs_meter *meter, const cxs_reads_info *info,
                       void **state)
{
    cxs_rc rc = CXS_OK;
    seen *s = NULL;

    (void)info;
    *state = NULL;
    CXS_NEW(s, 1);
    s->fails_at = meter->shared != NULL ? *(const int64_t *)meter->shared : INT64_MIN;
    *state = s;
done:
    return rc;
}

static cxs_rc seen_record(cxs_ctx *ctx, const cxs_meter *meter, void *state,
                          const bam1_t *b)
{
    seen *s = state;

    (void)meter;
    s->records++;
    s->sum += b->core.pos;
    if (b->core.pos == s->fails_at)
        return cxs_fail(ctx, CXS_EFORMAT, "the meter does not like %lld",
                        (long long)b->core.pos);
    return b->core.pos == 77 ? cxs_warn(ctx, "", "seventy-seven") : CXS_OK;
}

static cxs_rc seen_pair(cxs_ctx *ctx, const cxs_meter *meter, void *state,
                        const bam1_t *first, const bam1_t *second)
{
    seen *s = state;

    (void)ctx;
    (void)meter;
    s->pairs += second != NULL;
    s->alone += second == NULL;
    s->sum += first->core.pos * 1000003 + (second != NULL ? second->core.pos : -7);
    return CXS_OK;
}

static void seen_add(void *into, const void *from)
{
    seen *a = into;
    const seen *b = from;

    a->records += b->records;
    a->pairs += b->pairs;
    a->alone += b->alone;
    a->sum += b->sum;
}

static cxs_rc seen_finish(cxs_ctx *ctx, const cxs_meter *meter,
                          const cxs_reads_info *info, const void *state,
                          cxs_measures *bag)
{
    const seen *s = state;
    const int64_t value[] = {s->records, s->pairs, s->alone, s->sum,
                             (int64_t)info->n_targets};
    static const char *const name[] = {"records", "pairs", "alone", "sum", "contigs"};
    cxs_measure *table = NULL;
    int64_t *cell = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_measures_add(ctx, bag, meter->name, 1, &table));
    for (size_t i = 0; i < 5; i++) {
        CXS_TRY(cxs_measure_int(ctx, table, name[i], &cell));
        *cell = value[i];
    }
done:
    return rc;
}

static cxs_meter seen_meter(const char *name, bool wants_pairs)
{
    return (cxs_meter){.name = name,
                       .wants_pairs = wants_pairs,
                       .state_new = seen_new,
                       .state_free = cxs_free,
                       .record = seen_record,
                       .pair = seen_pair,
                       .add = seen_add,
                       .finish = seen_finish};
}

static int64_t cell(const cxs_measures *bag, const char *table, const char *column)
{
    const cxs_measure *t = cxs_measures_find(bag, table);
    const int64_t *value = t != NULL ? cxs_measure_get_int(t, column) : NULL;

    return value != NULL ? *value : -1;
}

static cxs_rc pass_with(cxs_ctx *ctx, const cxs_reads_settings *settings,
                        cxs_measures **bag)
{
    cxs_meter one = seen_meter("one", false), two = seen_meter("two", true);
    cxs_meter *const meters[] = {&one, &two};
    cxs_rc rc = cxs_measures_new(ctx, bag);

    return rc != CXS_OK ? rc : cxs_reads_pass(ctx, settings, meters, 2, *bag);
}

static cxs_measures *pass(const char *path, size_t threads)
{
    const cxs_reads_settings s = {.path = path, .threads = threads};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_measures *bag = NULL;

    if (pass_with(ctx, &s, &bag) != CXS_OK)
        printf("  %s\n", cxs_ctx_message(ctx));
    cxs_ctx_free(ctx);
    return bag;
}

/* ---- refused ------------------------------------------------------------------------ */

/* %s in the sentence stands for the path. */
static void check_refused(const cxs_reads_settings *s, cxs_rc want, const char *code,
                          const char *sentence)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_measures *bag = NULL;
    char message[2048] = "";
    const cxs_rc rc = pass_with(ctx, s, &bag);

    for (const char *at; (at = strstr(sentence, "%s")) != NULL; sentence = at + 2) {
        strncat(message, sentence, (size_t)(at - sentence));
        strncat(message, s->path, sizeof message / 4);
    }
    strncat(message, sentence, sizeof message / 4);
    CHECK(rc == want);
    CHECK(strcmp(cxs_ctx_code(ctx), code) == 0);
    CHECK(strcmp(cxs_ctx_message(ctx), message) == 0);
    if (strcmp(cxs_ctx_message(ctx), message) != 0)
        printf("  got  %s\n  want %s\n", cxs_ctx_message(ctx), message);
    cxs_measures_free(bag);
    cxs_ctx_free(ctx);
}

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

/* Pairs of which the ends are `apart` pairs of records from each other, over several
 * blocks; every 50th mate is missing; sorted by coordinate or not. */
static cxs_buf far_text(size_t pairs, size_t apart, bool sorted)
{
    cxs_buf text = {0};
    cxs_rc rc = cxs_buf_addf(NULL, &text, "@HD\tVN:1.6\tSO:%s\n@SQ\tSN:c\tLN:1000000\n",
                             sorted ? "coordinate" : "unsorted");

    for (size_t i = 0; i < pairs + apart && rc == CXS_OK; i++) {
        if (i < pairs)
            rc =
                cxs_buf_addf(NULL, &text, "r%zu\t99\tc\t%zu\t60\t1M\t=\t%zu\t0\tA\t*\n",
                             i, 2 * i + 1, 2 * (i + apart) + 2);
        if (i >= apart && (i - apart) % 50 != 49 && rc == CXS_OK)
            rc = cxs_buf_addf(NULL, &text,
                              "r%zu\t147\tc\t%zu\t60\t1M\t=\t%zu\t0\tA\t*\n", i - apart,
                              2 * i + 2, 2 * (i - apart) + 1);
    }
    if (rc != CXS_OK)
        abort();
    return text;
}

static const char *far_mates(size_t pairs, size_t apart, bool sorted)
{
    cxs_buf text = far_text(pairs, apart, sorted);
    const char *path = test_text("far.sam", text.text);

    cxs_free(text.text);
    return path;
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

/* ---- CRAM and indexes --------------------------------------------------------------- */

static const char *make_fasta(const char *name, const char *contigs)
{
    const char *path = test_text(name, contigs);

    if (fai_build(path) != 0)
        abort();
    return path;
}

static void references(void **state)
{
    /* 1: ACGT.., 2: all G */
    char fasta[4096], other[4096];
    char text[2048];
    char both[TEST_PATH_BYTES * 2], cram[TEST_PATH_BYTES * 2];
    cxs_reads_settings s = {.threads = 2};
    cxs_measures *bag = NULL;
    cxs_ctx *ctx = cxs_ctx_new();
    size_t n;

    (void)state;
    n = (size_t)snprintf(fasta, sizeof fasta, ">chr1\n");
    for (size_t i = 0; i < 1000; i++)
        fasta[n++] = "ACGT"[i % 4];
    snprintf(fasta + n, sizeof fasta - n, "\n");
    memcpy(other, fasta, sizeof other);
    other[300] = other[300] == 'A' ? 'C' : 'A';
    n += 1;
    n += (size_t)snprintf(fasta + n, sizeof fasta - n, ">chr2\n");
    for (size_t i = 0; i < 500; i++)
        fasta[n++] = 'G';
    snprintf(fasta + n, sizeof fasta - n, "\n");
    snprintf(both, sizeof both, "%s", make_fasta("both.fa", fasta));
    /* the place of the reference is a server: it must not be asked */
    snprintf(text, sizeof text,
             HD "@SQ\tSN:chr1\tLN:1000\tUR:https://example.org/x.fa\n"
                "@SQ\tSN:chr2\tLN:500\n"
                "a\t0\tchr1\t50\t60" SEQ "b\t0\tchr2\t60\t60\t10M\t*\t0\t0\t"
                "GGGGGGGGGG\t*\n");
    snprintf(cram, sizeof cram, "%s", sam_convert("x.cram", text, "wc", both));
    s.path = cram;
    s.reference = both;
    CHECK(pass_with(ctx, &s, &bag) == CXS_OK);
    CHECK(cell(bag, "one", "records") == 2 && cell(bag, "one", "sum") == 49 + 59);
    cxs_measures_free(bag);
    s.reference = NULL;
    unlink(both); /* its path is in the header of the CRAM */
    check_refused(&s, CXS_EMISMATCH, "CX039",
                  "%s: reference for chr1 not found; give --reference FASTA");
    s.reference = make_fasta("other.fa", other);
    check_refused(&s, CXS_EMISMATCH, "CX039",
                  "%s: reference for chr2 not found; give --reference FASTA");
    s.reference = "/nonexistent/x.fa";
    CHECK(pass_with(ctx, &s, &bag) == CXS_ENOINPUT);
    CHECK(strstr(cxs_ctx_message(ctx), "/nonexistent/x.fa: No such file") != NULL);
    cxs_measures_free(bag);
    s.reference = test_text("bare.fa", ">chr1\nACGT\n");
    CHECK(pass_with(ctx, &s, &bag) == CXS_ENOINPUT);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX038") == 0);
    CHECK(strstr(cxs_ctx_message(ctx), "run: samtools faidx ") != NULL);
    cxs_measures_free(bag);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void reference_search_stays_here(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    setenv("REF_PATH", "/local/%2s:https\\://example.org/%s", 1);
    CHECK(cxs_hts_local(ctx, "x.bam") == CXS_OK);
    CHECK(strcmp(getenv("REF_PATH"), "/nonexistent") == 0);
    setenv("REF_PATH", "/local/cache/%2s/%s", 1);
    CHECK(cxs_hts_local(ctx, "x.bam") == CXS_OK);
    CHECK(strcmp(getenv("REF_PATH"), "/local/cache/%2s/%s") == 0);
    unsetenv("REF_PATH");
    CHECK(cxs_hts_local(ctx, "a:b.bam") == CXS_OK);
    CHECK(strcmp(getenv("REF_PATH"), "/nonexistent") == 0);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void indexes(void **state)
{
    char bam[TEST_PATH_BYTES * 2], want[TEST_PATH_BYTES * 6];
    const struct timespec old[2] = {{1000000000, 0}, {1000000000, 0}};
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    snprintf(bam, sizeof bam, "%s", test_text("i.bam", "x"));
    CHECK(cxs_hts_need_index(ctx, bam) == CXS_ENOINPUT);
    snprintf(want, sizeof want, "%s: index is missing; run: samtools index %s", bam,
             bam);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX038") == 0);
    CHECK(strcmp(cxs_ctx_message(ctx), want) == 0);
    const char *bai = test_text("i.bam.bai", "x");
    CHECK(cxs_hts_need_index(ctx, bam) == CXS_OK);
    CHECK(cxs_ctx_warning_count(ctx) == 0);
    CHECK(utimensat(AT_FDCWD, bai, old, 0) == 0);
    CHECK(cxs_hts_need_index(ctx, bam) == CXS_OK);
    CHECK(cxs_ctx_warning_count(ctx) == 1);
    CHECK(strstr(cxs_ctx_warning(ctx, 0, NULL), "CX038: ") != NULL);
    CHECK(strstr(cxs_ctx_warning(ctx, 0, NULL), "index is older than the data") !=
          NULL);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- mates -------------------------------------------------------------------------- */

/* Pairs and lone reads of a text. */
static void check_pairs(const char *text, int64_t pairs, int64_t alone)
{
    cxs_measures *bag = pass(test_text("pairs.sam", text), 1);

    CHECK(cell(bag, "two", "pairs") == pairs);
    CHECK(cell(bag, "two", "alone") == alone);
    CHECK(cell(bag, "reads", "pairs") == pairs);
    cxs_measures_free(bag);
}

#define R(name, flag, chrom, pos, next, mpos, tags)                                    \
    name "\t" flag "\t" chrom "\t" pos "\t60\t10M\t" next "\t" mpos                    \
         "\t0\tACGTACGTAC\t*" tags "\n"

static void who_is_whose_mate(void **state)
{
    (void)state;
    check_pairs(SQ R("a", "99", "chr1", "10", "=", "50", "")
                    R("a", "147", "chr1", "50", "=", "10", ""),
                1, 0);
    /* another name; another place of the mate; another place of its own */
    check_pairs(SQ R("a", "99", "chr1", "10", "=", "50", "")
                    R("b", "147", "chr1", "50", "=", "10", ""),
                0, 2);
    check_pairs(SQ R("a", "99", "chr1", "10", "=", "51", "")
                    R("a", "147", "chr1", "50", "=", "10", ""),
                0, 2);
    check_pairs(SQ R("a", "99", "chr1", "10", "=", "50", "")
                    R("a", "147", "chr1", "50", "=", "11", ""),
                0, 2);
    check_pairs(SQ R("a", "65", "chr1", "10", "chr2", "50", "")
                    R("a", "129", "chr1", "50", "=", "10", ""),
                0, 2);
    /* both are read 1: the places are told the other way round */
    check_pairs(SQ R("a", "99", "chr1", "10", "=", "50", "")
                    R("a", "83", "chr1", "50", "=", "10", ""),
                0, 2);
    /* HI tells apart hits at the same places */
    check_pairs(SQ R("a", "99", "chr1", "10", "=", "50", "\tHI:i:1")
                    R("a", "147", "chr1", "50", "=", "10", "\tHI:i:2"),
                0, 2);
    check_pairs(SQ R("a", "99", "chr1", "10", "=", "50", "\tHI:i:1")
                    R("a", "99", "chr1", "10", "=", "50", "\tHI:i:2")
                        R("a", "147", "chr1", "50", "=", "10", "\tHI:i:2")
                            R("a", "147", "chr1", "50", "=", "10", "\tHI:i:1"),
                2, 0);
    /* an unmapped mate has no place, wherever it stands */
    check_pairs(SQ R("a", "73", "chr1", "10", "=", "10", "")
                    R("a", "133", "chr1", "10", "=", "10", ""),
                1, 0);
    check_pairs(SQ R("a", "73", "chr1", "10", "*", "0", "")
                    R("a", "133", "*", "0", "chr1", "10", ""),
                1, 0);
    check_pairs(SQ R("a", "77", "*", "0", "*", "0", "")
                    R("a", "141", "*", "0", "*", "0", ""),
                1, 0);
    /* reads without pair, twice the same name */
    check_pairs(SQ R("a", "0", "chr1", "10", "*", "0", "")
                    R("a", "16", "chr1", "10", "*", "0", ""),
                0, 2);
    /* three that would fit: the first two meet */
    check_pairs(SQ R("a", "99", "chr1", "10", "=", "50", "")
                    R("a", "147", "chr1", "50", "=", "10", "")
                        R("a", "147", "chr1", "50", "=", "10", ""),
                1, 1);
    /* a supplementary alignment lies elsewhere */
    check_pairs(SQ R("a", "99", "chr1", "10", "=", "50", "")
                    R("a", "147", "chr1", "50", "=", "10", "")
                        R("a", "2147", "chr2", "50", "chr1", "50", ""),
                1, 1);
    CHECK_DONE();
}

/* The sum tells which position came first and which second. */
static void mates_in_other_blocks(void **state)
{
    static const size_t apart[] = {0, 1, 700, 5000};
    const int64_t pairs = 7000;

    (void)state;
    for (size_t a = 0; a < 4; a++) {
        int64_t sum = 0;
        for (int64_t i = 0; i < pairs; i++)
            sum +=
                2 * i * 1000003 + (i % 50 == 49 ? -7 : 2 * (i + (int64_t)apart[a]) + 1);
        for (size_t threads = 1; threads <= 3; threads += 2)
            for (size_t sorted = 0; sorted < 2; sorted++) {
                cxs_measures *bag =
                    pass(far_mates((size_t)pairs, apart[a], sorted), threads);
                CHECK(cell(bag, "one", "records") == 2 * pairs - pairs / 50);
                CHECK(cell(bag, "two", "pairs") == pairs - pairs / 50);
                CHECK(cell(bag, "two", "alone") == pairs / 50);
                CHECK(cell(bag, "reads", "pairs") == pairs - pairs / 50);
                CHECK(cell(bag, "reads", "lone") == pairs / 50);
                CHECK(cell(bag, "two", "sum") == sum);
                cxs_measures_free(bag);
            }
    }
    CHECK_DONE();
}

/* In a sorted file the slots of mates that cannot come any more are used again. */
static void waiting_in_vain_ends(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_mates m = {0};
    bam1_t *b = bam_init1();
    size_t at = 0;

    (void)state;
    for (int64_t i = 0; i < 100; i++) {
        CHECK(bam_set1(b, 1, "a", 65, 0, i, 60, 0, NULL, i % 2 == 0 ? 0 : 1, 500 + i, 0,
                       0, NULL, NULL, 0) >= 0);
        CHECK(cxs_mates_wait(ctx, &m, b, cxs_mates_hash(b)) == CXS_OK);
    }
    CHECK(m.waiting == 100);
    while (cxs_mates_expired(&m, &at, 0, 550) != NULL)
        continue;
    CHECK(m.waiting == 75); /* even ones with a mate before 550 are gone */
    at = 0;
    while (cxs_mates_expired(&m, &at, 1, 500) != NULL)
        continue;
    CHECK(m.waiting == 50);
    m.bytes_most = 1;
    CHECK(cxs_mates_wait(ctx, &m, b, 1) == CXS_EBUDGET);
    CHECK(strstr(cxs_ctx_message(ctx), "50 reads wait for their mates") != NULL);
    at = 0;
    while (cxs_mates_expired(&m, &at, -1, 0) != NULL)
        continue;
    CHECK(m.waiting == 0 && m.bytes == 0 && m.used == 100);
    cxs_mates_free(&m);
    bam_destroy1(b);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- meters that fail, short memory ------------------------------------------------- */

static void failing_meters(void **state)
{
    const char *path = far_mates(9000, 100, true);
    int64_t fails_at = 14000;

    (void)state;
    for (size_t threads = 1; threads <= 4; threads++) {
        const cxs_reads_settings s = {.path = path, .threads = threads};
        cxs_meter one = seen_meter("one", false), two = seen_meter("two", true);
        cxs_meter *const meters[] = {&two, &one};
        cxs_ctx *ctx = cxs_ctx_new();
        cxs_measures *bag = NULL;
        one.shared = &fails_at;
        CHECK(cxs_measures_new(ctx, &bag) == CXS_OK);
        CHECK(cxs_reads_pass(ctx, &s, meters, 2, bag) == CXS_EFORMAT);
        CHECK(strcmp(cxs_ctx_message(ctx), "the meter does not like 14000") == 0);
        cxs_measures_free(bag);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

/* What each worker counted ends in the first state. */
static void states_are_added(void **state)
{
    cxs_meter one = seen_meter("one", false), two = seen_meter("two", true);
    cxs_meter *const meters[] = {&one, &two};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_crew crew = {0};

    (void)state;
    CHECK(cxs_crew_start(ctx, &crew, meters, 2, 4, NULL) == CXS_OK);
    for (int64_t s = 0, ten = 1; s < 4; s++, ten *= 10) {
        ((seen *)crew.state[2 * s])->records = ten;
        ((seen *)crew.state[2 * s + 1])->pairs = 2 * ten;
    }
    cxs_crew_add(&crew);
    CHECK(((seen *)crew.state[0])->records == 1111);
    CHECK(((seen *)crew.state[1])->pairs == 2222);
    cxs_crew_end(&crew);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void warnings_arrive(void **state)
{
    const cxs_reads_settings s = {
        .path = test_text("w.sam", HD SQ "a\t0\tchr1\t78\t60" SEQ), .threads = 2};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_measures *bag = NULL;

    (void)state;
    CHECK(pass_with(ctx, &s, &bag) == CXS_OK);
    CHECK(cxs_ctx_warning_count(ctx) == 1);
    CHECK(strcmp(cxs_ctx_warning(ctx, 0, NULL), "seventy-seven") == 0);
    cxs_measures_free(bag);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void every_allocation_may_fail(void **state)
{
    const cxs_reads_settings s = {
        .path = test_text("m.sam", HD SQ
                          "@RG\tID:a\tSM:S1\n" R("a", "99", "chr1", "10", "=", "50", "")
                              R("a", "147", "chr1", "50", "=", "10", "")
                                  R("b", "99", "chr1", "60", "=", "70", "")),
        .sample = "S1",
        .threads = 2};
    cxs_ctx *ctx = cxs_ctx_new();
    const long live = cxs_alloc_live();
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)state;
    for (k = 1; rc == CXS_ENOMEM && k < 500; k++) {
        cxs_measures *bag = NULL;
        cxs_alloc_fail_at(k);
        rc = pass_with(ctx, &s, &bag);
        cxs_alloc_fail_at(0);
        if (rc == CXS_OK)
            CHECK(cell(bag, "two", "pairs") == 1 && cell(bag, "two", "alone") == 1);
        cxs_measures_free(bag);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 20);
    cxs_ctx_free(ctx);
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
        cmocka_unit_test(references),
        cmocka_unit_test(reference_search_stays_here),
        cmocka_unit_test(indexes),
        cmocka_unit_test(who_is_whose_mate),
        cmocka_unit_test(mates_in_other_blocks),
        cmocka_unit_test(waiting_in_vain_ends),
        cmocka_unit_test(failing_meters),
        cmocka_unit_test(states_are_added),
        cmocka_unit_test(warnings_arrive),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests_name("reads", tests, test_folder_make,
                                       test_folder_remove);
}
