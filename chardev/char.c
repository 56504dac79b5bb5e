/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The type of all character devices, and the set of them below /chardevs. */
#include "qemu/osdep.h"
#include "internal.h"
#include "qemu/id.h"

static Object *container(void)
{
    return container_get(object_get_root(), "/chardevs");
}

static void chardev_init(Object *obj)
{
    Chardev *chr = CHARDEV(obj);

    chr->logfd = -1;
    chr->held = g_byte_array_new();
    chr->ctx = aio_context_main();
    aio_context_ref(chr->ctx);
    g_queue_init(&chr->watches);
}

/* The back end's own finalizer has run. */
static void chardev_finalize(Object *obj)
{
    Chardev *chr = CHARDEV(obj);

    g_assert(!chr->be);
    chardev_drop_watches(chr);
    if (chr->logfd >= 0) {
        close(chr->logfd);
    }
    g_byte_array_unref(chr->held);
    g_free(chr->filename);
    g_free(chr->label);
    aio_context_unref(chr->ctx);
}

static const TypeInfo chardev_types[] = {
    {
        .name = TYPE_CHARDEV,
        .parent = TYPE_OBJECT,
        .abstract = true,
        .instance_size = sizeof(Chardev),
        .instance_init = chardev_init,
        .instance_finalize = chardev_finalize,
        .class_size = sizeof(ChardevClass),
    },
};
DEFINE_TYPES(chardev_types)

/* ---- making ---- */

/* What all kinds of back ends begin with. */
static const ChardevCommon *common_part(const ChardevBackend *backend)
{
    return backend ? (const ChardevCommon *)backend->u.null.data : NULL;
}

static bool open_log(Chardev *chr, const ChardevCommon *common, Error **errp)
{
    int how;

    if (!common || !common->logfile) {
        return true;
    }
    how = common->has_logappend && common->logappend ? O_APPEND : O_TRUNC;
    chr->logfd = qemu_create(common->logfile, O_WRONLY | O_NONBLOCK | how, 0600, errp);
    return chr->logfd >= 0;
}

static bool open_backend(Chardev *chr, ChardevBackend *backend, Error **errp)
{
    ERRP_GUARD();
    bool be_opened = true;

    if (!open_log(chr, common_part(backend), errp)) {
        return false;
    }
    CHARDEV_GET_CLASS(chr)->open(chr, backend, &be_opened, errp);
    if (*errp) {
        return false;
    }
    if (!chr->filename) {
        chr->filename = g_strdup(object_get_typename(OBJECT(chr)) + strlen("chardev-"));
    }
    if (be_opened) {
        qemu_chr_be_event(chr, CHR_EVENT_OPENED);
    }
    return true;
}

/* Checked before anything outside is touched; add_child checks again. */
static bool check_id(const char *id, Error **errp)
{
    if (!id_wellformed(id)) {
        error_setg(errp, "Parameter 'id' expects an identifier: a letter, then letters,"
                   " digits, '-', '.' and '_'");
        return false;
    }
    if (qemu_chr_find(id)) {
        error_setg(errp, "Chardev with id '%s' already exists", id);
        return false;
    }
    return true;
}

Chardev *qemu_chardev_new(const char *id, const char *typename, ChardevBackend *backend,
                          GMainContext *context, Error **errp)
{
    g_autoptr(Object) obj = NULL;
    g_autofree char *made_up = NULL;
    Chardev *chr;

    g_assert(g_str_has_prefix(typename, "chardev-") && !context);
    if (id && !check_id(id, errp)) {
        return NULL;
    }
    obj = object_new(typename);
    chr = CHARDEV(obj);
    made_up = id ? NULL : id_generate(ID_CHR);
    chr->label = g_strdup(id ?: made_up);
    if (!open_backend(chr, backend, errp)) {
        return NULL;
    }
    if (!id) {
        return CHARDEV(g_steal_pointer(&obj));
    }
    return object_property_try_add_child(container(), id, obj, errp) ? chr : NULL;
}

Chardev *qemu_chr_find(const char *name)
{
    Object *obj = object_resolve_path_component(container(), name);

    return (Chardev *)(obj ? object_dynamic_cast(obj, TYPE_CHARDEV) : NULL);
}

Chardev *chardev_find(const char *id, Error **errp)
{
    Chardev *chr = qemu_chr_find(id);

    if (!chr) {
        error_setg(errp, "Chardev '%s' not found", id);
    }
    return chr;
}

bool chardev_is_busy(Chardev *chr)
{
    return qatomic_read(&chr->be) != NULL;
}

/* ---- all of them ---- */

static int collect(Object *child, void *opaque)
{
    if (object_dynamic_cast(child, TYPE_CHARDEV)) {
        g_ptr_array_add(opaque, object_ref(child));
    }
    return 0;
}

static int by_label(gconstpointer a, gconstpointer b)
{
    return strcmp((*(Chardev *const *)a)->label, (*(Chardev *const *)b)->label);
}

void chardev_foreach(void (*fn)(Chardev *chr, void *opaque), void *opaque)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(object_unref);

    object_child_foreach(container(), collect, all);
    g_ptr_array_sort(all, by_label);
    for (guint i = 0; i < all->len; i++) {
        g_auto(ChardevVisit) visit = chardev_visit_begin(g_ptr_array_index(all, i));

        fn(visit.chr, opaque);
    }
}

static void remove_one(Chardev *chr, void *opaque)
{
    if (chr->be) {
        qemu_chr_fe_deinit(chr->be, false);
    }
    chardev_move(chr, aio_context_main());
    object_unparent(OBJECT(chr));
}

void qemu_chr_cleanup(void)
{
    chardev_foreach(remove_one, NULL);
}
