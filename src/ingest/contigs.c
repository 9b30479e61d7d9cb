/*
 * contigs.c -- plain names of contigs and the genome build that their lengths tell
 *
 * Lengths of hg19 and hg38 are those of the UCSC chain headers.  Of the builds that are
 * refused the first chromosome is known, which is enough to say what a file is:
 * NCBI36 (hg18) and T2T-CHM13v2.0.  MT has one length in both builds and tells nothing.
 */
#include "ingest/contigs.h"

#include <string.h>

typedef struct contig {
    const char *name;
    int64_t hg19, hg38;
} contig;

static const contig contigs[] = {
    {"1", 249250621, 248956422},
    {"2", 243199373, 242193529},
    {"3", 198022430, 198295559},
    {"4", 191154276, 190214555},
    {"5", 180915260, 181538259},
    {"6", 171115067, 170805979},
    {"7", 159138663, 159345973},
    {"8", 146364022, 145138636},
    {"9", 141213431, 138394717},
    {"10", 135534747, 133797422},
    {"11", 135006516, 135086622},
    {"12", 133851895, 133275309},
    {"13", 115169878, 114364328},
    {"14", 107349540, 107043718},
    {"15", 102531392, 101991189},
    {"16", 90354753, 90338345},
    {"17", 81195210, 83257441},
    {"18", 78077248, 80373285},
    {"19", 59128983, 58617616},
    {"20", 63025520, 64444167},
    {"21", 48129895, 46709983},
    {"22", 51304566, 50818468},
    {"X", 155270560, 156040895},
    {"Y", 59373566, 57227415},
    {"MT", 0, 0},
};

static const int64_t chr1_of_hg18 = 247249719, chr1_of_t2t = 248387328;

const char *cxs_contig_plain(const char *name)
{
    const char *plain =
        strncmp(name, "chr", 3) == 0 && name[3] != '\0' ? name + 3 : name;

    return strcmp(plain, "M") == 0 ? "MT" : plain;
}

static const contig *find(const char *plain)
{
    for (size_t i = 0; i < sizeof contigs / sizeof *contigs; i++)
        if (strcmp(contigs[i].name, plain) == 0)
            return &contigs[i];
    return NULL;
}

bool cxs_contig_is_main(const char *plain)
{
    return find(plain) != NULL;
}

const char *cxs_contig_build(const char *plain, int64_t length)
{
    const contig *c = find(plain);

    if (c == NULL || length <= 0)
        return NULL;
    if (length == c->hg19)
        return "hg19";
    if (length == c->hg38)
        return "hg38";
    if (strcmp(plain, "1") == 0 && length == chr1_of_hg18)
        return "hg18";
    if (strcmp(plain, "1") == 0 && length == chr1_of_t2t)
        return "t2t";
    return NULL;
}

const char *cxs_build_name(const char *build)
{
    static const char *const names[][2] = {{"hg19", "GRCh37"},
                                           {"hg38", "GRCh38"},
                                           {"hg18", "NCBI36"},
                                           {"t2t", "T2T-CHM13v2.0"}};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(build, names[i][0]) == 0)
            return names[i][1];
    return "no known build";
}
