/*
 * coxswain.h -- the whole public interface
 *
 * Flow: ingest -> features -> model, rank -> report.  Each header stands alone.
 */
#ifndef COXSWAIN_H
#define COXSWAIN_H

#include "coxswain/catalogue.h"
#include "coxswain/count.h"
#include "coxswain/cox.h"
#include "coxswain/error.h"
#include "coxswain/features.h"
#include "coxswain/ingest.h"
#include "coxswain/libraries.h"
#include "coxswain/model.h"
#include "coxswain/rank.h"
#include "coxswain/record.h"
#include "coxswain/report.h"
#include "coxswain/scores.h"
#include "coxswain/screen.h"
#include "coxswain/simulate.h"
#include "coxswain/study.h"

#endif /* COXSWAIN_H */
