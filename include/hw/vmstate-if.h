/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects whose state can be saved under a name of their own.
 */
#ifndef VMSTATE_IF_H
#define VMSTATE_IF_H

#include "qom/object.h"

#define TYPE_VMSTATE_IF "vmstate-if"

typedef struct VMStateIfClass VMStateIfClass;
typedef struct VMStateIf VMStateIf;
DECLARE_CLASS_CHECKERS(VMStateIfClass, VMSTATE_IF, TYPE_VMSTATE_IF)
#define VMSTATE_IF(obj) INTERFACE_CHECK(VMStateIf, (obj), TYPE_VMSTATE_IF)

struct VMStateIfClass {
    InterfaceClass parent_class;

    char *(*get_id)(VMStateIf *obj);
};

/* The caller frees; NULL when @vmif is NULL or has no name. */
static inline char *vmstate_if_get_id(VMStateIf *vmif)
{
    return vmif ? VMSTATE_IF_GET_CLASS(vmif)->get_id(vmif) : NULL;
}

#endif
