/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The object model: single inheritance with interfaces, reference counts,
 * properties that are read and written through visitors, and one tree that
 * gives every object a path.
 *
 * Types.  A TypeInfo is registered by name, mostly from a type_init()
 * function.  Its class is built when it is first asked for (class lookup,
 * object_new, a cast, a listing), parents first.  Names of parents and
 * interfaces are resolved then, so registration order does not matter.
 *
 * Ownership.  object_new() gives the caller one reference.  The parent in the
 * tree holds another one (object_property_add_child); object_unparent() drops
 * it.  A strong link (OBJ_PROP_LINK_STRONG) holds one while it points at its
 * target.  The last object_unref() runs the finalizers, child type first, and
 * frees the memory unless the object is embedded in another one.
 *
 * Locking.  Registration, class building, look-ups and casts may be done from
 * any thread.  References are atomic.  The tree and the properties of one
 * object belong to whoever owns that object, which for devices means the
 * isolation domain; the links between a parent and its children are guarded
 * by the tree lock, so that domains may share the containers of the root.
 * Lock order: domain lock, then type lock, then tree lock; no callback is
 * ever called with the tree lock held.
 */
#ifndef QOM_OBJECT_H
#define QOM_OBJECT_H

#include "qemu/module.h"
#include "qapi/qapi-builtin-types.h"

typedef struct Object Object;
typedef struct ObjectClass ObjectClass;
typedef struct Visitor Visitor;
typedef struct Error Error;

struct TypeImpl;
typedef struct TypeImpl *Type;
typedef struct TypeInfo TypeInfo;
typedef struct InterfaceClass InterfaceClass;
typedef struct InterfaceInfo InterfaceInfo;
typedef struct ObjectProperty ObjectProperty;

#define TYPE_OBJECT "object"
#define TYPE_CONTAINER "container"
#define TYPE_INTERFACE "interface"

/* Reads or writes one property; @opaque is what the property was added with. */
typedef void (ObjectPropertyAccessor)(Object *obj, Visitor *v, const char *name,
                                      void *opaque, Error **errp);
/* The object a path component leads to, borrowed; NULL when there is none. */
typedef Object *(ObjectPropertyResolve)(Object *obj, void *opaque,
                                        const char *part);
/* The property goes away: free @opaque. */
typedef void (ObjectPropertyRelease)(Object *obj, const char *name, void *opaque);
/* Called for each instance when a class property is instantiated. */
typedef void (ObjectPropertyInit)(Object *obj, ObjectProperty *prop);
typedef void (ObjectUnparent)(Object *obj);
typedef void (ObjectFree)(void *obj);

/*
 * One property.  @name, @type and @description may be read by anyone.  @get or
 * @set is NULL when the property cannot be read or written.  @defval is only
 * what help texts print and what @init applies.
 */
struct ObjectProperty {
    char *name;
    char *type;
    char *description;
    ObjectPropertyAccessor *get;
    ObjectPropertyAccessor *set;
    ObjectPropertyResolve *resolve;
    ObjectPropertyRelease *release;
    ObjectPropertyInit *init;
    void *opaque;
    JsonNode *defval;
};

/* Slots of the per-class cache of successful casts; a power of two. */
#define QOM_CAST_SLOTS 4

/* Base of each class struct.  Only @unparent is for users. */
struct ObjectClass {
    Type type;
    const char *cast_hit[QOM_CAST_SLOTS];
    ObjectUnparent *unparent;
};

/* Base of each instance; all members are private to qom/. */
struct Object {
    ObjectClass *oc;
    ObjectFree *free;
    Object *parent;
    struct ObjectSlots *slots;
    unsigned int refs;
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
/*
 * @class_init and @class_base_init take (ObjectClass *, void *) or, as written
 * for newer QEMU, (ObjectClass *, const void *): the members have no prototype
 * so that both compile.
 * @class_size and @instance_size 0 mean "as the parent".
 * @class_base_init runs for each class below this type, before that one's own
 * class_init, to undo what should not be inherited.
 * @interfaces ends with an empty entry.
 */
struct TypeInfo {
    const char *name;
    const char *parent;

    size_t instance_size;
    size_t instance_align;
    void (*instance_init)(Object *obj);
    void (*instance_post_init)(Object *obj);
    void (*instance_finalize)(Object *obj);

    bool abstract;
    size_t class_size;
    void (*class_init)();
    void (*class_base_init)();
    const void *class_data;

    const InterfaceInfo *interfaces;
};
#pragma GCC diagnostic pop

struct InterfaceInfo {
    const char *type;
};

/* Base of interface classes; both members are private to qom/. */
struct InterfaceClass {
    ObjectClass parent_class;
    ObjectClass *implementer;
    Type iface;
};

/* --- types ------------------------------------------------------------- */

/* @info must live for ever.  Registering a name twice is a programming error. */
Type type_register_static(const TypeInfo *info);
/* As above, but @info and its strings are copied. */
Type type_register(const TypeInfo *info);
void type_register_static_array(const TypeInfo *infos, int nr_infos);

/* Prints "NAME options:" and the class properties of @type to stdout; false: no such type. */
bool type_print_class_properties(const char *type);

/* 0 when @type_name is unknown. */
size_t object_type_get_instance_size(const char *type_name);

#define DEFINE_TYPES(type_array)                                            \
    static void qom_register_ ## type_array(void)                           \
    {                                                                       \
        type_register_static_array(type_array, ARRAY_SIZE(type_array));     \
    }                                                                       \
    type_init(qom_register_ ## type_array)

/* --- casts ------------------------------------------------------------- */

/* NULL when @obj (or @klass) is NULL or is not of that type or interface. */
Object *object_dynamic_cast(Object *obj, const char *type_name);
ObjectClass *object_class_dynamic_cast(ObjectClass *klass, const char *type_name);

/*
 * As above, but a mismatch aborts with the place of the cast; NULL passes.
 * @type_name must be a string that lives for ever (it is remembered).
 */
Object *object_dynamic_cast_assert(Object *obj, const char *type_name,
                                   const char *file, int line, const char *func);
ObjectClass *object_class_dynamic_cast_assert(ObjectClass *klass,
                                              const char *type_name,
                                              const char *file, int line,
                                              const char *func);

ObjectClass *object_get_class(Object *obj);
const char *object_get_typename(const Object *obj);

/* The slot of @oc's cast cache that @type_name may be found in. */
static inline const char **qom_cast_slot(ObjectClass *oc, const char *type_name)
{
    uintptr_t p = (uintptr_t)type_name;

    return &oc->cast_hit[(p ^ (p >> 5)) & (QOM_CAST_SLOTS - 1)];
}

static inline bool qom_cast_known(ObjectClass *oc, const char *type_name)
{
    return __atomic_load_n(qom_cast_slot(oc, type_name), __ATOMIC_RELAXED) == type_name;
}

static inline Object *qom_cast_object(const void *ptr, const char *type_name,
                                      const char *file, int line, const char *func)
{
    Object *obj = (Object *)ptr;

    if (__builtin_expect(obj && qom_cast_known(obj->oc, type_name), 1)) {
        return obj;
    }
    return object_dynamic_cast_assert(obj, type_name, file, line, func);
}

#define OBJECT(obj) ((Object *)(obj))
#define OBJECT_CLASS(klass) ((ObjectClass *)(klass))

#define OBJECT_CHECK(type, obj, name)                                       \
    ((type *)qom_cast_object((obj), (name), __FILE__, __LINE__, __func__))
#define OBJECT_CLASS_CHECK(class_type, klass, name)                         \
    ((class_type *)object_class_dynamic_cast_assert(                        \
        OBJECT_CLASS(klass), (name), __FILE__, __LINE__, __func__))
#define OBJECT_GET_CLASS(class_type, obj, name)                             \
    OBJECT_CLASS_CHECK(class_type, object_get_class(OBJECT(obj)), name)

#define INTERFACE_CLASS(klass)                                              \
    OBJECT_CLASS_CHECK(InterfaceClass, klass, TYPE_INTERFACE)
/* An interface pointer is the object itself. */
#define INTERFACE_CHECK(interface, obj, name)                               \
    ((interface *)object_dynamic_cast_assert(                               \
        OBJECT(obj), (name), __FILE__, __LINE__, __func__))

/* One inline cast function: @fn(arg) -> T *, by the macro @how. */
#define QOM_DECLARE_CAST(T, fn, how, type_name)                             \
    static inline G_GNUC_UNUSED T *fn(const void *from)                     \
    {                                                                       \
        return how(T, (void *)from, type_name);                             \
    }

#define DECLARE_INSTANCE_CHECKER(InstanceType, OBJ_NAME, TYPENAME)          \
    QOM_DECLARE_CAST(InstanceType, OBJ_NAME, OBJECT_CHECK, TYPENAME)

#define DECLARE_CLASS_CHECKERS(ClassType, OBJ_NAME, TYPENAME)               \
    QOM_DECLARE_CAST(ClassType, OBJ_NAME ## _CLASS, OBJECT_CLASS_CHECK, TYPENAME) \
    QOM_DECLARE_CAST(ClassType, OBJ_NAME ## _GET_CLASS, OBJECT_GET_CLASS, TYPENAME)

#define DECLARE_OBJ_CHECKERS(InstanceType, ClassType, OBJ_NAME, TYPENAME)   \
    DECLARE_INSTANCE_CHECKER(InstanceType, OBJ_NAME, TYPENAME)              \
    DECLARE_CLASS_CHECKERS(ClassType, OBJ_NAME, TYPENAME)

#define OBJECT_DECLARE_SIMPLE_TYPE(InstanceType, MODULE_OBJ_NAME)           \
    typedef struct InstanceType InstanceType;                               \
    G_DEFINE_AUTOPTR_CLEANUP_FUNC(InstanceType, object_unref)               \
    DECLARE_INSTANCE_CHECKER(InstanceType, MODULE_OBJ_NAME, TYPE_ ## MODULE_OBJ_NAME)

#define OBJECT_DECLARE_TYPE(InstanceType, ClassType, MODULE_OBJ_NAME)       \
    typedef struct ClassType ClassType;                                     \
    OBJECT_DECLARE_SIMPLE_TYPE(InstanceType, MODULE_OBJ_NAME)               \
    DECLARE_CLASS_CHECKERS(ClassType, MODULE_OBJ_NAME, TYPE_ ## MODULE_OBJ_NAME)

/*
 * The OBJECT_DEFINE_ family writes the TypeInfo and its registration.  The
 * user supplies module_obj_name_{init,finalize,class_init}.  The interfaces
 * come as a braced, comma separated list whose last entry is { }.
 */
#define QOM_DEFINE_TYPE(Instance, lower, UPPER, PARENT, is_abstract, cls_size, ...) \
    static void lower ## _init(Object *obj);                                \
    static void lower ## _finalize(Object *obj);                            \
    static void lower ## _class_init(ObjectClass *oc, void *data);          \
    static void lower ## _register_type(void)                               \
    {                                                                       \
        static const InterfaceInfo ifaces[] = { __VA_ARGS__ };              \
        static const TypeInfo info = {                                      \
            .name = TYPE_ ## UPPER,                                         \
            .parent = TYPE_ ## PARENT,                                      \
            .abstract = (is_abstract),                                      \
            .class_size = (cls_size),                                       \
            .class_init = lower ## _class_init,                             \
            .instance_size = sizeof(Instance),                              \
            .instance_align = __alignof__(Instance),                        \
            .instance_init = lower ## _init,                                \
            .instance_finalize = lower ## _finalize,                        \
            .interfaces = ifaces,                                           \
        };                                                                  \
        type_register_static(&info);                                        \
    }                                                                       \
    type_init(lower ## _register_type)

#define OBJECT_DEFINE_TYPE_EXTENDED(Instance, lower, UPPER, PARENT, ABSTRACT, ...) \
    QOM_DEFINE_TYPE(Instance, lower, UPPER, PARENT, ABSTRACT,               \
                    sizeof(Instance ## Class), __VA_ARGS__)
#define OBJECT_DEFINE_TYPE_WITH_INTERFACES(Instance, lower, UPPER, PARENT, ...) \
    OBJECT_DEFINE_TYPE_EXTENDED(Instance, lower, UPPER, PARENT, false, __VA_ARGS__)
#define OBJECT_DEFINE_TYPE(Instance, lower, UPPER, PARENT)                  \
    OBJECT_DEFINE_TYPE_EXTENDED(Instance, lower, UPPER, PARENT, false, { NULL })
#define OBJECT_DEFINE_ABSTRACT_TYPE(Instance, lower, UPPER, PARENT)         \
    OBJECT_DEFINE_TYPE_EXTENDED(Instance, lower, UPPER, PARENT, true, { NULL })

/* For types that use the class struct of their parent. */
#define OBJECT_DEFINE_SIMPLE_TYPE_WITH_INTERFACES(Instance, lower, UPPER, PARENT, ...) \
    QOM_DEFINE_TYPE(Instance, lower, UPPER, PARENT, false, 0, __VA_ARGS__)
#define OBJECT_DEFINE_SIMPLE_TYPE(Instance, lower, UPPER, PARENT)           \
    QOM_DEFINE_TYPE(Instance, lower, UPPER, PARENT, false, 0, { NULL })

/* --- classes ------------------------------------------------------------ */

/* Borrowed, lives for ever; NULL when there is no such type. */
ObjectClass *object_class_by_name(const char *type_name);
/* There are no loadable modules: the same as object_class_by_name(). */
ObjectClass *module_object_class_by_name(const char *type_name);
ObjectClass *object_class_get_parent(ObjectClass *klass);
const char *object_class_get_name(ObjectClass *klass);
bool object_class_is_abstract(ObjectClass *klass);
/* Calls @fn for each class that implements @implements_type (NULL: all). */
void object_class_foreach(void (*fn)(ObjectClass *klass, void *opaque),
                          const char *implements_type, bool include_abstract,
                          void *opaque);
/* The caller frees the list with g_slist_free(); the classes are borrowed. */
GSList *object_class_get_list(const char *implements_type, bool include_abstract);
GSList *object_class_get_list_sorted(const char *implements_type,
                                     bool include_abstract);

/* --- life --------------------------------------------------------------- */

/* An unknown or abstract @type_name aborts: check what users typed before. */
Object *object_new(const char *type_name);
Object *object_new_with_class(ObjectClass *klass);
/*
 * New object with the properties of a NULL-ended list of name, text pairs; it
 * becomes the child @id of @parent (when @parent is not NULL) and is completed
 * when it is a user-creatable.  The caller owns no reference when a parent was given.
 */
Object *object_new_with_props(const char *type_name, Object *parent, const char *id,
                              Error **errp, ...) G_GNUC_NULL_TERMINATED;
Object *object_new_with_propv(const char *type_name, Object *parent, const char *id,
                              Error **errp, va_list vargs);
bool object_set_props(Object *obj, Error **errp, ...) G_GNUC_NULL_TERMINATED;
bool object_set_propv(Object *obj, Error **errp, va_list vargs);

/* In memory that the caller owns and that outlives the object. */
void object_initialize(void *obj, size_t size, const char *type_name);
/*
 * The same, and the object becomes the child @propname of @parentobj: the
 * parent holds the only reference.
 */
bool object_initialize_child_with_props(Object *parentobj, const char *propname,
                                        void *childobj, size_t size,
                                        const char *type, Error **errp, ...)
    G_GNUC_NULL_TERMINATED;
bool object_initialize_child_with_propsv(Object *parentobj, const char *propname,
                                         void *childobj, size_t size,
                                         const char *type, Error **errp,
                                         va_list vargs);
void object_initialize_child_internal(Object *parent, const char *propname,
                                      void *child, size_t size, const char *type);
#define object_initialize_child(parent, propname, child, type)              \
    object_initialize_child_internal((parent), (propname), (child),         \
                                     sizeof(*(child)), (type))

/* Returns @obj.  NULL is accepted by both. */
Object *object_ref(void *obj);
void object_unref(void *obj);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Object, object_unref)

/* Takes the object out of the tree and drops the parent's reference. */
void object_unparent(Object *obj);

/* --- properties --------------------------------------------------------- */

/*
 * @name may end in "[*]": the first free number is put in its place.  A name
 * in use is an error (try_) or a programming error (the others).
 * The result is borrowed from the object.
 */
ObjectProperty *object_property_try_add(Object *obj, const char *name,
                                        const char *type,
                                        ObjectPropertyAccessor *get,
                                        ObjectPropertyAccessor *set,
                                        ObjectPropertyRelease *release,
                                        void *opaque, Error **errp);
ObjectProperty *object_property_add(Object *obj, const char *name, const char *type,
                                    ObjectPropertyAccessor *get,
                                    ObjectPropertyAccessor *set,
                                    ObjectPropertyRelease *release, void *opaque);
void object_property_del(Object *obj, const char *name);
ObjectProperty *object_class_property_add(ObjectClass *klass, const char *name,
                                          const char *type,
                                          ObjectPropertyAccessor *get,
                                          ObjectPropertyAccessor *set,
                                          ObjectPropertyRelease *release,
                                          void *opaque);

/* Default values: shown by help; given to each new instance for class properties. */
void object_property_set_default_bool(ObjectProperty *prop, bool value);
void object_property_set_default_str(ObjectProperty *prop, const char *value);
void object_property_set_default_list(ObjectProperty *prop);
void object_property_set_default_int(ObjectProperty *prop, int64_t value);
void object_property_set_default_uint(ObjectProperty *prop, uint64_t value);

ObjectProperty *object_property_find(Object *obj, const char *name);
ObjectProperty *object_property_find_err(Object *obj, const char *name, Error **errp);
ObjectProperty *object_class_property_find(ObjectClass *klass, const char *name);
ObjectProperty *object_class_property_find_err(ObjectClass *klass, const char *name,
                                               Error **errp);

/*
 * Walks the class properties of a type and its parents, then the instance's
 * own, then its children; ends by itself, nothing to free.  Nothing but
 * children may be added meanwhile.  The members are private.
 */
typedef struct ObjectPropertyIterator {
    GHashTableIter table;
    Type next_type;
    Object *obj;
    bool in_table;
    unsigned next_child;
} ObjectPropertyIterator;

void object_property_iter_init(ObjectPropertyIterator *iter, Object *obj);
void object_class_property_iter_init(ObjectPropertyIterator *iter, ObjectClass *klass);
ObjectProperty *object_property_iter_next(ObjectPropertyIterator *iter);

bool object_property_get(Object *obj, const char *name, Visitor *v, Error **errp);
bool object_property_set(Object *obj, const char *name, Visitor *v, Error **errp);

/* @value NULL sets the empty string.  get: the caller frees; NULL on error. */
bool object_property_set_str(Object *obj, const char *name, const char *value,
                             Error **errp);
char *object_property_get_str(Object *obj, const char *name, Error **errp);
/* The link's target by object; both are in the tree (or @value is NULL). */
bool object_property_set_link(Object *obj, const char *name, Object *value,
                              Error **errp);
/* Borrowed; NULL for an empty link too. */
Object *object_property_get_link(Object *obj, const char *name, Error **errp);
bool object_property_set_bool(Object *obj, const char *name, bool value, Error **errp);
bool object_property_get_bool(Object *obj, const char *name, Error **errp);
bool object_property_set_int(Object *obj, const char *name, int64_t value,
                             Error **errp);
/* -1 on error */
int64_t object_property_get_int(Object *obj, const char *name, Error **errp);
bool object_property_set_uint(Object *obj, const char *name, uint64_t value,
                              Error **errp);
/* 0 on error */
uint64_t object_property_get_uint(Object *obj, const char *name, Error **errp);
/* -1 on error; @type_name must be the property's type */
int object_property_get_enum(Object *obj, const char *name, const char *type_name,
                             Error **errp);

/* From and to text as on a command line; print: the caller frees. */
bool object_property_parse(Object *obj, const char *name, const char *string,
                           Error **errp);
char *object_property_print(Object *obj, const char *name, bool human, Error **errp);
const char *object_property_get_type(Object *obj, const char *name, Error **errp);

/* One help line, "  name=<type> - text (default: x)"; the caller frees. */
char *object_property_help(const char *name, const char *type,
                           JsonNode *defval, const char *description);

/*
 * Ours: "TYPE options:" and a line for each property of the type that can be
 * set and that @skip (may be NULL) does not leave out; the caller frees.
 * An object is made to find them.
 */
char *object_class_help(ObjectClass *klass, bool (*skip)(const ObjectProperty *prop));

/* Ours: JSON in, JSON out.  @props: every member is set, in order. */
bool object_property_set_json(Object *obj, const char *name, JsonNode *value,
                              Error **errp);
JsonNode *object_property_get_json(Object *obj, const char *name, Error **errp);
bool object_set_properties_from_json(Object *obj, JsonObject *props,
                                     Error **errp);

/* --- ready-made properties ---------------------------------------------- */

typedef enum {
    OBJ_PROP_FLAG_READ = 1 << 0,
    OBJ_PROP_FLAG_WRITE = 1 << 1,
    OBJ_PROP_FLAG_READWRITE = OBJ_PROP_FLAG_READ | OBJ_PROP_FLAG_WRITE,
} ObjectPropertyFlags;

typedef enum {
    OBJ_PROP_LINK_STRONG = 1 << 0,  /* the link holds a reference */
    OBJ_PROP_LINK_DIRECT = 1 << 1,  /* the value is given instead of a pointer to it */
    OBJ_PROP_LINK_CLASS = 1 << 2,   /* private: an offset is kept */
} ObjectPropertyLinkFlags;

/* @get returns a string that the caller frees */
ObjectProperty *object_property_add_str(Object *obj, const char *name,
                                        char *(*get)(Object *, Error **),
                                        void (*set)(Object *, const char *, Error **));
ObjectProperty *object_class_property_add_str(ObjectClass *klass, const char *name,
                                              char *(*get)(Object *, Error **),
                                              void (*set)(Object *, const char *,
                                                          Error **));
ObjectProperty *object_property_add_bool(Object *obj, const char *name,
                                         bool (*get)(Object *, Error **),
                                         void (*set)(Object *, bool, Error **));
ObjectProperty *object_class_property_add_bool(ObjectClass *klass, const char *name,
                                               bool (*get)(Object *, Error **),
                                               void (*set)(Object *, bool, Error **));
ObjectProperty *object_property_add_enum(Object *obj, const char *name,
                                         const char *type_name,
                                         const QEnumLookup *lookup,
                                         int (*get)(Object *, Error **),
                                         void (*set)(Object *, int, Error **));
ObjectProperty *object_class_property_add_enum(ObjectClass *klass, const char *name,
                                               const char *type_name,
                                               const QEnumLookup *lookup,
                                               int (*get)(Object *, Error **),
                                               void (*set)(Object *, int, Error **));
ObjectProperty *object_property_add_tm(Object *obj, const char *name,
                                       void (*get)(Object *, struct tm *, Error **));
ObjectProperty *object_class_property_add_tm(ObjectClass *klass, const char *name,
                                             void (*get)(Object *, struct tm *,
                                                         Error **));

/* @v must live as long as the object (or the class, which is for ever). */
ObjectProperty *object_property_add_uint8_ptr(Object *obj, const char *name,
                                              const uint8_t *v,
                                              ObjectPropertyFlags flags);
ObjectProperty *object_property_add_uint16_ptr(Object *obj, const char *name,
                                               const uint16_t *v,
                                               ObjectPropertyFlags flags);
ObjectProperty *object_property_add_uint32_ptr(Object *obj, const char *name,
                                               const uint32_t *v,
                                               ObjectPropertyFlags flags);
ObjectProperty *object_property_add_uint64_ptr(Object *obj, const char *name,
                                               const uint64_t *v,
                                               ObjectPropertyFlags flags);
ObjectProperty *object_class_property_add_uint8_ptr(ObjectClass *klass,
                                                    const char *name,
                                                    const uint8_t *v,
                                                    ObjectPropertyFlags flags);
ObjectProperty *object_class_property_add_uint16_ptr(ObjectClass *klass,
                                                     const char *name,
                                                     const uint16_t *v,
                                                     ObjectPropertyFlags flags);
ObjectProperty *object_class_property_add_uint32_ptr(ObjectClass *klass,
                                                     const char *name,
                                                     const uint32_t *v,
                                                     ObjectPropertyFlags flags);
ObjectProperty *object_class_property_add_uint64_ptr(ObjectClass *klass,
                                                     const char *name,
                                                     const uint64_t *v,
                                                     ObjectPropertyFlags flags);

/* Reads and writes go to @target_name of @target_obj, which must outlive @obj. */
ObjectProperty *object_property_add_alias(Object *obj, const char *name,
                                          Object *target_obj,
                                          const char *target_name);

/* A @check that allows any target at any time. */
void object_property_allow_set_link(const Object *obj, const char *name,
                                    Object *child, Error **errp);
/*
 * A link holds NULL or an object of @type.  @check may refuse a new target by
 * setting errp; NULL makes the link read-only.
 */
ObjectProperty *object_property_add_link(Object *obj, const char *name,
                                         const char *type, Object **targetp,
                                         void (*check)(const Object *obj,
                                                       const char *name,
                                                       Object *val, Error **errp),
                                         ObjectPropertyLinkFlags flags);
ObjectProperty *object_class_property_add_link(ObjectClass *oc, const char *name,
                                               const char *type, ptrdiff_t offset,
                                               void (*check)(const Object *obj,
                                                             const char *name,
                                                             Object *val,
                                                             Error **errp),
                                               ObjectPropertyLinkFlags flags);
ObjectProperty *object_property_add_const_link(Object *obj, const char *name,
                                               Object *target);

void object_property_set_description(Object *obj, const char *name,
                                     const char *description);
void object_class_property_set_description(ObjectClass *klass, const char *name,
                                           const char *description);

/* --- the tree ----------------------------------------------------------- */

/* "/", "/objects" (user-creatable objects) and "/internal"-like containers */
Object *object_get_root(void);
Object *object_get_objects_root(void);
Object *object_get_internal_root(void);
/* The container at @path below @root, made on the way when missing; borrowed. */
Object *container_get(Object *root, const char *path);

/* Takes a reference of @child; the name "x[*]" is numbered. */
ObjectProperty *object_property_add_child(Object *obj, const char *name,
                                          Object *child);
ObjectProperty *object_property_try_add_child(Object *obj, const char *name,
                                              Object *child, Error **errp);

/* Borrowed name of the object in its parent; NULL outside the tree. */
const char *object_get_canonical_path_component(const Object *obj);
/* The caller frees; NULL when the object is not below the root. */
char *object_get_canonical_path(const Object *obj);
/*
 * Absolute paths start at the root.  Others may be any tail of a path that is
 * unique in the tree: *@ambiguous (may be NULL) tells two matches from none.
 * The result is borrowed.
 */
Object *object_resolve_path(const char *path, bool *ambiguous);
Object *object_resolve_path_type(const char *path, const char *type_name,
                                 bool *ambiguous);
Object *object_resolve_path_at(Object *parent, const char *path);
Object *object_resolve_path_component(Object *parent, const char *part);
/* Ours: an object's parent in the tree, borrowed; NULL when it has none. */
Object *object_get_parent(Object *obj);

/*
 * Calls @fn for each child until it returns non-zero, and returns that.  The
 * children are those at the moment of the call, each held by a reference while
 * @fn runs, so that @fn may add and remove.
 */
int object_child_foreach(Object *obj, int (*fn)(Object *child, void *opaque),
                         void *opaque);
/* Parents before their children. */
int object_child_foreach_recursive(Object *obj,
                                   int (*fn)(Object *child, void *opaque),
                                   void *opaque);

/*
 * Ours: the composition tree below root as text, a line for each object. Whoever
 * protects objects says how: enter() is called before the children of obj are
 * looked at, and leave() with its result when all below it are done. They nest.
 */
typedef struct ObjectTreeGuard {
    void *(*enter)(Object *obj);
    void (*leave)(void *entered);
} ObjectTreeGuard;
void object_print_tree(Object *root, const ObjectTreeGuard *guard, GString *out);

#endif
