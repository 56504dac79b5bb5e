/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a kind of visitor supplies.  The front in visitor.c checks ranges,
 * allocates and turns enums into names, so that a kind only knows the widest
 * types.  A method that is NULL refuses with "not supported".
 */
#ifndef QAPI_VISITOR_IMPL_H
#define QAPI_VISITOR_IMPL_H

#include "qapi/visitor.h"

typedef struct VisitorOps {
    bool input;
    bool dealloc;

    bool (*start_struct)(Visitor *v, const char *name, Error **errp);
    bool (*check_struct)(Visitor *v, Error **errp);
    void (*end_struct)(Visitor *v);

    bool (*start_list)(Visitor *v, const char *name, Error **errp);
    /* Input: is there one more element?  Moves to it. */
    bool (*next_item)(Visitor *v);
    bool (*check_list)(Visitor *v, Error **errp);
    void (*end_list)(Visitor *v);

    /* Where @name is, for errors; NULL: @name says it. The caller frees. */
    char *(*full_name)(Visitor *v, const char *name);
    /* Input: of which kind is the value? */
    bool (*qtype)(Visitor *v, const char *name, QType *type, Error **errp);

    bool (*optional)(Visitor *v, const char *name);

    bool (*type_int64)(Visitor *v, const char *name, int64_t *obj, Error **errp);
    bool (*type_uint64)(Visitor *v, const char *name, uint64_t *obj, Error **errp);
    bool (*type_size)(Visitor *v, const char *name, uint64_t *obj, Error **errp);
    bool (*type_bool)(Visitor *v, const char *name, bool *obj, Error **errp);
    bool (*type_number)(Visitor *v, const char *name, double *obj, Error **errp);
    bool (*type_str)(Visitor *v, const char *name, char **obj, Error **errp);
    bool (*type_any)(Visitor *v, const char *name, JsonNode **obj, Error **errp);
    bool (*type_null)(Visitor *v, const char *name, Error **errp);

    void (*complete)(Visitor *v, void *opaque);
    void (*free)(Visitor *v);
} VisitorOps;

/* First member of each kind's struct. */
struct Visitor {
    const VisitorOps *ops;
};

/* The name to show for a member; list elements have none of their own. */
static inline const char *visitor_name(const char *name)
{
    return name ? name : "list element";
}

/* Elements that one list may have; a list from text or JSON is not ours to trust. */
#define VISITOR_LIST_MAX 65536

#endif
