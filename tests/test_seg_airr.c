/*
 * test_seg_airr.c -- SEG files and AIRR rearrangements: typed rows, order, faults
 */
#include "test.h"
#include "tmp.h"

#include "base/base.h"
#include "ingest/airr.h"
#include "ingest/seg.h"

#include <string.h>
#include <zlib.h>

static const char *write_text(const char *text, bool gzip)
{
    static char path[512];
    gzFile file;

    tmp_write(path, sizeof path, "in.txt", text, strlen(text));
    if (gzip &&
        ((file = gzopen(path, "wb")) == NULL ||
         gzwrite(file, text, (unsigned)strlen(text)) <= 0 || gzclose(file) != Z_OK))
        abort();
    return path;
}

/* ---- SEG ------------------------------------------------------------------------- */

#define SEG "ID\tchrom\tloc.start\tloc.end\tnum.mark\tseg.mean\n"

static void segments_are_sorted(void **state)
{
    static const char text[] = SEG "B\t2\t1\t100\t5\t0.5\nA\tX\t1\t9\t2\tNA\n"
                                   "A\t10\t1e+05\t2e+05\t3\t-0.25\nA\t2\t50\t80\t2\t1\n"
                                   "A\t2\t1\t50\t4\t-1\nA\tGL000192.1\t1\t5\t1\t0\n";
    static const char crlf[] =
        "GDC_Aliquot\tChromosome\tStart\tEnd\tNum_Probes\tSegment_Mean\r\n"
        "A\tchr2\t1\t50\t4\t-1\r\nA\tchrM\t1\t5\t1\t0\r\n";

    (void)state;
    for (int gzip = 0; gzip < 2; gzip++) {
        cxs_ctx *ctx = tmp_ctx();
        cxs_seg_file *s = NULL;
        CHECK(cxs_seg_file_read(ctx, write_text(text, gzip), &s) == CXS_OK);
        if (s != NULL) {
            CHECK(s->samples == 2 && s->count == 5 && s->left_out == 1);
            CHECK(strcmp(s->sample[0], "A") == 0 && strcmp(s->sample[1], "B") == 0);
            CHECK(s->first[0] == 0 && s->first[1] == 4 && s->first[2] == 5);
            CHECK(s->segment[0].start == 1 && s->segment[0].mean == -1.0);
            CHECK(s->segment[1].start == 50 && s->segment[1].line == 5);
            CHECK(s->segment[2].chromosome == 10 && s->segment[2].start == 100000 &&
                  s->segment[2].end == 200000 && s->segment[2].markers == 3.0);
            CHECK(s->segment[3].chromosome == CXS_CHROMOSOME_X &&
                  isnan(s->segment[3].mean));
            CHECK(s->segment[4].sample == 1);
        }
        CHECK(strstr(tmp_log, "1 segments on other contigs were left out") != NULL);
        cxs_seg_file_free(s);
        s = NULL;
        CHECK(cxs_seg_file_read(ctx, write_text(crlf, gzip), &s) == CXS_OK);
        CHECK(s != NULL && s->count == 2 &&
              s->segment[1].chromosome == CXS_CHROMOSOME_M);
        cxs_seg_file_free(s);
        cxs_ctx_free(ctx);
    }
    tmp_remove("in.txt");
    CHECK_DONE();
}

static void faults_of_segments(void **state)
{
    static const struct {
        const char *text;
        const char *code, *message;
    } cases[] = {
        {SEG "A\t1\t1\t50\t4\t-1\nA\t1\t40\t90\t4\t1\n", "",
         "in.txt:3: segment 1:40-90 of sample \"A\" overlaps that of line 2"},
        {SEG "A\t1\t10\t50\t4\t-1\nA\t1\t20\t30\t4\t1\n", "",
         "overlaps that of line 2"},
        {SEG "A\t1\t50\t50\t4\t-1\nA\t1\t50\t50\t4\t-1\n", "",
         "overlaps that of line 2"},
        {SEG "A\t1\t50\t10\t4\t-1\n", "",
         "in.txt:2: the segment ends at 10, before 50"},
        {SEG "A\t1\t5.5\t10\t4\t-1\n", "CX016",
         "in.txt:2:loc.start: \"5.5\" is not a number"},
        {SEG "A\t1\t5\t10\t4\tlow\n", "CX016",
         "in.txt:2:seg.mean: \"low\" is not a number"},
        {SEG "A\t1\t-5\t10\t4\t0\n", "CX016",
         "in.txt:2:loc.start: \"-5\" is not a number"},
        {SEG "A\t1\t5\t10\t4\n", "CX019", "in.txt:2: 5 fields, the header has 6"},
        {SEG, "CX019", "in.txt: no row below the header"},
        {"ID\tchrom\tloc.start\tseg.mean\nA\t1\t1\t0\n", "CX020",
         "in.txt:1: column \"loc.end\" is missing"},
        {SEG "\t1\t5\t10\t4\t0\n", "CX020", "in.txt:2: the row has no id"},
        {SEG "A\tchr1\t5\t10\t4\t0\nA\t1\t50\t60\t4\t0\n", "CX035",
         "in.txt: both \"chr1\" and \"1\" occur"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cxs_ctx *ctx = tmp_ctx();
        cxs_seg_file *s = NULL;
        const cxs_rc rc = cxs_seg_file_read(ctx, write_text(cases[i].text, false), &s);
        if (strstr(cxs_ctx_message(ctx), cases[i].message) == NULL)
            printf("  case %zu: [%s] %s\n", i, cxs_ctx_code(ctx), cxs_ctx_message(ctx));
        CHECK(rc == CXS_EFORMAT && s == NULL);
        CHECK(strcmp(cxs_ctx_code(ctx), cases[i].code) == 0);
        CHECK(strstr(cxs_ctx_message(ctx), cases[i].message) != NULL);
        cxs_seg_file_free(s);
        cxs_ctx_free(ctx);
    }
    tmp_remove("in.txt");
    CHECK_DONE();
}

/* ---- AIRR ------------------------------------------------------------------------ */

#define AIRR                                                                           \
    "sequence_id\tv_call\tj_call\tjunction\tjunction_aa\tproductive\t"                 \
    "duplicate_count\tumi_count\n"

static void rearrangements_are_typed(void **state)
{
    static const char text[] =
        AIRR "1\tTRBV6-2*01,TRBV6-3*01\tTRBJ2-7*01\tTGTGCC\tCA\tT\t90\t3\n"
             "2\tTRBV5-1\tTRBJ1-1\t\tCAS\ttrue\t8\t2\n"
             "3\tTRAV1\tTRAJ1\tTGT\tC\tTRUE\t1\t1\n"
             "4\tTRBV5-1\tTRBJ1-1\tTGTA\t\tF\t7\t7\n\n";
    cxs_ctx *ctx = tmp_ctx();
    cxs_repertoire *r = NULL;

    (void)state;
    for (int gzip = 0; gzip < 2; gzip++) {
        CHECK(cxs_repertoire_read(ctx, write_text(text, gzip), "TRB", &r) == CXS_OK);
        if (r != NULL) {
            CHECK(r->count == 2 && r->total == 5.0);
            CHECK(r->unproductive == 1 && r->other_loci == 1);
            CHECK(strcmp(r->row[0].v, "TRBV6-2") == 0);
            CHECK(strcmp(r->row[0].j, "TRBJ2-7") == 0);
            CHECK(strcmp(r->row[0].junction, "TGTGCC") == 0);
            CHECK(strcmp(r->row[1].junction, "CAS") == 0 && r->row[1].line == 3);
            CHECK(strcmp(r->row[1].clone, "") == 0 && r->row[1].count == 2.0);
        }
        cxs_repertoire_free(r);
    }
    CHECK(cxs_repertoire_read(ctx, write_text(text, false), NULL, &r) == CXS_OK);
    CHECK(r != NULL && r->count == 3 && r->other_loci == 0);
    cxs_repertoire_free(r);
    CHECK(cxs_repertoire_read(
              ctx,
              write_text("v_call\tj_call\tjunction_aa\tproductive\t"
                         "locus\tclone_id\r\nIGHV1\tJ\tCA\t1\tTRB\tc9\r\n",
                         false),
              "TRB", &r) == CXS_OK);
    CHECK(r != NULL && r->count == 1 && r->total == 1.0 &&
          strcmp(r->row[0].clone, "c9") == 0);
    CHECK(strstr(tmp_log, "CX050: ") != NULL);
    CHECK(strstr(tmp_log,
                 "in.txt: no umi_count and no duplicate_count: each row counts "
                 "1\n") != NULL);
    cxs_repertoire_free(r);
    tmp_remove("in.txt");
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void faults_of_rearrangements(void **state)
{
    static const struct {
        const char *text;
        const char *code, *message;
    } cases[] = {
        {AIRR "1\tTRBV1\tTRBJ1\tT\tC\tyes\t1\t1\n", "CX050",
         "in.txt:2:productive: \"yes\""},
        {AIRR "1\tTRBV1\tTRBJ1\tT\tC\t\t1\t1\n", "CX050", "in.txt:2:productive: \"\""},
        {AIRR "1\tTRBV1\tTRBJ1\tT\tC\tT\t1\t0\n", "CX050",
         "in.txt:2:umi_count: \"0\" is not a number > 0"},
        {AIRR "1\tTRBV1\t\tT\tC\tT\t1\t1\n", "CX050",
         "in.txt:2:j_call: empty in a productive row"},
        {AIRR "1\tTRBV1\tTRBJ1\tT\tC\tT\t1\n", "CX019",
         "in.txt:2: 7 fields, the header has 8"},
        {AIRR, "CX019", "in.txt: no row below the header"},
        {"", "CX020", "in.txt:1: no header line"},
        {"v_call\tj_call\tproductive\nV\tJ\tT\n", "CX050",
         "in.txt:1: column \"junction_aa\" is missing"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cxs_ctx *ctx = tmp_ctx();
        cxs_repertoire *r = NULL;
        const cxs_rc rc =
            cxs_repertoire_read(ctx, write_text(cases[i].text, false), "TRB", &r);
        if (strstr(cxs_ctx_message(ctx), cases[i].message) == NULL)
            printf("  case %zu: [%s] %s\n", i, cxs_ctx_code(ctx), cxs_ctx_message(ctx));
        CHECK(rc == CXS_EFORMAT && r == NULL);
        CHECK(strcmp(cxs_ctx_code(ctx), cases[i].code) == 0);
        CHECK(strstr(cxs_ctx_message(ctx), cases[i].message) != NULL);
        cxs_repertoire_free(r);
        cxs_ctx_free(ctx);
    }
    tmp_remove("in.txt");
    CHECK_DONE();
}

static void every_allocation_may_fail(void **state)
{
    static const char airr[] = AIRR "1\tTRBV6-2\tTRBJ2-7\tTGTGCC\tCA\tT\t90\t3\n";
    cxs_ctx *ctx = cxs_ctx_new();
    const long live = cxs_alloc_live();

    (void)state;
    for (int what = 0; what < 2; what++) {
        cxs_rc rc = CXS_ENOMEM;
        long k;
        for (k = 1; rc == CXS_ENOMEM && k < 200; k++) {
            const char *path = write_text(
                what == 0 ? SEG "B\t2\t1\t100\t5\t0.5\nA\t1\t1\t9\t2\t0\n" : airr,
                false);
            cxs_seg_file *s = NULL;
            cxs_repertoire *r = NULL;
            cxs_alloc_fail_at(k);
            rc = what == 0 ? cxs_seg_file_read(ctx, path, &s)
                           : cxs_repertoire_read(ctx, path, "TRB", &r);
            cxs_alloc_fail_at(0);
            CHECK((rc == CXS_OK) == (s != NULL || r != NULL));
            cxs_seg_file_free(s);
            cxs_repertoire_free(r);
            CHECK(cxs_alloc_live() == live);
        }
        CHECK(rc == CXS_OK && k > 8);
    }
    tmp_remove("in.txt");
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static int remove_folder(void **state)
{
    (void)state;
    tmp_close();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments_are_sorted),
        cmocka_unit_test(faults_of_segments),
        cmocka_unit_test(rearrangements_are_typed),
        cmocka_unit_test(faults_of_rearrangements),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests_name("seg_airr", tests, NULL, remove_folder);
}
