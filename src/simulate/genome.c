/*
 * genome.c -- drawing the toy genome of simulated sequencing
 */
#include "simulate/genome.h"

#include <math.h>

enum {
    PART_LAYOUT, /* exons and gaps */
    PART_GC,
    PART_BASES,
    PART_SNP,
    GC_WINDOW = 2000,
    FLANK = 1000, /* before the first and after the last gene of a contig */
    LEAST = 20000 /* bases of a contig */
};

static const double GC_MEAN = 0.42, GC_SPREAD = 0.07;

static cxs_stream draws(uint64_t seed, uint64_t part)
{
    return cxs_sim_stream(seed, CXS_DRAW_SIMULATE, CXS_SIM_GENOME, part);
}

static int64_t between(const cxs_stream *s, uint64_t index, int64_t low, int64_t high)
{
    return low + (int64_t)cxs_draw_below(s, index, (size_t)(high - low + 1));
}

/* Exons of gene g from `at` on; returns the first base behind the gene. */
static int64_t lay_gene(uint64_t seed, size_t g, int64_t at, cxs_toy_gene *gene)
{
    const cxs_stream s = draws(seed, PART_LAYOUT);
    const uint64_t index = 16 * (uint64_t)g;

    gene->reverse = cxs_draw_below(&s, index, 2) == 1;
    gene->exons = 2 + (int)cxs_draw_below(&s, index + 1, 2);
    gene->bases = 0;
    at += between(&s, index + 2, 250, 450);
    for (int e = 0; e < gene->exons; e++) {
        const uint64_t at_exon = index + 3 + 2 * (uint64_t)e;
        gene->start[e] = at;
        at += between(&s, at_exon, 160, 320);
        gene->end[e] = at;
        gene->bases += gene->end[e] - gene->start[e];
        at += between(&s, at_exon + 1, 90, 200);
    }
    return gene->end[gene->exons - 1];
}

static void lay_genes(cxs_genome *genome)
{
    const size_t share = (genome->genes + CXS_TOY_CONTIGS - 1) / CXS_TOY_CONTIGS;

    for (size_t c = 0; c < CXS_TOY_CONTIGS; c++) {
        int64_t at = FLANK;
        for (size_t g = c * share; g < (c + 1) * share && g < genome->genes; g++) {
            genome->gene[g].contig = c;
            at = lay_gene(genome->seed, g, at, &genome->gene[g]);
        }
        genome->length[c] = at + FLANK > LEAST ? at + FLANK : LEAST;
    }
}

static void draw_bases(const cxs_genome *genome, size_t contig)
{
    const cxs_stream gc = draws(genome->seed, PART_GC),
                     base = draws(genome->seed, PART_BASES);
    const uint64_t first = (uint64_t)contig << 32;
    double share = GC_MEAN;

    for (int64_t i = 0; i < genome->length[contig]; i++) {
        if (i % GC_WINDOW == 0)
            share = fmin(
                fmax(GC_MEAN + GC_SPREAD * cxs_draw_normal(&gc, first + (uint64_t)i),
                     0.2),
                0.7);
        const double u = cxs_draw_uniform(&base, first + (uint64_t)i);
        genome->bases[contig][i] = u < 0.5 * share         ? 'C'
                                   : u < share             ? 'G'
                                   : u < 0.5 * (1 + share) ? 'A'
                                                           : 'T';
    }
}

/* One SNP in the middle exon base of every (genes/snps)-th gene: transition. */
static void place_snps(cxs_genome *genome)
{
    const cxs_stream s = draws(genome->seed, PART_SNP);

    genome->snps = genome->genes < CXS_TOY_SNPS ? genome->genes : CXS_TOY_SNPS;
    for (size_t k = 0; k < genome->snps; k++) {
        const cxs_toy_gene *gene = &genome->gene[k * genome->genes / genome->snps];
        cxs_toy_site *snp = &genome->snp[k];
        snp->contig = gene->contig;
        snp->at = gene->start[0] + between(&s, k, 20, 120);
        snp->ref = genome->bases[snp->contig][snp->at];
        snp->alt = snp->ref == 'A'   ? 'G'
                   : snp->ref == 'G' ? 'A'
                   : snp->ref == 'C' ? 'T'
                                     : 'C';
    }
}

cxs_rc cxs_genome_make(cxs_ctx *ctx, uint64_t seed, size_t genes, cxs_genome *genome)
{
    cxs_rc rc = CXS_OK;

    *genome = (cxs_genome){.seed = seed, .genes = genes};
    CXS_NEW(genome->gene, genes);
    lay_genes(genome);
    for (size_t c = 0; c < CXS_TOY_CONTIGS; c++) {
        CXS_NEW(genome->bases[c], (size_t)genome->length[c] + 1);
        draw_bases(genome, c);
    }
    place_snps(genome);

done:
    if (rc != CXS_OK)
        cxs_genome_free(genome);
    return rc;
}

void cxs_genome_free(cxs_genome *genome)
{
    for (size_t c = 0; c < CXS_TOY_CONTIGS; c++)
        cxs_free(genome->bases[c]);
    cxs_free(genome->gene);
    *genome = (cxs_genome){0};
}
