/*
 * test_annotation.c -- GTF, GFF3 and SAF, their faults, and what lies over a place
 */
#include "test.h"

#include "files.h"

#include "ingest/annotation.h"
#include "ingest/names.h"

static cxs_annotation *read_as(const char *text, const char *type, const char *group)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_annotation *a = NULL;

    if (cxs_annotation_read(ctx, test_text("a.gtf", text), type, group, &a) != CXS_OK)
        printf("  %s\n", cxs_ctx_message(ctx));
    cxs_ctx_free(ctx);
    assert_non_null(a);
    return a;
}

/* Exon i as "contig:start-end strand gene". */
static bool exon_is(const cxs_annotation *a, size_t i, const char *want)
{
    const cxs_exon *e = &a->exon[i];
    char got[256];

    snprintf(got, sizeof got, "%s:%lld-%lld %c %s", a->contig[e->contig],
             (long long)e->start, (long long)e->end, "+-."[e->strand],
             a -> gene[e->gene]);
    if (strcmp(got, want) != 0)
        printf("  exon %zu is %s, want %s\n", i, got, want);
    return strcmp(got, want) == 0;
}

static const char gtf[] =
    "#!genome-build x\n"
    "chr2\tsrc\tgene\t11\t90\t.\t-\t.\tgene_id \"B\";\n"
    "chr2\tsrc\texon\t11\t20\t.\t-\t.\tgene_id \"B\"; transcript_id \"B.1\";\n"
    "chr1\tsrc\texon\t5\t5\t.\t+\t.\ttranscript_id \"A;1\"; gene_id \"A\"; x \"y\";\n"
    "\n"
    "chr1\tsrc\tCDS\t1\t3\t.\t+\t0\tgene_id \"A\"; gene_name \"alpha\"\n"
    "chrM\tsrc\texon\t7\t9\t.\t.\t.\tnot_gene_id \"no\"; gene_id \"C d\"\n";

static void gtf_rows(void **state)
{
    cxs_annotation *a = read_as(gtf, "exon", "gene_id");

    (void)state;
    CHECK(a->gene_count == 3 && a->contig_count == 3 && a->exon_count == 3);
    CHECK(exon_is(a, 0, "1:4-5 + A"));
    CHECK(exon_is(a, 1, "2:10-20 - B"));
    CHECK(exon_is(a, 2, "MT:6-9 . C d"));
    CHECK(cxs_annotation_contig(a, "2") == 1 && cxs_annotation_contig(a, "MT") == 2);
    CHECK(cxs_annotation_contig(a, "chr2") == SIZE_MAX);
    CHECK(cxs_annotation_contig(a, "Z") == SIZE_MAX);
    cxs_annotation_free(a);
    a = read_as(gtf, "CDS,exon", "gene_id");
    CHECK(a->exon_count == 4 && exon_is(a, 0, "1:0-3 + A"));
    cxs_annotation_free(a);
    a = read_as(gtf, "CDS", "gene_name");
    CHECK(a->exon_count == 1 && exon_is(a, 0, "1:0-3 + alpha"));
    cxs_annotation_free(a);
    CHECK_DONE();
}

static void gff3_and_saf_rows(void **state)
{
    cxs_annotation *a =
        read_as("##gff-version 3\n"
                "1\ts\texon\t5\t6\t.\t+\t.\tID=e1;Parent=t1;gene=A\n"
                "1\ts\texon\t8\t9\t.\t-\t.\tgene=B;ID=e2\n##FASTA\n>1\nACGT\n",
                "exon", "gene");

    (void)state;
    CHECK(a->exon_count == 2 && exon_is(a, 0, "1:4-6 + A") &&
          exon_is(a, 1, "1:7-9 - B"));
    cxs_annotation_free(a);
    a = read_as("GeneID\tChr\tStart\tEnd\tStrand\n653\tchr1\t5\t6\t+\n7\t1\t1\t2\t.\n",
                "exon", "gene_id");
    CHECK(a->exon_count == 2 && exon_is(a, 0, "1:0-2 . 7") &&
          exon_is(a, 1, "1:4-6 + 653"));
    cxs_annotation_free(a);
    a = read_as("GeneID\t1\t5\t6\t+\n", "exon", "gene_id"); /* no header, odd name */
    CHECK(a->exon_count == 1 && exon_is(a, 0, "1:4-6 + GeneID"));
    cxs_annotation_free(a);
    CHECK_DONE();
}

/* The order of the rows changes nothing. */
static void order_of_rows(void **state)
{
    cxs_annotation *a = read_as("b\t2\t5\t6\t+\na\t1\t9\t9\t-\na\t1\t9\t9\t+\n"
                                "c\t1\t1\t12\t+\na\t1\t9\t10\t+\nb\t1\t9\t9\t+\n",
                                "", "");

    (void)state;
    CHECK(exon_is(a, 0, "1:0-12 + c") && exon_is(a, 1, "1:8-9 + a") &&
          exon_is(a, 2, "1:8-9 - a") && exon_is(a, 3, "1:8-9 + b") &&
          exon_is(a, 4, "1:8-10 + a") && exon_is(a, 5, "2:4-6 + b"));
    cxs_annotation_free(a);
    CHECK_DONE();
}

static void faults(void **state)
{
    static const struct {
        const char *text;
        cxs_rc rc;
        const char *code, *tail;
    } cases[] = {
        {"1\ts\texon\tx5\t6\t.\t+\t.\tgene_id \"A\"\n", CXS_EFORMAT, "",
         ":1:start: 'x5' is not a position"},
        {"1\ts\texon\t0\t6\t.\t+\t.\tgene_id \"A\"\n", CXS_EFORMAT, "",
         ":1:start: '0' is not a position"},
        {"#\n1\ts\texon\t5\t99999999999\t.\t+\t.\tgene_id \"A\"\n", CXS_EFORMAT, "",
         ":2:end: '99999999999' is not a position"},
        {"1\ts\texon\t5\t4\t.\t+\t.\tgene_id \"A\"\n", CXS_EFORMAT, "",
         ":1:end: 4 is before the start, 5"},
        {"1\ts\texon\t5\t6\t.\tx\t.\tgene_id \"A\"\n", CXS_EFORMAT, "",
         ":1:strand: 'x' is not +, - or ."},
        {"1\ts\texon\t5\t6\t.\t+\t.\tgene \"A\"\n", CXS_EFORMAT, "",
         ":1:attributes: no gene_id in this exon row"},
        {"1\ts\texon\t5\t6\t.\t+\t.\tgene_id \"\"\n", CXS_EFORMAT, "",
         ":1:attributes: no gene_id in this exon row"},
        {"1\ts\texon\t5\t6\n", CXS_EFORMAT, "", ":1:start: 'exon' is not a position"},
        {"1\ts\texon\t5\n", CXS_EFORMAT, "CX019",
         ":1: 4 fields, GTF and GFF3 have 9, SAF has 5"},
        {"1\ts\tCDS\t5\t6\t.\t+\t.\tgene_id \"A\"\n", CXS_EDEGENERATE, "",
         ": no row is of the type exon"},
        {"", CXS_EDEGENERATE, "", ": no row is of the type exon"},
    };
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cxs_annotation *a = NULL;
        const char *path = test_text("bad.gtf", cases[i].text);
        char want[2048];
        snprintf(want, sizeof want, "%s%s", path, cases[i].tail);
        CHECK(cxs_annotation_read(ctx, path, "exon", "gene_id", &a) == cases[i].rc);
        CHECK(a == NULL && strcmp(cxs_ctx_code(ctx), cases[i].code) == 0);
        CHECK(strcmp(cxs_ctx_message(ctx), want) == 0);
        if (strcmp(cxs_ctx_message(ctx), want) != 0)
            printf("  got %s\n", cxs_ctx_message(ctx));
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- segments ----------------------------------------------------------------------- */

static uint32_t lcg_state;
static uint32_t below(uint32_t n)
{
    lcg_state = lcg_state * 1664525U + 1013904223U;
    return (lcg_state >> 8) % n;
}

static cxs_buf random_saf(uint32_t seed, uint32_t length)
{
    cxs_buf text = {0};

    lcg_state = seed;
    for (size_t i = 0; i < 60; i++) {
        const uint32_t start = 1 + below(length), width = below(length / 6 + 2);
        if (cxs_buf_addf(NULL, &text, "g%u\t%u\t%u\t%u\t%c\n", below(9), 1 + below(2),
                         start, start + width, "+-."[below(3)]) != CXS_OK)
            abort();
    }
    return text;
}

/* Is the target, of that strand, over the place, by the rows themselves? */
static bool is_over(const cxs_annotation *a, bool by_exon, size_t contig, int64_t at,
                    cxs_over o)
{
    for (size_t i = 0; i < a->exon_count; i++) {
        const cxs_exon *e = &a->exon[i];
        if (e->contig == contig && e->start <= at && at < e->end &&
            e->strand == o.strand && (by_exon ? i : e->gene) == o.target)
            return true;
    }
    return false;
}

static size_t count_over(const cxs_annotation *a, bool by_exon, size_t contig,
                         int64_t at)
{
    const size_t targets = by_exon ? a->exon_count : a->gene_count;
    size_t n = 0;

    for (uint32_t t = 0; t < targets; t++)
        for (uint32_t s = 0; s < 3; s++)
            n += is_over(a, by_exon, contig, at, (cxs_over){t, s});
    return n;
}

/* Every place of every contig: the segment found there holds what the rows say. */
static void segments_hold_what_rows_say(void **state)
{
    static const uint32_t lengths[] = {40, 300, 20000};

    (void)state;
    for (uint32_t k = 0; k < 6; k++) {
        const bool by_exon = k % 2 == 1;
        const uint32_t length = lengths[k / 2];
        cxs_buf text = random_saf(k, length);
        cxs_annotation *a = read_as(text.text, "", "");
        cxs_ctx *ctx = cxs_ctx_new();
        cxs_segments *s = NULL;
        CHECK(cxs_segments_new(ctx, a, by_exon, &s) == CXS_OK);
        for (size_t c = 0; c < a->contig_count; c++)
            for (int64_t at = 0; at < 2 * (int64_t)length; at += 1 + length / 400) {
                const cxs_segment *g = cxs_segments_find(s, c, at);
                const bool inside = g < cxs_segments_end(s, c) && g->start <= at;
                CHECK(g == cxs_segments_end(s, c) || g->end > at);
                CHECK(g == s->segment + s->contig_first[c] || g[-1].end <= at);
                CHECK((inside ? g->count : 0) == count_over(a, by_exon, c, at));
                for (size_t i = 0; inside && i < g->count; i++)
                    CHECK(is_over(a, by_exon, c, at, s->over[g->first + i]));
                CHECK(!inside || g->count <= s->over_most);
            }
        cxs_segments_free(s);
        cxs_annotation_free(a);
        cxs_free(text.text);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

static void neighbours_are_joined(void **state)
{
    cxs_annotation *a = read_as("g\t1\t1\t10\t+\ng\t1\t11\t20\t+\ng\t1\t5\t15\t+\n"
                                "h\t1\t21\t30\t+\ng\t1\t25\t40\t-\n",
                                "", "");
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_segments *s = NULL;

    (void)state;
    CHECK(cxs_segments_new(ctx, a, false, &s) == CXS_OK);
    CHECK(s->segment_count == 4);
    CHECK(s->segment[0].start == 0 && s->segment[0].end == 20);
    CHECK(s->segment[1].start == 20 && s->segment[1].end == 24);
    CHECK(s->segment[2].end == 30 && s->segment[2].count == 2);
    CHECK(s->segment[3].end == 40 && s->segment[3].count == 1);
    cxs_segments_free(s);
    cxs_annotation_free(a);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void names_and_numbers(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_names names = {0};
    uint32_t *rank = NULL, number = 0;
    char text[16];

    (void)state;
    for (size_t turn = 0; turn < 2; turn++)
        for (size_t i = 0; i < 1000; i++) {
            const int n = snprintf(text, sizeof text, "n%zu", 999 - i);
            CHECK(cxs_names_number(ctx, &names, text, (size_t)n, &number) == CXS_OK);
            CHECK(number == i);
        }
    CHECK(cxs_names_number(ctx, &names, "n1x", 2, &number) == CXS_OK && number == 998);
    CHECK(names.count == 1000 && cxs_names_sort(ctx, &names, &rank) == CXS_OK);
    CHECK(strcmp(names.name[0], "n0") == 0 && strcmp(names.name[2], "n10") == 0);
    CHECK(rank[999] == 0 && rank[998] == 1 && rank[989] == 2);
    CHECK(cxs_names_number(ctx, &names, "n10", 3, &number) == CXS_OK && number == 2);
    cxs_free(rank);
    cxs_names_free(&names);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void every_allocation_may_fail(void **state)
{
    cxs_buf text = random_saf(3, 300);
    const char *path = test_text("alloc.saf", text.text);
    cxs_ctx *ctx = cxs_ctx_new();
    const long live = cxs_alloc_live();
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)state;
    for (k = 1; rc == CXS_ENOMEM && k < 500; k++) {
        cxs_annotation *a = NULL;
        cxs_segments *s = NULL;
        cxs_alloc_fail_at(k);
        rc = cxs_annotation_read(ctx, path, "", "", &a);
        if (rc == CXS_OK)
            rc = cxs_segments_new(ctx, a, true, &s);
        cxs_alloc_fail_at(0);
        CHECK((rc == CXS_OK) == (s != NULL));
        cxs_segments_free(s);
        cxs_annotation_free(a);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 20);
    cxs_ctx_free(ctx);
    cxs_free(text.text);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gtf_rows),
        cmocka_unit_test(gff3_and_saf_rows),
        cmocka_unit_test(order_of_rows),
        cmocka_unit_test(faults),
        cmocka_unit_test(segments_hold_what_rows_say),
        cmocka_unit_test(neighbours_are_joined),
        cmocka_unit_test(names_and_numbers),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests_name("annotation", tests, test_folder_make,
                                       test_folder_remove);
}
