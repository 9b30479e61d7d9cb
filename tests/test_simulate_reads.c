/*
 * test_simulate_reads.c -- simulated sequencing files say what their truth says
 *
 * The files are read back with HTSlib by the literal definition: a fragment counts for
 * the gene whose exons hold its first base, copy numbers show in the depth of arms,
 * calls are the lines of the truth.  The first test writes the study of all.
 */
#include "coxswain/ingest.h"
#include "coxswain/simulate.h"
#include "simulate/study.h"
#include "store/data.h"

#include "files.h"
#include "test.h"

#include <htslib/sam.h>
#include <htslib/vcf.h>

enum { PATIENTS = 4, GENES = 40 };

static cxs_simulate_settings small(void)
{
    cxs_simulate_settings s = cxs_simulate_defaults();

    s.n = PATIENTS;
    s.p = GENES;
    s.k = 2;
    s.block = 7;
    s.sequencing = 1;
    s.rna_fragments = 1500;
    s.cfdna_fragments = 25000;
    return s;
}

static cxs_ctx *context(int threads)
{
    cxs_ctx *ctx = cxs_ctx_new();

    cxs_ctx_set_threads(ctx, threads);
    return ctx;
}

static void same_bytes_for_any_threads(void **state)
{
    cxs_ctx *one = context(1), *three = context(3);
    cxs_simulate_settings s = small();
    char command[4 * TEST_PATH_BYTES];

    (void)state;
    CHECK(cxs_simulate_study(one, &s, test_path("a")) == CXS_OK);
    CHECK(cxs_simulate_study(three, &s, test_path("b")) == CXS_OK);
    snprintf(command, sizeof command, "diff -r '%s' '%s'", test_path("a"),
             test_path("b"));
    CHECK(system(command) == 0);
    snprintf(command, sizeof command, "grep -r -a -l '%s' '%s'", test_folder,
             test_path("a"));
    CHECK(system(command) != 0); /* no path inside any file */
    cxs_ctx_free(three);
    cxs_ctx_free(one);
    CHECK_DONE();
}

static size_t gene_of(const cxs_genome *genome, size_t contig, int64_t at)
{
    for (size_t g = 0; g < genome->genes; g++)
        for (int e = 0; e < genome->gene[g].exons; e++)
            if (genome->gene[g].contig == contig && at >= genome->gene[g].start[e] &&
                at < genome->gene[g].end[e])
                return g;
    return SIZE_MAX;
}

static void count_file(const char *path, const cxs_genome *genome, size_t *count)
{
    htsFile *file = hts_open(path, "r");
    sam_hdr_t *header = file != NULL ? sam_hdr_read(file) : NULL;
    bam1_t *b = bam_init1();
    int64_t before = -1;
    int32_t contig = 0;

    CHECK(header != NULL);
    while (header != NULL && sam_read1(file, header, b) >= 0) {
        const uint8_t *hits = bam_aux_get(b, "NH");
        size_t g;
        if (b->core.flag & BAM_FUNMAP)
            continue;
        CHECK(b->core.tid > contig || (b->core.tid == contig && b->core.pos >= before));
        contig = b->core.tid;
        before = b->core.pos;
        if (hits == NULL || bam_aux2i(hits) > 1 || b->core.isize < 0)
            continue;
        g = gene_of(genome, (size_t)b->core.tid, b->core.pos);
        if (g != SIZE_MAX) { /* read 1 lies against the gene */
            const int forward = !(b->core.flag & BAM_FREVERSE),
                      first = (b->core.flag & BAM_FREAD1) != 0;
            CHECK((forward == first) == genome->gene[g].reverse);
            count[g]++;
        }
    }
    bam_destroy1(b);
    sam_hdr_destroy(header);
    if (file != NULL)
        hts_close(file);
}

static void reads_hold_the_counts(void **state)
{
    cxs_ctx *ctx = context(2);
    cxs_matrix_settings ms = cxs_matrix_defaults();
    cxs_simulate_settings s = small();
    cxs_matrix *truth = NULL;
    cxs_genome genome;

    (void)state;
    CHECK(cxs_genome_make(ctx, s.seed, s.p, &genome) == CXS_OK);
    CHECK(cxs_matrix_read(ctx, test_path("a/truth.counts.tsv.zst"), &ms, &truth) ==
          CXS_OK);
    for (size_t i = 0; truth != NULL && i < PATIENTS; i++) {
        size_t count[GENES] = {0};
        char name[32];
        snprintf(name, sizeof name, "a/reads/S%04zu.bam", i + 1);
        count_file(test_path(name), &genome, count);
        for (size_t g = 0; g < GENES; g++)
            CHECK((double)count[g] == truth->x[g * truth->n + i]);
    }
    cxs_matrix_free(truth);
    cxs_genome_free(&genome);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Fragments per arm, all flags. */
static void count_arms(const char *path, const cxs_genome *genome, double *arms)
{
    htsFile *file = hts_open(path, "r");
    sam_hdr_t *header = NULL;
    bam1_t *b = bam_init1();

    CHECK(file != NULL && hts_set_fai_filename(file, test_path("a/reference.fa")) == 0);
    header = file != NULL ? sam_hdr_read(file) : NULL;
    while (header != NULL && sam_read1(file, header, b) >= 0)
        if (b->core.isize > 0)
            arms[cxs_toy_arm(genome, (size_t)b->core.tid, b->core.pos)] += 1.0;
    bam_destroy1(b);
    sam_hdr_destroy(header);
    if (file != NULL)
        hts_close(file);
}

/* The expected share of an arm is its length times 2(1 - f) + f c, bent by the GC of its
 * bases, which all patients share: the ratio of two patients is free of it. */
static void depth_follows_copy_numbers(void **state)
{
    cxs_ctx *ctx = context(2);
    cxs_simulate_settings s = small();
    cxs_person person[2];
    cxs_genome genome;
    double arms[2][CXS_TOY_ARMS] = {{0}}, dose[2][CXS_TOY_ARMS], all[2][2] = {{0}};

    (void)state;
    CHECK(cxs_genome_make(ctx, s.seed, s.p, &genome) == CXS_OK);
    count_arms(test_path("a/reads/C0001.cram"), &genome, arms[0]);
    count_arms(test_path("a/reads/C0002.cram"), &genome, arms[1]);
    for (size_t i = 0; i < 2; i++) {
        cxs_person_draw(&genome, s.seed, i, &person[i]);
        for (size_t a = 0; a < CXS_TOY_ARMS; a++) {
            const double f = person[i].tumour_fraction;
            dose[i][a] = 2.0 * (1.0 - f) + f * person[i].copies[a];
            all[i][0] += arms[i][a];
            all[i][1] += dose[i][a];
        }
    }
    CHECK(all[0][0] > 25000.0 && all[0][0] < 27500.0);
    for (size_t a = 0; a < CXS_TOY_ARMS; a++) {
        const double seen = arms[0][a] / arms[1][a] * all[1][0] / all[0][0],
                     expected = dose[0][a] / dose[1][a] * all[1][1] / all[0][1];
        CHECK_NEAR(seen / expected, 1.0, 0.125); /* 4.4 sd at 2,500 fragments an arm */
    }
    cxs_genome_free(&genome);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Every record is a line of the truth, with the tumour's depth and alternative reads. */
static void calls_are_those_of_the_truth(void **state)
{
    char *truth, expected[256];
    htsFile *file;
    bcf_hdr_t *header;
    bcf1_t *record = bcf_init();
    int32_t *ad = NULL;
    int room = 0, records = 0;

    (void)state;
    truth = test_read(test_path("a/truth.variants.tsv"), NULL);
    file = hts_open(test_path("a/variants/T0003.vcf.gz"), "r");
    header = file != NULL ? bcf_hdr_read(file) : NULL;
    CHECK(truth != NULL && header != NULL && bcf_hdr_nsamples(header) == 2);
    while (header != NULL && bcf_read(file, header, record) == 0) {
        bcf_unpack(record, BCF_UN_ALL);
        CHECK(bcf_get_format_int32(header, record, "AD", &ad, &room) == 4);
        snprintf(expected, sizeof expected, "T0003\t%s\t%lld\t%s\t%s\t",
                 bcf_seqname(header, record), (long long)record->pos + 1,
                 record->d.allele[0], record->d.allele[1]);
        const char *line = strstr(truth, expected);
        CHECK(line != NULL);
        snprintf(expected, sizeof expected, "\t%d\t%d\t", ad[2] + ad[3], ad[3]);
        CHECK(line != NULL && strstr(line, expected) != NULL &&
              strstr(line, expected) < strchr(line, '\n'));
        records++;
    }
    CHECK(records >= 5);
    free(ad);
    free(truth);
    bcf_destroy(record);
    bcf_hdr_destroy(header);
    if (file != NULL)
        hts_close(file);
    CHECK_DONE();
}

static void every_allocation_may_fail(void **state)
{
    cxs_ctx *ctx = context(1);
    cxs_simulate_settings s = small();
    const long live = cxs_alloc_live();
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)state;
    s.n = 2;
    s.p = 10;
    s.rna_fragments = 20;
    s.cfdna_fragments = 20;
    for (k = 1; rc == CXS_ENOMEM && k < 20000; k++) {
        cxs_alloc_fail_at(k);
        rc = cxs_simulate_study(ctx, &s, test_path("alloc"));
        cxs_alloc_fail_at(0);
        CHECK(rc == CXS_ENOMEM || rc == CXS_OK);
    }
    CHECK(rc == CXS_OK && k > 40);
    cxs_ctx_free(ctx);
    CHECK(cxs_alloc_live() <= live);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_bytes_for_any_threads),
        cmocka_unit_test(reads_hold_the_counts),
        cmocka_unit_test(depth_follows_copy_numbers),
        cmocka_unit_test(calls_are_those_of_the_truth),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests_name("simulate_reads", tests, test_folder_make,
                                       test_folder_remove);
}
