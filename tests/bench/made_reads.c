/*
 * made_reads.c -- alignments and an annotation that are made up, to be counted
 *
 *   bench_made_reads odd SEED TEMPLATES PREFIX     every oddity that a mapper writes
 *   bench_made_reads plain SEED TEMPLATES PREFIX   RNA reads as they mostly are
 *
 * Writes PREFIX.bam (by coordinate), PREFIX.name.bam (mates beside each other) and
 * PREFIX.saf.  A template is a function of seed and its number; the file holds no names
 * of people or places.
 */
#include <htslib/sam.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONTIGS = 3, ALIGNMENTS_MOST = 12, CIGAR_MOST = 32 };

typedef struct setup {
    int odd;
    uint64_t seed;
    int64_t contig_length;
    int genes, read_length;
} setup;

typedef struct alignment {
    uint16_t flag;
    int32_t tid, mtid, nh, hi; /* hi < 0: no tag */
    int64_t pos, mpos;
    uint8_t quality;
    uint32_t cigar[CIGAR_MOST];
    size_t n_cigar;
    int64_t span;
} alignment;

typedef struct place {
    int64_t key; /* contig and position */
    uint32_t template_number, which;
} place;

static const char *const contig_name[CONTIGS] = {"chr1", "chr2", "chr3"};

/* splitmix64 (Steele, Lea and Flood 2014) */
static uint64_t state;
static uint64_t draw(void)
{
    uint64_t z = (state += 0x9e3779b97f4a7c15U);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

static int64_t below(int64_t n)
{
    return (int64_t)(draw() % (uint64_t)n);
}

static int chance(int percent)
{
    return below(100) < percent;
}

static void fail(const char *what)
{
    fprintf(stderr, "made_reads: %s\n", what);
    exit(1);
}

/* ---- annotation --------------------------------------------------------------------- */

static void write_genes(const setup *s, const char *prefix)
{
    char path[4096];
    FILE *f;

    snprintf(path, sizeof path, "%s.saf", prefix);
    if ((f = fopen(path, "w")) == NULL)
        fail("cannot write the annotation");
    fprintf(f, "GeneID\tChr\tStart\tEnd\tStrand\n");
    state = s->seed;
    for (int g = 0; g < s->genes; g++) {
        int64_t at = 1 + below(s->contig_length * 9 / 10);
        const int contig = (int)below(CONTIGS), exons = 1 + (int)below(8);
        const char strand = chance(50) ? '+' : '-';
        for (int e = 0; e < exons; e++) {
            const int64_t length = 20 + below(300);
            const char odd = s->odd && chance(3)   ? '.'
                             : s->odd && chance(3) ? '+'
                                                   : strand;
            if (at + length >= s->contig_length)
                break;
            fprintf(f, "G%d\t%s\t%lld\t%lld\t%c\n", g, contig_name[contig],
                    (long long)at, (long long)(at + length), odd);
            at += s->odd && chance(30) ? below(length) : length + below(2000);
        }
    }
    if (fclose(f) != 0)
        fail("cannot write the annotation");
}

/* ---- one template ------------------------------------------------------------------- */

static void add_op(alignment *a, int64_t length, uint32_t op)
{
    a->cigar[a->n_cigar++] = (uint32_t)length << BAM_CIGAR_SHIFT | op;
    if ((bam_cigar_type(op) & 2) != 0)
        a->span += length;
}

static void make_odd_cigar(const setup *s, alignment *a)
{
    int64_t left = s->read_length;
    const int pieces = chance(3) ? 13 : 1 + (int)below(5);

    if (chance(5))
        add_op(a, 3, BAM_CHARD_CLIP);
    if (chance(10)) {
        add_op(a, 4, BAM_CSOFT_CLIP);
        left -= 4;
    } else if (chance(3)) {
        add_op(a, 3, BAM_CINS);
        left -= 3;
    }
    for (int i = 1; i < pieces && left > 12; i++) {
        static const uint32_t ops[] = {BAM_CREF_SKIP, BAM_CREF_SKIP, BAM_CINS, BAM_CDEL,
                                       BAM_CEQUAL};
        const uint32_t op = ops[below(5)];
        const int64_t match = 1 + below(left / 3),
                      length = 1 + below(op == BAM_CREF_SKIP ? 700 : 4);
        add_op(a, match, BAM_CMATCH);
        left -= match;
        add_op(a, length, op);
        left -= op == BAM_CINS || op == BAM_CEQUAL ? length : 0;
        if (chance(5)) {
            add_op(a, 2, op == BAM_CINS ? BAM_CDEL : BAM_CINS);
            left -= op == BAM_CINS ? 0 : 2;
        }
        if (chance(3))
            add_op(a, 5 + below(50), BAM_CREF_SKIP);
    }
    add_op(a, left - 3, chance(20) ? BAM_CDIFF : BAM_CMATCH);
    add_op(a, 3, chance(10) ? BAM_CSOFT_CLIP : BAM_CMATCH);
}

static void make_cigar(const setup *s, alignment *a)
{
    a->n_cigar = 0;
    a->span = 0;
    if (s->odd) {
        make_odd_cigar(s, a);
    } else if (chance(25)) {
        const int64_t match = 10 + below(s->read_length - 20);
        add_op(a, match, BAM_CMATCH);
        add_op(a, 100 + below(2000), BAM_CREF_SKIP);
        add_op(a, s->read_length - match, BAM_CMATCH);
    } else {
        add_op(a, s->read_length, BAM_CMATCH);
    }
}

static void tell_mate(alignment *a, const alignment *mate)
{
    a->mtid = mate->tid;
    a->mpos = mate->pos;
    a->flag |= (uint16_t)((mate->flag & BAM_FUNMAP ? BAM_FMUNMAP : 0) |
                          (mate->flag & BAM_FREVERSE ? BAM_FMREVERSE : 0));
}

static void unmap(alignment *a, const alignment *mate)
{
    a->flag = (uint16_t)((a->flag & ~BAM_FREVERSE) | BAM_FUNMAP);
    a->n_cigar = 0;
    a->quality = 0;
    a->tid = mate != NULL ? mate->tid : -1;
    a->pos = mate != NULL ? mate->pos : -1;
}

/* Both ends of one hit of a pair. */
static void make_hit(const setup *s, alignment *a, alignment *b)
{
    const int64_t room = s->contig_length - 20000;
    const int reverse = chance(50);

    a->flag = BAM_FPAIRED | BAM_FREAD1;
    b->flag = BAM_FPAIRED | BAM_FREAD2;
    a->tid = b->tid = (int32_t)below(CONTIGS);
    a->pos = below(room);
    b->pos = a->pos + below(400);
    make_cigar(s, a);
    make_cigar(s, b);
    a->quality = b->quality = (uint8_t)(s->odd ? below(61) : 60);
    if (s->odd && chance(30))
        b->quality = (uint8_t)below(61);
    (reverse ? a : b)->flag |= BAM_FREVERSE;
    if (s->odd && chance(6))
        b->tid = (int32_t)below(CONTIGS);
    if (s->odd && chance(6))
        b->flag ^= BAM_FREVERSE;
    if (chance(s->odd ? 8 : 2))
        unmap(chance(50) ? a : b, NULL);
    if (chance(s->odd ? 5 : 1)) {
        unmap(a, NULL);
        unmap(b, NULL);
    }
    if ((a->flag & BAM_FUNMAP) != 0 && (b->flag & BAM_FUNMAP) == 0)
        unmap(a, b);
    if ((b->flag & BAM_FUNMAP) != 0 && (a->flag & BAM_FUNMAP) == 0)
        unmap(b, a);
    tell_mate(a, b);
    tell_mate(b, a);
}

static void swap(alignment *a, alignment *b)
{
    const alignment c = *a;

    *a = *b;
    *b = c;
}

/* Every record of a template, in the order of the file that is sorted by name. */
static size_t make_template(const setup *s, uint64_t number, alignment *a)
{
    int hits;
    size_t n = 0;

    state = s->seed * 0x2545f4914f6cdd1dU + number * 0xda942042e4dd58b5U;
    draw();
    hits = chance(s->odd ? 12 : 5) ? 2 + (int)below(3) : 1;
    const int duplicate = chance(s->odd ? 8 : 5), has_hi = chance(70);
    const int single = s->odd && s->seed % 2 == 1 && chance(5);
    memset(a, 0, ALIGNMENTS_MOST * sizeof *a);
    for (int h = 0; h < hits; h++) {
        alignment *one = &a[n], *two = &a[n + 1];
        make_hit(s, one, two);
        for (int e = 0; e < 2; e++) {
            a[n + (size_t)e].nh = hits;
            a[n + (size_t)e].hi = has_hi ? h + 1 : -1;
            a[n + (size_t)e].flag |=
                (uint16_t)((h > 0 ? BAM_FSECONDARY : 0) | (duplicate ? BAM_FDUP : 0));
        }
        if (s->odd && chance(3))
            one->flag ^= BAM_FDUP;
        if (s->odd && chance(40))
            swap(one, two);
        n += 2;
        if (s->odd && chance(6))
            n--; /* its mate is not in the file */
    }
    if (s->odd && n > 0 && chance(4)) {
        a[n] = a[0];
        a[n].flag |= BAM_FSUPPLEMENTARY;
        a[n].pos += (a[n].flag & BAM_FUNMAP) != 0 ? 0 : 37;
        n++;
    }
    if (single) {
        a[0].flag &= BAM_FREVERSE | BAM_FUNMAP | BAM_FDUP;
        a[0].mtid = -1;
        a[0].mpos = -1;
        n = 1;
    }
    return n;
}

/* ---- files -------------------------------------------------------------------------- */

static void to_record(const setup *s, uint64_t number, const alignment *a, bam1_t *b)
{
    char name[64], sequence[512], quality[512];
    static const char bases[] = "ACGT";
    const size_t length = (size_t)s->read_length;

    snprintf(name, sizeof name, "M0:%llu:%llu:F%llu", (unsigned long long)(number % 97),
             (unsigned long long)(number / 97), (unsigned long long)(number * 7919));
    state = number * 3 + a->flag;
    for (size_t i = 0; i < length; i += 16) {
        const uint64_t word = draw(), other = draw();
        for (size_t k = 0; k < 16 && i + k < length; k++) {
            sequence[i + k] = bases[word >> 2 * k & 3U];
            quality[i + k] = (other >> 4 * k & 15U) < 12 ? 37 : 25;
        }
    }
    if (bam_set1(b, strlen(name), name, a->flag, a->tid, a->pos, a->quality, a->n_cigar,
                 a->cigar, a->mtid, a->mpos, 0, length, sequence, quality, 64) < 0 ||
        bam_aux_update_int(b, "NH", a->nh) != 0 ||
        (a->hi >= 0 && bam_aux_update_int(b, "HI", a->hi) != 0) ||
        bam_aux_update_int(b, "NM", 0) != 0)
        fail("cannot make a record");
}

static int by_key(const void *a, const void *b)
{
    const place *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    if (x->template_number != y->template_number)
        return x->template_number < y->template_number ? -1 : 1;
    return (x->which > y->which) - (x->which < y->which);
}

static place *find_places(const setup *s, uint64_t templates, size_t *count)
{
    alignment a[ALIGNMENTS_MOST];
    size_t n = 0, room = 4 * templates + ALIGNMENTS_MOST;
    place *p = malloc(room * sizeof *p);

    for (uint64_t t = 0; p != NULL && t < templates; t++) {
        const size_t k = make_template(s, t, a);
        if (n + k > room) {
            place *larger = realloc(p, 2 * room * sizeof *p);
            if (larger == NULL)
                fail("out of memory");
            p = larger;
            room *= 2;
        }
        for (size_t i = 0; i < k; i++)
            p[n++] =
                (place){a[i].tid < 0 ? INT64_MAX : (int64_t)a[i].tid << 40 | a[i].pos,
                        (uint32_t)t, (uint32_t)i};
    }
    if (p == NULL)
        fail("out of memory");
    *count = n;
    return p;
}

static void write_file(const setup *s, const char *prefix, const char *ending,
                       const char *order, const place *p, size_t n)
{
    char path[4096], text[512];
    alignment a[ALIGNMENTS_MOST];
    bam1_t *b = bam_init1();
    samFile *f;
    sam_hdr_t *h = sam_hdr_init();
    size_t used = 0;

    snprintf(path, sizeof path, "%s%s", prefix, ending);
    f = sam_open(path, "wb4");
    used += (size_t)snprintf(text, sizeof text, "@HD\tVN:1.6\tSO:%s\n", order);
    for (int c = 0; c < CONTIGS; c++)
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "@SQ\tSN:%s\tLN:%lld\n",
                             contig_name[c], (long long)s->contig_length);
    if (f == NULL || h == NULL || b == NULL || sam_hdr_add_lines(h, text, used) != 0 ||
        hts_set_threads(f, 2) != 0 || sam_hdr_write(f, h) != 0)
        fail("cannot write alignments");
    for (size_t i = 0; i < n; i++) {
        make_template(s, p[i].template_number, a);
        to_record(s, p[i].template_number, &a[p[i].which], b);
        if (sam_write1(f, h, b) < 0)
            fail("cannot write alignments");
    }
    if (sam_close(f) != 0)
        fail("cannot write alignments");
    sam_hdr_destroy(h);
    bam_destroy1(b);
}

int main(int argc, char **argv)
{
    setup s = {0};
    size_t count = 0;
    uint64_t templates;
    place *p;

    if (argc != 5)
        fail("usage: bench_made_reads odd|plain SEED TEMPLATES PREFIX");
    s.odd = strcmp(argv[1], "odd") == 0;
    s.seed = strtoull(argv[2], NULL, 10);
    templates = strtoull(argv[3], NULL, 10);
    s.contig_length = s.odd ? 60000 : 80000000;
    s.genes = s.odd ? 80 : 20000;
    s.read_length = s.odd ? 50 : 100;
    write_genes(&s, argv[4]);
    p = find_places(&s, templates, &count);
    write_file(&s, argv[4], ".name.bam", "unsorted", p, count);
    qsort(p, count, sizeof *p, by_key);
    write_file(&s, argv[4], ".bam", "coordinate", p, count);
    free(p);
    return 0;
}
