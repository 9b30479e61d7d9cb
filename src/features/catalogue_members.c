/*
 * catalogue_members.c -- is there such a member of a family, and what do the reference
 * tables say of it?
 *
 * The members are the columns that the derivations make of a sample without any file, and
 * the sets of signatures.tsv.  Families whose members the files name (genes, groups of
 * windows) take any name.
 */
#include "features/assays.h"
#include "features/catalogue.h"
#include "features/variants.h"

#include "base/table.h"
#include "coxswain/ingest.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NEAREST = 3, FAR = 24, SHOWN = 60, ALLELES = 8, NAME_BYTES = 96 };

/* One question and the names that could answer it. */
typedef struct question {
    cxs_ctx *ctx;
    const char *name, *refdata;
    const cxs_family *family;
    cxs_feature_columns all; /* values are not looked at */
    cxs_buf fact;
} question;

static const char *cell(const cxs_table *t, size_t row, const char *column)
{
    const size_t at = cxs_table_find(t, column);

    return at != SIZE_MAX ? cxs_table_cell(t, row, at) : "";
}

static cxs_rc open_table(question *q, const char *file, cxs_table **out)
{
    char path[PATH_MAX];

    *out = NULL;
    if (snprintf(path, sizeof path, "%s/%s", q->refdata, file) >= (int)sizeof path)
        return cxs_fail(q->ctx, CXS_EARG, "%s: path is too long", q->refdata);
    return cxs_table_read(q->ctx, path, out);
}

/* The part of a name that the star of "head*tail" stands for. */
static int star_of(const char *name, const char *head, const char *tail,
                   char out[NAME_BYTES])
{
    const size_t length = strlen(name), h = strlen(head), t = strlen(tail);

    if (length <= h + t || length - h - t >= NAME_BYTES ||
        strncmp(name, head, h) != 0 || strcmp(name + length - t, tail) != 0)
        return 0;
    memcpy(out, name + h, length - h - t);
    out[length - h - t] = '\0';
    return 1;
}

/* ---- who the members are ------------------------------------------------------------ */

static cxs_rc add_name(question *q, const char *name)
{
    double *unused;

    return cxs_feature_columns_add(q->ctx, &q->all, name, "", CXS_FEATURE_CONTINUOUS,
                                   &unused);
}

static cxs_rc add_sets(question *q)
{
    cxs_table *t = NULL;
    char name[NAME_BYTES];
    cxs_rc rc = CXS_OK;

    CXS_TRY(open_table(q, "signatures.tsv", &t));
    for (size_t r = 0; r < t->rows; r++) {
        const char *set = cell(t, r, "signature_id");
        if (r > 0 && strcmp(set, cell(t, r - 1, "signature_id")) == 0)
            continue;
        snprintf(name, sizeof name, "rna.sig.%.60s", set);
        CXS_TRY(add_name(q, name));
    }
    for (size_t g = 0; cxs_variant_signature_group(g) != NULL; g++) {
        static const char *const parts[] = {"share", "log2", "present"};
        for (size_t p = 0; p < 3; p++) {
            snprintf(name, sizeof name, "var.sbs.%s.%s", cxs_variant_signature_group(g),
                     parts[p]);
            CXS_TRY(add_name(q, name));
        }
    }
done:
    cxs_table_free(t);
    return rc;
}

static cxs_rc add_families(question *q)
{
    cxs_rc rc = CXS_OK;

    for (size_t k = 0; k < cxs_catalogue_count() && rc == CXS_OK; k++)
        rc = add_name(q, cxs_catalogue_at(k)->pattern);
    return rc;
}

static cxs_rc list_members(question *q)
{
    const cxs_patient_file file = {.sample = "",
                                   .source = "",
                                   .library = "",
                                   .build = "",
                                   .callable_mb = (double)NAN,
                                   .purity = (double)NAN};
    const cxs_variant_sample sample = {
        .id = "", .source = "", .library = "", .callable_mb = (double)NAN};
    const cxs_variant_feature_settings settings = {.refdata = q->refdata};
    cxs_ctx *ctx = q->ctx;
    cxs_rc rc = CXS_OK;

    q->all.n = 1;
    CXS_TRY(add_families(q));
    CXS_TRY(add_sets(q));
    CXS_TRY(cxs_copy_features(ctx, &file, NULL, q->refdata, NULL, NULL, &q->all));
    CXS_TRY(cxs_fragment_features(ctx, &file, NULL, NULL, q->refdata, NULL, &q->all));
    rc = cxs_variant_features(ctx, &sample, 1, &settings, &q->all);
done:
    return rc;
}

/* Files may name further members of these. */
static int takes_any(const question *q)
{
    static const char *const open[] = {"rna.gene.*", "var.gene.*", "var.gene.*.trunc",
                                       "frag.wps.*", "frag.tss.*"};
    char star[NAME_BYTES], of[NAME_BYTES + 8];

    for (size_t k = 0; k < sizeof open / sizeof *open; k++)
        if (strcmp(q->family->pattern, open[k]) == 0)
            return 1;
    if (!star_of(q->name, "tcr.", ".change", star))
        return 0;
    snprintf(of, sizeof of, "tcr.%s", star);
    return strcmp(star, "*") == 0 ||
           (cxs_catalogue_find(of) != NULL && cxs_catalogue_find(of) != q->family);
}

static cxs_rc refuse(question *q)
{
    const char *near[NEAREST] = {"", "", ""};
    size_t best[NEAREST] = {FAR + 1, FAR + 1, FAR + 1};

    for (size_t k = 0; k < q->all.count; k++) {
        const char *name = q->all.column[k].name;
        const size_t distance = cxs_edit_distance(q->name, name, FAR);
        size_t at = NEAREST;
        if (cxs_feature_columns_find(&q->all, name) < k)
            continue; /* a family of one name is its member too */
        while (at > 0 && distance < best[at - 1])
            at--;
        if (at == NEAREST)
            continue;
        for (size_t m = NEAREST - 1; m > at; m--) {
            best[m] = best[m - 1];
            near[m] = near[m - 1];
        }
        best[at] = distance;
        near[at] = name;
    }
    return cxs_fail(q->ctx, CXS_EARG,
                    "--explain: there is no feature '%s'; the nearest are %s, %s, %s",
                    q->name, near[0], near[1], near[2]);
}

/* ---- what the tables say ------------------------------------------------------------ */

static cxs_rc gene_fact(question *q, const char *symbol)
{
    cxs_ctx *ctx = q->ctx;
    cxs_table *t = NULL;
    cxs_rc rc = CXS_OK;
    size_t r = 0;

    CXS_TRY(open_table(q, "genes.tsv", &t));
    while (r < t->rows && strcmp(cell(t, r, "symbol"), symbol) != 0)
        r++;
    if (r == t->rows)
        rc = cxs_buf_addf(ctx, &q->fact,
                          "%s is in no reference table: made where the files name it",
                          symbol);
    else
        rc = cxs_buf_addf(ctx, &q->fact,
                          "%s (%s): chromosome %s, hg38 %s-%s, hg19 %s-%s", symbol,
                          cell(t, r, "ensembl_gene_id"), cell(t, r, "chrom"),
                          cell(t, r, "hg38_start"), cell(t, r, "hg38_end"),
                          cell(t, r, "hg19_start"), cell(t, r, "hg19_end"));
done:
    cxs_table_free(t);
    return rc;
}

/* "N genes: A B C", of the rows whose `key` is `wanted` (and `key2`, or NULL). */
static cxs_rc list_genes(question *q, const char *file, const char *const key[2],
                         const char *const wanted[2])
{
    cxs_ctx *ctx = q->ctx;
    cxs_table *t = NULL;
    cxs_buf list = {0};
    size_t count = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(open_table(q, file, &t));
    for (size_t r = 0; r < t->rows; r++) {
        if (strcmp(cell(t, r, key[0]), wanted[0]) != 0 ||
            (key[1] != NULL && strcmp(cell(t, r, key[1]), wanted[1]) != 0))
            continue;
        if (count++ < SHOWN)
            CXS_TRY(cxs_buf_addf(ctx, &list, " %s", cell(t, r, "symbol")));
    }
    if (count > 0)
        CXS_TRY(cxs_buf_addf(ctx, &q->fact, "%zu genes:%s%s", count, list.text,
                             count > SHOWN ? " ..." : ""));
done:
    cxs_free(list.text);
    cxs_table_free(t);
    return rc;
}

static cxs_rc arm_fact(question *q, const char *arm)
{
    cxs_ctx *ctx = q->ctx;
    cxs_table *t = NULL;
    char name[NAME_BYTES];
    cxs_rc rc = CXS_OK;

    CXS_TRY(open_table(q, "chrom_arms.tsv", &t));
    for (size_t r = 0; r < t->rows; r++) {
        snprintf(name, sizeof name, "%.16s%.16s", cell(t, r, "chrom"),
                 cell(t, r, "arm"));
        if (strcmp(name, arm) == 0)
            CXS_TRY(cxs_buf_addf(ctx, &q->fact, "%s%s %s-%s",
                                 q->fact.length > 0 ? "; " : "", cell(t, r, "build"),
                                 cell(t, r, "start0"), cell(t, r, "end0")));
    }
done:
    cxs_table_free(t);
    return rc;
}

static cxs_rc event_fact(question *q, const char *event)
{
    cxs_ctx *ctx = q->ctx;
    cxs_table *t = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(open_table(q, "cn_arm_events.tsv", &t));
    for (size_t r = 0; r < t->rows; r++)
        if (strcmp(cell(t, r, "event"), event) == 0)
            CXS_TRY(cxs_buf_addf(ctx, &q->fact, "%s%s of %s (%s)",
                                 q->fact.length > 0 ? "; " : "", cell(t, r, "rule"),
                                 cell(t, r, "arms"), cell(t, r, "disease")));
done:
    cxs_table_free(t);
    return rc;
}

/* Alleles GENE_LABEL that begin with the name, which ends with a residue: R132 takes
 * R132H and not R1320H. */
static cxs_rc allele_fact(question *q, const char *member)
{
    cxs_ctx *ctx = q->ctx;
    const size_t length = strlen(member);
    cxs_table *t = NULL;
    size_t count = 0;
    char name[NAME_BYTES];
    cxs_rc rc = CXS_OK;

    CXS_TRY(open_table(q, "hotspots.tsv", &t));
    for (size_t r = 0; r < t->rows; r++) {
        snprintf(name, sizeof name, "%.40s_%.40s", cell(t, r, "gene"),
                 cell(t, r, "label"));
        if (strncmp(name, member, length) != 0 ||
            (name[length] >= '0' && name[length] <= '9') || count++ >= ALLELES)
            continue;
        CXS_TRY(cxs_buf_addf(
            ctx, &q->fact, "%s%s %s:%s %s>%s (hg19 %s)", q->fact.length > 0 ? "; " : "",
            cell(t, r, "label"), cell(t, r, "chrom"), cell(t, r, "hg38_pos"),
            cell(t, r, "ref"), cell(t, r, "alt"), cell(t, r, "hg19_pos")));
    }
    if (count > ALLELES)
        CXS_TRY(cxs_buf_addf(ctx, &q->fact, "; %zu more", count - ALLELES));
done:
    cxs_table_free(t);
    return rc;
}

static cxs_rc set_fact(question *q, const char *set)
{
    static const char *const key[2] = {"signature_id", NULL};
    const char *const wanted[2] = {set, NULL};

    return list_genes(q, "signatures.tsv", key, wanted);
}

static cxs_rc pathway_fact(question *q, const char *pathway)
{
    static const char *const key[2] = {"panel_id", "role"};
    const char *const wanted[2] = {"glioma_driver", pathway};

    return list_genes(q, "gene_panels.tsv", key, wanted);
}

static cxs_rc look_up(question *q)
{
    static const struct {
        const char *head, *tail;
        cxs_rc (*fact)(question *q, const char *star);
    } rules[] = {{"rna.sig.", "", set_fact},
                 {"rna.gene.", "", gene_fact},
                 {"var.gene.", ".trunc", gene_fact},
                 {"var.gene.", ".hot", gene_fact},
                 {"var.gene.", ".biallelic", gene_fact},
                 {"var.gene.", "", gene_fact},
                 {"var.alt.", "", gene_fact},
                 {"var.hot.", "", allele_fact},
                 {"var.pathway.", "", pathway_fact},
                 {"cn.arm.", "", arm_fact},
                 {"cn.event.", "", event_fact},
                 {"cn.focal.", ".amp", gene_fact},
                 {"cn.focal.", ".homdel", gene_fact}};
    char star[NAME_BYTES];

    for (size_t k = 0; k < sizeof rules / sizeof *rules; k++)
        if (star_of(q->name, rules[k].head, rules[k].tail, star))
            return strchr(star, '*') == NULL ? rules[k].fact(q, star) : CXS_OK;
    return CXS_OK;
}

cxs_rc cxs_catalogue_fact(cxs_ctx *ctx, const char *name, const char *refdata,
                          char fact[CXS_FACT_BYTES])
{
    question q = {.ctx = ctx,
                  .name = name,
                  .refdata = cxs_refdata_folder(refdata),
                  .family = cxs_catalogue_find(name)};
    cxs_rc rc = CXS_OK;

    *fact = '\0';
    if (q.refdata == NULL && q.family == NULL) {
        CXS_TRY(add_families(&q));
        CXS_TRY(refuse(&q));
    }
    if (q.refdata != NULL && (q.family == NULL || !takes_any(&q))) {
        CXS_TRY(list_members(&q));
        if (q.family == NULL || cxs_feature_columns_find(&q.all, name) == SIZE_MAX)
            CXS_TRY(refuse(&q));
    }
    if (q.refdata != NULL)
        CXS_TRY(look_up(&q));
    if (q.fact.text != NULL)
        snprintf(fact, CXS_FACT_BYTES, "%.*s", CXS_FACT_BYTES - 1, q.fact.text);
done:
    cxs_feature_columns_clear(&q.all);
    cxs_free(q.fact.text);
    return rc;
}
