/* scan_wide8.c -- the scan with vectors of 8 doubles: AVX-512 */
#define WIDTH   8
#define KERNELS cxs_scan_kernels_8
#include "num/scan_kernels.h"
