/*
 * page.h -- the parts of the HTML page
 *
 * One page, no script, nothing loaded from anywhere: it can be mailed, archived and
 * printed.  Parts write into one markup with a sticky error.
 */
#ifndef CXS_PAGE_H
#define CXS_PAGE_H

#include "report/figures.h"

#include "coxswain/report.h"

typedef struct cxs_page {
    cxs_markup m;
    const cxs_loaded *d;
    const cxs_model_files *path; /* NULL: no model was given */
    const cxs_report_settings *settings;
    const char *store_digest; /* SHA-256 of the results store */
    cxs_record *record;       /* NULL: none */
    size_t figure, table;     /* numbers of the last ones */
} cxs_page;

/* Write every part into p->m; look at p->m.rc afterwards. */
void cxs_page_build(cxs_page *p);

extern const char cxs_page_style[];

const char *cxs_page_title(const cxs_page *p);

/* Text of a meta key, escaped; `otherwise` (ours) when it is absent. */
void cxs_page_meta(cxs_page *p, const char *key, const char *otherwise);
/* A real meta key, short. */
void cxs_page_meta_real(cxs_page *p, const char *key, int significant);

/* Embed with number, title and caption (ours), save when a folder is set; frees the
 * canvas.  NULL does nothing. */
void cxs_page_figure(cxs_page *p, cxs_canvas *canvas, const char *caption);

/* A numbered table, from its caption (ours) to the open head row; column heads, "*"
 * before those of numbers, NULL at the end; its end. */
void cxs_page_open_table(cxs_page *p, const char *caption, bool wide);
void cxs_page_open_table_of(cxs_page *p, const char *class, const char *caption);
void cxs_page_heads(cxs_page *p, const char *const *heads);
void cxs_page_close_table(cxs_page *p);

/* page_text.c */
void cxs_page_summary(cxs_page *p);
void cxs_page_limits(cxs_page *p);
void cxs_page_methods(cxs_page *p);
void cxs_page_warnings(cxs_page *p);
void cxs_page_provenance(cxs_page *p);

/* page_tables.c */
void cxs_page_patients(cxs_page *p);
void cxs_page_markers(cxs_page *p);
void cxs_page_clinical(cxs_page *p);

/* page_features.c: the appendix; one line for a row of the table of markers, false when
 * the catalogue has none. */
void cxs_page_features(cxs_page *p);
bool cxs_page_meaning(cxs_page *p, const cxs_indicator *i);

/* Which counts of a column stay hidden: those in 1..min_cell-1 and, when that is one
 * alone, the next smallest too, because the total would give it away. */
void cxs_mask_cells(const size_t *count, size_t n, size_t min_cell, bool *hidden);

#endif /* CXS_PAGE_H */
