/*
 * identity.c -- genotypes, sex by chromosomes, contamination
 */
#include "ingest/identity.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static const double SAME_PATIENT = 0.80, ONE_PERSON = 0.90;
static const double CONTAMINATED = 0.03, EXCLUDED = 0.10;
enum { PAIRS_SHOWN = 200 };

/* ---- one file --------------------------------------------------------------------- */

static signed char call_of(int64_t ref, int64_t alt)
{
    double fraction;

    if (ref < 0 || alt < 0 || ref > INT32_MAX || alt > INT32_MAX ||
        ref + alt < CXS_IDENTITY_DEPTH)
        return -1;
    fraction = (double)alt / (double)(ref + alt);
    return fraction < 0.15                        ? 0
           : fraction >= 0.25 && fraction <= 0.75 ? 1
           : fraction > 0.85                      ? 2
                                                  : -1;
}

static cxs_rc take_sites(cxs_ctx *ctx, const cxs_measure *table, cxs_person_file *out)
{
    const size_t n = table != NULL ? cxs_measure_rows(table) : 0;
    const int64_t *ref = n > 0 ? cxs_measure_get_int(table, "n_ref") : NULL;
    const int64_t *alt = n > 0 ? cxs_measure_get_int(table, "n_alt") : NULL;
    const int64_t *other = n > 0 ? cxs_measure_get_int(table, "n_other") : NULL;
    cxs_rc rc = CXS_OK;

    if (ref == NULL || alt == NULL || other == NULL)
        return CXS_OK;
    CXS_NEW(out->ref, n);
    CXS_NEW(out->alt, n);
    CXS_NEW(out->other, n);
    CXS_NEW(out->call, n);
    memcpy(out->ref, ref, n * sizeof *ref);
    memcpy(out->alt, alt, n * sizeof *alt);
    memcpy(out->other, other, n * sizeof *other);
    for (size_t i = 0; i < n; i++)
        out->call[i] = call_of(ref[i], alt[i]);
    out->sites = n;
done:
    return rc;
}

/* Reads per base of the kind, NaN without bases. */
static double density(const cxs_measure *table, const char *kind)
{
    const char *const *name = cxs_measure_get_text(table, "kind");
    const int64_t *reads = cxs_measure_get_int(table, "reads");
    const int64_t *length = cxs_measure_get_int(table, "length");

    for (size_t r = 0;
         name != NULL && reads != NULL && length != NULL && r < cxs_measure_rows(table);
         r++)
        if (name[r] != NULL && strcmp(name[r], kind) == 0 && length[r] > 0 &&
            reads[r] >= (strcmp(kind, "autosomes") == 0 ? CXS_IDENTITY_READS : 0))
            return (double)reads[r] / (double)length[r];
    return (double)NAN;
}

cxs_rc cxs_person_file_take(cxs_ctx *ctx, const cxs_measures *bag, bool whole_genome,
                            cxs_person_file *out)
{
    const cxs_measure *sex = whole_genome ? cxs_measures_find(bag, "sex") : NULL;

    out->x = out->y = out->contamination = (double)NAN;
    if (sex != NULL) {
        const double autosomes = density(sex, "autosomes");
        out->x = density(sex, "X") / autosomes;
        out->y = density(sex, "Y") / autosomes;
    }
    return take_sites(ctx, cxs_measures_find(bag, "snps"), out);
}

void cxs_person_file_clear(cxs_person_file *file)
{
    cxs_free(file->ref);
    cxs_free(file->alt);
    cxs_free(file->other);
    cxs_free(file->call);
}

/* ---- pairs ------------------------------------------------------------------------ */

double cxs_genotype_concordance(const cxs_person_file *a, const cxs_person_file *b,
                                size_t *shared)
{
    size_t equal = 0;

    *shared = 0;
    if (a->sites != b->sites)
        return (double)NAN;
    for (size_t i = 0; i < a->sites; i++)
        if (a->call[i] >= 0 && b->call[i] >= 0) {
            ++*shared;
            equal += a->call[i] == b->call[i];
        }
    return *shared < CXS_IDENTITY_SHARED ? (double)NAN
                                         : (double)equal / (double)*shared;
}

static bool same_person(const cxs_person_file *a, const cxs_person_file *b)
{
    return strcmp(a->patient, b->patient) == 0;
}

/* The pair table: every pair of one patient, and pairs of two that agree. */
static void tell_pairs(cxs_ctx *ctx, const cxs_person_file *file, size_t count)
{
    size_t shown = 0;

    cxs_note(ctx, "sample  sample  patient  patient  concordance  SNPs");
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count && shown < PAIRS_SHOWN; j++) {
            const cxs_person_file *a = &file[i], *b = &file[j];
            size_t shared;
            const double v = cxs_genotype_concordance(a, b, &shared);
            if (isnan(v) || (!same_person(a, b) && v < SAME_PATIENT))
                continue;
            shown++;
            cxs_note(ctx, "%s  %s  %s  %s  %.3f  %zu", cxs_ctx_id(ctx, a->sample),
                     cxs_ctx_id(ctx, b->sample), cxs_ctx_id(ctx, a->patient),
                     cxs_ctx_id(ctx, b->patient), v, shared);
        }
}

/* Were there SNPs enough to compare the two? */
static bool judge_pair(cxs_ctx *ctx, const cxs_person_file *a, const cxs_person_file *b,
                       cxs_faults *swapped, cxs_faults *twice)
{
    size_t shared;
    const double v = cxs_genotype_concordance(a, b, &shared);

    if (isnan(v))
        return false;
    if (same_person(a, b) && v < SAME_PATIENT)
        cxs_fault_add(ctx, swapped,
                      "samples %s and %s of patient %s are different people "
                      "(concordance %.2f, %zu SNPs)",
                      cxs_ctx_id(ctx, a->sample), cxs_ctx_id(ctx, b->sample),
                      cxs_ctx_id(ctx, a->patient), v, shared);
    if (!same_person(a, b) && v > ONE_PERSON)
        cxs_fault_add(ctx, twice, "patients %s and %s look like one person",
                      cxs_ctx_id(ctx, a->patient), cxs_ctx_id(ctx, b->patient));
    return true;
}

/* ---- contamination ---------------------------------------------------------------- */

/* How often the alternate allele is met: over all calls, drawn towards one half as by
 * one person who is heterozygous everywhere. */
static void alt_frequencies(const cxs_person_file *file, size_t count, size_t sites,
                            double *frequency)
{
    for (size_t s = 0; s < sites; s++) {
        double alt = 1.0, all = 2.0;
        for (size_t i = 0; i < count; i++)
            if (file[i].sites == sites && file[i].call[s] >= 0) {
                alt += file[i].call[s];
                all += 2.0;
            }
        frequency[s] = alt / all;
    }
}

/* The best witness of a person's genotype: a normal sample, else the file itself. */
static const cxs_person_file *truth_of(const cxs_person_file *file, size_t count,
                                       size_t i)
{
    for (size_t j = 0; j < count && !file[i].normal; j++)
        if (file[j].normal && file[j].sites == file[i].sites &&
            same_person(&file[i], &file[j]))
            return &file[j];
    return &file[i];
}

bool cxs_is_contaminated(const cxs_person_file *file)
{
    return file->contamination > EXCLUDED && (file->witnessed || !file->tumour);
}

static cxs_rc warn_of(cxs_ctx *ctx, const cxs_person_file *f)
{
    const bool kept = f->contamination > EXCLUDED && !cxs_is_contaminated(f);

    if (!(f->contamination > CONTAMINATED))
        return CXS_OK;
    return cxs_warn(ctx, "CX045", "sample %s: estimated contamination %.1f %%%s",
                    cxs_ctx_id(ctx, f->sample), 100.0 * f->contamination,
                    kept ? "; alleles that a tumour lost look the same and no normal "
                           "sample of the patient was read: it is kept"
                         : "");
}

static cxs_rc warn_contaminated(cxs_ctx *ctx, cxs_person_file *file, size_t count)
{
    double *frequency = NULL;
    size_t sites = 0;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < count; i++)
        sites = file[i].sites > sites ? file[i].sites : sites;
    CXS_NEW(frequency, sites);
    alt_frequencies(file, count, sites, frequency);
    for (size_t i = 0; i < count; i++) {
        cxs_person_file *f = &file[i];
        const cxs_person_file *truth;
        if (f->sites != sites || sites == 0)
            continue;
        truth = truth_of(file, count, i);
        f->witnessed = truth != f;
        f->contamination = cxs_contamination(f, truth, frequency);
        CXS_TRY(warn_of(ctx, f));
    }
done:
    cxs_free(frequency);
    return rc;
}

cxs_rc cxs_identity_genotypes(cxs_ctx *ctx, cxs_person_file *file, size_t count)
{
    cxs_faults swapped = {.code = "CX044"}, twice = {.code = "CX056"};
    size_t pairs = 0, compared = 0;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++, pairs++)
            compared += judge_pair(ctx, &file[i], &file[j], &swapped, &twice);
    if (pairs > 0)
        cxs_note(ctx, "identity: %zu of %zu pairs compared at %d SNPs or more",
                 compared, pairs, CXS_IDENTITY_SHARED);
    if (swapped.total + twice.total > 0)
        tell_pairs(ctx, file, count);
    CXS_TRY(cxs_faults_end(ctx, &swapped));
    CXS_TRY(cxs_faults_end(ctx, &twice));
    rc = warn_contaminated(ctx, file, count);
done:
    cxs_free(swapped.text.text);
    cxs_free(twice.text.text);
    return rc;
}

/* ---- sex by chromosomes ------------------------------------------------------------ */

/* A man has half the density of the autosomes on X and Y, a woman all of it on X and
 * next to none on Y (what reads of X put there).  A tumour may have lost Y, so its
 * absence says nothing unless X is there twice. */
cxs_rc cxs_identity_sex(cxs_ctx *ctx, cxs_person_file *file, size_t count)
{
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < count; i++) {
        cxs_person_file *f = &file[i];
        if (f->sex == NULL || isnan(f->x) || isnan(f->y))
            continue;
        if (strcmp(f->sex, "F") == 0 && f->y > 0.2 && f->x < 0.75) {
            f->dna_disagrees = 1;
            CXS_TRY(cxs_warn(ctx, "CX043",
                             "sample %s: recorded F, chrY has %.2f of the depth of the "
                             "autosomes",
                             cxs_ctx_id(ctx, f->sample), f->y));
        }
        if (strcmp(f->sex, "M") == 0 && f->y < 0.05 && f->x > 0.85) {
            f->dna_disagrees = 1;
            CXS_TRY(cxs_warn(ctx, "CX043",
                             "sample %s: recorded M, chrX has %.2f of the depth of the "
                             "autosomes, chrY %.2f",
                             cxs_ctx_id(ctx, f->sample), f->x, f->y));
        }
    }
done:
    return rc;
}
