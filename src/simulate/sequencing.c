/*
 * sequencing.c -- reads and calls of all patients of a simulated study, with their truth
 *
 * Patients are written one per task; a patient's files depend on the patient alone.
 */
#include "simulate/fragments.h"
#include "simulate/study.h"

#include "base/out.h"
#include "base/pool.h"

#include <stdio.h>

enum { NAME_BYTES = 64 };

typedef struct job {
    const cohort *c;
    const char *folder;
    char *reference;
    uint32_t *counts; /* [n x p] */
    cxs_buf *truth;   /* [n] lines of truth.variants.tsv */
    size_t *cfdna;    /* [n] fragments of cell-free DNA, duplicates included */
} job;

static char *file_name(cxs_ctx *ctx, const job *j, const char *before,
                       const char *after, size_t i)
{
    char name[NAME_BYTES];

    snprintf(name, sizeof name, "%s%0*zu%s", before, j->c->patient_digits, i + 1,
             after);
    return cxs_path_join(ctx, j->folder, name);
}

static cxs_rc write_reads(cxs_ctx *ctx, const job *j, size_t i, int rna)
{
    const cohort *c = j->c;
    char *path = rna ? file_name(ctx, j, "/reads/S", ".bam", i)
                     : file_name(ctx, j, "/reads/C", ".cram", i);
    char sample[NAME_BYTES];
    cxs_fragments fragments = {0};
    cxs_align_job align = {.genome = &c->genome,
                           .person = &c->persons[i],
                           .fragments = &fragments,
                           .sample = sample,
                           .reference = rna ? NULL : j->reference,
                           .seed = c->s.seed,
                           .i = i,
                           .rna = rna};
    cxs_rc rc = path != NULL ? CXS_OK : CXS_ENOMEM;

    snprintf(sample, sizeof sample, "%c%0*zu", rna ? 'S' : 'C', c->patient_digits,
             i + 1);
    if (rc == CXS_OK)
        rc = rna ? cxs_rna_fragments(ctx, &c->genome, &c->persons[i], c->s.seed, i,
                                     j->counts + i * c->s.p, &fragments)
                 : cxs_cfdna_fragments(ctx, &c->genome, &c->persons[i], c->s.seed, i,
                                       c->s.cfdna_fragments, &fragments);
    if (rc == CXS_OK)
        rc = cxs_align_write(ctx, &align, path);
    if (!rna)
        j->cfdna[i] = fragments.count;
    cxs_free(fragments.at);
    cxs_free(path);
    return rc;
}

static cxs_rc one_patient(cxs_ctx *ctx, size_t i, size_t worker, void *arg)
{
    const job *j = arg;
    char *path = file_name(ctx, j, "/variants/T", ".vcf.gz", i);
    cxs_rc rc = path != NULL ? CXS_OK : CXS_ENOMEM;

    (void)worker;
    CXS_TRY(rc);
    CXS_TRY(write_reads(ctx, j, i, 1));
    CXS_TRY(write_reads(ctx, j, i, 0));
    rc = cxs_variants_write(ctx, j->c, i, path, &j->truth[i]);

done:
    cxs_free(path);
    return rc;
}

/* ---- truth ----------------------------------------------------------------------- */

static cxs_rc write_patients(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const job *j = of;
    const cohort *c = j->c;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_printf(ctx, out,
                           "PATIENT_ID\ttumour_fraction\tpurity\trna_counted\t"
                           "cfdna_fragments\tdriver_1\tdriver_2\tdriver_3\n"));
    for (size_t i = 0; i < c->s.n; i++) {
        const cxs_person *person = &c->persons[i];
        uint64_t counted = 0;
        for (size_t g = 0; g < c->s.p; g++)
            counted += j->counts[i * c->s.p + g];
        CXS_TRY(cxs_out_printf(
            ctx, out, "P%0*zu\t%.6f\t%.6f\t%llu\t%zu\t%d\t%d\t%d\n", c->patient_digits,
            i + 1, person->tumour_fraction, person->purity, (unsigned long long)counted,
            j->cfdna[i], person->driver[0], person->driver[1], person->driver[2]));
    }

done:
    return rc;
}

static cxs_rc write_copies(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const job *j = of;
    const cxs_genome *genome = &j->c->genome;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_printf(ctx, out, "PATIENT_ID\tchrom\tstart0\tend0\tcopies\n"));
    for (size_t i = 0; i < j->c->s.n; i++)
        for (size_t arm = 0; arm < CXS_TOY_ARMS; arm++) {
            const int64_t length = genome->length[arm / 2], half = length / 2;
            CXS_TRY(cxs_out_printf(ctx, out, "P%0*zu\t%zu\t%lld\t%lld\t%d\n",
                                   j->c->patient_digits, i + 1, arm / 2 + 1,
                                   arm % 2 == 0 ? 0LL : (long long)half,
                                   arm % 2 == 0 ? (long long)half : (long long)length,
                                   j->c->persons[i].copies[arm]));
        }

done:
    return rc;
}

static cxs_rc write_variants(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const job *j = of;
    cxs_rc rc = CXS_OK;

    CXS_TRY(
        cxs_out_printf(ctx, out,
                       "SAMPLE_ID\tchrom\tpos\tref\talt\tgene\tclass\tdp\talt_reads\t"
                       "expected\n"));
    for (size_t i = 0; i < j->c->s.n; i++)
        if (j->truth[i].length > 0)
            CXS_TRY(cxs_out_write(ctx, out, j->truth[i].text, j->truth[i].length));

done:
    return rc;
}

static cxs_rc write_molecular(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const job *j = of;

    return cxs_out_printf(ctx, out,
                          "feature_id\tlog_hr\tper\n"
                          "var.gene.G%0*zu\t%g\tmutated\n"
                          "tumour_fraction\t%g\tsd of its logit\n",
                          j->c->gene_digits, cxs_toy_driver(&j->c->genome, 0) + 1,
                          CXS_SIM_DRIVER_EFFECT, CXS_SIM_FRACTION_EFFECT);
}

static cxs_rc write_truths(cxs_ctx *ctx, const job *j)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(
        cxs_out_file(ctx, j->folder, "/truth.patients.tsv", write_patients, j, NULL));
    CXS_TRY(cxs_out_file(ctx, j->folder, "/truth.copies.tsv", write_copies, j, NULL));
    CXS_TRY(
        cxs_out_file(ctx, j->folder, "/truth.variants.tsv", write_variants, j, NULL));
    CXS_TRY(
        cxs_out_file(ctx, j->folder, "/truth.molecular.tsv", write_molecular, j, NULL));

done:
    return rc;
}

static cxs_rc make_folders(cxs_ctx *ctx, const char *folder)
{
    static const char *const names[] = {"/reads", "/variants"};
    cxs_rc rc = CXS_OK;

    for (size_t k = 0; rc == CXS_OK && k < 2; k++) {
        char *path = cxs_path_join(ctx, folder, names[k]);
        rc = path != NULL ? cxs_make_folder(ctx, path) : CXS_ENOMEM;
        cxs_free(path);
    }
    return rc;
}

cxs_rc cxs_sim_write_sequencing(cxs_ctx *ctx, const char *folder, const cohort *c)
{
    job j = {.c = c, .folder = folder};
    cxs_rc rc = CXS_OK;

    CXS_TRY(make_folders(ctx, folder));
    CXS_TRY(cxs_genome_write(ctx, &c->genome, folder, c->gene_digits));
    if ((j.reference = cxs_path_join(ctx, folder, "/reference.fa")) == NULL)
        CXS_TRY(CXS_ENOMEM);
    CXS_NEW(j.counts, c->s.n * c->s.p);
    CXS_NEW(j.truth, c->s.n);
    CXS_NEW(j.cfdna, c->s.n);
    CXS_TRY(cxs_sim_draw_counts(ctx, c, j.counts));
    CXS_TRY(cxs_pool_run(ctx, "patients", c->s.n, one_patient, &j));
    CXS_TRY(write_truths(ctx, &j));

done:
    for (size_t i = 0; j.truth != NULL && i < c->s.n; i++)
        cxs_free(j.truth[i].text);
    cxs_free(j.truth);
    cxs_free(j.cfdna);
    cxs_free(j.counts);
    cxs_free(j.reference);
    return rc;
}
