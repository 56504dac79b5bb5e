/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of enumerations, names of things, and QAPI's singly linked lists. No state, no locks. */
#ifndef QAPI_UTIL_H
#define QAPI_UTIL_H

#include <glib.h>
#include <stdbool.h>

#include "qemu/typedefs.h"

typedef enum {
    QAPI_FEATURE_DEPRECATED,
    QAPI_FEATURE_UNSTABLE,
} QapiSpecialFeature;

/* array[value] is the name of value, 0 <= value < size. */
typedef struct QEnumLookup {
    const char *const *array;
    const unsigned char *const special_features;
    const int size;
} QEnumLookup;

/* val must be one of the enumeration: our own number, never a client's. */
const char *qapi_enum_lookup(const QEnumLookup *lookup, int val);
/* def and errp for a name that there is not; NULL buf: def without an error. */
int qapi_enum_parse(const QEnumLookup *lookup, const char *buf, int def, Error **errp);
/* "on"/"yes"/"true"/"y", "off"/"no"/"false"/"n". name is for the error text. */
bool qapi_bool_parse(const char *name, const char *value, bool *obj, Error **errp);
/* Length of the QAPI name that str begins with; with complete it must be all of str. -1: none. */
int parse_qapi_name(const char *name, bool complete);

#define QAPI_LIST_PREPEND(list, element) do { \
        __typeof__(list) prepended_ = g_malloc0(sizeof(*(list))); \
        prepended_->value = (element); \
        prepended_->next = (list); \
        (list) = prepended_; \
    } while (0)
/* tail is a pointer to the last `next` (or to the head): it moves along. */
#define QAPI_LIST_APPEND(tail, element) do { \
        *(tail) = g_malloc0(sizeof(**(tail))); \
        (*(tail))->value = (element); \
        (tail) = &(*(tail))->next; \
    } while (0)
#define QAPI_LIST_LENGTH(list) __extension__({ \
        size_t list_length_ = 0; \
        for (__typeof__(list) at_ = (list); at_; at_ = at_->next) { \
            list_length_++; \
        } \
        list_length_; })

#endif
