/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of qom/ share.
 *
 * Types are kept in one table for the life of the process.  A class is
 * complete before it can be found by another thread and does not change
 * afterwards, so only the table and the building of classes need a lock.
 *
 * Lock order: type lock (recursive: class_init may look up classes), then the
 * lock of the type table; the tree lock is innermost and never held over a call.
 */
#ifndef QOM_INTERNAL_H
#define QOM_INTERNAL_H

#include "qom/object.h"

/* One interface of one class, filled in from the parent's or the interface's own. */
typedef struct TypeInterface {
    struct TypeImpl *type;
    InterfaceClass *klass;
} TypeInterface;

/*
 * @lineage[0..depth]: from the root type down to this one, so that "is T below
 * U" is one comparison: T->lineage[U->depth] == U.  Set when resolved.
 * @abstract: has no instances, by its info or because it is an interface.
 * @klass: NULL until complete (read with acquire).  @building: the class in the
 * making, for its own class_init, by the type lock's holder only.
 * @props: class properties of this type alone, by name; may be NULL.
 */
struct TypeImpl {
    const TypeInfo *info;
    unsigned depth;
    struct TypeImpl **lineage;
    size_t class_size;
    size_t instance_size;
    size_t instance_align;
    bool abstract;
    ObjectClass *klass;
    ObjectClass *building;
    TypeInterface *ifaces;
    unsigned n_ifaces;
    GHashTable *props;
};

/*
 * Per object, made with it.  @props belongs to the object's owner; everything
 * else is guarded by the tree lock.  @children has the order in which they
 * came.  @name: this object's name in its parent.  @leaving: object_unparent()
 * is at work.
 */
typedef struct ObjectSlots {
    GHashTable *props;
    GHashTable *child_by_name;
    GPtrArray *children;
    char *name;
    bool leaving;
} ObjectSlots;

/* All types, in no order; the caller unrefs the array. */
GPtrArray *type_list(void);
/* NULL when unknown; the class is complete on return. */
Type type_get(const char *name);
/* As type_get(), without building the class: for a first look. */
Type type_find(const char *name);
static inline bool type_is_below(Type t, Type ancestor)
{
    return ancestor->depth <= t->depth && t->lineage[ancestor->depth] == ancestor;
}
/* NULL when @t does not implement it. */
InterfaceClass *type_find_interface(Type t, Type iface);

ObjectProperty *property_new(const char *name, const char *type,
                             ObjectPropertyAccessor *get, ObjectPropertyAccessor *set,
                             ObjectPropertyRelease *release, void *opaque);
/* The release method of @prop has run or must not run. */
void property_free(ObjectProperty *prop);
/* Gives a new instance the defaults of its class properties. */
void property_init_class_defaults(Object *obj);
/* Releases all properties but the children, child types' last. */
void property_release_all(Object *obj);

void tree_lock(void);
void tree_unlock(void);
/* Child property by name, with the tree lock held. */
ObjectProperty *tree_child_property(Object *obj, const char *name);
/* Every child leaves. */
void tree_release_children(Object *obj);
/* The child property at @index, NULL behind the last. */
ObjectProperty *tree_child_at(Object *obj, unsigned index);

/* true: @prop is a link made by object_(class_)property_add_link. */
bool property_is_link(const ObjectProperty *prop);
bool property_link_assign(Object *obj, ObjectProperty *prop, Object *value, Error **errp);
bool property_link_fetch(Object *obj, ObjectProperty *prop, Object **value);
/* true: *@obj and *@name were those of an alias and are now those of its target. */
bool property_follow_alias(Object **obj, const char **name);

/* Room for "name[*]": the first free name, or a copy of @name; the caller frees. */
char *property_free_name(Object *obj, const char *name);

#endif
