/*
 * consequence.c -- CSQ, ANN and BCSQ entries of one allele
 *
 * An entry names its allele in its program's own way: VEP drops the first base that all
 * alleles of a record share when their lengths differ ("-" when nothing is left) or
 * gives ALLELE_NUM; SnpEff repeats the ALT; bcftools writes the change of the DNA.  When
 * a record has one ALT and no entry names it, all entries are its own: programs that
 * split records keep entries whole.
 *
 * bcftools marks a consequence behind a premature stop by '*'; such an entry changes no
 * protein and has class none.  '@POS' points to the record that holds the entry of a
 * compound variant.  Sources: VEP documentation (McLaren 2016), SnpEff ANN 1.0
 * (Cingolani 2012), bcftools csq (Danecek 2017).
 */
#include "ingest/consequence.h"

#include "base/number.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const cxs_term unknown_term = {
    .so = "unknown", .bcsq = ".", .class = "none", .rank = INT64_MAX};

static const cxs_effects no_annotation = {.allele = CXS_NO_FIELD,
                                          .allele_num = CXS_NO_FIELD,
                                          .terms = CXS_NO_FIELD,
                                          .symbol = CXS_NO_FIELD,
                                          .gene = CXS_NO_FIELD,
                                          .transcript = CXS_NO_FIELD,
                                          .biotype = CXS_NO_FIELD,
                                          .hgvsp = CXS_NO_FIELD,
                                          .mane = CXS_NO_FIELD,
                                          .canonical = CXS_NO_FIELD,
                                          .change = CXS_NO_FIELD};

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void cxs_percent_decode(char *text)
{
    char *to = text;

    for (const char *from = text; *from != '\0'; from++, to++) {
        const int high = *from == '%' ? hex_digit(from[1]) : -1;
        const int low = high >= 0 ? hex_digit(from[2]) : -1;
        *to = *from;
        if (low >= 0 && high * 16 + low >= ' ') {
            *to = (char)(high * 16 + low);
            from += 2;
        }
    }
    *to = '\0';
}

/* gnomAD_AF, gnomADe_AF, gnomADg_NFE_AF, AF_popmax, MAX_AF. */
bool cxs_is_population(const char *name, size_t length)
{
    if ((length == 6 && strncmp(name, "MAX_AF", 6) == 0) ||
        (length == 9 && strncmp(name, "AF_popmax", 9) == 0))
        return true;
    return length > 8 && strncmp(name, "gnomAD", 6) == 0 &&
           strncmp(name + length - 2, "AF", 2) == 0;
}

static void take_csq_field(cxs_effects *a, const char *name, size_t length, int at)
{
    const struct {
        const char *name;
        int *field;
    } known[] = {{"Allele", &a->allele},       {"Consequence", &a->terms},
                 {"SYMBOL", &a->symbol},       {"Gene", &a->gene},
                 {"Feature", &a->transcript},  {"BIOTYPE", &a->biotype},
                 {"HGVSp", &a->hgvsp},         {"MANE_SELECT", &a->mane},
                 {"CANONICAL", &a->canonical}, {"ALLELE_NUM", &a->allele_num}};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strlen(known[i].name) == length && !strncmp(known[i].name, name, length))
            *known[i].field = at;
    if (cxs_is_population(name, length) && a->pops < CXS_POP_FIELDS)
        a->pop[a->pops++] = at;
}

static cxs_rc read_csq(cxs_ctx *ctx, const char *path, const char *description,
                       cxs_effects *a)
{
    const char *at = description != NULL ? strstr(description, "Format: ") : NULL;
    int field = 0;

    if (at == NULL)
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX046",
                             "%s: no \"Format: \" text in the header line of CSQ",
                             path);
    for (at += strlen("Format: ");; field++) {
        const size_t length = strcspn(at, "|\" >");
        take_csq_field(a, at, length, field);
        if (at[length] != '|')
            break;
        at += length + 1;
    }
    if (a->allele < 0 || a->terms < 0 || (a->symbol < 0 && a->gene < 0))
        return cxs_fail_code(
            ctx, CXS_EFORMAT, "CX046",
            "%s: CSQ lacks Allele, Consequence or SYMBOL in its Format", path);
    return CXS_OK;
}

cxs_rc cxs_effects_read(cxs_ctx *ctx, const char *path, cxs_effects_kind kind,
                        const char *description, cxs_effects *out)
{
    *out = no_annotation;
    out->kind = kind;
    switch (kind) {
    case CXS_EFFECTS_CSQ:
        return read_csq(ctx, path, description, out);
    case CXS_EFFECTS_ANN:
        /* Allele|Annotation|Impact|Gene_Name|Gene_ID|Feature_Type|Feature_ID|
         * Transcript_BioType|Rank|HGVS.c|HGVS.p|... */
        out->allele = 0;
        out->terms = 1;
        out->symbol = 3;
        out->gene = 4;
        out->transcript = 6;
        out->biotype = 7;
        out->hgvsp = 10;
        return CXS_OK;
    case CXS_EFFECTS_BCSQ:
        /* Consequence|gene|transcript|biotype|strand|amino_acid_change|dna_change */
        out->terms = 0;
        out->symbol = 1;
        out->transcript = 2;
        out->biotype = 3;
        out->hgvsp = 5;
        out->change = 6;
        return CXS_OK;
    case CXS_EFFECTS_NONE:
        break;
    }
    return CXS_OK;
}

static char *field(const cxs_picks *p, int at)
{
    static char nothing[1] = "";

    return at >= 0 && (size_t)at < p->fields.count ? p->fields.text[at] : nothing;
}

/* True when every allele starts with the same base and their lengths differ: VEP then
 * leaves that base out. */
static bool vep_drops_first(const cxs_allele_key *key)
{
    bool differs = false;

    for (size_t i = 1; i < key->count; i++) {
        if (key->allele[i][0] != key->allele[0][0])
            return false;
        differs |= strlen(key->allele[i]) != strlen(key->allele[0]);
    }
    return differs;
}

/* Allele text of VEP and SnpEff. */
static bool names_allele(const char *text, const cxs_allele_key *key)
{
    const char *alt = key->allele[key->index];

    if (strcasecmp(text, alt) == 0)
        return true;
    if (!vep_drops_first(key))
        return false;
    return alt[1] == '\0' ? strcmp(text, "-") == 0 : strcasecmp(text, alt + 1) == 0;
}

/* "209113112C>T+209113115A>G": one part has our position and alleles. */
static bool changes_allele(const char *change, const cxs_allele_key *key)
{
    char want[64];
    const int length =
        snprintf(want, sizeof want, "%lld%.20s>%.20s", (long long)key->pos,
                 key->allele[0], key->allele[key->index]);

    for (const char *at = change; length > 0 && (at = strstr(at, want)) != NULL; at++)
        if ((at == change || at[-1] == '+') &&
            (at[length] == '\0' || at[length] == '+' || strlen(want) >= 60))
            return true;
    return false;
}

static bool is_ours(const cxs_effects *a, const cxs_picks *p, const cxs_allele_key *key)
{
    int64_t number = 0;

    if (a->allele_num >= 0 &&
        cxs_number_parse_int(field(p, a->allele_num), 0, (int64_t)key->count, &number))
        return number == (int64_t)key->index;
    if (a->kind == CXS_EFFECTS_BCSQ)
        return *field(p, a->change) == '\0' || changes_allele(field(p, a->change), key);
    return names_allele(field(p, a->allele), key);
}

/* Worst of terms joined by '&'; '*' before a term: behind a stop. */
static cxs_rc worst_term(cxs_ctx *ctx, const char *path, const cxs_variant_refs *refs,
                         const char *text, cxs_pick *pick)
{
    cxs_rc rc = CXS_OK;

    pick->term = &unknown_term;
    for (const char *at = text; *at != '\0' && rc == CXS_OK;) {
        size_t length = strcspn(at, "&");
        const bool behind = *at == '*';
        const cxs_term *term = cxs_term_find(refs, at + behind, length - behind);
        if (term == NULL)
            rc = cxs_warn(ctx, "CX046", "%s: unknown consequence term \"%.*s\"", path,
                          length > 80 ? 80 : (int)length, at);
        else if (term->rank < pick->term->rank)
            pick->term = term;
        pick->after_stop |= behind;
        at += length + (at[length] == '&');
    }
    return rc;
}

/* < 0 when a is to be picked before b. */
static int prefer(const cxs_pick *a, const cxs_pick *b)
{
    if (a->mane != b->mane)
        return a->mane ? -1 : 1;
    if (a->canonical != b->canonical)
        return a->canonical ? -1 : 1;
    if (a->after_stop != b->after_stop)
        return a->after_stop ? 1 : -1;
    if (a->term->rank != b->term->rank)
        return a->term->rank < b->term->rank ? -1 : 1;
    return strcmp(a->transcript, b->transcript);
}

static cxs_rc keep_best(cxs_ctx *ctx, cxs_picks *p, const cxs_pick *pick)
{
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < p->count; i++)
        if (strcmp(p->pick[i].gene, pick->gene) == 0) {
            if (prefer(pick, &p->pick[i]) < 0)
                p->pick[i] = *pick;
            return CXS_OK;
        }
    CXS_TRY(
        cxs_grow(ctx, (void **)&p->pick, &p->capacity, p->count + 1, sizeof *p->pick));
    p->pick[p->count++] = *pick;
done:
    return rc;
}

/* Frequencies of one field: several are joined by '&'. */
static void take_population(const char *text, cxs_picks *p)
{
    while (*text != '\0') {
        const size_t length = strcspn(text, "&");
        double value = 0.0;
        if (length > 0 && cxs_number_parse(text, length, &value))
            p->pop_af = fmax(value, isnan(p->pop_af) ? 0.0 : p->pop_af);
        text += length + (text[length] == '&');
    }
}

static cxs_rc take_entry(cxs_ctx *ctx, const char *path, const cxs_effects *a,
                         const cxs_variant_refs *refs, cxs_picks *p)
{
    const char *biotype = field(p, a->biotype);
    cxs_pick pick = {.gene = field(p, a->symbol),
                     .transcript = field(p, a->transcript),
                     .hgvsp = field(p, a->hgvsp),
                     .change = field(p, a->change),
                     .mane = *field(p, a->mane) != '\0',
                     .canonical = strcmp(field(p, a->canonical), "YES") == 0};
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < a->pops; i++)
        take_population(field(p, a->pop[i]), p);
    if (*pick.gene == '\0')
        pick.gene = field(p, a->gene);
    CXS_TRY(worst_term(ctx, path, refs, field(p, a->terms), &pick));
    if (*pick.gene == '\0' || (*biotype != '\0' && strcmp(biotype, "protein_coding")))
        goto done; /* between genes, or of a transcript without protein */
    pick.gene = cxs_gene_current(refs, pick.gene);
    CXS_TRY(keep_best(ctx, p, &pick));
done:
    return rc;
}

/* All entries, or those that name the allele; *taken counts them. */
static cxs_rc take_entries(cxs_ctx *ctx, const char *path, const cxs_effects *a,
                           const cxs_variant_refs *refs, const char *value,
                           const cxs_allele_key *key, bool all, cxs_picks *p,
                           size_t *taken)
{
    const size_t length = strlen(value);
    cxs_rc rc = CXS_OK;

    *taken = 0;
    CXS_TRY(cxs_grow(ctx, (void **)&p->text, &p->text_capacity, length + 1, 1));
    memcpy(p->text, value, length + 1);
    for (char *at = p->text, *next = NULL; at != NULL && *at != '\0'; at = next) {
        const size_t n = strcspn(at, ",");
        next = at[n] == ',' ? at + n + 1 : NULL;
        at[n] = '\0';
        if (a->kind == CXS_EFFECTS_BCSQ && *at == '@') {
            p->pointer = strtoll(at + 1, NULL, 10);
            continue;
        }
        CXS_TRY(cxs_fields_split(ctx, at, n, '|', &p->fields));
        for (size_t f = 0; f < p->fields.count; f++)
            cxs_percent_decode(p->fields.text[f]);
        if (!all && !is_ours(a, p, key))
            continue;
        ++*taken;
        CXS_TRY(take_entry(ctx, path, a, refs, p));
    }
done:
    return rc;
}

cxs_rc cxs_consequences(cxs_ctx *ctx, const char *path, const cxs_effects *a,
                        const cxs_variant_refs *refs, const char *value,
                        const cxs_allele_key *key, cxs_picks *picks)
{
    size_t taken = 0;
    cxs_rc rc = CXS_OK;

    picks->count = 0;
    picks->pop_af = NAN;
    picks->pointer = 0;
    CXS_TRY(take_entries(ctx, path, a, refs, value, key, false, picks, &taken));
    if (taken == 0 && key->count == 2)
        CXS_TRY(take_entries(ctx, path, a, refs, value, key, true, picks, &taken));
done:
    return rc;
}

void cxs_picks_clear(cxs_picks *picks)
{
    cxs_free(picks->pick);
    cxs_free(picks->text);
    cxs_fields_free(&picks->fields);
    *picks = (cxs_picks){0};
}

bool cxs_bcsq_protein(const char *change, char *out, size_t size)
{
    static const char letters[] = "ACDEFGHIKLMNPQRSTVWY*";
    static const char *const names[] = {
        "Ala", "Cys", "Asp", "Glu", "Phe", "Gly", "His", "Ile", "Lys", "Leu", "Met",
        "Asn", "Pro", "Gln", "Arg", "Ser", "Thr", "Val", "Trp", "Tyr", "Ter"};
    long long from = 0, to = 0;
    char old = 0, new = 0, rest = 0;
    const char *a = NULL, *b = NULL;

    if (sscanf(change, "%lld%c>%lld%c%c", &from, &old, &to, &new, &rest) != 4 ||
        from != to || from < 1 || (a = strchr(letters, old)) == NULL ||
        (b = strchr(letters, new)) == NULL)
        return false;
    snprintf(out, size, "p.%s%lld%s", names[a - letters], from, names[b - letters]);
    return true;
}
