/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A type for the tests of objects, the tree and properties: it counts the
 * living, has a property of each kind, and an embedded child.
 */
#ifndef TEST_OBJECT_H
#define TEST_OBJECT_H

#include "qom/object.h"
#include "qapi/qapi-types-common.h"

#define TYPE_PROBE "test-probe"
OBJECT_DECLARE_SIMPLE_TYPE(Probe, PROBE)

struct Probe {
    Object parent_obj;

    char *text;
    bool flag;
    int mode;
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
    Object *weak;
    Object *strong;
    bool refuse_link;
};

extern int probes_alive;

void probe_register(void);

#endif
