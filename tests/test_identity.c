/*
 * test_identity.c -- who is who, on counts made by hand
 */
#include "ingest/identity.h"

#include "study_case.h"
#include "test.h"
#include "tmp.h"

#include <string.h>

enum { SITES = 200 };

/* Genotypes as if drawn: site s of a person. */
static int genotype(size_t person, size_t s)
{
    uint32_t h = (uint32_t)(s * 2654435761U + (person + 1) * 2246822519U);

    h = (h ^ h >> 15) * 2246822519U;
    h = (h ^ h >> 13) * 3266489917U;
    return (int)((h ^ h >> 16) % 3);
}

/* A bag as the meters leave it: 20 reads at each site of the person's genotype; of
 * reads of another person `foreign` in 20. */
static cxs_measures *bag_of(cxs_ctx *ctx, size_t person, size_t other, int64_t foreign)
{
    cxs_measures *bag = NULL;
    cxs_measure *table = NULL;
    int64_t *ref = NULL, *alt = NULL, *third = NULL;

    if (cxs_measures_new(ctx, &bag) != CXS_OK ||
        cxs_measures_add(ctx, bag, "snps", SITES, &table) != CXS_OK ||
        cxs_measure_int(ctx, table, "n_ref", &ref) != CXS_OK ||
        cxs_measure_int(ctx, table, "n_alt", &alt) != CXS_OK ||
        cxs_measure_int(ctx, table, "n_other", &third) != CXS_OK)
        abort();
    for (size_t s = 0; s < SITES; s++) {
        alt[s] = 10 * genotype(person, s) * (20 - foreign) / 20;
        alt[s] += genotype(other, s) * foreign / 2;
        ref[s] = 20 - alt[s];
    }
    return bag;
}

static void add_sex(cxs_ctx *ctx, cxs_measures *bag, int64_t autosomes, int64_t x,
                    int64_t y)
{
    static const char *const name[] = {"other", "autosomes", "X", "Y"};
    const int64_t n[] = {3, autosomes, x, y};
    cxs_measure *table = NULL;
    int64_t *reads = NULL, *length = NULL;
    size_t kind = 0;

    if (cxs_measures_add(ctx, bag, "sex", 4, &table) != CXS_OK ||
        cxs_measure_text(ctx, table, "kind", &kind) != CXS_OK ||
        cxs_measure_int(ctx, table, "reads", &reads) != CXS_OK ||
        cxs_measure_int(ctx, table, "length", &length) != CXS_OK)
        abort();
    for (size_t k = 0; k < 4; k++) {
        if (cxs_measure_set_text(ctx, table, kind, k, name[k]) != CXS_OK)
            abort();
        reads[k] = n[k];
        length[k] = k == 1 ? 1000000 : 100000;
    }
}

static cxs_person_file person(cxs_ctx *ctx, const char *sample, const char *patient,
                              size_t who, size_t other, int64_t foreign)
{
    cxs_measures *bag = bag_of(ctx, who, other, foreign);
    cxs_person_file file = {.sample = sample, .patient = patient};

    if (cxs_person_file_take(ctx, bag, true, &file) != CXS_OK)
        abort();
    cxs_measures_free(bag);
    return file;
}

static void clear(cxs_person_file *file, size_t n)
{
    for (size_t i = 0; i < n; i++)
        cxs_person_file_clear(&file[i]);
}

static void genotypes_by_hand(void **state)
{
    static const int64_t ref[] = {8, 7, 17, 86, 85, 15, 6, 75, 74, 5, 4, 14, 0, -5},
                         alt[] = {0, 0, 3, 14, 15, 5, 6, 225, 226, 25, 76, 86, 8, 20};
    static const int want[] = {0, -1, -1, 0, -1, 1, 1, 1, -1, -1, 2, 2, 2, -1};
    enum { N = sizeof want / sizeof *want };
    cxs_ctx *ctx = tmp_ctx();
    cxs_measures *bag = NULL;
    cxs_measure *table = NULL;
    int64_t *column = NULL;
    cxs_person_file file = {.sample = "A"};

    (void)state;
    CHECK(cxs_measures_new(ctx, &bag) == CXS_OK);
    CHECK(cxs_measures_add(ctx, bag, "snps", N, &table) == CXS_OK);
    CHECK(cxs_measure_int(ctx, table, "n_ref", &column) == CXS_OK);
    memcpy(column, ref, sizeof ref);
    CHECK(cxs_measure_int(ctx, table, "n_alt", &column) == CXS_OK);
    memcpy(column, alt, sizeof alt);
    /* without a column there is nothing to call */
    CHECK(cxs_person_file_take(ctx, bag, true, &file) == CXS_OK && file.sites == 0);
    CHECK(cxs_measure_int(ctx, table, "n_other", &column) == CXS_OK);
    CHECK(cxs_person_file_take(ctx, bag, true, &file) == CXS_OK && file.sites == N);
    for (size_t i = 0; i < N; i++)
        if (file.call[i] != want[i]) {
            printf("  %d/%d: %d\n", (int)ref[i], (int)alt[i], file.call[i]);
            test_failures++;
        }
    CHECK(isnan(file.x) && isnan(file.y));
    cxs_person_file_clear(&file);
    cxs_measures_free(bag);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void concordance(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_person_file f[3] = {person(ctx, "A", "P", 0, 0, 0),
                            person(ctx, "B", "P", 0, 0, 0),
                            person(ctx, "C", "Q", 1, 1, 0)};
    size_t shared = 0, equal = 0;

    (void)state;
    CHECK(cxs_genotype_concordance(&f[0], &f[1], &shared) == 1.0 && shared == SITES);
    for (size_t s = 0; s < SITES; s++)
        equal += genotype(0, s) == genotype(1, s);
    CHECK_NEAR(cxs_genotype_concordance(&f[0], &f[2], &shared), (double)equal / SITES,
               TOL_EXACT);
    for (size_t s = CXS_IDENTITY_SHARED; s < SITES; s++)
        f[1].call[s] = -1;
    CHECK(cxs_genotype_concordance(&f[0], &f[1], &shared) == 1.0 && shared == 50);
    f[1].call[0] = -1;
    CHECK(isnan(cxs_genotype_concordance(&f[0], &f[1], &shared)) && shared == 49);
    clear(f, 3);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Concordance at the limits: 40 of 200 sites differ is 0.80, which is one person. */
static void limits_of_a_patient(void **state)
{
    for (size_t differ = 40; differ <= 41; differ++) {
        cxs_ctx *ctx = tmp_ctx();
        cxs_person_file f[2] = {person(ctx, "A", "P", 0, 0, 0),
                                person(ctx, "B", "P", 0, 0, 0)};
        cxs_rc rc;
        for (size_t s = 0; s < differ; s++)
            f[1].call[s] = (signed char)((f[1].call[s] + 1) % 3);
        rc = cxs_identity_genotypes(ctx, f, 2);
        CHECK(rc == (differ == 40 ? CXS_OK : CXS_EFORMAT));
        if (differ == 41) {
            CHECK(strcmp(cxs_ctx_code(ctx), "CX044") == 0);
            CHECK(strcmp(cxs_ctx_message(ctx),
                         "samples A and B of patient P are different people "
                         "(concordance 0.80, 200 SNPs)") == 0 ||
                  strcmp(cxs_ctx_message(ctx),
                         "samples A and B of patient P are different people "
                         "(concordance 0.79, 200 SNPs)") == 0);
            CHECK(strstr(tmp_log, "A  B  P  P  0.795  200") != NULL);
        }
        clear(f, 2);
        cxs_ctx_free(ctx);
    }
    (void)state;
    CHECK_DONE();
}

static void limits_of_two_patients(void **state)
{
    for (size_t differ = 19; differ <= 20; differ++) {
        cxs_ctx *ctx = tmp_ctx();
        cxs_person_file f[2] = {person(ctx, "A", "P", 0, 0, 0),
                                person(ctx, "B", "Q", 0, 0, 0)};
        for (size_t s = 0; s < differ; s++)
            f[1].call[s] = (signed char)((f[1].call[s] + 1) % 3);
        if (differ == 19) {
            CHECK(cxs_identity_genotypes(ctx, f, 2) == CXS_EFORMAT);
            CHECK(strcmp(cxs_ctx_code(ctx), "CX056") == 0);
            CHECK(strcmp(cxs_ctx_message(ctx),
                         "patients P and Q look like one person") == 0);
        } else {
            CHECK(cxs_identity_genotypes(ctx, f, 2) == CXS_OK);
        }
        clear(f, 2);
        cxs_ctx_free(ctx);
    }
    (void)state;
    CHECK_DONE();
}

/* 200 sites of 30 reads; the maximum of the likelihood written out in R, by optimize():
 * 0.1274492886, and 0.1359070791 where the genotypes are known. */
static void contamination_of_given_counts(void **state)
{
    enum { N = 200 };
    static const int64_t reads[] = {27, 30, 14, 25, 3, 0, 18, 29};
    static const double frequency[] = {0.25, 0.5, 0.75, 0.4};
    static const signed char genotypes[] = {0, 0, 1, 0, 2, 2, 1, 0};
    int64_t ref[N], alt[N], other[N];
    signed char call[N];
    double f[N];
    cxs_person_file file = {
        .sites = N, .ref = ref, .alt = alt, .other = other, .call = call};
    cxs_person_file normal = file;

    (void)state;
    for (size_t s = 0; s < N; s++) {
        call[s] = genotypes[s % 8];
        f[s] = frequency[s % 4];
        ref[s] = reads[s % 8];
        alt[s] = 30 - ref[s];
        other[s] = 0;
    }
    CHECK_NEAR(cxs_contamination(&file, &file, f), 0.1274492886, 1e-5);
    CHECK_NEAR(cxs_contamination(&file, &normal, f), 0.1359070791, 1e-5);
    for (size_t s = 0; s < N; s++) {
        ref[s] = call[s] == 0 ? 30 : call[s] == 1 ? 15 : 0;
        alt[s] = 30 - ref[s];
    }
    CHECK(cxs_contamination(&file, &file, f) == 0.0);
    for (size_t s = 49; s < N; s++)
        alt[s] = ref[s] = 3; /* below the depth: 49 sites are left */
    CHECK(isnan(cxs_contamination(&file, &file, f)));
    CHECK_DONE();
}

/* However much there is: a third looks heterozygous and is contamination none the less. */
static void contamination_of_any_size(void **state)
{
    enum { N = 600 };
    static int64_t ref[N], alt[N], other[N];
    static double f[N];
    static signed char call[N];
    cxs_person_file file = {
        .sites = N, .ref = ref, .alt = alt, .other = other, .call = call};

    (void)state;
    for (double c = 0.02; c < 0.33; c += 0.06) {
        for (size_t s = 0; s < N; s++) {
            const double share =
                (1.0 - c) * 0.5 * genotype(0, s) + c * 0.5 * genotype(1, s);
            f[s] = 0.5;
            alt[s] = (int64_t)round(100.0 * share);
            ref[s] = 100 - alt[s];
            other[s] = 0;
        }
        CHECK_NEAR(cxs_contamination(&file, &file, f), c, 0.02);
    }
    CHECK_DONE();
}

/* Ten people; one has 2 reads in 20 of another: 10 %.  It is warned of and no other. */
static void contaminated_sample(void **state)
{
    static const char *const names[] = {"A", "B", "C", "D", "E",
                                        "F", "G", "H", "I", "J"};
    cxs_ctx *ctx = tmp_ctx();
    cxs_person_file f[10];
    size_t warned = 0;

    (void)state;
    for (size_t k = 0; k < 10; k++)
        f[k] = person(ctx, names[k], names[k], k, k == 4 ? 7 : k, k == 4 ? 2 : 0);
    CHECK(cxs_identity_genotypes(ctx, f, 10) == CXS_OK);
    for (size_t k = 0; k < 10; k++) {
        warned += f[k].contamination > 0.03;
        CHECK(k == 4 ? f[k].contamination > 0.06 && f[k].contamination < 0.14
                     : f[k].contamination == 0.0);
    }
    CHECK(warned == 1 && cxs_ctx_warning_count(ctx) == 1);
    CHECK(strncmp(cxs_ctx_warning(ctx, 0, NULL),
                  "CX045: sample ***: estimated contamination ", 43) == 0);
    CHECK(strstr(tmp_log, "CX045: sample E: estimated contamination ") != NULL);
    clear(f, 10);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Loss of heterozygosity looks like contamination unless a normal sample knows better. */
static void normal_sample_is_the_witness(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_person_file f[2] = {person(ctx, "T", "P", 0, 0, 0),
                            person(ctx, "N", "P", 0, 0, 0)};

    (void)state;
    f[1].normal = true;
    for (size_t s = 0; s < 100; s++)
        if (f[0].call[s] == 1) { /* lost, with 12 % of normal cells left */
            f[0].ref[s] = 94;
            f[0].alt[s] = 6;
            f[0].call[s] = 0;
        }
    CHECK(cxs_identity_genotypes(ctx, f, 2) == CXS_OK);
    CHECK(f[0].contamination == 0.0 && f[1].contamination == 0.0);
    CHECK(cxs_identity_genotypes(ctx, f, 1) == CXS_OK);
    CHECK(f[0].contamination > 0.02);
    clear(f, 2);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

typedef struct sexed {
    const char *sex;
    int64_t autosomes, x, y;
    bool disagrees;
} sexed;

/* Reads per base: autosomes 1 Mb, X and Y 0.1 Mb. */
static void sex_by_chromosomes(void **state)
{
    static const sexed cases[] = {
        {"F", 20000, 2000, 20, false},  {"F", 20000, 1000, 900, true},
        {"F", 20000, 1600, 900, false}, /* three copies of something */
        {"M", 20000, 1000, 900, false}, {"M", 20000, 1000, 10, false}, /* Y was lost */
        {"M", 20000, 2000, 20, true},   {"U", 20000, 1000, 900, false},
        {"F", 9999, 500, 500, false}, /* too few reads */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cxs_ctx *ctx = tmp_ctx();
        cxs_measures *bag = bag_of(ctx, 0, 0, 0);
        cxs_person_file f = {.sample = "S1", .patient = "P", .sex = cases[i].sex};
        add_sex(ctx, bag, cases[i].autosomes, cases[i].x, cases[i].y);
        CHECK(cxs_person_file_take(ctx, bag, true, &f) == CXS_OK);
        CHECK(cxs_identity_sex(ctx, &f, 1) == CXS_OK);
        CHECK((f.dna_disagrees != 0) == cases[i].disagrees);
        CHECK((cxs_ctx_warning_count(ctx) == 1) == cases[i].disagrees);
        if (i == 1)
            CHECK(strstr(tmp_log, "CX043: sample S1: recorded F, chrY has 0.45 of the "
                                  "depth of the autosomes") != NULL);
        cxs_person_file_clear(&f);
        f = (cxs_person_file){.sample = "S1", .patient = "P", .sex = cases[i].sex};
        CHECK(cxs_person_file_take(ctx, bag, false, &f) == CXS_OK);
        CHECK(isnan(f.x)); /* a panel does not tell */
        cxs_person_file_clear(&f);
        cxs_measures_free(bag);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

/* ---- studies ------------------------------------------------------------------------ */

#define YAML                                                                           \
    "tables: {patients: patients.tsv}\n"                                               \
    "endpoint: {name: OS, time: OS_DAYS, event: OS_STATUS, time_unit: days}\n"

static void sex_by_expression(void **state)
{
    static const char patients[] =
        "PATIENT_ID\tCENTER_ID\tCOHORT\tARM\tSEX\tAGE\tKPS\tOS_DAYS\tOS_STATUS\n"
        "P1\tC1\tGLIOMA\tTCELL\tF\t50\t80\t100\t1\n"
        "P2\tC1\tGLIOMA\tTCELL\tM\t51\t90\t200\t0\n"
        "P3\tC1\tGLIOMA\tTCELL\tM\t52\t70\t300\t1\n";
    /* P1 expresses Y: 3 x 300 of 1e6; P2 XIST and no Y; P3 as it should */
    static const char counts[] = "gene\tP1\tP2\tP3\nRPS4Y1\t300\t0\t500\n"
                                 "DDX3Y\t300\t0\t500\nKDM5D\t300\t0\t500\n"
                                 "XIST\t0\t800\t0\nTP53\t500000\t500000\t500000\n"
                                 "EGFR\t499100\t499200\t498500\n";
    cxs_ctx *ctx = tmp_ctx();

    (void)state;
    case_plain("sex",
               YAML "expression: {file: counts.tsv, kind: counts, normalise: none}\n",
               patients);
    case_file("sex", "counts.tsv", counts);
    CHECK(case_ingest(ctx, "sex") == CXS_OK);
    CHECK(strstr(tmp_log, "CX043: sample P1: recorded F, Y genes expressed (log2 CPM "
                          "9.8)") != NULL);
    CHECK(strstr(tmp_log,
                 "CX043: sample P2: recorded M, XIST expressed (log2 CPM 9.6), "
                 "Y genes not") != NULL);
    CHECK(strstr(tmp_log, "sample P3") == NULL);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void enrolled_twice(void **state)
{
    static const char head[] =
        "PATIENT_ID\tCENTER_ID\tCOHORT\tARM\tSEX\tAGE\tKPS\tENROLL_DATE\tDX_DATE\t"
        "DEATH_DATE\tOS_DAYS\tOS_STATUS\n"
        "P1\tC1\tGLIOMA\tTCELL\tF\t50\t80\t2020-01-10\t2019-06-01\t2020-04-19\t100\t1\n"
        "P3\tC1\tGLIOMA\tTCELL\tM\t52\t70\t2020-02-10\t2019-06-02\t2021-01-"
        "01\t326\t1\n";
    static const struct {
        const char *row;
        bool same;
    } cases[] = {{"P2\tC2\tGLIOMA\tTCELL\tF\t51\t80\t2020-03-01\t2019-06-01\t2020-04-"
                  "19\t49\t1\n",
                  true},
                 {"P2\tC2\tGLIOMA\tTCELL\tM\t51\t80\t2020-03-01\t2019-06-01\t2020-04-"
                  "19\t49\t1\n",
                  false},
                 {"P2\tC2\tGLIOMA\tTCELL\tF\t58\t80\t2020-03-01\t2019-06-01\t2020-04-"
                  "19\t49\t1\n",
                  false},
                 {"P2\tC2\tGLIOMA\tTCELL\tF\t51\t80\t2020-03-01\t2019-06-03\t2020-04-"
                  "19\t49\t1\n",
                  false},
                 {"P2\tC2\tGLIOMA\tTCELL\tF\t51\t80\t2020-03-01\t2019-06-01\t2020-04-"
                  "20\t50\t1\n",
                  false}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cxs_ctx *ctx = tmp_ctx();
        char text[2000];
        cxs_rc rc;
        snprintf(text, sizeof text, "%s%s", head, cases[i].row);
        case_plain("twice", YAML, text);
        rc = case_ingest(ctx, "twice");
        if (cases[i].same) {
            CHECK(rc == CXS_EFORMAT && strcmp(cxs_ctx_code(ctx), "CX056") == 0);
            CHECK(strcmp(cxs_ctx_message(ctx),
                         "patients P1 and P2 look like one person") == 0);
        } else if (rc != CXS_OK) {
            printf("  case %zu: %s\n", i, cxs_ctx_message(ctx));
            test_failures++;
        }
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(genotypes_by_hand),
                                       cmocka_unit_test(concordance),
                                       cmocka_unit_test(limits_of_a_patient),
                                       cmocka_unit_test(limits_of_two_patients),
                                       cmocka_unit_test(contamination_of_given_counts),
                                       cmocka_unit_test(contamination_of_any_size),
                                       cmocka_unit_test(contaminated_sample),
                                       cmocka_unit_test(normal_sample_is_the_witness),
                                       cmocka_unit_test(sex_by_chromosomes),
                                       cmocka_unit_test(sex_by_expression),
                                       cmocka_unit_test(enrolled_twice)};

    return cmocka_run_group_tests_name("identity", tests, test_folder_make,
                                       test_folder_remove);
}
