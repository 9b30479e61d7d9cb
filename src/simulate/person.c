/*
 * person.c -- genotypes, copy numbers, tumour fraction and mutations of one patient
 */
#include "simulate/person.h"

#include <math.h>
#include <stdlib.h>

enum { PART_GENOTYPE, PART_COPIES, PART_FRACTION, PART_MUTATION, PER_MUTATION = 8 };

/* logit of the tumour fraction is N(mean, sd) */
static const double LOGIT_MEAN = -1.6, LOGIT_SD = 1.0, DRIVER_SHARE = 0.35;

static cxs_stream draws(uint64_t seed, uint64_t part, size_t i)
{
    return cxs_sim_stream(seed, CXS_DRAW_SIMULATE, CXS_SIM_PERSON,
                          (part << 32) + (uint64_t)i);
}

size_t cxs_toy_driver(const cxs_genome *genome, size_t d)
{
    return (2 * d + 1) * genome->genes / (2 * CXS_TOY_DRIVERS);
}

size_t cxs_toy_arm(const cxs_genome *genome, size_t contig, int64_t at)
{
    return 2 * contig + (at >= genome->length[contig] / 2);
}

static void draw_copies(const cxs_stream *s, cxs_person *person)
{
    for (size_t arm = 0; arm < CXS_TOY_ARMS; arm++) {
        const double u = cxs_draw_uniform(s, arm);
        person->copies[arm] = u < 0.60 ? 2 : u < 0.80 ? 3 : u < 0.95 ? 1 : 4;
    }
}

static char transition(char base)
{
    return base == 'A' ? 'G' : base == 'G' ? 'A' : base == 'C' ? 'T' : 'C';
}

static int is_snp(const cxs_genome *genome, size_t contig, int64_t at)
{
    for (size_t k = 0; k < genome->snps; k++)
        if (genome->snp[k].contig == contig && genome->snp[k].at == at)
            return 1;
    return 0;
}

/* A base of an exon of `gene`, ten bases from its ends, that is no SNP. */
static void draw_site(const cxs_genome *genome, const cxs_stream *s, uint64_t index,
                      size_t gene, cxs_toy_site *site)
{
    const cxs_toy_gene *g = &genome->gene[gene];
    const size_t e = cxs_draw_below(s, index, (size_t)g->exons);
    const int64_t room = g->end[e] - g->start[e] - 20;

    site->contig = g->contig;
    site->at = g->start[e] + 10 + (int64_t)cxs_draw_below(s, index + 1, (size_t)room);
    while (is_snp(genome, site->contig, site->at))
        site->at++;
    site->ref = genome->bases[site->contig][site->at];
    site->alt = transition(site->ref);
}

static void add_mutation(const cxs_genome *genome, const cxs_stream *s, size_t gene,
                         int driver, cxs_person *person)
{
    cxs_toy_mutation *m = &person->mutation[person->mutations];
    const uint64_t index = 64 + PER_MUTATION * (uint64_t)person->mutations;
    const double u = cxs_draw_uniform(s, index + 2);

    draw_site(genome, s, index, gene, &m->site);
    for (size_t k = 0; k < person->mutations; k++)
        if (person->mutation[k].site.contig == m->site.contig &&
            person->mutation[k].site.at == m->site.at)
            return;
    m->gene = gene;
    m->class = u < 0.65             ? CXS_TOY_MISSENSE
               : u < 0.80 || driver ? CXS_TOY_STOP
                                    : CXS_TOY_SILENT;
    person->mutations++;
}

static int by_place(const void *a, const void *b)
{
    const cxs_toy_site *x = &((const cxs_toy_mutation *)a)->site,
                       *y = &((const cxs_toy_mutation *)b)->site;

    if (x->contig != y->contig)
        return x->contig < y->contig ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static void draw_mutations(const cxs_genome *genome, const cxs_stream *s,
                           cxs_person *person)
{
    const size_t others = 2 + cxs_draw_below(s, 1, 4); /* 3 drivers + 5 fit */

    for (size_t d = 0; d < CXS_TOY_DRIVERS; d++) {
        person->driver[d] = cxs_draw_uniform(s, 8 + d) < DRIVER_SHARE;
        if (person->driver[d])
            add_mutation(genome, s, cxs_toy_driver(genome, d), 1, person);
    }
    for (size_t k = 0; k < others; k++) {
        const size_t gene = cxs_draw_below(s, 16 + k, genome->genes);
        int taken = 0;
        for (size_t d = 0; d < CXS_TOY_DRIVERS; d++)
            taken |= gene == cxs_toy_driver(genome, d);
        if (!taken) /* else a patient without the driver would carry it */
            add_mutation(genome, s, gene, 0, person);
    }
    qsort(person->mutation, person->mutations, sizeof *person->mutation, by_place);
}

void cxs_person_draw(const cxs_genome *genome, uint64_t seed, size_t i,
                     cxs_person *person)
{
    const cxs_stream genotype = draws(seed, PART_GENOTYPE, i),
                     copies = draws(seed, PART_COPIES, i),
                     fraction = draws(seed, PART_FRACTION, i),
                     mutation = draws(seed, PART_MUTATION, i);

    *person = (cxs_person){0};
    for (size_t k = 0; k < genome->snps; k++)
        person->genotype[k] = (uint8_t)(cxs_draw_below(&genotype, 2 * k, 2) +
                                        cxs_draw_below(&genotype, 2 * k + 1, 2));
    draw_copies(&copies, person);
    person->tumour_fraction =
        1.0 / (1.0 + exp(-(LOGIT_MEAN + LOGIT_SD * cxs_draw_normal(&fraction, 0))));
    person->purity = 0.5 + 0.4 * cxs_draw_uniform(&fraction, 1);
    draw_mutations(genome, &mutation, person);
}

double cxs_person_eta(const cxs_person *person)
{
    const double tf = person->tumour_fraction;

    return CXS_SIM_DRIVER_EFFECT * person->driver[0] +
           CXS_SIM_FRACTION_EFFECT * (log(tf / (1.0 - tf)) - LOGIT_MEAN) / LOGIT_SD;
}
