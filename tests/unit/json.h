/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options of devices and objects as a test writes them. */
#ifndef TESTS_UNIT_JSON_H
#define TESTS_UNIT_JSON_H

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/json.h"

/* The object in the text; the caller frees. */
static inline JsonObject *G_GNUC_PRINTF(1, 2) json_of(const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    return qapi_json_parse_object(text, strlen(text), &error_abort);
}

#endif
