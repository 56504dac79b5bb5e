/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads one value from text as a user types it: "on", "0x10", "4k", "a name";
 * lists are comma separated, with ranges ("0-3,8") for integers.
 */
#ifndef STRING_INPUT_VISITOR_H
#define STRING_INPUT_VISITOR_H

#include "qapi/visitor.h"

typedef struct StringInputVisitor StringInputVisitor;

/* @str must outlive the visitor. */
Visitor *string_input_visitor_new(const char *str);

#endif
