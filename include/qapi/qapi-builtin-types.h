/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists of the built-in QAPI types: singly linked, a NULL pointer is the
 * empty list.  A list owns its nodes and, for pointers, what they point at.
 */
#ifndef QAPI_BUILTIN_TYPES_H
#define QAPI_BUILTIN_TYPES_H

#include "qapi/util.h"

/* json-glib's, named here so that headers need not include it. */
typedef struct _JsonNode JsonNode;
typedef struct _JsonObject JsonObject;
typedef struct _JsonArray JsonArray;

/* What a JSON value is; the names are those of QEMU's API. */
typedef enum QType {
    QTYPE_NONE,
    QTYPE_QNULL,
    QTYPE_QNUM,
    QTYPE_QSTRING,
    QTYPE_QDICT,
    QTYPE_QLIST,
    QTYPE_QBOOL,
    QTYPE__MAX,
} QType;

/* The part that all list types begin with. */
typedef struct GenericList GenericList;
struct GenericList {
    GenericList *next;
    char padding[];
};

#define QAPI_DECLARE_LIST(Name, ctype)                                      \
    typedef struct Name Name;                                               \
    struct Name {                                                           \
        Name *next;                                                         \
        ctype value;                                                        \
    }

QAPI_DECLARE_LIST(boolList, bool);
QAPI_DECLARE_LIST(intList, int64_t);
QAPI_DECLARE_LIST(int8List, int8_t);
QAPI_DECLARE_LIST(int16List, int16_t);
QAPI_DECLARE_LIST(int32List, int32_t);
QAPI_DECLARE_LIST(int64List, int64_t);
QAPI_DECLARE_LIST(uint8List, uint8_t);
QAPI_DECLARE_LIST(uint16List, uint16_t);
QAPI_DECLARE_LIST(uint32List, uint32_t);
QAPI_DECLARE_LIST(uint64List, uint64_t);
QAPI_DECLARE_LIST(sizeList, uint64_t);
QAPI_DECLARE_LIST(numberList, double);
QAPI_DECLARE_LIST(strList, char *);
QAPI_DECLARE_LIST(anyList, JsonNode *);

#define QAPI_DECLARE_LIST_FREE(Name)                                        \
    void qapi_free_ ## Name(Name *list);                                    \
    G_DEFINE_AUTOPTR_CLEANUP_FUNC(Name, qapi_free_ ## Name)

QAPI_DECLARE_LIST_FREE(strList)
QAPI_DECLARE_LIST_FREE(numberList)
QAPI_DECLARE_LIST_FREE(boolList)
QAPI_DECLARE_LIST_FREE(anyList)
QAPI_DECLARE_LIST_FREE(intList)
QAPI_DECLARE_LIST_FREE(int8List)
QAPI_DECLARE_LIST_FREE(int16List)
QAPI_DECLARE_LIST_FREE(int32List)
QAPI_DECLARE_LIST_FREE(int64List)
QAPI_DECLARE_LIST_FREE(uint8List)
QAPI_DECLARE_LIST_FREE(uint16List)
QAPI_DECLARE_LIST_FREE(uint32List)
QAPI_DECLARE_LIST_FREE(uint64List)
QAPI_DECLARE_LIST_FREE(sizeList)
/* Puts @element in front; @list is an lvalue of a pointer to a list type. */
#ifndef QAPI_LIST_PREPEND
#define QAPI_LIST_PREPEND(list, element)                                    \
    do {                                                                    \
        __typeof__(list) qlp_new_ = g_new0(__typeof__(*(list)), 1);         \
        qlp_new_->value = (element);                                        \
        qlp_new_->next = (list);                                            \
        (list) = qlp_new_;                                                  \
    } while (0)
#endif

/* Adds after the end: @tail points at the last next pointer and moves on. */
#ifndef QAPI_LIST_APPEND
#define QAPI_LIST_APPEND(tail, element)                                     \
    do {                                                                    \
        *(tail) = g_malloc0(sizeof(**(tail)));                              \
        (*(tail))->value = (element);                                       \
        (tail) = &(*(tail))->next;                                          \
    } while (0)
#endif

#endif
