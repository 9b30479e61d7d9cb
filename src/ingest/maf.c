/*
 * maf.c -- variants of many samples from one MAF (GDC v2.4, cBioPortal)
 *
 * Only the columns that are used are kept, so a file with 140 columns costs no more than
 * one with 15.  Rows are sorted by sample once; within a sample they stay in file order.
 * MAF writes "-" for the missing side of an indel; the table keeps that notation, the
 * position being that of the first changed base (insertion: the base before it).
 */
#include "ingest/variant_private.h"

#include "base/number.h"
#include "base/text.h"
#include "ingest/contigs.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    SAMPLE,
    GENE,
    BUILD,
    CHROM,
    START,
    CLASS,
    REF,
    ALT,
    ALT1,
    T_REF,
    T_ALT,
    T_DEPTH,
    N_DEPTH,
    N_ALT,
    N_REF,
    FILTER,
    TRANSCRIPT,
    HGVSP,
    HGVSP_SHORT,
    POP,
    COLUMNS
};

static const struct {
    const char *name;
    bool needed;
} columns[COLUMNS] = {
    [SAMPLE] = {"Tumor_Sample_Barcode", true},
    [GENE] = {"Hugo_Symbol", true},
    [BUILD] = {"NCBI_Build", false},
    [CHROM] = {"Chromosome", true},
    [START] = {"Start_Position", true},
    [CLASS] = {"Variant_Classification", true},
    [REF] = {"Reference_Allele", true},
    [ALT] = {"Tumor_Seq_Allele2", true},
    [ALT1] = {"Tumor_Seq_Allele1", false},
    [T_REF] = {"t_ref_count", false},
    [T_ALT] = {"t_alt_count", false},
    [T_DEPTH] = {"t_depth", false},
    [N_DEPTH] = {"n_depth", false},
    [N_ALT] = {"n_alt_count", false},
    [N_REF] = {"n_ref_count", false},
    [FILTER] = {"FILTER", false},
    [TRANSCRIPT] = {"Transcript_ID", false},
    [HGVSP] = {"HGVSp", false},
    [HGVSP_SHORT] = {"HGVSp_Short", false},
    [POP] = {"MAX_AF", false},
};

typedef struct row {
    size_t line, at; /* at: offset of its COLUMNS zero-terminated texts */
    size_t sample;
} row;

struct cxs_maf {
    char *path;
    char *text; /* texts of the rows, one behind the other */
    size_t length, capacity;
    row *row;
    size_t rows, row_capacity;
    char **sample; /* distinct, bytewise order */
    size_t samples, sample_capacity;
    bool has[COLUMNS];
};

void cxs_maf_free(cxs_maf *maf)
{
    if (maf == NULL)
        return;
    cxs_free(maf->path);
    cxs_free(maf->text);
    cxs_free(maf->row);
    cxs_free_strings(maf->sample, maf->samples);
    cxs_free(maf);
}

static const char *cell(const cxs_maf *maf, const row *r, size_t column)
{
    const char *at = maf->text + r->at;

    for (size_t c = 0; c < column; c++)
        at += strlen(at) + 1;
    return at;
}

static cxs_rc add_text(cxs_ctx *ctx, cxs_maf *maf, const char *text, size_t length)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_grow(ctx, (void **)&maf->text, &maf->capacity, maf->length + length + 1,
                     1));
    memcpy(maf->text + maf->length, text, length);
    maf->text[maf->length + length] = '\0';
    maf->length += length + 1;
done:
    return rc;
}

/* Field of each column; SIZE_MAX for absent ones. */
static cxs_rc find_columns(cxs_ctx *ctx, const cxs_maf *maf, const cxs_text *text,
                           const cxs_fields *names, size_t *field)
{
    for (size_t c = 0; c < COLUMNS; c++) {
        field[c] = SIZE_MAX;
        for (size_t f = 0; f < names->count; f++)
            if (strcmp(names->text[f], columns[c].name) == 0)
                field[c] = f;
        if (field[c] == SIZE_MAX && columns[c].needed)
            return cxs_fail_code(ctx, CXS_EFORMAT, "CX020",
                                 "%s:%zu: column \"%s\" is missing", maf->path,
                                 cxs_text_line_number(text), columns[c].name);
    }
    return CXS_OK;
}

static cxs_rc add_row(cxs_ctx *ctx, cxs_maf *maf, const cxs_text *text,
                      const cxs_fields *f, const size_t *field)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_grow(ctx, (void **)&maf->row, &maf->row_capacity, maf->rows + 1,
                     sizeof *maf->row));
    maf->row[maf->rows++] =
        (row){.line = cxs_text_line_number(text), .at = maf->length};
    for (size_t c = 0; c < COLUMNS; c++) {
        const bool has = field[c] != SIZE_MAX;
        CXS_TRY(add_text(ctx, maf, has ? f->text[field[c]] : "",
                         has ? f->length[field[c]] : 0));
    }
done:
    return rc;
}

static cxs_rc read_rows(cxs_ctx *ctx, cxs_maf *maf, cxs_text *text)
{
    cxs_fields fields = {0};
    size_t field[COLUMNS], length = 0, width = 0;
    char *line = NULL;
    cxs_rc rc = CXS_OK;

    for (;;) {
        CXS_TRY(cxs_text_line(ctx, text, &line, &length));
        if (line == NULL)
            break;
        if (length == 0 || (width == 0 && *line == '#'))
            continue;
        CXS_TRY(cxs_fields_split(ctx, line, length, '\t', &fields));
        if (width == 0) {
            width = fields.count;
            CXS_TRY(find_columns(ctx, maf, text, &fields, field));
            for (size_t c = 0; c < COLUMNS; c++)
                maf->has[c] = field[c] != SIZE_MAX;
            continue;
        }
        if (fields.count != width)
            CXS_TRY(cxs_fail_code(ctx, CXS_EFORMAT, "CX019",
                                  "%s:%zu: %zu fields, the header has %zu", maf->path,
                                  cxs_text_line_number(text), fields.count, width));
        CXS_TRY(add_row(ctx, maf, text, &fields, field));
    }
    if (width == 0)
        CXS_TRY(
            cxs_fail_code(ctx, CXS_EFORMAT, "CX020", "%s: no header line", maf->path));
done:
    cxs_fields_free(&fields);
    return rc;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int by_sample(const void *a, const void *b)
{
    const row *x = a, *y = b;

    if (x->sample != y->sample)
        return x->sample < y->sample ? -1 : 1;
    return x->line < y->line ? -1 : x->line > y->line;
}

/* Distinct names, then each row's sample, then the rows by sample. */
static cxs_rc sort_samples(cxs_ctx *ctx, cxs_maf *maf)
{
    char **all = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(all, maf->rows);
    for (size_t i = 0; i < maf->rows; i++)
        all[i] = maf->text + maf->row[i].at;
    if (maf->rows > 0)
        qsort(all, maf->rows, sizeof *all, by_text);
    for (size_t i = 0; i < maf->rows; i++) {
        if (i > 0 && strcmp(all[i], all[i - 1]) == 0)
            continue;
        CXS_TRY(cxs_grow(ctx, (void **)&maf->sample, &maf->sample_capacity,
                         maf->samples + 1, sizeof *maf->sample));
        if ((maf->sample[maf->samples] = cxs_strdup(ctx, all[i])) == NULL)
            CXS_TRY(CXS_ENOMEM);
        maf->samples++;
    }
    for (size_t i = 0; i < maf->rows; i++) {
        const char *name = maf->text + maf->row[i].at;
        char *const *found =
            bsearch(&name, maf->sample, maf->samples, sizeof *maf->sample, by_text);
        maf->row[i].sample = (size_t)(found - maf->sample);
    }
    if (maf->rows > 0)
        qsort(maf->row, maf->rows, sizeof *maf->row, by_sample);
done:
    cxs_free(all);
    return rc;
}

cxs_rc cxs_maf_read(cxs_ctx *ctx, const char *path, cxs_maf **out)
{
    cxs_maf *maf = NULL;
    cxs_text *text = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_NEW(maf, 1);
    if ((maf->path = cxs_strdup(ctx, path)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    CXS_TRY(cxs_text_open(ctx, path, &text));
    CXS_TRY(read_rows(ctx, maf, text));
    CXS_TRY(sort_samples(ctx, maf));
    *out = maf;
    maf = NULL;
done:
    cxs_text_close(text);
    cxs_maf_free(maf);
    return rc;
}

size_t cxs_maf_samples(const cxs_maf *maf)
{
    return maf->samples;
}

const char *cxs_maf_sample(const cxs_maf *maf, size_t at)
{
    return maf->sample[at];
}

/* Variant_Classification of MAF 2.4 as a term of the Sequence Ontology. */
static const struct {
    const char *maf, *so;
} classes[] = {
    {"Frame_Shift_Del", "frameshift_variant"},
    {"Frame_Shift_Ins", "frameshift_variant"},
    {"In_Frame_Del", "inframe_deletion"},
    {"In_Frame_Ins", "inframe_insertion"},
    {"Missense_Mutation", "missense_variant"},
    {"Missense", "missense_variant"},
    {"Nonsense_Mutation", "stop_gained"},
    {"Nonsense", "stop_gained"},
    {"Nonstop_Mutation", "stop_lost"},
    {"Splice_Site", "splice_acceptor_variant"},
    {"Splice_Region", "splice_region_variant"},
    {"Translation_Start_Site", "start_lost"},
    {"De_novo_Start_InFrame", "5_prime_UTR_premature_start_codon_gain_variant"},
    {"De_novo_Start_OutOfFrame", "5_prime_UTR_premature_start_codon_gain_variant"},
    {"Silent", "synonymous_variant"},
    {"3'UTR", "3_prime_UTR_variant"},
    {"5'UTR", "5_prime_UTR_variant"},
    {"3'Flank", "downstream_gene_variant"},
    {"5'Flank", "upstream_gene_variant"},
    {"Intron", "intron_variant"},
    {"IGR", "intergenic_variant"},
    {"RNA", "non_coding_transcript_exon_variant"},
    {"lincRNA", "non_coding_transcript_exon_variant"},
    {"Targeted_Region", "sequence_variant"},
};

static cxs_rc term_of(cxs_ctx *ctx, const cxs_maf *maf, const cxs_variant_refs *refs,
                      const char *class, const cxs_term **out)
{
    static const cxs_term unknown = {
        .so = "unknown", .bcsq = ".", .class = "none", .rank = INT64_MAX};
    const cxs_term *term = NULL;

    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (strcmp(classes[i].maf, class) == 0)
            term = cxs_term_find(refs, classes[i].so, strlen(classes[i].so));
    *out = term != NULL ? term : &unknown;
    if (term != NULL)
        return CXS_OK;
    return cxs_warn(ctx, "CX046", "%s: unknown consequence term \"%.80s\"", maf->path,
                    class);
}

/* Whole number or missing; a negative one is a fault. */
static cxs_rc count_of(cxs_ctx *ctx, const cxs_maf *maf, const row *r, size_t column,
                       int64_t *out)
{
    const char *text = cell(maf, r, column);
    double value = 0.0;

    *out = CXS_MEASURE_MISSING;
    if (cxs_is_na(text, strlen(text)))
        return CXS_OK;
    if (!cxs_number_parse(text, strlen(text), &value) || value < 0.0 ||
        value > 2147483647.0 || value != floor(value))
        return cxs_fail(ctx, CXS_EFORMAT, "%s:%zu:%s: \"%.40s\" is no number of reads",
                        maf->path, r->line, columns[column].name, text);
    *out = (int64_t)value;
    return CXS_OK;
}

/* Scientific notation too: R writes 47000000 as 4.7e+07. */
static cxs_rc position_of(cxs_ctx *ctx, const cxs_maf *maf, const row *r, int64_t *out)
{
    const char *text = cell(maf, r, START);
    double value = 0.0;

    if (!cxs_number_parse(text, strlen(text), &value) || value < 1.0 ||
        value > 2147483647.0 || value != floor(value))
        return cxs_fail(ctx, CXS_EFORMAT,
                        "%s:%zu:Start_Position: \"%.40s\" is no position", maf->path,
                        r->line, text);
    *out = (int64_t)value;
    return CXS_OK;
}

static cxs_rc counts_of(cxs_ctx *ctx, const cxs_maf *maf, const row *r, cxs_variant *v)
{
    const int64_t missing = CXS_MEASURE_MISSING;
    int64_t normal_ref = missing;
    cxs_rc rc = CXS_OK;

    CXS_TRY(count_of(ctx, maf, r, T_REF, &v->ad_ref));
    CXS_TRY(count_of(ctx, maf, r, T_ALT, &v->ad_alt));
    CXS_TRY(count_of(ctx, maf, r, T_DEPTH, &v->dp_file));
    CXS_TRY(count_of(ctx, maf, r, N_DEPTH, &v->normal_dp));
    CXS_TRY(count_of(ctx, maf, r, N_ALT, &v->normal_alt));
    CXS_TRY(count_of(ctx, maf, r, N_REF, &normal_ref));
    if (v->ad_ref == missing && v->ad_alt != missing && v->dp_file != missing &&
        v->dp_file >= v->ad_alt)
        v->ad_ref = v->dp_file - v->ad_alt;
    if (v->ad_ref != missing && v->ad_alt != missing) {
        v->dp = v->ad_ref + v->ad_alt;
        v->vaf = v->dp > 0 ? (double)v->ad_alt / (double)v->dp : (double)NAN;
    }
    if (normal_ref != missing && v->normal_alt != missing)
        v->normal_dp = normal_ref + v->normal_alt;
    if (v->normal_dp != missing && v->normal_alt != missing && v->normal_dp > 0)
        v->normal_vaf = (double)v->normal_alt / (double)v->normal_dp;
done:
    return rc;
}

static cxs_rc check_build(cxs_ctx *ctx, const cxs_maf *maf, const row *r, int declared)
{
    static const char *const names[CXS_BUILDS][4] = {{"GRCh37", "hg19", "37", "b37"},
                                                     {"GRCh38", "hg38", "38", "b38"}};
    const char *text = cell(maf, r, BUILD);

    if (declared < 0 || cxs_is_na(text, strlen(text)))
        return CXS_OK;
    for (size_t i = 0; i < 4; i++)
        if (strcmp(text, names[declared][i]) == 0)
            return CXS_OK;
    return cxs_fail_code(ctx, CXS_EMISMATCH, "CX034",
                         "%s:%zu: NCBI_Build says %.40s, sheet says %s", maf->path,
                         r->line, text, declared == CXS_HG19 ? "hg19" : "hg38");
}

/* Bases, or "-" for nothing. */
static bool is_allele(const char *text)
{
    return strcmp(text, "-") == 0 ||
           (*text != '\0' && text[strspn(text, "ACGTNacgtn")] == '\0');
}

/* GDC repeats the reference in allele 1 of a heterozygous call; when allele 2 is the
 * reference, allele 1 is the variant. */
static const char *alt_of(const cxs_maf *maf, const row *r)
{
    const char *second = cell(maf, r, ALT), *first = cell(maf, r, ALT1);

    return strcmp(second, cell(maf, r, REF)) == 0 && *first != '\0' ? first : second;
}

static cxs_rc add_variant(cxs_ctx *ctx, const cxs_maf *maf, const row *r,
                          cxs_variant_set *set)
{
    const char *ref = cell(maf, r, REF), *alt = alt_of(maf, r),
               *pop = cell(maf, r, POP);
    const char *filter = cell(maf, r, FILTER);
    cxs_variant v = cxs_variant_none();
    size_t at = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(check_build(ctx, maf, r, set->build));
    CXS_TRY(position_of(ctx, maf, r, &v.pos));
    if (!is_allele(ref) || !is_allele(alt))
        CXS_TRY(cxs_fail(ctx, CXS_EFORMAT,
                         "%s:%zu: Reference_Allele and Tumor_Seq_Allele2 must be bases "
                         "or \"-\"",
                         maf->path, r->line));
    v.chrom = cxs_contig_plain(cell(maf, r, CHROM));
    v.ref = ref;
    v.alt = alt;
    v.filter = filter;
    v.filtered = !cxs_is_na(filter, strlen(filter)) && strcmp(filter, "PASS") != 0;
    v.record = (int64_t)r->line;
    v.file_pos = v.pos;
    v.carried = true;
    CXS_TRY(counts_of(ctx, maf, r, &v));
    if (!cxs_number_parse(pop, strlen(pop), &v.pop_af))
        v.pop_af = NAN;
    set->alleles++;
    if (v.dp == 0) {
        set->skipped++;
        goto done;
    }
    CXS_TRY(cxs_variant_add(ctx, set, &v, &at));
    cxs_variant_hit hit = {
        .variant = at,
        .gene = cxs_gene_current(set->settings->refs, cell(maf, r, GENE)),
        .transcript = cell(maf, r, TRANSCRIPT),
        .hgvsp = cell(maf, r, HGVSP)};
    if (cxs_is_na(hit.hgvsp, strlen(hit.hgvsp)))
        hit.hgvsp = cell(maf, r, HGVSP_SHORT);
    CXS_TRY(term_of(ctx, maf, set->settings->refs, cell(maf, r, CLASS), &hit.term));
    if (strcmp(hit.gene, "Unknown") != 0 && *hit.gene != '\0')
        CXS_TRY(cxs_variant_hit_add(ctx, set, &hit));
done:
    return rc;
}

/* First row of a sample, maf->rows when it has none. */
static size_t first_row(const cxs_maf *maf, const char *sample)
{
    char *const *found = maf->samples == 0 ? NULL
                                           : bsearch(&sample, maf->sample, maf->samples,
                                                     sizeof *maf->sample, by_text);
    const size_t index = found != NULL ? (size_t)(found - maf->sample) : SIZE_MAX;
    size_t low = 0, high = maf->rows;

    if (found == NULL)
        return maf->rows;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (maf->row[middle].sample < index)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

cxs_rc cxs_maf_measure(cxs_ctx *ctx, const cxs_maf *maf,
                       const cxs_vcf_settings *settings, cxs_measures *bag)
{
    const char *sample = settings->column != NULL ? settings->column : settings->sample;
    cxs_variant_set set = {.annotation = "MAF",
                           .build = cxs_build_index(settings->build)};
    cxs_vcf_settings own = *settings;
    cxs_rc rc = CXS_OK;

    if (settings->refs == NULL || sample == NULL)
        return cxs_fail(ctx, CXS_EARG, "a MAF needs a sample and reference tables");
    own.path = maf->path;
    set.settings = &own;
    for (size_t i = first_row(maf, sample);
         i < maf->rows && strcmp(maf->text + maf->row[i].at, sample) == 0; i++) {
        CXS_TRY(add_variant(ctx, maf, &maf->row[i], &set));
        set.records++;
    }
    set.has_normal = maf->has[N_ALT];
    CXS_TRY(cxs_variants_judge(ctx, &set));
    if (set.skipped > 0)
        CXS_TRY(cxs_warn(ctx, "CX047", "%s: %lld alleles without reads were skipped",
                         maf->path, (long long)set.skipped));
    CXS_TRY(cxs_variants_into(ctx, &set, bag));
done:
    cxs_variant_set_clear(&set);
    return rc;
}
