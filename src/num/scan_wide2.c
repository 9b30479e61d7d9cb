/* scan_wide2.c -- the scan with vectors of 2 doubles: every processor */
#define WIDTH   2
#define KERNELS cxs_scan_kernels_2
#include "num/scan_kernels.h"
