/*
 * test_hostile.c -- sequencing files with flipped and missing bytes: each costs itself
 * and one message, whatever the decoder makes of it
 */
#include "coxswain/coxswain.h"

#include "ingest/assay.h"
#include "ingest/contain.h"

#include "files.h"
#include "test.h"
#include "tmp.h"

#include <errno.h>
#include <sys/wait.h>

enum { TRIALS = 40 };

static cxs_sequencing shared;
static char reference[1200], targets[1200];

static cxs_assay assay_of(const char *kind, const char *sample, const char *library,
                          char *path)
{
    cxs_assay a = {.sample = sample,
                   .assay = kind,
                   .file = path,
                   .build = "other",
                   .library = library,
                   .source = "TUMOR",
                   .path = path,
                   .study = &shared};

    if (strcmp(library, "WES") == 0)
        a.targets = targets;
    return a;
}

static int set_up(void **state)
{
    cxs_simulate_settings s = cxs_simulate_defaults();
    cxs_ctx *ctx = cxs_ctx_new();

    if (test_folder_make(state) != 0)
        return 1;
    s.n = 2;
    s.p = 12;
    s.k = 1;
    s.seed = 5;
    s.sequencing = 1;
    s.rna_fragments = 150;
    s.cfdna_fragments = 300;
    if (cxs_simulate_study(ctx, &s, test_path("study")) != CXS_OK ||
        cxs_variant_refs_read(ctx, "refdata", &shared.refs) != CXS_OK)
        abort();
    snprintf(reference, sizeof reference, "%s", test_path("study/reference.fa"));
    snprintf(targets, sizeof targets, "%s", test_path("study/targets.bed"));
    shared.reference = reference;
    cxs_ctx_free(ctx);
    return 0;
}

static int tear_down(void **state)
{
    cxs_variant_refs_free(shared.refs);
    return test_folder_remove(state);
}

typedef struct tally {
    size_t fine, refused;
} tally;

/* The file is read or refused in one sentence that names it; nothing stays behind. */
static void read_one(cxs_assay *a, tally *t)
{
    const cxs_contain_limits limits = {.cpu_s = 20, .wall_s = 60};
    cxs_ctx *ctx = tmp_ctx();
    cxs_measures *bag = NULL;
    const cxs_rc rc = cxs_contain(ctx, a->path, &limits, cxs_assay_measure, a, &bag);

    CHECK((rc == CXS_OK) == (bag != NULL));
    if (rc == CXS_OK) {
        t->fine++;
    } else {
        const int exit_status = cxs_rc_exit_status(rc);
        t->refused++;
        if ((exit_status != 65 && exit_status != 74 && exit_status != 71) ||
            strstr(cxs_ctx_message(ctx), a->path) == NULL ||
            strchr(cxs_ctx_message(ctx), '\n') != NULL) {
            printf("  %d: %s\n", exit_status, cxs_ctx_message(ctx));
            test_failures++;
        }
    }
    CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
    cxs_measures_free(bag);
    cxs_ctx_free(ctx);
}

static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* One to four bytes changed, or the end cut off. */
static void spoil(char *bytes, size_t *n, uint32_t *random)
{
    const uint32_t changes = next_random(random) % 5;

    if (changes == 0)
        *n = next_random(random) % *n;
    for (uint32_t c = 0; c < changes; c++)
        bytes[next_random(random) % *n] ^= (char)(1 + next_random(random) % 255);
}

static void check_kind(const char *kind, const char *from, const char *name,
                       const char *sample, const char *library, uint32_t seed)
{
    char path[1200];
    cxs_assay a;
    tally t = {0, 0};
    size_t n = 0;
    char *whole = test_read(test_path(from), &n), *bytes = malloc(n);

    snprintf(path, sizeof path, "%s", test_path(name));
    a = assay_of(kind, sample, library, path);
    test_file(name, whole, n);
    read_one(&a, &t);
    CHECK(t.fine == 1 && bytes != NULL);
    for (int i = 0; bytes != NULL && i < TRIALS; i++) {
        size_t length = n;
        memcpy(bytes, whole, n);
        spoil(bytes, &length, &seed);
        test_file(name, bytes, length);
        read_one(&a, &t);
    }
    CHECK(t.refused > TRIALS / 2);
    test_file(name, whole, n);
    t = (tally){0, 0};
    read_one(&a, &t);
    CHECK(t.fine == 1);
    free(bytes);
    free(whole);
}

static void hostile_bam(void **state)
{
    (void)state;
    check_kind("BAM", "study/reads/S0001.bam", "x.bam", "S0001", "RNASEQ", 11);
    CHECK_DONE();
}

static void hostile_cram(void **state)
{
    (void)state;
    check_kind("CRAM", "study/reads/C0001.cram", "x.cram", "C0001", "SWGS", 22);
    CHECK_DONE();
}

static void hostile_vcf(void **state)
{
    (void)state;
    check_kind("VCF", "study/variants/T0001.vcf.gz", "x.vcf.gz", "T0001", "WES", 33);
    CHECK_DONE();
}

/* What is none of these, under their names. */
static void strangers(void **state)
{
    static const char *const kinds[] = {"BAM", "CRAM", "VCF", "MAF"};
    static const char *const texts[] = {"",
                                        "\x1f\x8b",
                                        "CRAM",
                                        "BAM\1",
                                        "rubbish\n",
                                        "##fileformat=VCFv4.2\n",
                                        "Hugo_Symbol\tChromosome\n"};

    (void)state;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
            char path[1200];
            cxs_assay a;
            tally t = {0, 0};
            snprintf(path, sizeof path, "%s", test_text("stranger", texts[i]));
            a = assay_of(kinds[k], "T1", "WES", path);
            read_one(&a, &t);
            CHECK(t.refused == 1);
        }
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_bam), cmocka_unit_test(hostile_cram),
        cmocka_unit_test(hostile_vcf), cmocka_unit_test(strangers)};

    return cmocka_run_group_tests_name("hostile", tests, set_up, tear_down);
}
