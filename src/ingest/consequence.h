/*
 * consequence.h -- what an allele does to genes, as annotation programs wrote it
 *
 * CSQ of VEP (order of the fields from the header text), ANN of SnpEff (fixed order) and
 * BCSQ of bcftools csq.  For each gene one entry is picked: protein_coding; then
 * MANE_SELECT, CANONICAL, the worst term, the lowest transcript id.
 */
#ifndef CXS_CONSEQUENCE_H
#define CXS_CONSEQUENCE_H

#include "ingest/variant_private.h"

typedef enum cxs_effects_kind {
    CXS_EFFECTS_NONE,
    CXS_EFFECTS_CSQ,
    CXS_EFFECTS_ANN,
    CXS_EFFECTS_BCSQ
} cxs_effects_kind;

enum { CXS_NO_FIELD = -1, CXS_POP_FIELDS = 32 };

/* Where things stand in an entry; CXS_NO_FIELD: not given. */
typedef struct cxs_effects {
    cxs_effects_kind kind;
    int allele, allele_num, terms, symbol, gene, transcript, biotype, hgvsp, mane,
        canonical;
    int change;              /* BCSQ: dna_change */
    int pop[CXS_POP_FIELDS]; /* population frequencies: gnomAD*AF, MAX_AF, AF_popmax */
    size_t pops;
} cxs_effects;

/* The allele that entries are looked up for. */
typedef struct cxs_allele_key {
    const char *const *allele; /* [count] REF and every ALT of the record as written */
    size_t count, index;       /* index >= 1 */
    int64_t pos;               /* as written, from 1 */
} cxs_allele_key;

/* One gene; texts point into the caller's copy of the value. */
typedef struct cxs_pick {
    const char *gene, *transcript, *hgvsp, *change;
    const cxs_term *term;
    bool after_stop, mane, canonical;
} cxs_pick;

typedef struct cxs_picks {
    cxs_pick *pick;
    size_t count, capacity;
    double pop_af;   /* largest of the population frequencies, NaN when none is given */
    int64_t pointer; /* BCSQ @POS: the entry stands in that record; 0: none */
    char *text;      /* storage */
    size_t text_capacity;
    cxs_fields fields;
} cxs_picks;

/* Layout from the header's Description.  CX046 when CSQ has no "Format: " text or
 * lacks a field that is needed. */
cxs_rc cxs_effects_read(cxs_ctx *ctx, const char *path, cxs_effects_kind kind,
                        const char *description, cxs_effects *out) CXS_MUST_USE;

/* Picks of one allele from the value of the INFO tag; warns CX046 for unknown terms.
 * `picks` is reused from record to record. */
cxs_rc cxs_consequences(cxs_ctx *ctx, const char *path, const cxs_effects *a,
                        const cxs_variant_refs *refs, const char *value,
                        const cxs_allele_key *key, cxs_picks *picks) CXS_MUST_USE;
void cxs_picks_clear(cxs_picks *picks);

/* Name of a population frequency: gnomAD*AF, MAX_AF, AF_popmax. */
bool cxs_is_population(const char *name, size_t length);

/* Undo percent-encoding in place (%3D is '='). */
void cxs_percent_decode(char *text);

/* "132R>132H" of bcftools as "p.Arg132His" into out; false when it is no exchange of one
 * residue. */
bool cxs_bcsq_protein(const char *change, char *out, size_t size);

#endif /* CXS_CONSEQUENCE_H */
