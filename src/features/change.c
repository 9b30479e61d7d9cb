/*
 * change.c -- logarithms and logits before a Cox model, as the catalogue names them
 *
 *     counts and concentrations   log2(x + c)                                       (1)
 *     fractions                   logit((x (n - 1) + 0.5)/n)                        (2)
 *
 * (2) keeps 0 and 1 finite (Smithson and Verkuilen 2006 Psychol Methods 11:54); n is the
 * number of training samples with a value and is frozen with the feature.
 */
#include "features/catalogue.h"
#include "features/derive.h"

#include "base/text.h"
#include "store/data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const cxs_change_names[] = {"none", "log2", "logit"};

cxs_change cxs_family_change(const cxs_family *family, double *c)
{
    static const struct {
        const char *words;
        cxs_change change;
        double by;
    } rules[] = {{CXS_AS_LOG2_PLUS_1, CXS_CHANGE_LOG2, 1.0},
                 {CXS_AS_LOGIT, CXS_CHANGE_LOGIT, 0.0}};

    *c = 0.0;
    for (size_t k = 0; k < sizeof rules / sizeof *rules; k++)
        if (strcmp(family->transform, rules[k].words) == 0) {
            *c = rules[k].by;
            return rules[k].change;
        }
    return CXS_CHANGE_NONE;
}

bool cxs_is_ordinal(const char *feature)
{
    const cxs_family *f =
        strchr(feature, '.') != NULL ? cxs_catalogue_find(feature) : NULL;

    return f != NULL && strcmp(f->transform, CXS_AS_ORDINAL) == 0;
}

double cxs_change_value(const cxs_transform *t, double x)
{
    if (t->change == CXS_CHANGE_LOG2)
        return log2(x + t->change_by);
    if (t->change == CXS_CHANGE_LOGIT) {
        const double q = (x * (t->change_by - 1.0) + 0.5) / t->change_by;
        return log(q / (1.0 - q));
    }
    return x;
}

void cxs_change_columns(cxs_matrix *m, const cxs_matrix *known,
                        cxs_transform *transform)
{
    for (size_t j = 0; j < m->p; j++) {
        const char *name = m->feature[j];
        const cxs_family *family;
        cxs_transform *t = &transform[j];
        double *x = m->x + j * m->n, n = 0.0;
        if (known != NULL && bsearch(&name, known->feature, known->p,
                                     sizeof *known->feature, cxs_text_compare) != NULL)
            continue;
        family = cxs_catalogue_find(name);
        if (family == NULL)
            continue;
        t->change = cxs_family_change(family, &t->change_by);
        for (size_t i = 0; i < m->n; i++)
            n += isnan(x[i]) ? 0.0 : 1.0;
        if (t->change == CXS_CHANGE_LOGIT)
            t->change_by = n;
        for (size_t i = 0; i < m->n; i++)
            x[i] = cxs_change_value(t, x[i]);
    }
}
