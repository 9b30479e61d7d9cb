/*
 * test_meter_registry.c -- which meters are on, and that their bags are the same bytes
 */
#include "test.h"

#include "meter_case.h"
#include "meter_counts_case.h"

/* Names of the meters, joined; fragment meters are one. */
static const char *names(const char *library, const cxs_meter_settings *set)
{
    static char text[256];
    cxs_meter **meters = NULL;
    size_t count = 0;

    text[0] = '\0';
    CHECK(cxs_meters_for(ctx, "BAM", library, set, &meters, &count) == CXS_OK);
    for (size_t i = 0; i < count; i++) {
        strcat(text, i > 0 ? " " : "");
        strcat(text, meters[i]->name);
    }
    cxs_meters_free(meters, count);
    return text;
}

static void who_is_on(void **state)
{
    cxs_meter_settings set = cxs_meter_defaults();
    cxs_meter **meters = NULL;
    size_t count = 9, rows = 0;

    (void)state;
    CHECK(strcmp(names("SWGS", &set), "qc sex depth fragments") == 0);
    CHECK(strcmp(names("RNASEQ", &set), "qc junctions") == 0);
    CHECK(strcmp(names("PANEL", &set), "qc sex fragments") == 0);
    set.source = "TUMOR";
    CHECK(strcmp(names("WGS", &set), "qc sex depth") == 0);
    set.source = "PLASMA_CFDNA";
    set.targets = test_text("t.bed", "1\t0\t10\n");
    set.sites = test_text("t.snps", "chrom\tpos\tref\talt\n1\t5\tA\tC\n");
    set.hotspots = set.sites;
    CHECK(strcmp(names("PANEL", &set), "qc sex coverage snps hotspots fragments") == 0);
    CHECK(strcmp(names("RNA_LOWINPUT", &set), "qc junctions snps") == 0);
    CHECK(strcmp(names("TCRSEQ", &set), "qc") == 0);
    CHECK(cxs_meters_for(ctx, "VCF", "WGS", &set, &meters, &count) == CXS_EARG);
    CHECK(meters == NULL && count == 0);
    set.blacklist = test_path("absent.bed");
    CHECK(cxs_meters_for(ctx, "CRAM", "WGS", &set, &meters, &count) == CXS_ENOINPUT);
    CHECK(meters == NULL && count == 0);
    while (cxs_meter_row_at(rows) != NULL)
        rows++;
    CHECK(rows == 13 && strcmp(cxs_meter_row_at(3)->needs, "pairs bed") == 0);
    CHECK_DONE();
}

static void fragment_members(void **state)
{
    static const char sam[] =
        SQ "a\t99\tchr1\t101\t60\t8M\t=\t261\t168\t" T8 "\t" Q8 "\n";
    cxs_meter_settings set = cxs_meter_defaults();
    cxs_meter **meters = NULL;
    cxs_measures *bag = NULL;
    meter_case *c = case_new(sam, "hg19");
    size_t count = 0;

    (void)state;
    set.build = "hg19";
    set.genes = test_text("m.genes", "symbol\tchrom\tstrand\thg19_start\thg19_end\n"
                                     "F\t1\t+\t10\t20\n");
    set.windows = test_text("m.bed", "1\t0\t10\n");
    CHECK(cxs_meters_for(ctx, "BAM", "WGS", &set, &meters, &count) == CXS_OK);
    CHECK(case_run(ctx, c, meters[count - 1], 2, &bag) == CXS_OK);
    CHECK(cxs_measures_find(bag, "fragment_lengths") != NULL);
    CHECK(cxs_measures_find(bag, "fragment_bins") != NULL);
    CHECK(cxs_measures_find(bag, "end_motifs") != NULL);
    CHECK(cxs_measures_find(bag, "tss") != NULL);
    CHECK(cxs_measures_find(bag, "wps") != NULL);
    cxs_measures_free(bag);
    cxs_meters_free(meters, count);
    case_free(c);
    CHECK_DONE();
}

/* All meters in one pass over many blocks: the same bytes for any number of threads. */
static void same_bytes_for_any_threads(void **state)
{
    enum { PAIRS = 9000, READ = 20 };
    const char *path = test_path("pass.sam");
    FILE *file = fopen(path, "w");
    cxs_meter_settings set = cxs_meter_defaults();
    unsigned char *bytes[2] = {NULL, NULL};
    size_t size[2] = {0, 1};
    uint32_t seed = 9;

    (void)state;
    if (file == NULL)
        abort();
    fprintf(file, "@HD\tVN:1.6\tSO:unsorted\n@SQ\tSN:1\tLN:100000\n");
    for (int i = 0; i < PAIRS; i++) {
        const int at = i * 10 + 1, length = 60 + (int)((seed >> 9) % 140);
        const int far = at + length - READ;

        seed = seed * 1664525U + 1013904223U;
        fprintf(file, "r%d\t99\t1\t%d\t60\t20M\t=\t%d\t%d\tACGTTGCAACGTTGCAACGT\t%s\n",
                i, at, far, length, "IIIIIIIIIIIIIIIIIIII");
        fprintf(file,
                "r%d\t147\t1\t%d\t60\t9M2D11M\t=\t%d\t%d\tACGTTGCAACGTTGCAACGT\t%s\n",
                i, far, at, -length, "IIIIIIIIIIIIIIIIIIII");
    }
    if (fclose(file) != 0)
        abort();
    set.build = "other";
    set.targets = test_text("p.bed", "1\t100\t5000\tA\n1\t40000\t60000\tB\n");
    set.sites =
        test_text("p.snps", "chrom\tpos\tref\talt\n1\t500\tA\tC\n1\t5000\tA\tC\n");
    set.windows = test_text("p.windows", "1\t30000\t30100\n");
    for (size_t k = 0; k < 2; k++) {
        const cxs_reads_settings reads = {.path = path, .threads = k == 0 ? 1 : 4};
        cxs_meter **meters = NULL;
        cxs_measures *bag = NULL;
        size_t count = 0;

        CHECK(cxs_meters_for(ctx, "BAM", "WGS", &set, &meters, &count) == CXS_OK);
        CHECK(cxs_measures_new(ctx, &bag) == CXS_OK);
        CHECK(cxs_reads_pass(ctx, &reads, meters, count, bag) == CXS_OK);
        CHECK(named_cell(bag, "qc", "name", "records", "value") == 2 * PAIRS);
        CHECK(cell(bag, "fragments", "fragments", 0) == PAIRS);
        CHECK(cell(bag, "reads", "pairs", 0) == PAIRS);
        CHECK(cell(bag, "coverage", "ge_1", 1) == 20000);
        CHECK(cxs_measures_pack(ctx, bag, &bytes[k], &size[k]) == CXS_OK);
        cxs_measures_free(bag);
        cxs_meters_free(meters, count);
    }
    CHECK(size[0] == size[1] && memcmp(bytes[0], bytes[1], size[0]) == 0);
    cxs_free(bytes[0]);
    cxs_free(bytes[1]);
    CHECK_DONE();
}

static void depth_that_is_enough(void **state)
{
    (void)state;
    CHECK(cxs_meter_min_depth("TUMOR", "WGS") == 20);
    CHECK(cxs_meter_min_depth("TUMOR", "PANEL") == 100);
    CHECK(cxs_meter_min_depth("CSF_CFDNA", "PANEL") == 200);
    CHECK(cxs_meter_min_depth("CSF_CFDNA", "WES") == 50);
    CHECK(cxs_meter_min_depth("CSF_CFDNA", "WGS") == 20);
    CHECK(cxs_meter_min_depth("PLASMA_CFDNA", "PANEL") == 500);
    CHECK(cxs_meter_min_depth("NORMAL_BLOOD", "PANEL") == 10);
    CHECK(cxs_meter_min_depth(NULL, "PANEL") == 100);
    CHECK(cxs_meter_min_depth(NULL, "WES") == 20);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_on),
        cmocka_unit_test(fragment_members),
        cmocka_unit_test(same_bytes_for_any_threads),
        cmocka_unit_test(depth_that_is_enough),
    };

    return cmocka_run_group_tests_name("meter_registry", tests, make, end);
}
