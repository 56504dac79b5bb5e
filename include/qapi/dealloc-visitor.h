/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The visitor that frees: a walk with it gives back strings, nodes of lists,
 * structs and JSON values, also of a value that is only half filled.
 */
#ifndef QAPI_DEALLOC_VISITOR_H
#define QAPI_DEALLOC_VISITOR_H

#include "qapi/visitor.h"

Visitor *qapi_dealloc_visitor_new(void);

#endif
