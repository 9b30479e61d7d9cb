/* job.c -- what every command does alike */
#include "cli/cli.h"

cxs_rc cxs_cli_run(cxs_ctx *ctx, const cxs_cli_job *job, int argc, char **argv)
{
    cxs_record *record = NULL;
    int n = 0;
    cxs_rc rc = job->new_record != NULL
                    ? job->new_record(ctx, argc, argv, &record)
                    : cxs_cli_record(ctx, argv[0], argc, argv, &record);

    if (rc == CXS_OK)
        rc = cxs_opt_parse(ctx, job->options, argc, argv, job->settings, &n);
    if (rc == CXS_OK && job->common->help) {
        job->usage(job->defaults);
    } else if (rc == CXS_OK) {
        argv[1 + n] = NULL;
        cxs_cli_apply(ctx, job->common);
        rc = job->run(ctx, job->settings, n, argv + 1, record);
    }
    cxs_record_free(record);
    return rc;
}
