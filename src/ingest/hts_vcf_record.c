/*
 * hts_vcf_record.c -- the alleles of one record
 *
 * HTSlib 1.16 takes these in silence, so they are checked here: an allele index beyond
 * ALT, a position behind the end of its contig, an undeclared contig, letters that are
 * no bases, positions that go back.  Each ALT becomes one allele: trimmed, and aligned
 * to the left with a FASTA (Tan, Abecasis and Kang 2015).
 */
#include "ingest/hts_vcf.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *chrom_of(const cxs_vcf_reader *r)
{
    return bcf_seqname_safe(r->header, r->record);
}

cxs_rc cxs_vcf_fault(cxs_ctx *ctx, const cxs_vcf_reader *r, const char *sentence)
{
    return cxs_fail(ctx, CXS_EFORMAT, "%s: record %lld (%s:%lld): %s", r->s->path,
                    (long long)r->n, chrom_of(r), (long long)r->record->pos + 1,
                    sentence);
}

/* Positions of one contig ascend, and a contig that was left does not come back. */
static cxs_rc check_order(cxs_ctx *ctx, cxs_vcf_reader *r)
{
    const bcf1_t *rec = r->record;
    const size_t rid = (size_t)rec->rid;
    bool back = rec->rid == r->last_rid && rec->pos < r->last_pos;
    cxs_rc rc = CXS_OK;

    if (rid >= r->rids) { /* contigs that the header does not have are added */
        const size_t before = r->rids;
        CXS_TRY(cxs_grow(ctx, (void **)&r->rid_seen, &r->rids, rid + 1, 1));
        memset(r->rid_seen + before, 0, r->rids - before);
    }
    if (rec->rid != r->last_rid) {
        back = r->rid_seen[rid] != 0;
        r->rid_seen[rid] = 1;
        CXS_TRY(cxs_vcf_style(ctx, r, chrom_of(r)));
    }
    if (back)
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX040",
                             "%s: record %lld (%s:%lld) is before the one above",
                             r->s->path, (long long)r->n, chrom_of(r),
                             (long long)rec->pos + 1);
    r->last_rid = rec->rid;
    r->last_pos = rec->pos;
done:
    return rc;
}

static cxs_rc check_place(cxs_ctx *ctx, cxs_vcf_reader *r)
{
    const bcf1_t *rec = r->record;
    const bcf_idpair_t *pair = &r->header->id[BCF_DT_CTG][rec->rid];
    const int64_t length = pair->val != NULL ? (int64_t)pair->val->info[0] : 0;

    if (rec->pos < -1)
        return cxs_vcf_fault(ctx, r, "the position is negative");
    if (length > 0 && rec->pos + (int64_t)strlen(rec->d.allele[0]) > length &&
        strcmp(rec->d.allele[0], "N") != 0) /* N at length + 1 is the telomere */
        return cxs_vcf_fault(ctx, r, "the position is behind the end of the contig");
    return CXS_OK;
}

static bool is_bases(const char *text)
{
    return *text != '\0' && text[strspn(text, "ACGTUNRYKMSWBDHVacgtunrykmswbdhv")] == 0;
}

static cxs_rc check_alleles(cxs_ctx *ctx, cxs_vcf_reader *r)
{
    const bcf1_t *rec = r->record;

    if (rec->n_allele < 1 || !is_bases(rec->d.allele[0]))
        return cxs_vcf_fault(ctx, r, "REF is no sequence of bases");
    for (uint32_t i = 1; i < rec->n_allele; i++) {
        const char *alt = rec->d.allele[i];
        if (!cxs_vcf_is_symbolic(alt) && strcmp(alt, "*") != 0 && !is_bases(alt))
            return cxs_vcf_fault(ctx, r, "ALT is no sequence of bases");
    }
    return CXS_OK;
}

/* What the genotype says of an allele. */
typedef struct genotype {
    int32_t *allele; /* in r->ints until the next call of HTSlib */
    int ploidy;
    bool called;
} genotype;

static cxs_rc read_genotype(cxs_ctx *ctx, cxs_vcf_reader *r, genotype *g, cxs_buf *text)
{
    const int total = bcf_get_genotypes(r->header, r->record, &r->ints, &r->n_ints);
    const int n = bcf_hdr_nsamples(r->header), each = total > 0 ? total / n : 0;
    char sentence[96];
    cxs_rc rc = CXS_OK;

    *g = (genotype){.allele = each > 0 ? r->ints + (ptrdiff_t)each * r->tumour : NULL};
    text->length = 0;
    CXS_TRY(cxs_buf_add(ctx, text, "", 0));
    for (int i = 0; i < each && g->allele[i] != bcf_int32_vector_end; i++) {
        const bool missing = bcf_gt_is_missing(g->allele[i]);
        const int allele = missing ? -1 : bcf_gt_allele(g->allele[i]);
        if (!missing && (allele < 0 || allele >= (int)r->record->n_allele)) {
            snprintf(sentence, sizeof sentence, "the genotype has allele %d of %u",
                     allele, (unsigned)r->record->n_allele);
            return cxs_vcf_fault(ctx, r, sentence);
        }
        if (i > 0)
            CXS_TRY(
                cxs_buf_add(ctx, text, bcf_gt_is_phased(g->allele[i]) ? "|" : "/", 1));
        CXS_TRY(missing ? cxs_buf_add(ctx, text, ".", 1)
                        : cxs_buf_addf(ctx, text, "%d", allele));
        g->called |= !missing;
        g->ploidy++;
    }
done:
    return rc;
}

static bool holds(const genotype *g, uint32_t allele)
{
    for (int i = 0; i < g->ploidy; i++)
        if (!bcf_gt_is_missing(g->allele[i]) &&
            bcf_gt_allele(g->allele[i]) == (int)allele)
            return true;
    return false;
}

/* The bases of REF against the FASTA, once per record; N and what the file does not
 * hold are not counted. */
static cxs_rc check_reference(cxs_ctx *ctx, cxs_vcf_reader *r, const char *chrom,
                              bool *agrees)
{
    const char *ref = r->record->d.allele[0];
    const int64_t pos = r->record->pos + 1;
    char base = 0;
    cxs_rc rc = CXS_OK;

    *agrees = false;
    for (size_t i = 0; ref[i] != '\0'; i++) {
        CXS_TRY(cxs_fasta_base(ctx, r->fasta, chrom, pos + (int64_t)i, &base));
        if (base == 0 || base == 'N' || toupper((unsigned char)ref[i]) == 'N')
            goto done;
        if (base == toupper((unsigned char)ref[i]))
            continue;
        r->set.checked++;
        if (r->set.mismatched++ == 0) {
            snprintf(r->bad_chrom, sizeof r->bad_chrom, "%s", chrom_of(r));
            snprintf(r->bad_ref, sizeof r->bad_ref, "%c", ref[i]);
            snprintf(r->bad_base, sizeof r->bad_base, "%c", base);
            r->bad_pos = pos + (int64_t)i;
        }
        r->bad_hotspot |= cxs_hotspot_place(r->s->refs, r->set.build, chrom, pos);
        goto done;
    }
    r->set.checked++;
    *agrees = true;
done:
    return rc;
}

static void upper(char *text)
{
    for (; *text != '\0'; text++)
        *text = (char)toupper((unsigned char)*text);
}

/* Copies of both alleles with room for one more base. */
static cxs_rc copy_alleles(cxs_ctx *ctx, cxs_vcf_reader *r, const char *alt)
{
    const char *ref = r->record->d.allele[0];
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_grow(ctx, (void **)&r->ref, &r->ref_room, strlen(ref) + 2, 1));
    CXS_TRY(cxs_grow(ctx, (void **)&r->alt, &r->alt_room, strlen(alt) + 2, 1));
    memcpy(r->ref, ref, strlen(ref) + 1);
    memcpy(r->alt, alt, strlen(alt) + 1);
    upper(r->ref);
    upper(r->alt);
done:
    return rc;
}

/* Move to the left for as long as the last bases agree; a base of the reference comes
 * in at the left when an allele would become empty. */
static cxs_rc align_left(cxs_ctx *ctx, cxs_vcf_reader *r, const char *chrom,
                         int64_t *pos)
{
    size_t n = strlen(r->ref), m = strlen(r->alt);
    char base = 0;
    cxs_rc rc = CXS_OK;

    while (r->ref[n - 1] == r->alt[m - 1]) {
        if (n == 1 || m == 1) {
            CXS_TRY(cxs_fasta_base(ctx, r->fasta, chrom, *pos - 1, &base));
            if (base == 0)
                break;
            memmove(r->ref + 1, r->ref, n++);
            memmove(r->alt + 1, r->alt, m++);
            r->ref[0] = r->alt[0] = base;
            --*pos;
        }
        r->ref[--n] = '\0';
        r->alt[--m] = '\0';
    }
done:
    return rc;
}

/* Population frequency of INFO, the largest of several sources. */
static double population_of(cxs_vcf_reader *r, uint32_t alt)
{
    const bcf1_t *rec = r->record;
    double largest = (double)NAN;

    for (uint32_t i = 0; i < rec->n_info; i++) {
        const char *name = bcf_hdr_int2id(r->header, BCF_DT_ID, rec->d.info[i].key);
        if (name == NULL || !cxs_is_population(name, strlen(name)))
            continue;
        const int n =
            bcf_get_info_float(r->header, r->record, name, &r->floats, &r->n_floats);
        const int at = n == (int)rec->n_allele - 1 ? (int)alt - 1 : 0;
        if (n > at && !bcf_float_is_missing(r->floats[at]) && r->floats[at] >= 0.0f)
            largest = fmax((double)r->floats[at], isnan(largest) ? 0.0 : largest);
    }
    return largest;
}

static cxs_rc add_hits(cxs_ctx *ctx, cxs_vcf_reader *r, size_t variant)
{
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < r->picks.count; i++) {
        const cxs_pick *pick = &r->picks.pick[i];
        char protein[48];
        const bool exchange = r->annotation.kind == CXS_EFFECTS_BCSQ &&
                              cxs_bcsq_protein(pick->hgvsp, protein, sizeof protein);
        const cxs_variant_hit hit = {.variant = variant,
                                     .gene = pick->gene,
                                     .transcript = pick->transcript,
                                     .hgvsp = exchange ? protein : pick->hgvsp,
                                     .term = pick->term,
                                     .after_stop = pick->after_stop};
        CXS_TRY(cxs_variant_hit_add(ctx, &r->set, &hit));
    }
    if (r->picks.pointer > 0 && r->picks.count == 0) {
        CXS_TRY(cxs_grow(ctx, (void **)&r->pointer, &r->pointer_capacity,
                         r->pointers + 1, sizeof *r->pointer));
        r->pointer[r->pointers++] = (cxs_vcf_pointer){variant, r->picks.pointer};
    }
done:
    return rc;
}

static cxs_rc annotate(cxs_ctx *ctx, cxs_vcf_reader *r, uint32_t alt)
{
    const bcf1_t *rec = r->record;
    const char *const *alleles = (const char *const *)rec->d.allele;
    const cxs_allele_key key = {
        .allele = alleles, .count = rec->n_allele, .index = alt, .pos = rec->pos + 1};

    r->picks.count = 0;
    r->picks.pointer = 0;
    r->picks.pop_af = (double)NAN;
    if (r->tag == NULL ||
        bcf_get_info_string(r->header, r->record, r->tag, &r->text, &r->n_text) <= 0)
        return CXS_OK;
    return cxs_consequences(ctx, r->s->path, &r->annotation, r->s->refs, r->text, &key,
                            &r->picks);
}

static void fill_counts(const cxs_vcf_reader *r, uint32_t alt, cxs_variant *v)
{
    const cxs_vcf_counts *c = &r->counts, *n = &r->normal_counts;

    v->dp_file = c->dp_file;
    if (c->known) {
        v->dp = c->dp;
        v->ad_ref = c->ad[0];
        v->ad_alt = c->ad[alt] != CXS_MEASURE_MISSING ? c->ad[alt] : 0;
        v->ref_fwd = c->fwd[0];
        v->ref_rev = c->rev[0];
        v->alt_fwd = c->fwd[alt];
        v->alt_rev = c->rev[alt];
        v->vaf = c->dp > 0 ? (double)v->ad_alt / (double)c->dp : (double)NAN;
    }
    if (r->normal >= 0 && n->known) {
        v->normal_dp = n->dp;
        v->normal_alt = n->ad[alt] != CXS_MEASURE_MISSING ? n->ad[alt] : 0;
        v->normal_vaf = n->dp > 0 ? (double)v->normal_alt / (double)n->dp : (double)NAN;
    }
}

static cxs_rc add_allele(cxs_ctx *ctx, cxs_vcf_reader *r, uint32_t alt,
                         const cxs_variant *record, bool aligned)
{
    cxs_variant v = *record;
    size_t at = 0;
    cxs_rc rc = CXS_OK;

    v.pos = r->record->pos + 1;
    if (cxs_vcf_is_egfrviii(r, r->record->d.allele[alt], v.chrom))
        v.named = "EGFRvIII";
    if (cxs_vcf_is_structural(r, r->record->d.allele[alt])) {
        if (v.named == NULL)
            return CXS_OK;
        v.ref = r->record->d.allele[0];
        v.alt = r->record->d.allele[alt];
    } else {
        CXS_TRY(copy_alleles(ctx, r, r->record->d.allele[alt]));
        if (strcmp(r->ref, r->alt) == 0)
            CXS_TRY(cxs_vcf_fault(ctx, r, "ALT is the same as REF"));
        if (aligned)
            CXS_TRY(align_left(ctx, r, v.chrom, &v.pos));
        cxs_allele_trim(r->ref, r->alt, &v.pos);
        v.ref = r->ref;
        v.alt = r->alt;
    }
    fill_counts(r, alt, &v);
    CXS_TRY(annotate(ctx, r, alt));
    v.pop_af = fmax(r->picks.pop_af, population_of(r, alt)); /* NaN only if both are */
    CXS_TRY(cxs_variant_add(ctx, &r->set, &v, &at));
    CXS_TRY(add_hits(ctx, r, at));
done:
    return rc;
}

static cxs_rc filter_text(cxs_ctx *ctx, const cxs_vcf_reader *r, cxs_buf *text,
                          bool *filtered)
{
    const bcf1_t *rec = r->record;
    cxs_rc rc = CXS_OK;

    text->length = 0;
    for (int i = 0; i < rec->d.n_flt; i++) {
        const char *name = bcf_hdr_int2id(r->header, BCF_DT_ID, rec->d.flt[i]);
        CXS_TRY(cxs_buf_addf(ctx, text, "%s%s", i > 0 ? ";" : "",
                             name != NULL ? name : "?"));
    }
    if (rec->d.n_flt == 0)
        CXS_TRY(cxs_buf_add(ctx, text, ".", 1));
    *filtered = strcmp(text->text, ".") != 0 && strcmp(text->text, "PASS") != 0;
done:
    return rc;
}

/* True when the header declares counts in any of the ways that are read. */
static bool has_counts(const cxs_vcf_reader *r)
{
    static const char *const tags[] = {"AD", "AO", "AU",  "TAR",
                                       "AF", "FA", "VAF", "FREQ"};

    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (bcf_hdr_get_hrec(r->header, BCF_HL_FMT, "ID", tags[i], NULL) != NULL)
            return true;
    return bcf_hdr_get_hrec(r->header, BCF_HL_INFO, "ID", "DP4", NULL) != NULL;
}

/* An allele that the sample does not carry tells the depth at its place, which
 * tumour-informed detection needs; a whole genome would have too many of them. */
static bool is_kept(const cxs_vcf_reader *r, bool carried)
{
    return carried || r->s->library == NULL ||
           (strcmp(r->s->library, "WGS") != 0 && strcmp(r->s->library, "SWGS") != 0);
}

/* Not a placeholder: <NON_REF> and <*> stand for any other base. */
static bool is_event(const char *alt)
{
    return strcmp(alt, "<NON_REF>") != 0 && strcmp(alt, "<*>") != 0 && *alt != '.';
}

/* What small variants need, and structural ones do not. */
static cxs_rc check_small(cxs_ctx *ctx, const cxs_vcf_reader *r)
{
    if (r->s->genotypes)
        return CXS_OK;
    if (r->tag == NULL)
        return cxs_vcf_unannotated(ctx, r);
    if (!r->counts.known && !has_counts(r))
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX047",
                             "%s:%s:%lld: no allele depth (AD) and no fraction (AF)",
                             r->s->path, chrom_of(r), (long long)r->record->pos + 1);
    return CXS_OK;
}

static cxs_rc add_alleles(cxs_ctx *ctx, cxs_vcf_reader *r, const bool *carried,
                          cxs_variant *v, bool aligned)
{
    const bool empty = r->counts.known ? r->counts.dp == 0 : !r->s->genotypes;
    cxs_rc rc = CXS_OK;

    for (uint32_t i = 1; i < r->record->n_allele; i++) {
        const bool structural = cxs_vcf_is_structural(r, r->record->d.allele[i]);
        if (strcmp(r->record->d.allele[i], "*") == 0)
            continue;
        if (!structural)
            CXS_TRY(check_small(ctx, r));
        r->set.alleles += !structural;
        r->set.structural += structural && is_event(r->record->d.allele[i]);
        if (empty && !structural) {
            r->set.skipped++;
            continue;
        }
        v->carried = carried[i];
        if (is_kept(r, v->carried))
            CXS_TRY(add_allele(ctx, r, i, v, aligned));
    }
done:
    return rc;
}

cxs_rc cxs_vcf_record(cxs_ctx *ctx, cxs_vcf_reader *r)
{
    const uint32_t alleles = r->record->n_allele;
    cxs_variant v = cxs_variant_none();
    cxs_buf gt = {0}, filter = {0};
    bool *carried = NULL, aligned = false;
    genotype g;
    cxs_rc rc = CXS_OK;

    CXS_TRY(check_order(ctx, r));
    CXS_TRY(check_alleles(ctx, r));
    CXS_TRY(check_place(ctx, r));
    CXS_TRY(read_genotype(ctx, r, &g, &gt));
    CXS_NEW(carried, alleles);
    for (uint32_t i = 1; i < alleles; i++)
        carried[i] = holds(&g, i);
    CXS_TRY(cxs_vcf_count(ctx, r, r->tumour, &r->counts));
    if (r->normal >= 0)
        CXS_TRY(cxs_vcf_count(ctx, r, r->normal, &r->normal_counts));
    for (uint32_t i = 1; i < alleles && !g.called; i++)
        carried[i] = !r->counts.known || r->counts.ad[i] > 0;
    v.chrom = cxs_contig_plain(chrom_of(r));
    v.file_pos = r->record->pos + 1;
    v.record = r->n;
    CXS_TRY(filter_text(ctx, r, &filter, &v.filtered));
    v.filter = filter.text;
    v.gt = gt.text;
    if (r->fasta != NULL)
        CXS_TRY(check_reference(ctx, r, v.chrom, &aligned));
    CXS_TRY(add_alleles(ctx, r, carried, &v, aligned));
done:
    cxs_free(gt.text);
    cxs_free(filter.text);
    cxs_free(carried);
    return rc;
}
