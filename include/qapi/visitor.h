/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Visitors: one walk over a value, used to read it from somewhere (input) or
 * to write it somewhere (output).
 *
 *     struct:  start_struct, visit members by name, check_struct, end_struct
 *     list:    start_list, { visit with name NULL, next_list }, check_list, end_list
 *
 * An input visitor stores into the object that it is given and reports what
 * does not fit; an output visitor reads it.  Every start that succeeded needs
 * its end, also after errors.  Each function returns true on success, and then
 * errp is untouched.
 *
 * A visitor belongs to one thread at a time.
 */
#ifndef QAPI_VISITOR_H
#define QAPI_VISITOR_H

#include "qapi/qapi-builtin-types.h"

typedef struct Error Error;
typedef struct Visitor Visitor;

/* Output: writes the result to the place given at creation.  Once only. */
void visit_complete(Visitor *v, void *opaque);
void visit_free(Visitor *v);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Visitor, visit_free)

bool visit_is_input(Visitor *v);
bool visit_is_dealloc(Visitor *v);

/*
 * @obj NULL: the members are visited one by one and nothing is allocated.
 * Otherwise an input visitor allocates *@obj with @size zeroed bytes.
 */
bool visit_start_struct(Visitor *v, const char *name, void **obj, size_t size,
                        Error **errp);
/* Input: fails when there are members that nobody visited. */
bool visit_check_struct(Visitor *v, Error **errp);
void visit_end_struct(Visitor *v, void **obj);

/*
 * A value of one of several types: the object begins with a QType. Input
 * allocates it and says which type is there; the caller visits the value.
 */
bool visit_start_alternate(Visitor *v, const char *name, void **obj, size_t size,
                           Error **errp);
/* Sets the error for a value of none of the types; false. */
bool visit_refuse_type(Visitor *v, const char *name, const char *want, Error **errp);
void visit_end_alternate(Visitor *v, void **obj);

bool visit_start_list(Visitor *v, const char *name, GenericList **list, size_t size,
                      Error **errp);
/* @tail is the current node; the result is the next one, NULL at the end. */
GenericList *visit_next_list(Visitor *v, GenericList *tail, size_t size);
bool visit_check_list(Visitor *v, Error **errp);
void visit_end_list(Visitor *v, void **list);

/* Input: sets *@present to whether member @name is there, and returns it. */
bool visit_optional(Visitor *v, const char *name, bool *present);

/* Integers outside the type's range are refused, never cut. */
bool visit_type_int(Visitor *v, const char *name, int64_t *obj, Error **errp);
bool visit_type_int8(Visitor *v, const char *name, int8_t *obj, Error **errp);
bool visit_type_int16(Visitor *v, const char *name, int16_t *obj, Error **errp);
bool visit_type_int32(Visitor *v, const char *name, int32_t *obj, Error **errp);
bool visit_type_int64(Visitor *v, const char *name, int64_t *obj, Error **errp);
bool visit_type_uint8(Visitor *v, const char *name, uint8_t *obj, Error **errp);
bool visit_type_uint16(Visitor *v, const char *name, uint16_t *obj, Error **errp);
bool visit_type_uint32(Visitor *v, const char *name, uint32_t *obj, Error **errp);
bool visit_type_uint64(Visitor *v, const char *name, uint64_t *obj, Error **errp);
/* Bytes; text input takes a suffix (k, M, G, T, P, E: powers of 1024). */
bool visit_type_size(Visitor *v, const char *name, uint64_t *obj, Error **errp);
bool visit_type_bool(Visitor *v, const char *name, bool *obj, Error **errp);
bool visit_type_number(Visitor *v, const char *name, double *obj, Error **errp);
/* Input: *@obj is a new string that the caller frees. */
bool visit_type_str(Visitor *v, const char *name, char **obj, Error **errp);
/* By name, with @lookup's names. */
bool visit_type_enum(Visitor *v, const char *name, int *obj, const QEnumLookup *lookup,
                     Error **errp);
/* Any JSON value.  Input: *@obj is a new node that the caller frees. */
bool visit_type_any(Visitor *v, const char *name, JsonNode **obj, Error **errp);
bool visit_type_null(Visitor *v, const char *name, Error **errp);

/* Lists in one call; @obj is owned by the caller after input. */
bool visit_type_strList(Visitor *v, const char *name, strList **obj, Error **errp);
bool visit_type_numberList(Visitor *v, const char *name, numberList **obj, Error **errp);
bool visit_type_boolList(Visitor *v, const char *name, boolList **obj, Error **errp);
bool visit_type_anyList(Visitor *v, const char *name, anyList **obj, Error **errp);
bool visit_type_intList(Visitor *v, const char *name, intList **obj, Error **errp);
bool visit_type_int8List(Visitor *v, const char *name, int8List **obj, Error **errp);
bool visit_type_int16List(Visitor *v, const char *name, int16List **obj, Error **errp);
bool visit_type_int32List(Visitor *v, const char *name, int32List **obj, Error **errp);
bool visit_type_int64List(Visitor *v, const char *name, int64List **obj, Error **errp);
bool visit_type_uint8List(Visitor *v, const char *name, uint8List **obj, Error **errp);
bool visit_type_uint16List(Visitor *v, const char *name, uint16List **obj, Error **errp);
bool visit_type_uint32List(Visitor *v, const char *name, uint32List **obj, Error **errp);
bool visit_type_uint64List(Visitor *v, const char *name, uint64List **obj, Error **errp);
bool visit_type_sizeList(Visitor *v, const char *name, sizeList **obj, Error **errp);

#endif
