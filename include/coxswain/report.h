/*
 * report.h -- a results store as tables, figures and one self-contained HTML file
 */
#ifndef COXSWAIN_REPORT_H
#define COXSWAIN_REPORT_H

#include "coxswain/rank.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum cxs_figure_format {
    CXS_FIGURE_SVG,
    CXS_FIGURE_PDF,
    CXS_FIGURE_PNG
} cxs_figure_format;

typedef struct cxs_report_settings {
    const char
        *model_prefix;   /**< P of `coxswain model`: path and CV curve; NULL [NULL] */
    const char *figures; /**< folder for the figures; NULL: none            [NULL] */
    cxs_figure_format
        figure_format; /**< of the files in that folder             [svg] */
    const char *title; /**< heading; NULL: the study's title              [NULL] */
    size_t top;        /**< rows of the marker table                        [50] */
    size_t min_cell;   /**< smaller numbers at risk are shown as "<N"       [11] */
} cxs_report_settings;
cxs_report_settings cxs_report_defaults(void);

/** Write the HTML report of results store @p cxr_path to @p html_path. */
cxs_rc cxs_report_write(cxs_ctx *ctx, const char *cxr_path,
                        const cxs_report_settings *settings, const char *html_path,
                        cxs_record *record) CXS_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif /* COXSWAIN_REPORT_H */
