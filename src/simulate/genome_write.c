/*
 * genome_write.c -- the toy genome as FASTA with index, GTF, targets and SNP list
 */
#include "simulate/genome.h"

#include "base/out.h"

enum { LINE = 60 };

typedef struct job {
    const cxs_genome *genome;
    int digits;
} job;
static cxs_rc write_fasta(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const job *j = of;
    cxs_rc rc = CXS_OK;

    for (size_t c = 0; c < CXS_TOY_CONTIGS; c++) {
        const int64_t length = j->genome->length[c];
        CXS_TRY(cxs_out_printf(ctx, out, ">%zu\n", c + 1));
        for (int64_t at = 0; at < length; at += LINE)
            CXS_TRY(cxs_out_printf(ctx, out, "%.*s\n",
                                   (int)(length - at < LINE ? length - at : LINE),
                                   j->genome->bases[c] + at));
    }

done:
    return rc;
}

/* name, length, offset of the first base, bases per line, bytes per line */
static cxs_rc write_fai(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const job *j = of;
    int64_t offset = 0;
    cxs_rc rc = CXS_OK;

    for (size_t c = 0; c < CXS_TOY_CONTIGS; c++) {
        const int64_t length = j->genome->length[c];
        offset += 3; /* ">1\n" */
        CXS_TRY(cxs_out_printf(ctx, out, "%zu\t%lld\t%lld\t%d\t%d\n", c + 1,
                               (long long)length, (long long)offset, LINE, LINE + 1));
        offset += length + (length + LINE - 1) / LINE;
    }

done:
    return rc;
}

static cxs_rc write_gtf(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const job *j = of;
    cxs_rc rc = CXS_OK;

    for (size_t g = 0; g < j->genome->genes; g++) {
        const cxs_toy_gene *gene = &j->genome->gene[g];
        for (int e = 0; e < gene->exons; e++)
            CXS_TRY(cxs_out_printf(
                ctx, out,
                "%zu\ttoy\texon\t%lld\t%lld\t.\t%c\t.\tgene_id \"G%0*zu\"; "
                "transcript_id \"T%0*zu\"; exon_number \"%d\"; gene_name \"G%0*zu\";\n",
                gene->contig + 1, (long long)gene->start[e] + 1,
                (long long)gene->end[e], gene->reverse ? '-' : '+', j->digits, g + 1,
                j->digits, g + 1, gene->reverse ? gene->exons - e : e + 1, j->digits,
                g + 1));
    }

done:
    return rc;
}

static cxs_rc write_bed(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const job *j = of;
    cxs_rc rc = CXS_OK;

    for (size_t g = 0; g < j->genome->genes; g++) {
        const cxs_toy_gene *gene = &j->genome->gene[g];
        for (int e = 0; e < gene->exons; e++)
            CXS_TRY(cxs_out_printf(ctx, out, "%zu\t%lld\t%lld\tG%0*zu\n",
                                   gene->contig + 1, (long long)gene->start[e],
                                   (long long)gene->end[e], j->digits, g + 1));
    }

done:
    return rc;
}

static cxs_rc write_snps(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const job *j = of;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_printf(ctx, out, "chrom\tpos\tref\talt\n"));
    for (size_t k = 0; k < j->genome->snps; k++) {
        const cxs_toy_site *snp = &j->genome->snp[k];
        CXS_TRY(cxs_out_printf(ctx, out, "%zu\t%lld\t%c\t%c\n", snp->contig + 1,
                               (long long)snp->at + 1, snp->ref, snp->alt));
    }

done:
    return rc;
}

cxs_rc cxs_genome_write(cxs_ctx *ctx, const cxs_genome *genome, const char *folder,
                        int digits)
{
    const job j = {genome, digits};
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_file(ctx, folder, "/reference.fa", write_fasta, &j, NULL));
    CXS_TRY(cxs_out_file(ctx, folder, "/reference.fa.fai", write_fai, &j, NULL));
    CXS_TRY(cxs_out_file(ctx, folder, "/genes.gtf", write_gtf, &j, NULL));
    CXS_TRY(cxs_out_file(ctx, folder, "/targets.bed", write_bed, &j, NULL));
    CXS_TRY(cxs_out_file(ctx, folder, "/snps.tsv", write_snps, &j, NULL));

done:
    return rc;
}
