/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scalars from text, shared by the visitors that read text: the one place that
 * says what "0x10", "4k", "on" mean.  @name is only for the error.
 */
#ifndef QAPI_TEXT_SCALAR_H
#define QAPI_TEXT_SCALAR_H

#include "qapi/visitor.h"

bool text_to_int64(const char *name, const char *text, int64_t *obj, Error **errp);
bool text_to_uint64(const char *name, const char *text, uint64_t *obj, Error **errp);
bool text_to_size(const char *name, const char *text, uint64_t *obj, Error **errp);
bool text_to_bool(const char *name, const char *text, bool *obj, Error **errp);
bool text_to_number(const char *name, const char *text, double *obj, Error **errp);

#endif
