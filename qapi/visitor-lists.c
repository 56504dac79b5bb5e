/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists of scalars in one call, and how they are freed.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "visitor-impl.h"

/* All list nodes begin with the next pointer; strings are freed by their caller. */
static void free_nodes(GenericList *list)
{
    while (list) {
        GenericList *next = list->next;

        g_free(list);
        list = next;
    }
}

#define LIST_FREE(Name)                                                     \
    void qapi_free_ ## Name(Name *list)                                     \
    {                                                                       \
        free_nodes((GenericList *)list);                                    \
    }

LIST_FREE(intList)
LIST_FREE(uint8List)
LIST_FREE(uint16List)
LIST_FREE(uint32List)
LIST_FREE(uint64List)

void qapi_free_strList(strList *list)
{
    strList *s;

    for (s = list; s; s = s->next) {
        g_free(s->value);
    }
    free_nodes((GenericList *)list);
}

/* On failure an input visitor leaves no half-made list with the caller. */
#define LIST_VISIT(Name, visit_value)                                       \
    bool visit_type_ ## Name(Visitor *v, const char *name, Name **obj,      \
                             Error **errp)                                  \
    {                                                                       \
        Name *tail;                                                         \
        bool ok = true;                                                     \
                                                                            \
        if (!visit_start_list(v, name, (GenericList **)obj, sizeof(**obj),  \
                              errp)) {                                      \
            return false;                                                   \
        }                                                                   \
        for (tail = *obj; tail && ok;                                       \
             tail = (Name *)visit_next_list(v, (GenericList *)tail,         \
                                            sizeof(*tail))) {               \
            ok = visit_value(v, NULL, &tail->value, errp);                  \
            if (!ok) {                                                      \
                break;                                                      \
            }                                                               \
        }                                                                   \
        ok = ok && visit_check_list(v, errp);                               \
        visit_end_list(v, (void **)obj);                                    \
        if (!ok && visit_is_input(v)) {                                     \
            qapi_free_ ## Name(*obj);                                       \
            *obj = NULL;                                                    \
        }                                                                   \
        return ok;                                                          \
    }

LIST_VISIT(strList, visit_type_str)
LIST_VISIT(intList, visit_type_int)
LIST_VISIT(uint8List, visit_type_uint8)
LIST_VISIT(uint16List, visit_type_uint16)
LIST_VISIT(uint32List, visit_type_uint32)
LIST_VISIT(uint64List, visit_type_uint64)
