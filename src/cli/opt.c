/*
 * opt.c -- parse, print and record one option table
 *
 * getopt_long() is fed from the table, so that abbreviations, "--name=value" and "--"
 * behave as everywhere else.  Depends on libc and public headers.
 */
#define _GNU_SOURCE /* getopt_long */
#include "cli/opt.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { OPTIONS_MAX = 96, FIRST_LONG = 1000 };
/* Help: widths of names and units, where the text begins, where it ends. */
enum { NAME_COLUMN = 17, UNIT_COLUMN = 12, TEXT_COLUMN = 40, WIDTH = 96 };

static void *field(void *settings, const cxs_opt *o)
{
    return (char *)settings + o->offset;
}

static const void *const_field(const void *settings, const cxs_opt *o)
{
    return (const char *)settings + o->offset;
}

static int takes_value(const cxs_opt *o)
{
    return o->kind != CXS_OPT_FLAG && o->kind != CXS_OPT_NEGATE;
}

/* Whole text as a double in [lo, hi]. */
static cxs_rc parse_real(cxs_ctx *ctx, const cxs_opt *o, const char *text, double *out)
{
    char *end = NULL;
    const double value = strtod(text, &end);

    if (end == text || *end != '\0' || !isfinite(value) || strpbrk(text, "xX") != NULL)
        return cxs_fail(ctx, CXS_EARG, "--%s: '%s' is not a number", o->name, text);
    if (value < o->lo || value > o->hi)
        return cxs_fail(ctx, CXS_EARG, "--%s: %s is outside [%.15g, %.15g]", o->name,
                        text, o->lo, o->hi);
    *out = value;
    return CXS_OK;
}

static cxs_rc parse_whole(cxs_ctx *ctx, const cxs_opt *o, const char *text,
                          unsigned long long *out)
{
    char *end = NULL;

    errno = 0;
    *out = strtoull(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0 || strchr(text, '-') != NULL)
        return cxs_fail(ctx, CXS_EARG, "--%s: '%s' is not a whole number >= 0", o->name,
                        text);
    return CXS_OK;
}

/* 2000000, 500M, 2G, 1.5GiB: units of 1000, or of 1024 with "i", as in SI and IEC. */
static cxs_rc parse_bytes(cxs_ctx *ctx, const cxs_opt *o, const char *text, size_t *out)
{
    static const char units[] = "kMGT";
    char *end = NULL;
    double bytes = strtod(text, &end);
    const char *unit = *end != '\0' ? strchr(units, *end == 'K' ? 'k' : *end) : NULL;

    if (unit != NULL) {
        end++;
        bytes *= pow(*end == 'i' ? 1024.0 : 1000.0, (double)(unit - units) + 1.0);
        end += *end == 'i';
    }
    end += *end == 'B';
    if (end == text || *end != '\0' || strpbrk(text, "xXnN") != NULL ||
        !(bytes >= o->lo && bytes < 9e18))
        return cxs_fail(ctx, CXS_EARG,
                        "--%s: '%s' is not a size such as 500M, 2G or 1.5GiB", o->name,
                        text);
    *out = (size_t)bytes;
    return CXS_OK;
}

static cxs_rc parse_choice(cxs_ctx *ctx, const cxs_opt *o, const char *text, int *out)
{
    char list[256] = "";

    for (int i = 0; o->choices[i] != NULL; i++) {
        if (strcmp(o->choices[i], text) == 0) {
            *out = i;
            return CXS_OK;
        }
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s",
                 i > 0 ? ", " : "", o->choices[i]);
    }
    return cxs_fail(ctx, CXS_EARG, "--%s: '%s' is not one of %s", o->name, text, list);
}

static cxs_rc store(cxs_ctx *ctx, const cxs_opt *o, const char *text, void *settings)
{
    static const char *const yes_no[] = {"no", "yes", NULL};
    cxs_opt with_choices = *o;
    unsigned long long whole = 0;
    cxs_rc rc = CXS_OK;

    switch (o->kind) {
    case CXS_OPT_FLAG:
    case CXS_OPT_NEGATE:
        *(int *)field(settings, o) = o->kind == CXS_OPT_FLAG;
        return CXS_OK;
    case CXS_OPT_YESNO:
        with_choices.choices = yes_no;
        return parse_choice(ctx, &with_choices, text, field(settings, o));
    case CXS_OPT_CHOICE:
        return parse_choice(ctx, o, text, field(settings, o));
    case CXS_OPT_REAL:
        return parse_real(ctx, o, text, field(settings, o));
    case CXS_OPT_SIZE:
        if ((rc = parse_whole(ctx, o, text, &whole)) != CXS_OK)
            return rc;
        if ((double)whole < o->lo || (double)whole > o->hi)
            return cxs_fail(ctx, CXS_EARG, "--%s: %s is outside [%.15g, %.15g]",
                            o->name, text, o->lo, o->hi);
        *(size_t *)field(settings, o) = (size_t)whole;
        return CXS_OK;
    case CXS_OPT_BYTES:
        return parse_bytes(ctx, o, text, field(settings, o));
    case CXS_OPT_SEED:
        if ((rc = parse_whole(ctx, o, text, &whole)) == CXS_OK)
            *(uint64_t *)field(settings, o) = whole;
        return rc;
    case CXS_OPT_TEXT:
        *(const char **)field(settings, o) = text;
        return CXS_OK;
    case CXS_OPT_TEXTS: {
        cxs_opt_texts *texts = field(settings, o);
        if (texts->count == CXS_OPT_TEXTS_MAX)
            return cxs_fail(ctx, CXS_EARG, "--%s is given more than %d times", o->name,
                            CXS_OPT_TEXTS_MAX);
        texts->item[texts->count++] = text;
        return CXS_OK;
    }
    case CXS_OPT_END_KIND:
    case CXS_OPT_GROUP:
        break;
    }
    return cxs_fail(ctx, CXS_EBUG, "option table row without a kind");
}

/* Tables of getopt_long() from ours; returns the number of long options. */
static int make_getopt(const cxs_opt *options, struct option *longs, char *shorts)
{
    int n = 0;

    *shorts++ = ':'; /* a missing value is reported as ':' */
    for (int i = 0; options[i].kind != CXS_OPT_END_KIND; i++) {
        const cxs_opt *o = &options[i];
        if (o->kind == CXS_OPT_GROUP)
            continue;
        longs[n++] =
            (struct option){o->name, takes_value(o) ? 1 : 0, NULL, FIRST_LONG + i};
        if (o->letter != 0) {
            *shorts++ = o->letter;
            if (takes_value(o))
                *shorts++ = ':';
        }
    }
    longs[n] = (struct option){NULL, 0, NULL, 0};
    *shorts = '\0';
    return n;
}

static const cxs_opt *by_code(const cxs_opt *options, int code)
{
    if (code >= FIRST_LONG)
        return &options[code - FIRST_LONG];
    for (const cxs_opt *o = options; o->kind != CXS_OPT_END_KIND; o++)
        if (o->letter != 0 && o->letter == code)
            return o;
    return NULL;
}

cxs_rc cxs_opt_parse(cxs_ctx *ctx, const cxs_opt *options, int argc, char **argv,
                     void *settings, int *positional)
{
    struct option longs[OPTIONS_MAX];
    char shorts[2 * OPTIONS_MAX];
    int code;

    make_getopt(options, longs, shorts);
    optind = 0; /* glibc: start afresh */
    opterr = 0;
    while ((code = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
        const cxs_opt *o = by_code(options, code);
        cxs_rc rc;
        if (code == ':')
            return cxs_fail(ctx, CXS_EARG, "%s: needs a value", argv[optind - 1]);
        if (code == '?' || o == NULL)
            return cxs_fail(ctx, CXS_EARG, "%s: no such option", argv[optind - 1]);
        if ((rc = store(ctx, o, optarg, settings)) != CXS_OK)
            return rc;
    }
    *positional = argc - optind;
    for (int i = 0; i < *positional; i++)
        argv[1 + i] = argv[optind + i];
    return CXS_OK;
}

/* The default of one option as text; "" when there is none to show. */
static void default_text(const cxs_opt *o, const void *defaults, char *text,
                         size_t size)
{
    const void *at = const_field(defaults, o);

    *text = '\0';
    if (o->kind == CXS_OPT_REAL && isfinite(*(const double *)at))
        snprintf(text, size, "%.15g", *(const double *)at);
    else if (o->kind == CXS_OPT_SIZE)
        snprintf(text, size, "%zu", *(const size_t *)at);
    else if (o->kind == CXS_OPT_SEED)
        snprintf(text, size, "%llu", (unsigned long long)*(const uint64_t *)at);
    else if (o->kind == CXS_OPT_YESNO)
        snprintf(text, size, "%s", *(const int *)at ? "yes" : "no");
    else if (o->kind == CXS_OPT_TEXT && *(const char *const *)at != NULL)
        snprintf(text, size, "%s", *(const char *const *)at);
}

/* "one of these {a|b*} [default]" behind the help of an option. */
static void add_values(const cxs_opt *o, const void *defaults, char *text, size_t size)
{
    char value[256];
    size_t used = strlen(text);

    for (int i = 0; o->kind == CXS_OPT_CHOICE && o->choices[i] != NULL; i++) {
        const int chosen = *(const int *)const_field(defaults, o);
        snprintf(text + used, size - used, "%s%s%s%s", i == 0 ? " {" : "|",
                 o->choices[i], i == chosen ? "*" : "",
                 o->choices[i + 1] == NULL ? "}" : "");
        used += strlen(text + used);
    }
    default_text(o, defaults, value, sizeof value);
    if (*value != '\0')
        snprintf(text + used, size - used, " [%s]", value);
}

/* Words of a text in lines of WIDTH columns, the later ones below the first. */
static void print_wrapped(FILE *to, const char *text)
{
    size_t column = TEXT_COLUMN;

    while (*text != '\0') {
        const size_t length = strcspn(text, " ");
        if (column > TEXT_COLUMN && column + 1 + length > WIDTH) {
            fprintf(to, "\n%*s", TEXT_COLUMN, "");
            column = TEXT_COLUMN;
        }
        column += (size_t)fprintf(to, "%s%.*s", column > TEXT_COLUMN ? " " : "",
                                  (int)length, text);
        text += length + strspn(text + length, " ");
    }
    fputc('\n', to);
}

void cxs_opt_help(FILE *to, const cxs_opt *options, const void *defaults)
{
    for (const cxs_opt *o = options; o->kind != CXS_OPT_END_KIND; o++) {
        char text[1024];
        if (o->kind == CXS_OPT_GROUP) {
            fprintf(to, "\n%s:\n", o->help);
            continue;
        }
        if (o->letter != 0)
            fprintf(to, "  -%c, ", o->letter);
        else
            fputs("      ", to);
        fprintf(to, "--%-*s  %-*s ", NAME_COLUMN, o->name, UNIT_COLUMN,
                o->unit != NULL ? o->unit : "");
        snprintf(text, sizeof text, "%s", o->help);
        add_values(o, defaults, text, sizeof text);
        print_wrapped(to, text);
    }
}

cxs_rc cxs_opt_record(cxs_ctx *ctx, const cxs_opt *options, const void *settings,
                      cxs_record *record)
{
    for (const cxs_opt *o = options; o->kind != CXS_OPT_END_KIND; o++) {
        const void *at = const_field(settings, o);
        char text[256];
        cxs_rc rc = CXS_OK;
        if (o->kind == CXS_OPT_GROUP || !o->changes_numbers)
            continue;
        default_text(o, settings, text, sizeof text);
        if (o->kind == CXS_OPT_CHOICE)
            rc = cxs_record_setting_text(ctx, record, o->name,
                                         o->choices[*(const int *)at]);
        else if (o->kind == CXS_OPT_TEXTS) /* of ids, which no record holds */
            rc = cxs_record_setting_real(ctx, record, o->name,
                                         (double)((const cxs_opt_texts *)at)->count);
        else if (o->kind == CXS_OPT_REAL || o->kind == CXS_OPT_SIZE ||
                 o->kind == CXS_OPT_FLAG || o->kind == CXS_OPT_NEGATE)
            rc = cxs_record_setting_real(ctx, record, o->name,
                                         o->kind == CXS_OPT_REAL ? *(const double *)at
                                         : o->kind == CXS_OPT_SIZE
                                             ? (double)*(const size_t *)at
                                             : (double)*(const int *)at);
        else
            rc = cxs_record_setting_text(ctx, record, o->name, text);
        if (rc != CXS_OK)
            return rc;
    }
    return CXS_OK;
}
