/*
 * test_vcf_faults.c -- VCF and BCF files that are damaged, hostile or of another study
 */
#include "vcf_case.h"

#include <htslib/bgzf.h>
#include <htslib/vcf.h>
#include <zlib.h>

#define LINE(record) VCF_HEAD record "\n"
#define GOOD         "2\t100\t.\tA\tT\t.\tPASS\t.\tGT:AD\t0/1:50,50\n"

typedef struct fault {
    const char *text;
    cxs_rc rc;
    const char *code, *message; /* message after "FILE:" */
} fault;

static void check_fault(vcf_case *c, const fault *f)
{
    char want[1024];

    vcf_case_read(c, f->text);
    snprintf(want, sizeof want, "%s:%s", c->s.path, f->message);
    if (c->rc != f->rc || strcmp(cxs_ctx_code(c->ctx), f->code) != 0 ||
        strcmp(cxs_ctx_message(c->ctx), want) != 0) {
        test_failures++;
        printf("  got rc %d, %s, %s\n  want rc %d, %s, %s\n", (int)c->rc,
               cxs_ctx_code(c->ctx), cxs_ctx_message(c->ctx), (int)f->rc, f->code,
               want);
    }
    CHECK(cxs_measures_count(c->bag) == 0);
}

/* What HTSlib 1.16 accepts in silence, and what it does not. */
static void hostile_records(void **state)
{
    static const fault faults[] = {
        {LINE("2\t100\t.\tA\tT\t.\tPASS\t.\tGT:AD\t0/7:50,50"), CXS_EFORMAT, "",
         " record 1 (2:100): the genotype has allele 7 of 2"},
        {LINE("2\t100\t.\tA\tT\t.\tPASS\t.\tGT:AD\t2/1:50,50"), CXS_EFORMAT, "",
         " record 1 (2:100): the genotype has allele 2 of 2"},
        {LINE("2\t100\t.\tA\tT,C\t.\tPASS\t.\tGT:AD\t0/1:50,50"), CXS_EFORMAT, "",
         " record 1 (2:100): AD has 2 values for 3 alleles"},
        {LINE("2\t100\t.\tA\tT\t.\tPASS\t.\tGT:AD\t0/1:50,-5"), CXS_EFORMAT, "",
         " record 1 (2:100): AD is negative"},
        {LINE("2\t100\t.\tA\tT\t.\tPASS\t.\tGT:AD"), CXS_EFORMAT, "",
         " record 1: 9 columns, the header has 10"},
        {LINE("2\t100\t.\tA\tT\t.\tPASS\t.\tGT:AD\t0/1:5,5\t0/1:5,5"), CXS_EFORMAT, "",
         " record 1: 11 columns, the header has 10"},
        {VCF_HEAD GOOD "\n" GOOD, CXS_EFORMAT, "", " record 2: the line is empty"},
        {VCF_HEAD GOOD "##late=1\n", CXS_EFORMAT, "",
         " record 2: a header line between records"},
        {LINE("2\t243199374\t.\tA\tT\t.\tPASS\t.\tAD\t5,5"), CXS_EFORMAT, "",
         " record 1 (2:243199374): the position is behind the end of the contig"},
        {LINE("2\t99999999999999999999\t.\tA\tT\t.\tPASS\t.\tAD\t5,5"), CXS_EFORMAT, "",
         " record 1: POS is no position"},
        {LINE("2\tx\t.\tA\tT\t.\tPASS\t.\tAD\t5,5"), CXS_EFORMAT, "",
         " record 1: POS is no position"},
        {LINE("44\t100\t.\tA\tT\t.\tPASS\t.\tAD\t5,5"), CXS_EFORMAT, "",
         " record 1: the contig is not declared in the header"},
        {LINE("2\t100\t.\t\tT\t.\tPASS\t.\tAD\t5,5"), CXS_EFORMAT, "",
         " record 1 (2:100): REF is no sequence of bases"},
        {LINE("2\t100\t.\tA/B\tT\t.\tPASS\t.\tAD\t5,5"), CXS_EFORMAT, "",
         " record 1 (2:100): REF is no sequence of bases"},
        {LINE("2\t100\t.\tA\tT?\t.\tPASS\t.\tAD\t5,5"), CXS_EFORMAT, "",
         " record 1 (2:100): ALT is no sequence of bases"},
        {LINE("2\t100\t.\tA\tA\t.\tPASS\t.\tAD\t5,5"), CXS_EFORMAT, "",
         " record 1 (2:100): ALT is the same as REF"},
        {LINE("2\t100\t.\tA\tT\t.\tPASS\t.\tDP:AD\t5.5:5,5"), CXS_EFORMAT, "",
         " record 1: a value does not have the type that the header declares"},
        {"##fileformat=VCFv4.2\n2\t100\t.\tA\tT\t.\tPASS\t.\tAD\t5,5\n", CXS_EFORMAT,
         "", " the header is damaged or the #CHROM line is missing"},
        {"", CXS_EFORMAT, "", " neither VCF nor BCF"},
        {"gene\tcount\nTP53\t3\n", CXS_EFORMAT, "", " neither VCF nor BCF"},
    };
    vcf_case c = vcf_case_make();

    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        check_fault(&c, &faults[i]);
    vcf_case_free(&c);
    CHECK_DONE();
}

/* The rows of the catalogue, word by word. */
static void catalogue(void **state)
{
    static const fault faults[] = {
        {VCF_TOP "##contig=<ID=chr1,length=248956422>\n" VCF_CSQ VCF_FORMAT VCF_NAMES
                 "\tT1\n",
         CXS_EMISMATCH, "CX034",
         " header says GRCh38 (chr1 248956422), sheet says hg19"},
        {VCF_TOP "##contig=<ID=1,length=248387328>\n" VCF_CSQ VCF_FORMAT VCF_NAMES
                 "\tT1\n",
         CXS_EMISMATCH, "CX034",
         " header says T2T-CHM13v2.0 (1 248387328), sheet says hg19"},
        {VCF_TOP VCF_CSQ VCF_FORMAT VCF_NAMES
         "\tT1\n"
         "2\t208248388\t.\tC\tT\t.\tPASS\t.\tAD\t50,50\n"
         "5\t1295113\t.\tG\tA\t.\tPASS\t.\tAD\t50,50\n"
         "7\t140753336\t.\tA\tT\t.\tPASS\t.\tAD\t50,50\n",
         CXS_EMISMATCH, "CX034",
         " 3 hotspots stand at positions of GRCh38, sheet says hg19"},
        {VCF_TOP "##contig=<ID=chr2>\n##contig=<ID=7>\n" VCF_CSQ VCF_FORMAT VCF_NAMES
                 "\tT1\n",
         CXS_EFORMAT, "CX035", " both \"chr2\" and \"7\" occur"},
        {VCF_TOP VCF_CSQ VCF_FORMAT VCF_NAMES "\tT1\n" GOOD
                                              "chr7\t9\t.\tA\tT\t.\tPASS\t.\tAD\t5,5\n",
         CXS_EFORMAT, "CX035", " both \"chr7\" and \"2\" occur"},
        {VCF_HEAD "7\t100\t.\tA\tT\t.\tPASS\t.\tAD\t5,5\n"
                  "7\t99\t.\tA\tT\t.\tPASS\t.\tAD\t5,5\n",
         CXS_EFORMAT, "CX040", " record 2 (7:99) is before the one above"},
        {VCF_HEAD GOOD "7\t100\t.\tA\tT\t.\tPASS\t.\tAD\t5,5\n" GOOD, CXS_EFORMAT,
         "CX040", " record 3 (2:100) is before the one above"},
        {VCF_TOP VCF_CSQ VCF_FORMAT VCF_NAMES "\tX9\n", CXS_EMISMATCH, "CX042",
         " sample is \"X9\", sheet says \"T1\""},
        {VCF_TOP VCF_CSQ VCF_FORMAT VCF_NAMES "\tA\tB\tC\tD\n", CXS_EMISMATCH, "CX042",
         " sample is \"A, B, C and 1 more\", sheet says \"T1\""},
        {VCF_TOP VCF_CSQ "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n",
         CXS_EMISMATCH, "CX042", " sample is \"\", sheet says \"T1\""},
        {VCF_TOP VCF_FORMAT VCF_NAMES "\tT1\n", CXS_EFORMAT, "CX046",
         " no consequence annotation (CSQ, ANN or BCSQ)"},
        {VCF_TOP
         "##INFO=<ID=CSQ,Number=.,Type=String,Description=\"x\">\n" VCF_FORMAT VCF_NAMES
         "\tT1\n",
         CXS_EFORMAT, "CX046", " no \"Format: \" text in the header line of CSQ"},
        {LINE("2\t100\t.\tA\tT\t.\tPASS\t.\tDP:AF\t100:35.5"), CXS_EFORMAT, "CX047",
         "2:100: AF 35.5 is above 1; percent?"},
        {VCF_TOP VCF_CSQ
         "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"G\">\n" VCF_NAMES
         "\tT1\n2\t100\t.\tA\tT\t.\tPASS\t.\tGT\t0/1\n",
         CXS_EFORMAT, "CX047", "2:100: no allele depth (AD) and no fraction (AF)"},
    };
    vcf_case c = vcf_case_make();

    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        check_fault(&c, &faults[i]);
    vcf_case_free(&c);
    CHECK_DONE();
}

/* An unknown term is a warning and class none. */
static void unknown_terms_are_named(void **state)
{
    vcf_case c = vcf_case_make();

    (void)state;
    vcf_case_ok(&c, LINE("2\t100\t.\tA\tT\t.\tPASS\tCSQ=T|odd_variant|X|G1|G|T|E|"
                         "protein_coding||||||\tAD\t50,50"));
    CHECK(strstr(tmp_log, "CX046: ") != NULL);
    CHECK(strstr(tmp_log, ": unknown consequence term \"odd_variant\"") != NULL);
    CHECK(vcf_is(&c, "class", 0, "none") && vcf_is(&c, "gene", 0, "G1"));
    CHECK(vcf_has(&c, "protein", 0, 0));
    vcf_case_free(&c);
    CHECK_DONE();
}

static const char *toy_fasta(void)
{
    static char path[TEST_PATH_BYTES * 2];
    char bases[2200] = ">2\n";

    for (size_t i = 0; i < 2000; i++)
        bases[3 + i] = "ACGT"[i % 4];
    strcat(bases, "\n");
    test_text("toy.fa.fai", "2\t2000\t3\t2000\t2001\n");
    snprintf(path, sizeof path, "%s", test_text("toy.fa", bases));
    return path;
}

/* CX036: a reference that differs from the table of hotspots, whatever the file holds.
 * Chromosome 11 with the bases of 19 rows of HRAS, N elsewhere, is right; with A for C
 * at codons 146 and 12 three rows are wrong; another genome has other places. */
static void wrong_hotspots(void **state)
{
    enum { LENGTH = 540000 };
    static const struct {
        int pos;
        char base;
    } bases[] = {{533467, 'C'}, {533873, 'C'}, {533874, 'T'}, {533875, 'G'},
                 {534285, 'C'}, {534286, 'C'}, {534288, 'C'}, {534289, 'C'}};
    vcf_case c = vcf_case_make();
    char *text = malloc(LENGTH + 6);

    (void)state;
    if (text == NULL)
        abort();
    memcpy(text, ">11\n", 4);
    memset(text + 4, 'N', LENGTH);
    memcpy(text + 4 + LENGTH, "\n", 2);
    test_text("h.fa.fai", "11\t540000\t4\t540000\t540001\n");
    for (int wrong = 0; wrong < 3; wrong++) {
        for (size_t i = 0; i < sizeof bases / sizeof *bases; i++)
            text[3 + bases[i].pos] = bases[i].base;
        if (wrong > 0)
            text[3 + 533467] = text[3 + 534288] = 'A';
        c.s.reference = test_text("h.fa", text);
        c.s.build = wrong < 2 ? "hg19" : "other";
        vcf_case_read(&c, VCF_TOP VCF_CSQ VCF_FORMAT VCF_NAMES "\tT1\n");
        CHECK(c.rc == (wrong == 1 ? CXS_EMISMATCH : CXS_OK));
        if (wrong != 1)
            continue;
        CHECK(strcmp(cxs_ctx_code(c.ctx), "CX036") == 0);
        CHECK(strcmp(cxs_ctx_message(c.ctx),
                     "refdata/hotspots.tsv:11:533467: REF C, reference has A (3 of 19 "
                     "checked)") == 0);
    }
    free(text);
    vcf_case_free(&c);
    CHECK_DONE();
}

/* CX036: one wrong REF of 1001 is below 0.1 %, two are above. */
static void wrong_reference(void **state)
{
    vcf_case c = vcf_case_make();
    cxs_buf text = {0};
    char want[1024];

    (void)state;
    c.s.reference = toy_fasta();
    c.s.build = "other";
    for (int wrong = 1; wrong <= 2; wrong++) {
        text.length = 0;
        CHECK(cxs_buf_addf(c.ctx, &text, "%s%s\tT1\n",
                           VCF_TOP "##contig=<ID=2,length=2000>\n" VCF_CSQ VCF_FORMAT,
                           VCF_NAMES) == CXS_OK);
        for (int i = 0; i < 1001; i++)
            CHECK(cxs_buf_addf(c.ctx, &text, "2\t%d\t.\t%c\t%c\t.\t.\t.\tAD\t5,5\n",
                               i + 1, i >= 1001 - wrong ? 'G' : "ACGT"[i % 4],
                               "CGTA"[i % 4]) == CXS_OK);
        vcf_case_read(&c, text.text);
        if (wrong == 1) {
            CHECK(c.rc == CXS_OK);
            CHECK(vcf_int(&c, "variants.assay", "mismatched", 0) == 1);
        } else {
            CHECK(c.rc == CXS_EMISMATCH && !strcmp(cxs_ctx_code(c.ctx), "CX036"));
            snprintf(want, sizeof want,
                     "%s:2:1000: REF G, reference has T (2 of 1001 checked)", c.s.path);
            if (strcmp(cxs_ctx_message(c.ctx), want) != 0)
                printf("  %s\n", cxs_ctx_message(c.ctx));
            CHECK(strcmp(cxs_ctx_message(c.ctx), want) == 0);
        }
    }
    cxs_free(text.text);
    vcf_case_free(&c);
    CHECK_DONE();
}

static void missing_files(void **state)
{
    vcf_case c = vcf_case_make();

    (void)state;
    c.s.path = "/nonexistent/a.vcf";
    vcf_case_read(&c, NULL);
    CHECK(c.rc == CXS_ENOINPUT);
    c.s.path = "https://example.org/a.vcf.gz";
    vcf_case_read(&c, NULL);
    CHECK(c.rc == CXS_EARG);
    c.s.reference = test_text("noindex.fa", ">2\nACGT\n");
    vcf_case_read(&c, VCF_HEAD);
    CHECK(c.rc == CXS_ENOINPUT && strcmp(cxs_ctx_code(c.ctx), "CX038") == 0);
    CHECK(strstr(cxs_ctx_message(c.ctx), "run: samtools faidx ") != NULL);
    c.s.reference = NULL;
    c.s.target_bed = test_text("bad.bed", "chr2\t20\t10\n");
    vcf_case_read(&c, VCF_HEAD);
    CHECK(c.rc == CXS_EFORMAT);
    CHECK(strstr(cxs_ctx_message(c.ctx), "bad.bed:1: a BED line is") != NULL);
    vcf_case_free(&c);
    CHECK_DONE();
}

/* The same text as BGZF, gzip and BCF gives the same table; cut, it is CX037, 74. */
static void write_bgzf(const char *path, const char *text)
{
    BGZF *file = bgzf_open(path, "w");

    CHECK(file != NULL && bgzf_write(file, text, strlen(text)) > 0);
    CHECK(bgzf_close(file) == 0);
}

static void write_gzip(const char *path, const char *text)
{
    gzFile file = gzopen(path, "wb");

    CHECK(file != NULL && gzwrite(file, text, (unsigned)strlen(text)) > 0);
    CHECK(gzclose(file) == Z_OK);
}

static void write_bcf_as(const char *path, const char *vcf, const char *mode)
{
    htsFile *in = hts_open(vcf, "r"), *out = hts_open(path, mode);
    bcf_hdr_t *header = bcf_hdr_read(in);
    bcf1_t *record = bcf_init();

    CHECK(bcf_hdr_write(out, header) == 0);
    while (bcf_read(in, header, record) == 0)
        CHECK(bcf_write(out, header, record) == 0);
    bcf_destroy(record);
    bcf_hdr_destroy(header);
    CHECK(hts_close(in) == 0 && hts_close(out) == 0);
}

/* Copy of a file without its last `cut` bytes. */
static const char *cut_file(const char *path, size_t cut)
{
    static char copy[TEST_PATH_BYTES * 2];
    size_t length = 0;
    char *bytes = test_read(path, &length);

    snprintf(copy, sizeof copy, "%s", test_file("cut", bytes, length - cut));
    free(bytes);
    return copy;
}

static void containers(void **state)
{
    static const char *const names[] = {"b.vcf.gz", "g.vcf.gz", "c.bcf"};
    vcf_case c = vcf_case_make();
    cxs_buf text = {0};
    char path[3][TEST_PATH_BYTES * 2], want[1024];

    (void)state;
    CHECK(cxs_buf_addf(c.ctx, &text, "%s", VCF_HEAD) == CXS_OK);
    for (int i = 1; i <= 3000; i++)
        CHECK(cxs_buf_addf(c.ctx, &text,
                           "2\t%d\t.\tA\tT\t.\tPASS\t.\tGT:AD\t0/1:%d,%d\n", i * 7,
                           50 + i % 17, 10 + i * 7 % 31) == CXS_OK);
    for (int i = 0; i < 3; i++)
        snprintf(path[i], sizeof path[i], "%s", test_path(names[i]));
    write_bgzf(path[0], text.text);
    write_gzip(path[1], text.text);
    write_bcf_as(path[2], test_text("plain.vcf", text.text), "wb");
    for (int i = 0; i < 3; i++) {
        c.s.path = path[i];
        vcf_case_ok(&c, NULL);
        CHECK(vcf_rows(&c, "variants") == 3000);
        CHECK(vcf_has(&c, "pos", 2999, 21000) && vcf_has(&c, "ad_alt", 1, 24));
        for (int cut = 0; cut < 2; cut++) {
            c.s.path = cut_file(path[i], cut == 0 ? 28 : 3000);
            vcf_case_read(&c, NULL);
            snprintf(want, sizeof want,
                     "%s: no end-of-file marker: the file is truncated", c.s.path);
            if (c.rc != CXS_ETRUNCATED || strcmp(cxs_ctx_message(c.ctx), want) != 0)
                printf("  %s cut %d: %s\n", names[i], cut, cxs_ctx_message(c.ctx));
            CHECK(c.rc == CXS_ETRUNCATED && !strcmp(cxs_ctx_code(c.ctx), "CX037"));
            CHECK(strcmp(cxs_ctx_message(c.ctx), want) == 0);
        }
    }
    cxs_free(text.text);
    vcf_case_free(&c);
    CHECK_DONE();
}

/* HTSlib ends the program on a BCF whose header declares a number where the record has
 * text: the header of a written file is changed. */
static void declared_types_that_lie(void **state)
{
    static const char text[] = "Type=String,Description=\"DD\"";
    static const char number[] = "Type=Integer,Description=\"D\"";
    vcf_case c = vcf_case_make();
    char path[TEST_PATH_BYTES * 2], *bytes = NULL, want[1024];
    size_t length = 0, changed = 0;

    (void)state;
    snprintf(path, sizeof path, "%s", test_path("lie.bcf"));
    write_bcf_as(path,
                 test_text("lie.vcf", VCF_TOP VCF_HG19 VCF_CSQ
                           "##FORMAT=<ID=AD,Number=R,Type=Integer,Description=\"A\">\n"
                           "##FORMAT=<ID=DP,Number=1,Type=String,Description=\"DD\">"
                           "\n" VCF_NAMES
                           "\tT1\n2\t100\t.\tA\tT\t.\t.\t.\tAD:DP\t50,50:ten\n"),
                 "wbu");
    bytes = test_read(path, &length);
    for (size_t i = 0; i + sizeof text < length; i++)
        if (memcmp(bytes + i, text, sizeof text - 1) == 0) {
            memcpy(bytes + i, number, sizeof number - 1);
            changed++;
        }
    CHECK(changed == 1 && sizeof text == sizeof number);
    c.s.path = test_file("lie.bcf", bytes, length);
    vcf_case_read(&c, NULL);
    snprintf(want, sizeof want,
             "%s: record 1: a value does not have the type that the header declares",
             c.s.path);
    CHECK(c.rc == CXS_EFORMAT && strcmp(cxs_ctx_message(c.ctx), want) == 0);
    free(bytes);
    vcf_case_free(&c);
    CHECK_DONE();
}

/* A byte changed inside a block: CX037, but not "truncated". */
static void damaged_block(void **state)
{
    vcf_case c = vcf_case_make();
    cxs_buf text = {0};
    size_t length = 0;
    char *bytes = NULL, path[TEST_PATH_BYTES * 2];

    (void)state;
    CHECK(cxs_buf_addf(c.ctx, &text, "%s", VCF_HEAD) == CXS_OK);
    for (int i = 1; i <= 9000; i++)
        CHECK(cxs_buf_addf(c.ctx, &text, "2\t%d\t.\tA\tT\t.\tPASS\t.\tAD\t%d,%d\n",
                           i * 7, 50 + i % 17, 10 + i * 7 % 31) == CXS_OK);
    snprintf(path, sizeof path, "%s", test_path("d.vcf.gz"));
    write_bgzf(path, text.text);
    bytes = test_read(path, &length);
    for (size_t i = 0; i < 40; i++)
        bytes[length - 2000 + i] = (char)(bytes[length - 2000 + i] ^ 0x55);
    c.s.path = test_file("d.vcf.gz", bytes, length);
    vcf_case_read(&c, NULL);
    CHECK(c.rc == CXS_EFORMAT && strcmp(cxs_ctx_code(c.ctx), "CX037") == 0);
    CHECK(strstr(cxs_ctx_message(c.ctx), "d.vcf.gz: damaged after record ") != NULL);
    free(bytes);
    cxs_free(text.text);
    vcf_case_free(&c);
    CHECK_DONE();
}

/* Any byte of the text changed to any of some: a clean end, no crash. */
static void any_byte_may_be_wrong(void **state)
{
    static const char text[] =
        LINE("17\t7578406\t.\tCA\tTA,C\t.\tPASS\tCSQ=TA|missense_variant|X|TP53|G|T|E|"
             "protein_coding||p.Arg175His|1|||\tGT:AD:DP:AF:SB\t0/1:6,3,1:10:0.3,0.1:1,"
             "2,3,4");
    static const char bytes[] = {'\0', '\t', '\n', '9', '-', 'x', '|', ',', '\x80'};
    const size_t start = strlen(VCF_HEAD) - 60, length = sizeof text - 1;
    vcf_case c = vcf_case_make();
    size_t ok = 0, refused = 0;
    char copy[sizeof text];

    (void)state;
    for (size_t i = start; i < length; i++)
        for (size_t b = 0; b < sizeof bytes; b++) {
            memcpy(copy, text, sizeof text);
            copy[i] = bytes[b];
            c.s.path = test_file("h.vcf", copy, length);
            vcf_case_read(&c, NULL);
            ok += c.rc == CXS_OK;
            refused += c.rc == CXS_EFORMAT || c.rc == CXS_EMISMATCH;
            CHECK(c.rc == CXS_OK || c.rc == CXS_EFORMAT || c.rc == CXS_EMISMATCH);
        }
    CHECK(ok > 100 && refused > 100);
    vcf_case_free(&c);
    CHECK_DONE();
}

static void every_allocation_may_fail(void **state)
{
    static const char text[] =
        LINE("17\t7578406\t.\tCA\tTA,C\t.\tPASS\tCSQ=TA|missense_variant|X|TP53|G|T|E|"
             "protein_coding||p.Arg175His|1|||\tGT:AD\t0/1:60,30,1");
    vcf_case c = vcf_case_make();
    cxs_rc rc = CXS_ENOMEM;
    long k = 0;

    (void)state;
    c.s.path = test_text("a.vcf", text);
    c.s.target_bed = test_text("t.bed", "chr2\t209113100\t209113120\tIDH1\n");
    vcf_case_ok(&c, NULL); /* so that its warnings are known and need no memory */
    for (k = 1; rc == CXS_ENOMEM && k < 20000; k++) {
        const long live = cxs_alloc_live();
        cxs_measures *bag = NULL;
        CHECK(cxs_measures_new(c.ctx, &bag) == CXS_OK);
        cxs_alloc_fail_at(k);
        rc = cxs_vcf_measure(c.ctx, &c.s, bag);
        cxs_alloc_fail_at(0);
        cxs_measures_free(bag);
        CHECK(rc == CXS_OK || rc == CXS_ENOMEM);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 40);
    rc = CXS_ENOMEM;
    for (k = 1; rc == CXS_ENOMEM && k < 200000; k += k < 50 ? 1 : 97) {
        cxs_variant_refs *refs = NULL;
        cxs_alloc_fail_at(k);
        rc = cxs_variant_refs_read(c.ctx, "refdata", &refs);
        cxs_alloc_fail_at(0);
        CHECK((rc == CXS_OK) == (refs != NULL));
        cxs_variant_refs_free(refs);
    }
    CHECK(rc == CXS_OK);
    vcf_case_free(&c);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_records),
        cmocka_unit_test(catalogue),
        cmocka_unit_test(unknown_terms_are_named),
        cmocka_unit_test(wrong_hotspots),
        cmocka_unit_test(wrong_reference),
        cmocka_unit_test(missing_files),
        cmocka_unit_test(containers),
        cmocka_unit_test(declared_types_that_lie),
        cmocka_unit_test(damaged_block),
        cmocka_unit_test(any_byte_may_be_wrong),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests_name("vcf faults", tests, test_folder_make,
                                       test_folder_remove);
}
