/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Types of the schema as rows, and the one walk over them.
 *
 * scripts/qapi-gen.py makes a QapiType for each type: where each member is in
 * the C struct, which branch belongs to which tag. The walk reads a value from
 * a visitor, writes it to one, or frees it. Whatever fails half-way while
 * reading is freed, and nothing is left with the caller.
 *
 * A "slot" is the place that holds a value: T for scalars and enums, T * for
 * everything else (char *, JsonNode *, structs, alternates, lists).
 *
 * The rows are constant; a walk has no state but its visitor.
 */
#ifndef QAPI_TYPE_TABLE_H
#define QAPI_TYPE_TABLE_H

#include "qapi/visitor.h"

typedef enum QapiKind {
    QAPI_KIND_SCALAR,
    QAPI_KIND_ENUM,
    QAPI_KIND_STRUCT,           /* unions too: those have branches */
    QAPI_KIND_ALTERNATE,
    QAPI_KIND_LIST,
} QapiKind;

typedef struct QapiType QapiType;

typedef struct QapiMember {
    const char *name;
    const QapiType *type;
    uint32_t offset;
    int32_t has_offset;         /* -1: NULL says that it is absent */
    bool optional;
} QapiMember;

struct QapiType {
    const char *name;
    QapiKind kind;
    uint32_t size;              /* of the C value; of a node for lists */
    /* scalars */
    bool (*visit)(Visitor *v, const char *name, void *slot, Error **errp);
    /* enums */
    const QEnumLookup *lookup;
    /* structs */
    const QapiMember *members;
    uint32_t n_members;
    /* unions: by the tag's value; alternates: by QType */
    const QapiType *const *branches;
    uint32_t n_branches;
    uint32_t tag_offset, u_offset;
    /* lists */
    const QapiType *element;
    uint32_t value_offset;
};

bool qapi_type_visit(Visitor *v, const char *name, void *slot, const QapiType *type,
                     Error **errp);
/* The members of a struct that is there already, between start and end of it. */
bool qapi_type_visit_members(Visitor *v, void *obj, const QapiType *type, Error **errp);
/* @obj: what a slot of a struct, alternate or list holds; NULL: nothing. */
void qapi_type_free(const QapiType *type, void *obj);

extern const QapiType qapi_type_str, qapi_type_number, qapi_type_bool, qapi_type_any,
                      qapi_type_null, qapi_type_int, qapi_type_int8, qapi_type_int16,
                      qapi_type_int32, qapi_type_int64, qapi_type_uint8, qapi_type_uint16,
                      qapi_type_uint32, qapi_type_uint64, qapi_type_size;
extern const QapiType qapi_type_strList, qapi_type_numberList, qapi_type_boolList,
                      qapi_type_anyList, qapi_type_intList, qapi_type_int8List,
                      qapi_type_int16List, qapi_type_int32List, qapi_type_int64List,
                      qapi_type_uint8List, qapi_type_uint16List, qapi_type_uint32List,
                      qapi_type_uint64List, qapi_type_sizeList;

#endif
