/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Types and their classes.
 *
 * Registering only files the TypeInfo under its name.  The class is built on
 * first use: the parent's class is copied, each interface gets a class struct
 * of its own (copied from the parent's, if the parent has it, so that methods
 * set there are inherited), then the init functions run.
 */
#include "qemu/osdep.h"
#include "qemu/module.h"
#include "qemu/thread.h"
#include "qom-internal.h"

static pthread_rwlock_t table_lock = PTHREAD_RWLOCK_INITIALIZER;
static GHashTable *table;           /* name -> Type, guarded by table_lock */
static QemuRecMutex build_lock = {  /* "type lock" */
    .m = { .lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP, .initialized = true },
};

/* --- registration ----------------------------------------------------- */

static Type type_file(const TypeInfo *info)
{
    Type t = g_new0(struct TypeImpl, 1);
    bool is_new;

    g_assert(info->name);
    t->info = info;
    pthread_rwlock_wrlock(&table_lock);
    if (!table) {
        table = g_hash_table_new(g_str_hash, g_str_equal);
    }
    is_new = g_hash_table_insert(table, (void *)info->name, t);
    pthread_rwlock_unlock(&table_lock);
    if (!is_new) {
        g_error("QOM: type '%s' registered twice", info->name);
    }
    return t;
}

Type type_register_static(const TypeInfo *info)
{
    return type_file(info);
}

static const InterfaceInfo *copy_interfaces(const InterfaceInfo *list)
{
    GArray *copy;

    if (!list) {
        return NULL;
    }
    copy = g_array_new(TRUE, TRUE, sizeof(InterfaceInfo));
    for (; list->type; list++) {
        InterfaceInfo one = { .type = g_strdup(list->type) };

        g_array_append_val(copy, one);
    }
    return (const InterfaceInfo *)g_array_free(copy, FALSE);
}

Type type_register(const TypeInfo *info)
{
    /* types are never unregistered, so neither is the copy ever freed */
    TypeInfo *copy = g_memdup2(info, sizeof(*info));

    copy->name = g_strdup(info->name);
    copy->parent = g_strdup(info->parent);
    copy->interfaces = copy_interfaces(info->interfaces);
    return type_file(copy);
}

void type_register_static_array(const TypeInfo *infos, int nr_infos)
{
    int i;

    for (i = 0; i < nr_infos; i++) {
        type_register_static(&infos[i]);
    }
}

Type type_find(const char *name)
{
    Type t;

    if (!name) {
        return NULL;
    }
    pthread_rwlock_rdlock(&table_lock);
    t = table ? g_hash_table_lookup(table, name) : NULL;
    pthread_rwlock_unlock(&table_lock);
    return t;
}

GPtrArray *type_list(void)
{
    GPtrArray *types = g_ptr_array_new();
    GHashTableIter iter;
    void *t;

    pthread_rwlock_rdlock(&table_lock);
    g_assert(table);
    g_hash_table_iter_init(&iter, table);
    while (g_hash_table_iter_next(&iter, NULL, &t)) {
        g_ptr_array_add(types, t);
    }
    pthread_rwlock_unlock(&table_lock);
    return types;
}

/* --- building a class ------------------------------------------------- */

static void type_resolve_lineage(Type t, Type parent)
{
    t->depth = parent ? parent->depth + 1 : 0;
    t->lineage = g_new(Type, t->depth + 1);
    if (parent) {
        memcpy(t->lineage, parent->lineage, t->depth * sizeof(Type));
    }
    t->lineage[t->depth] = t;
}

static void type_resolve_sizes(Type t, Type parent)
{
    const TypeInfo *info = t->info;

    t->class_size = info->class_size ?: parent ? parent->class_size : sizeof(ObjectClass);
    t->instance_size = info->instance_size ?: parent ? parent->instance_size : 0;
    t->instance_align = info->instance_align ?: parent ? parent->instance_align : 0;
    t->abstract = info->abstract || t->instance_size == 0;
    if (parent && (t->class_size < parent->class_size ||
                   t->instance_size < parent->instance_size)) {
        g_error("QOM: type '%s' is smaller than its parent '%s'",
                info->name, parent->info->name);
    }
}

static Type type_need(Type user, const char *name, const char *what)
{
    Type t = type_get(name);

    if (!t) {
        g_error("QOM: type '%s' names the unknown %s '%s'",
                user->info->name, what, name);
    }
    return t;
}

/* A class struct for @iface whose start is a copy of @model's class. */
static void type_add_interface(Type t, Type iface, const void *model, size_t size)
{
    InterfaceClass *ic = g_malloc0(iface->class_size);

    memcpy(ic, model, size);
    memset(ic->parent_class.cast_hit, 0, sizeof(ic->parent_class.cast_hit));
    ic->parent_class.type = iface;
    ic->implementer = t->building;
    ic->iface = iface;
    t->ifaces = g_renew(TypeInterface, t->ifaces, t->n_ifaces + 1);
    t->ifaces[t->n_ifaces++] = (TypeInterface) { .type = iface, .klass = ic };
}

static void type_build_interfaces(Type t, Type parent)
{
    const InterfaceInfo *info;
    unsigned i;

    for (i = 0; parent && i < parent->n_ifaces; i++) {
        TypeInterface *from = &parent->ifaces[i];

        type_add_interface(t, from->type, from->klass, from->type->class_size);
    }
    for (info = t->info->interfaces; info && info->type; info++) {
        Type iface = type_need(t, info->type, "interface");

        if (!type_find_interface(t, iface)) {
            type_add_interface(t, iface, iface->klass, iface->class_size);
        }
    }
}

static void type_run_class_inits(Type t)
{
    unsigned i;

    /* nearest parent first */
    for (i = t->depth; i > 0; i--) {
        const TypeInfo *base = t->lineage[i - 1]->info;

        if (base->class_base_init) {
            base->class_base_init(t->building, t->info->class_data);
        }
    }
    if (t->info->class_init) {
        t->info->class_init(t->building, t->info->class_data);
    }
}

/* With the type lock held. */
static void type_build(Type t)
{
    Type parent = t->info->parent ? type_need(t, t->info->parent, "parent") : NULL;
    ObjectClass *oc, *base;

    if (t->klass || t->building) {
        /* building the parent looked this one up */
        return;
    }
    type_resolve_lineage(t, parent);
    type_resolve_sizes(t, parent);
    oc = g_malloc0(t->class_size);
    if (parent) {
        /* a parent's own class_init may ask for its children */
        base = parent->klass ?: parent->building;
        memcpy(oc, base, parent->class_size);
        memset(oc->cast_hit, 0, sizeof(oc->cast_hit));
    }
    oc->type = t;
    t->building = oc;
    type_build_interfaces(t, parent);
    type_run_class_inits(t);
    __atomic_store_n(&t->klass, oc, __ATOMIC_RELEASE);
    t->building = NULL;
}

static void type_build_locked(Type t)
{
    qemu_rec_mutex_lock(&build_lock);
    if (!t->klass && !t->building) {
        type_build(t);
    }
    qemu_rec_mutex_unlock(&build_lock);
}

Type type_get(const char *name)
{
    Type t = type_find(name);

    if (t && !__atomic_load_n(&t->klass, __ATOMIC_ACQUIRE)) {
        type_build_locked(t);
    }
    return t;
}

InterfaceClass *type_find_interface(Type t, Type iface)
{
    unsigned i;

    for (i = 0; i < t->n_ifaces; i++) {
        if (type_is_below(t->ifaces[i].type, iface)) {
            return t->ifaces[i].klass;
        }
    }
    return NULL;
}

size_t object_type_get_instance_size(const char *type_name)
{
    Type t = type_get(type_name);

    return t ? t->instance_size : 0;
}

/* --- the roots -------------------------------------------------------- */

static void register_roots(void)
{
    static const TypeInfo roots[] = {
        { .name = TYPE_OBJECT, .instance_size = sizeof(Object), .abstract = true },
        { .name = TYPE_INTERFACE, .class_size = sizeof(InterfaceClass), .abstract = true },
        { .name = TYPE_CONTAINER, .parent = TYPE_OBJECT, .instance_size = sizeof(Object) },
    };

    type_register_static_array(roots, ARRAY_SIZE(roots));
}

type_init(register_roots)
