/*
 * assay_choice.h -- one file for each patient and use
 */
#ifndef CXS_FEATURES_ASSAY_CHOICE_H
#define CXS_FEATURES_ASSAY_CHOICE_H

#include "features/assays.h"

/* What a file serves. */
typedef enum cxs_slot {
    CXS_SLOT_NONE = -1,
    CXS_SLOT_TISSUE_CALLS,
    CXS_SLOT_FLUID_CALLS,
    CXS_SLOT_FLUID_READS,
    CXS_SLOT_TISSUE_READS,
    CXS_SLOT_TISSUE_SEGMENTS,
    CXS_SLOT_FLUID_SEGMENTS,
    CXS_SLOT_TISSUE_BINS,
    CXS_SLOT_FLUID_BINS,
    CXS_SLOT_TISSUE_STATES,
    CXS_SLOT_FLUID_STATES,
    CXS_SLOT_TISSUE_RNA,
    CXS_SLOT_FLUID_RNA,
    CXS_SLOTS
} cxs_slot;

/* What was chosen, loaded; a file of nobody has bag NULL.  The texts of the files are
 * borrowed from `all`. */
typedef struct cxs_candidates cxs_candidates;
typedef struct cxs_chosen {
    char **patient; /* [n] sorted */
    size_t n;
    cxs_patient_file *file[CXS_SLOTS]; /* [n] */
    cxs_candidates *all;
} cxs_chosen;

/* The patients of a study that have any file with a slot: n = 0 for none.  CX014 for a
 * feature that a patient has only later samples for. */
cxs_rc cxs_choose_files(cxs_ctx *ctx, cxs_study *study, cxs_chosen *out) CXS_MUST_USE;
void cxs_chosen_free(cxs_chosen *chosen);

#endif /* CXS_FEATURES_ASSAY_CHOICE_H */
