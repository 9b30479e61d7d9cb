/*
 * made_fragments.c -- cell-free DNA that is made up: pairs in coordinate order, FASTA,
 * targets, sites and genes, for the times of the meters
 *
 *   bench_made_fragments SEED PAIRS PREFIX
 *
 * Writes PREFIX.bam (75-base reads of fragments around 167 bases over three contigs of
 * 20 Mb, tags MQ MC NM AS RG, 5 % duplicates, 3 % of low MAPQ, 5 % clipped), PREFIX.fa,
 * PREFIX.bed (2000 targets of 200 bases), PREFIX.sites.tsv (2000) and PREFIX.saf (20000
 * exons of 4000 genes).  Pairs are a function of the seed.
 */
#include <htslib/kstring.h>
#include <htslib/sam.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONTIGS = 3, LENGTH = 20000000, READ = 75, WAITING = 4096 };

static uint64_t state;

static uint64_t draw(uint64_t below)
{
    uint64_t z;

    state += 0x9E3779B97F4A7C15U;
    z = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return (z ^ (z >> 31)) % below;
}

static char *contig[CONTIGS];

typedef struct mate { /* the right read of a pair, until its place is reached */
    bam1_t *b;
    int64_t pos;
} mate;

static mate waiting[WAITING];
static size_t waiting_count;

static void need(int ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "made_fragments: %s\n", what);
        exit(74);
    }
}

static void write_fasta(const char *prefix)
{
    char path[512];
    FILE *file;

    snprintf(path, sizeof path, "%s.fa", prefix);
    need((file = fopen(path, "wb")) != NULL, path);
    for (int c = 0; c < CONTIGS; c++) {
        contig[c] = malloc(LENGTH);
        need(contig[c] != NULL, "memory");
        for (int64_t i = 0; i < LENGTH; i += 16) {
            uint64_t bits = draw(UINT64_MAX);
            for (int64_t k = i; k < i + 16 && k < LENGTH; k++, bits >>= 2)
                contig[c][k] = "ACGT"[bits & 3];
        }
        fprintf(file, ">chr%d\n", c + 1);
        for (int64_t i = 0; i < LENGTH; i += 80)
            fprintf(file, "%.*s\n", (int)(LENGTH - i < 80 ? LENGTH - i : 80),
                    contig[c] + i);
    }
    need(fclose(file) == 0, path);
}

static void write_places(const char *prefix)
{
    char path[512];
    FILE *bed, *sites, *saf;

    snprintf(path, sizeof path, "%s.bed", prefix);
    need((bed = fopen(path, "wb")) != NULL, path);
    snprintf(path, sizeof path, "%s.sites.tsv", prefix);
    need((sites = fopen(path, "wb")) != NULL, path);
    snprintf(path, sizeof path, "%s.saf", prefix);
    need((saf = fopen(path, "wb")) != NULL, path);
    fprintf(sites, "chrom\tpos\tref\talt\n");
    fprintf(saf, "GeneID\tChr\tStart\tEnd\tStrand\n");
    for (int i = 0; i < 2000; i++) {
        const int c = (int)draw(CONTIGS);
        const int64_t at = (int64_t)draw(LENGTH - 1000);
        const char ref = contig[c][at + 100];

        fprintf(bed, "chr%d\t%lld\t%lld\tG%d\n", c + 1, (long long)at,
                (long long)at + 200, i / 10);
        fprintf(sites, "%d\t%lld\t%c\t%c\n", c + 1, (long long)at + 101, ref,
                ref == 'A' ? 'C' : 'A');
    }
    for (int i = 0; i < 20000; i++) {
        const int64_t at = 1 + (int64_t)(i / 5 % 1333) * 15000 + (i % 5) * 2500;

        fprintf(saf, "G%d\tchr%d\t%lld\t%lld\t%c\n", i / 5, i / 5 / 1334 + 1,
                (long long)at, (long long)at + 600, i / 5 % 2 ? '+' : '-');
    }
    need(fclose(bed) == 0 && fclose(sites) == 0 && fclose(saf) == 0, prefix);
}

/* One read as a SAM line: slow to make, but its form is beyond doubt. */
static bam1_t *make_read(sam_hdr_t *header, kstring_t *line, uint64_t number, int flag,
                         int tid, int64_t pos, int64_t mate_pos, int64_t size, int mapq,
                         int mate_mapq, int clip)
{
    bam1_t *b = bam_init1();

    line->l = 0;
    ksprintf(line, "M:%llu:F%llu\t%d\tchr%d\t%lld\t%d\t",
             (unsigned long long)number % 97, (unsigned long long)number, flag, tid + 1,
             (long long)pos + 1, mapq);
    if (clip > 0)
        ksprintf(line, "%dM%dS", READ - clip, clip);
    else
        ksprintf(line, "%dM", READ);
    ksprintf(line, "\t=\t%lld\t%lld\t", (long long)mate_pos + 1, (long long)size);
    kputsn(contig[tid] + pos, READ, line);
    kputc('\t', line);
    for (int i = 0; i < READ; i++)
        kputc("FFFFFFF:F,"[draw(10)], line);
    ksprintf(line, "\tNM:i:0\tMD:Z:%d\tMC:Z:%dM\tMQ:i:%d\tAS:i:%d\tXS:i:0\tRG:Z:rg1",
             READ, READ, mate_mapq, READ);
    need(sam_parse1(line, header, b) >= 0, "a record");
    return b;
}

static void flush_until(samFile *out, sam_hdr_t *header, int64_t pos)
{
    for (;;) {
        size_t first = 0;

        for (size_t i = 1; i < waiting_count; i++)
            if (waiting[i].pos < waiting[first].pos)
                first = i;
        if (waiting_count == 0 || waiting[first].pos > pos)
            return;
        need(sam_write1(out, header, waiting[first].b) >= 0, "write");
        bam_destroy1(waiting[first].b);
        waiting[first] = waiting[--waiting_count];
    }
}

static void write_pairs(samFile *out, sam_hdr_t *header, uint64_t pairs)
{
    kstring_t line = {0, 0, NULL};
    uint64_t number = 0;

    for (int c = 0; c < CONTIGS; c++) {
        const uint64_t here = pairs / CONTIGS, gap = 2 * ((LENGTH - 2000) / (here + 1));
        int64_t pos = 0;

        for (uint64_t i = 0; i < here; i++, number++) {
            int64_t size = 100;
            const int low = draw(100) < 3, dup = draw(100) < 5 ? 1024 : 0;
            const int swap = draw(2) == 1, mapq = low ? 5 : 60;

            for (int k = 0; k < 9; k++) /* mean 167, sd about 13 */
                size += (int64_t)draw(16);
            pos += (int64_t)draw(gap + 1);
            if (pos > LENGTH - 1000)
                pos = LENGTH - 1000;
            flush_until(out, header, pos);
            bam1_t *left =
                make_read(header, &line, number, (swap ? 163 : 99) | dup, c, pos,
                          pos + size - READ, size, mapq, 60, draw(20) == 0 ? 9 : 0);
            need(sam_write1(out, header, left) >= 0, "write");
            bam_destroy1(left);
            need(waiting_count < WAITING, "too many pairs");
            waiting[waiting_count].pos = pos + size - READ;
            waiting[waiting_count++].b =
                make_read(header, &line, number, (swap ? 83 : 147) | dup, c,
                          pos + size - READ, pos, -size, 60, mapq, 0);
        }
        flush_until(out, header, INT64_MAX);
    }
    free(line.s);
}

int main(int argc, char **argv)
{
    kstring_t text = {0, 0, NULL};
    sam_hdr_t *header;
    samFile *out;
    char path[512];

    need(argc == 4, "usage: bench_made_fragments SEED PAIRS PREFIX");
    state = strtoull(argv[1], NULL, 10);
    write_fasta(argv[3]);
    write_places(argv[3]);
    kputs("@HD\tVN:1.6\tSO:coordinate\n", &text);
    for (int c = 0; c < CONTIGS; c++)
        ksprintf(&text, "@SQ\tSN:chr%d\tLN:%d\n", c + 1, LENGTH);
    kputs("@RG\tID:rg1\tSM:S1\n", &text);
    need((header = sam_hdr_parse(text.l, text.s)) != NULL, "header");
    snprintf(path, sizeof path, "%s.bam", argv[3]);
    need((out = sam_open(path, "wb1")) != NULL, path);
    need(sam_hdr_write(out, header) == 0, path);
    write_pairs(out, header, strtoull(argv[2], NULL, 10));
    need(sam_close(out) == 0, path);
    sam_hdr_destroy(header);
    free(text.s);
    for (int c = 0; c < CONTIGS; c++)
        free(contig[c]);
    return 0;
}
