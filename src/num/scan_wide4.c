/* scan_wide4.c -- the scan with vectors of 4 doubles: AVX2 */
#define WIDTH   4
#define KERNELS cxs_scan_kernels_4
#include "num/scan_kernels.h"
