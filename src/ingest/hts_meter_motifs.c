/*
 * hts_meter_motifs.c -- the four bases at both 5' ends of every fragment (Jiang 2020)
 *
 * With a FASTA the bases are those of the reference, so that sequencing errors and
 * clipping do not enter: start .. start + 3 forward, end - 4 .. end - 1 on the other
 * strand; both from read 1.  Without one each mate gives its own end, from its bases,
 * when the alignment begins there with a match.  Ends with an N do not count.
 *
 * Table end_motifs: motif (AAAA .. TTTT), count; 256 rows.
 */
#include "ingest/hts_fragment.h"
#include "ingest/hts_refseq.h"

#include <string.h>

enum { MOTIF = 4, MOTIFS = 256 };

typedef struct motif_state {
    int64_t count[MOTIFS];
} motif_state;

static cxs_rc state_new(cxs_ctx *ctx, const cxs_fragment_meter *meter,
                        const cxs_reads_info *info, void **state)
{
    (void)meter;
    (void)info;
    *state = cxs_calloc(ctx, 1, sizeof(motif_state));
    return *state != NULL ? CXS_OK : CXS_ENOMEM;
}

/* Count the motif of four letters, read upwards, or backwards as their complement. */
static void count_letters(motif_state *s, const char *letter, bool reverse)
{
    unsigned motif = 0;

    for (int i = 0; i < MOTIF; i++) {
        const unsigned c = cxs_base_code(letter[reverse ? MOTIF - 1 - i : i]);

        if (c >= CXS_BASE_NONE)
            return;
        motif = motif << 2 | (reverse ? 3 - c : c);
    }
    s->count[motif]++;
}

/* The alignment of the read begins, at its 5' end, with matched bases. */
static bool matches_at_end(const bam1_t *b, bool reverse)
{
    const uint32_t n = b->core.n_cigar;
    const uint32_t op = n > 0 ? bam_get_cigar(b)[reverse ? n - 1 : 0] : 0;

    /* A match consumes query and reference: bits 1 and 2 of the type. */
    return n > 0 && bam_cigar_type(bam_cigar_op(op)) == 3 &&
           bam_cigar_oplen(op) >= MOTIF && b->core.l_qseq >= MOTIF;
}

static void by_read(motif_state *s, const bam1_t *b)
{
    const bool reverse = bam_is_rev(b);
    const uint8_t *seq = bam_get_seq(b);
    const int32_t from = reverse ? b->core.l_qseq - MOTIF : 0;
    char letter[MOTIF];

    if (!matches_at_end(b, reverse))
        return;
    for (int i = 0; i < MOTIF; i++)
        letter[i] = seq_nt16_str[bam_seqi(seq, from + i)];
    count_letters(s, letter, reverse);
}

static cxs_rc fragment(cxs_ctx *ctx, const cxs_fragment_meter *meter, void *state,
                       const cxs_dna_fragment *f)
{
    (void)ctx;
    if (meter->both_mates) {
        by_read(state, f->b);
    } else if (f->base != NULL) {
        count_letters(state, f->base, false);
        count_letters(state, f->base + (f->end - f->start) - MOTIF, true);
    }
    return CXS_OK;
}

static void add(void *into, const void *from)
{
    for (size_t i = 0; i < MOTIFS; i++)
        ((motif_state *)into)->count[i] += ((const motif_state *)from)->count[i];
}

static cxs_rc finish(cxs_ctx *ctx, const cxs_fragment_meter *meter,
                     const cxs_reads_info *info, const void *state, cxs_measures *bag)
{
    const motif_state *s = state;
    cxs_rc rc = CXS_OK;
    cxs_measure *table;
    size_t motif;
    int64_t *count;

    (void)info;
    CXS_TRY(cxs_measures_add(ctx, bag, meter->name, MOTIFS, &table));
    CXS_TRY(cxs_measure_text(ctx, table, "motif", &motif));
    CXS_TRY(cxs_measure_int(ctx, table, "count", &count));
    for (size_t i = 0; i < MOTIFS; i++) {
        const char text[MOTIF + 1] = {"ACGT"[i >> 6], "ACGT"[i >> 4 & 3],
                                      "ACGT"[i >> 2 & 3], "ACGT"[i & 3], '\0'};

        CXS_TRY(cxs_measure_set_text(ctx, table, motif, i, text));
        count[i] = s->count[i];
    }

done:
    return rc;
}

static void meter_free(cxs_fragment_meter *meter)
{
    cxs_free(meter);
}

cxs_rc cxs_fragments_motifs(cxs_ctx *ctx, bool reference, cxs_fragment_meter **out)
{
    cxs_rc rc = CXS_OK;

    CXS_NEW(*out, 1);
    **out = (cxs_fragment_meter){.name = "end_motifs",
                                 .both_mates = !reference,
                                 .wants_base = reference,
                                 .state_new = state_new,
                                 .state_free = cxs_free,
                                 .fragment = fragment,
                                 .add = add,
                                 .finish = finish,
                                 .free = meter_free};

done:
    return rc;
}
