/*
 * study_column.c -- columns of a sheet: by name, and their cells
 */
#include "ingest/study_sheet.h"

#include <math.h>
#include <string.h>

const cxs_column *cxs_sheet_find(const cxs_sheet *sheet, const char *name)
{
    if (sheet == NULL)
        return NULL;
    for (size_t c = 0; c < sheet->columns; c++)
        if (strcmp(sheet->column[c].name, name) == 0)
            return &sheet->column[c];
    for (size_t c = 0; c < sheet->columns; c++)
        if (strcmp(sheet->column[c].source, name) == 0)
            return &sheet->column[c];
    return NULL;
}

size_t cxs_sheet_line(const cxs_sheet *sheet, size_t row)
{
    return sheet->table->line[sheet->row[row]];
}

double cxs_column_number(const cxs_column *column, size_t row)
{
    return column != NULL && column->number != NULL ? column->number[row] : (double)NAN;
}

const char *cxs_column_value(const cxs_column *column, size_t row)
{
    return column != NULL ? column->text[row] : NULL;
}
