/*
 * hts_mates.c -- which records are mates, and those that wait for theirs
 *
 * A hash table with chains through one array of slots.  Records move in and out by
 * exchange, so that no alignment is copied and every buffer is used again.
 */
#include "ingest/hts_mates.h"

#include "base/pack.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_BUCKETS = 1 << 12 };

typedef struct place {
    int64_t tid, position;
} place;

static const place nowhere = {-1, 0};

/* Of read 1 and read 2 of the template, as this record tells them. */
static void places(const bam1_t *b, place p[2])
{
    const uint16_t flag = b->core.flag;
    const place own = {b->core.tid, b->core.pos}, other = {b->core.mtid, b->core.mpos};
    const int is_first = (flag & BAM_FREAD1) != 0;

    p[!is_first] = (flag & BAM_FUNMAP) != 0 ? nowhere : own;
    p[is_first] = (flag & BAM_FMUNMAP) != 0 ? nowhere : other;
}

uint64_t cxs_mates_hash(const bam1_t *b)
{
    const size_t length = (size_t)b->core.l_qname - b->core.l_extranul;
    const uint64_t odd1 = 0x9e3779b97f4a7c15U, odd2 = 0xc2b2ae3d27d4eb4fU;
    place p[2];
    uint64_t h = cxs_hash64(bam_get_qname(b), length);

    places(b, p);
    h ^= ((uint64_t)p[0].tid << 32 ^ (uint64_t)p[0].position) * odd1;
    h ^= ((uint64_t)p[1].tid << 32 ^ (uint64_t)p[1].position) * odd2;
    return h ^ h >> 29;
}

static int64_t hit_index(const bam1_t *b)
{
    const uint8_t *tag = bam_aux_get(b, "HI");

    return tag != NULL ? bam_aux2i(tag) : -1;
}

bool cxs_mates_match(const bam1_t *a, const bam1_t *b)
{
    place p[2], q[2];

    if (strcmp(bam_get_qname(a), bam_get_qname(b)) != 0)
        return false;
    places(a, p);
    places(b, q);
    return p[0].tid == q[0].tid && p[0].position == q[0].position &&
           p[1].tid == q[1].tid && p[1].position == q[1].position &&
           hit_index(a) == hit_index(b);
}

void cxs_mates_free(cxs_mates *m)
{
    for (size_t i = 0; i < m->used; i++)
        free(m->mate[i].record.data);
    cxs_free(m->mate);
    cxs_free(m->bucket);
    *m = (cxs_mates){0};
}

/* Chains keep the order of the file: new ones go to the end. */
static void link_mate(cxs_mates *m, size_t slot)
{
    size_t *end = &m->bucket[m->mate[slot].hash & (m->buckets - 1)];

    while (*end != SIZE_MAX)
        end = &m->mate[*end].next;
    *end = slot;
    m->mate[slot].next = SIZE_MAX;
}

static void unlink_mate(cxs_mates *m, size_t slot)
{
    size_t *at = &m->bucket[m->mate[slot].hash & (m->buckets - 1)];

    while (*at != slot)
        at = &m->mate[*at].next;
    *at = m->mate[slot].next;
    m->mate[slot].waits = false;
    m->mate[slot].next = m->free;
    m->free = slot;
    m->waiting--;
    m->bytes -= (size_t)m->mate[slot].record.l_data;
}

/* Twice the buckets.  Records of one key stay in their order, because the old chains
 * are walked from their heads. */
static cxs_rc more_buckets(cxs_ctx *ctx, cxs_mates *m)
{
    const size_t old_count = m->buckets;
    size_t *old = m->bucket, *larger = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(larger, old_count > 0 ? 2 * old_count : FIRST_BUCKETS);
    if (old_count == 0)
        m->free = SIZE_MAX;
    m->bucket = larger;
    m->buckets = old_count > 0 ? 2 * old_count : FIRST_BUCKETS;
    memset(larger, 0xff, m->buckets * sizeof *larger);
    for (size_t i = 0; i < old_count; i++)
        for (size_t slot = old[i], next; slot != SIZE_MAX; slot = next) {
            next = m->mate[slot].next;
            link_mate(m, slot);
        }
    cxs_free(old);
done:
    return rc;
}

bam1_t *cxs_mates_take(cxs_mates *m, const bam1_t *b, uint64_t hash)
{
    size_t slot = m->buckets > 0 ? m->bucket[hash & (m->buckets - 1)] : SIZE_MAX;

    for (; slot != SIZE_MAX; slot = m->mate[slot].next)
        if (m->mate[slot].hash == hash && cxs_mates_match(&m->mate[slot].record, b)) {
            unlink_mate(m, slot);
            return &m->mate[slot].record;
        }
    return NULL;
}

cxs_rc cxs_mates_wait(cxs_ctx *ctx, cxs_mates *m, bam1_t *b, uint64_t hash)
{
    const bam1_t record = *b;
    size_t slot;
    cxs_rc rc = CXS_OK;

    if (m->bytes_most > 0 && m->bytes + (size_t)b->l_data > m->bytes_most)
        return cxs_fail(ctx, CXS_EBUDGET,
                        "%zu reads wait for their mates; sort the file by name "
                        "(samtools collate)",
                        m->waiting);
    if (m->buckets <= m->waiting)
        CXS_TRY(more_buckets(ctx, m));
    slot = m->free;
    if (slot == SIZE_MAX) {
        CXS_TRY(cxs_grow(ctx, (void **)&m->mate, &m->capacity, m->used + 1,
                         sizeof *m->mate));
        slot = m->used++;
        m->mate[slot] = (cxs_mate){.next = SIZE_MAX};
    } else {
        m->free = m->mate[slot].next;
    }
    *b = m->mate[slot].record;
    m->mate[slot] = (cxs_mate){.record = record, .hash = hash, .waits = true};
    link_mate(m, slot);
    m->waiting++;
    m->bytes += (size_t)record.l_data;
done:
    return rc;
}

/* Will the mate's place not come any more? */
static bool is_passed(const bam1_t *b, int64_t tid, int64_t position)
{
    if (tid < 0)
        return true;
    if ((b->core.flag & BAM_FMUNMAP) != 0 || b->core.mtid < 0)
        return false;
    return b->core.mtid < tid || (b->core.mtid == tid && b->core.mpos < position);
}

bam1_t *cxs_mates_expired(cxs_mates *m, size_t *at, int64_t tid, int64_t position)
{
    for (size_t slot; (slot = *at) < m->used;) {
        ++*at;
        if (m->mate[slot].waits && is_passed(&m->mate[slot].record, tid, position)) {
            unlink_mate(m, slot);
            return &m->mate[slot].record;
        }
    }
    return NULL;
}
