/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes one value as text, in the form that string-input-visitor.h reads.
 */
#ifndef STRING_OUTPUT_VISITOR_H
#define STRING_OUTPUT_VISITOR_H

#include "qapi/visitor.h"

typedef struct StringOutputVisitor StringOutputVisitor;

/*
 * @human adds what a reader likes (quotes around strings, sizes with units).
 * visit_complete(v, &text) sets *@result; the caller frees it.
 */
Visitor *string_output_visitor_new(bool human, char **result);

#endif
