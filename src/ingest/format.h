/*
 * format.h -- the formats of expression matrices: one table, told by content
 *
 * A format is one row of the table in format.c: a name, how its first lines are
 * recognised, and what it changes in the reading of a matrix (matrix_rows.c).  Files
 * that hold one sample each (STAR, Salmon, ...) are parts: a folder or a sheet names
 * them and the format's `join` makes one matrix of them.
 */
#ifndef CXS_INGEST_FORMAT_H
#define CXS_INGEST_FORMAT_H

#include "ingest/matrix.h"

enum { CXS_HEAD_LINES = 4 };

/* The first lines of a file; bytes are borrowed, lines end at LF or CRLF. */
typedef struct cxs_head {
    const char *line[CXS_HEAD_LINES];
    size_t length[CXS_HEAD_LINES];
    size_t lines;
    size_t header; /* first line that is no comment; == lines when there is none */
} cxs_head;

/* One file of one sample: its values lie in a matrix of their own, whose "samples" are
 * what the format keeps of the file.  The rows of every part are those of part 0, which
 * alone has their names. */
typedef struct cxs_part {
    char *sample, *path;
    cxs_matrix *values;
} cxs_part;

struct cxs_format {
    const char *name; /* as in --format */
    const char *help; /* one line */
    bool (*sniff)(const cxs_head *head, const cxs_matrix_settings *settings);
    /* Lines before the header; may make the header itself.  NULL: none. */
    cxs_rc (*begin)(cxs_ctx *ctx, cxs_matrix_reader *r);
    /* r->header holds all names: say where the values are.  NULL: the first row
     * decides (cxs_reader_settle()). */
    cxs_rc (*layout)(cxs_ctx *ctx, cxs_matrix_reader *r);
    /* All rows are read.  NULL: nothing more. */
    cxs_rc (*end)(cxs_ctx *ctx, cxs_matrix_reader *r);
    /* Parts of one sample each, with the same rows, into a matrix, unsorted.  NULL: not such a format. */
    cxs_rc (*join)(cxs_ctx *ctx, const cxs_matrix_settings *settings,
                   const cxs_part *part, size_t parts, cxs_matrix **out);
    const char *rows;    /* what the rows of a part are, for messages */
    const char *refusal; /* not a matrix: what it is, for the message */
};

/* The table, in the order of the help; NULL after the last. */
const cxs_format *cxs_format_at(size_t i);
/* By name; NULL when there is none. */
const cxs_format *cxs_format_named(const char *name);

/* What the lines are: the format that the settings name, else the first whose sniff()
 * says yes, else "plain".  CXS_EARG for an unknown name, CX022 for files that are no
 * matrix (SEG, MAF, AIRR). */
cxs_rc cxs_format_tell(cxs_ctx *ctx, cxs_text *text, const cxs_matrix_settings *s,
                       const cxs_format **out) CXS_MUST_USE;

/* The first lines as they stand in the buffer. */
cxs_rc cxs_head_read(cxs_ctx *ctx, cxs_text *text, cxs_head *head) CXS_MUST_USE;
/* Number of tab- or comma-separated fields of a line; field k of it (blanks and quotes cut). */
size_t cxs_head_fields(const cxs_head *head, size_t line);
bool cxs_head_is(const cxs_head *head, size_t line, size_t field, const char *text);
/* Do the fields of a line begin with these names (NULL-terminated)? */
bool cxs_head_begins(const cxs_head *head, size_t line, const char *const *names);
/* Is field k of a line a number, or one of the missing-value tokens? */
bool cxs_head_number(const cxs_head *head, size_t line, size_t field);

/* For layout(): values are the `columns` fields from `first` on, rows have the fields
 * of the header; name_field 0: no display names. */
void cxs_reader_keep(cxs_matrix_reader *r, size_t first, size_t columns,
                     size_t name_field);
/* Index of a header name, SIZE_MAX when absent. */
size_t cxs_reader_find(const cxs_matrix_reader *r, const char *name);
/* Give value column i another name. */
cxs_rc cxs_reader_rename(cxs_ctx *ctx, cxs_matrix_reader *r, size_t i, const char *name,
                         size_t length) CXS_MUST_USE;

/* format_tables.c */
bool cxs_sniff_gct(const cxs_head *head, const cxs_matrix_settings *s);
cxs_rc cxs_begin_gct(cxs_ctx *ctx, cxs_matrix_reader *r) CXS_MUST_USE;
cxs_rc cxs_layout_gct(cxs_ctx *ctx, cxs_matrix_reader *r) CXS_MUST_USE;
cxs_rc cxs_end_gct(cxs_ctx *ctx, cxs_matrix_reader *r) CXS_MUST_USE;
bool cxs_sniff_featurecounts(const cxs_head *head, const cxs_matrix_settings *s);
cxs_rc cxs_layout_featurecounts(cxs_ctx *ctx, cxs_matrix_reader *r) CXS_MUST_USE;
bool cxs_sniff_gistic(const cxs_head *head, const cxs_matrix_settings *s);
cxs_rc cxs_layout_gistic(cxs_ctx *ctx, cxs_matrix_reader *r) CXS_MUST_USE;
bool cxs_sniff_nfcore(const cxs_head *head, const cxs_matrix_settings *s);
cxs_rc cxs_layout_nfcore(cxs_ctx *ctx, cxs_matrix_reader *r) CXS_MUST_USE;
bool cxs_sniff_xena(const cxs_head *head, const cxs_matrix_settings *s);
bool cxs_sniff_methylation(const cxs_head *head, const cxs_matrix_settings *s);

/* format_star.c */
bool cxs_sniff_star(const cxs_head *head, const cxs_matrix_settings *s);
cxs_rc cxs_begin_star(cxs_ctx *ctx, cxs_matrix_reader *r) CXS_MUST_USE;
cxs_rc cxs_end_star(cxs_ctx *ctx, cxs_matrix_reader *r) CXS_MUST_USE;
bool cxs_sniff_gdc(const cxs_head *head, const cxs_matrix_settings *s);
cxs_rc cxs_layout_gdc(cxs_ctx *ctx, cxs_matrix_reader *r) CXS_MUST_USE;
bool cxs_sniff_rsem(const cxs_head *head, const cxs_matrix_settings *s);
cxs_rc cxs_layout_rsem(cxs_ctx *ctx, cxs_matrix_reader *r) CXS_MUST_USE;
/* One column per part. */
cxs_rc cxs_parts_bind(cxs_ctx *ctx, const cxs_matrix_settings *settings,
                      const cxs_part *part, size_t parts,
                      cxs_matrix **out) CXS_MUST_USE;
/* CXS_EMISMATCH with names when part i does not hold the features of part 0. */
cxs_rc cxs_parts_same(cxs_ctx *ctx, const cxs_part *part, size_t i,
                      const char *what) CXS_MUST_USE;

/* format_transcripts.c */
bool cxs_sniff_salmon(const cxs_head *head, const cxs_matrix_settings *s);
bool cxs_sniff_kallisto(const cxs_head *head, const cxs_matrix_settings *s);
cxs_rc cxs_layout_transcripts(cxs_ctx *ctx, cxs_matrix_reader *r) CXS_MUST_USE;
cxs_rc cxs_transcripts_join(cxs_ctx *ctx, const cxs_matrix_settings *settings,
                            const cxs_part *part, size_t parts,
                            cxs_matrix **out) CXS_MUST_USE;

/* format_sheet.c: files of one sample each, named by a folder or a sheet. */
bool cxs_is_folder(const char *path);
bool cxs_sniff_sheet(const cxs_head *head, const cxs_matrix_settings *s);
cxs_rc cxs_folder_read(cxs_ctx *ctx, const char *path,
                       const cxs_matrix_settings *settings,
                       cxs_matrix **out) CXS_MUST_USE;
cxs_rc cxs_sheet_of_files_read(cxs_ctx *ctx, const char *path,
                               const cxs_matrix_settings *settings,
                               cxs_matrix **out) CXS_MUST_USE;
/* Files (or folders with one each) of one sample; sample[i] NULL: named by the path. */
cxs_rc cxs_files_join(cxs_ctx *ctx, const char *origin, const char *const *path,
                      const char *const *sample, size_t count,
                      const cxs_matrix_settings *settings,
                      cxs_matrix **out) CXS_MUST_USE;
/* Does a file, or the one file of a folder, hold one sample? */
cxs_rc cxs_part_probe(cxs_ctx *ctx, const char *path,
                      const cxs_matrix_settings *settings, bool *part) CXS_MUST_USE;

/* format_names.c: name of the sample that a file of one sample holds, from its path;
 * NULL: no memory. */
char *cxs_part_name(cxs_ctx *ctx, const char *path);
/* The usual name of a program's file that ends this one, NULL when none does; *exact:
 * it is the whole name (but for the compression). */
const char *cxs_usual_name(const char *name, bool *exact);
char *cxs_path_in_folder(cxs_ctx *ctx, const char *folder, const char *name);
/* matrix.c: read one file as a part; *format is set, CXS_EFORMAT when its format is not
 * one of parts.  The part's sample is made from the path when `sample` is NULL. */
cxs_rc cxs_part_read(cxs_ctx *ctx, const char *path, const char *sample,
                     const cxs_matrix_settings *settings, const cxs_format **format,
                     cxs_part *part) CXS_MUST_USE;
void cxs_parts_free(cxs_part *part, size_t parts);
/* True when the file begins with the magic bytes of a .cxf file. */
bool cxs_path_is_cxf(const char *path);
/* Parts of one format into a sorted, checked matrix. */
cxs_rc cxs_parts_join(cxs_ctx *ctx, const char *path,
                      const cxs_matrix_settings *settings, const cxs_format *format,
                      const cxs_part *part, size_t parts,
                      cxs_matrix **out) CXS_MUST_USE;

#endif /* CXS_INGEST_FORMAT_H */
