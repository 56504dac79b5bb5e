/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * State beyond a device's dc->vmsd: what vmstate_register() and
 * register_savevm_live() put down. The list is shared by all domains, hence
 * its own lock; an entry belongs to the object that registered it, and only
 * code that holds that object's domain lock saves, loads or removes it. So
 * a walk may copy the pointers of one object's entries, drop the list's lock
 * and call them.
 *
 * Stream: for each entry byte 1, counted name, be32 instance, be32 version,
 * its state; at the end byte 0.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/thread.h"
#include "migration/qemu-file.h"
#include "migration/register.h"
#include "migration/vmstate.h"

typedef struct RegistryEntry {
    VMStateIf *obj;
    char *name;
    uint32_t instance_id;
    int alias_id;                   /* -1: none; another instance number accepted on load */
    int version_id;
    const VMStateDescription *vmsd; /* or ops */
    const SaveVMHandlers *ops;
    void *opaque;
    uint64_t serial;
} RegistryEntry;

static GMutex registry_lock;
static GPtrArray *registry;         /* under registry_lock */
static uint64_t registry_serial;    /* under registry_lock */

static void entry_free(gpointer p)
{
    RegistryEntry *entry = p;

    g_free(entry->name);
    g_free(entry);
}

/* Under registry_lock. */
static RegistryEntry *find(VMStateIf *obj, const char *name, uint32_t instance_id)
{
    for (guint i = 0; registry && i < registry->len; i++) {
        RegistryEntry *entry = g_ptr_array_index(registry, i);

        if (entry->obj == obj && entry->instance_id == instance_id &&
            !strcmp(entry->name, name)) {
            return entry;
        }
    }
    return NULL;
}

/* Under registry_lock. */
static uint32_t first_free_instance(VMStateIf *obj, const char *name)
{
    uint32_t id = 0;

    while (find(obj, name, id)) {
        id++;
    }
    return id;
}

/* Takes `entry`. */
static int add(RegistryEntry *entry, Error **errp)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&registry_lock);

    if (entry->instance_id == VMSTATE_INSTANCE_ID_ANY) {
        entry->instance_id = first_free_instance(entry->obj, entry->name);
    } else if (find(entry->obj, entry->name, entry->instance_id)) {
        error_setg(errp, "state '%s', instance %u, is registered already", entry->name,
                   entry->instance_id);
        entry_free(entry);
        return -1;
    }
    if (!registry) {
        registry = g_ptr_array_new_with_free_func(entry_free);
    }
    entry->serial = registry_serial++;
    g_ptr_array_add(registry, entry);
    return 0;
}

static void remove_matching(VMStateIf *obj, const VMStateDescription *vmsd, const char *name,
                            void *opaque)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&registry_lock);

    for (guint i = registry ? registry->len : 0; i > 0; i--) {
        RegistryEntry *entry = g_ptr_array_index(registry, i - 1);

        if (entry->obj == obj && entry->opaque == opaque && entry->vmsd == vmsd &&
            (!name || !strcmp(name, entry->name))) {
            g_ptr_array_remove_index(registry, i - 1);
        }
    }
}

/* ---- QEMU's functions ---- */

int vmstate_register_with_alias_id(VMStateIf *obj, uint32_t instance_id,
                                   const VMStateDescription *vmsd, void *opaque,
                                   int alias_id, int required_for_version, Error **errp)
{
    RegistryEntry *entry = g_new0(RegistryEntry, 1);

    /* required_for_version names old machine types, of which we have none. */
    *entry = (RegistryEntry) {
        .obj = obj, .name = g_strdup(vmsd->name), .instance_id = instance_id,
        .alias_id = alias_id, .version_id = vmsd->version_id, .vmsd = vmsd, .opaque = opaque,
    };
    return add(entry, errp);
}

int vmstate_register(VMStateIf *obj, int instance_id, const VMStateDescription *vmsd,
                     void *opaque)
{
    return vmstate_register_with_alias_id(obj, instance_id, vmsd, opaque, -1, 0, NULL);
}

int vmstate_register_any(VMStateIf *obj, const VMStateDescription *vmsd, void *opaque)
{
    return vmstate_register_with_alias_id(obj, VMSTATE_INSTANCE_ID_ANY, vmsd, opaque, -1, 0,
                                          NULL);
}

void vmstate_unregister(VMStateIf *obj, const VMStateDescription *vmsd, void *opaque)
{
    remove_matching(obj, vmsd, NULL, opaque);
}

int register_savevm_live(const char *idstr, uint32_t instance_id, int version_id,
                         const SaveVMHandlers *ops, void *opaque)
{
    RegistryEntry *entry = g_new0(RegistryEntry, 1);

    *entry = (RegistryEntry) {
        .name = g_strdup(idstr), .instance_id = instance_id, .alias_id = -1,
        .version_id = version_id, .ops = ops, .opaque = opaque,
    };
    return add(entry, NULL);
}

void unregister_savevm(VMStateIf *obj, const char *idstr, void *opaque)
{
    remove_matching(obj, NULL, idstr, opaque);
}

/* ---- moving one object's entries ---- */

static int priority_of(const RegistryEntry *entry)
{
    int priority = entry->vmsd ? entry->vmsd->priority : MIG_PRI_DEFAULT;

    return priority == MIG_PRI_UNINITIALIZED ? MIG_PRI_DEFAULT : priority;
}

static gint by_priority(gconstpointer a, gconstpointer b)
{
    const RegistryEntry *left = *(RegistryEntry *const *)a;
    const RegistryEntry *right = *(RegistryEntry *const *)b;
    int order = priority_of(right) - priority_of(left);

    return order ? order : left->serial < right->serial ? -1 : 1;
}

static GPtrArray *entries_of(VMStateIf *obj)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&registry_lock);
    GPtrArray *list = g_ptr_array_new();

    for (guint i = 0; registry && i < registry->len; i++) {
        RegistryEntry *entry = g_ptr_array_index(registry, i);

        if (entry->obj == obj) {
            g_ptr_array_add(list, entry);
        }
    }
    g_ptr_array_sort(list, by_priority);
    return list;
}

static int save_entry(QEMUFile *f, RegistryEntry *entry, Error **errp)
{
    if (entry->vmsd && entry->vmsd->unmigratable) {
        error_setg(errp, "state '%s' cannot be moved", entry->name);
        return -ENOTSUP;
    }
    if (entry->vmsd && !vmstate_section_needed(entry->vmsd, entry->opaque)) {
        return 0;
    }
    qemu_put_byte(f, true);
    qemu_put_counted_string(f, entry->name);
    qemu_put_be32(f, entry->instance_id);
    qemu_put_be32(f, entry->version_id);
    if (entry->vmsd) {
        return vmstate_save_state_errp(f, entry->vmsd, entry->opaque, NULL, errp);
    }
    if (!entry->ops->save_state) {
        error_setg(errp, "state '%s' can only be moved while it runs", entry->name);
        return -ENOTSUP;
    }
    entry->ops->save_state(f, entry->opaque);
    return 0;
}

int savevm_registered_save(QEMUFile *f, VMStateIf *obj, Error **errp)
{
    g_autoptr(GPtrArray) list = entries_of(obj);

    for (guint i = 0; i < list->len; i++) {
        int ret = save_entry(f, g_ptr_array_index(list, i), errp);

        if (ret) {
            return ret;
        }
    }
    qemu_put_byte(f, false);
    if (qemu_file_get_error(f)) {
        error_setg_errno(errp, -qemu_file_get_error(f), "registered state");
    }
    return qemu_file_get_error(f);
}

static RegistryEntry *match(GPtrArray *list, const char *name, uint32_t instance_id)
{
    for (guint i = 0; i < list->len; i++) {
        RegistryEntry *entry = g_ptr_array_index(list, i);

        if (!strcmp(entry->name, name) &&
            (entry->instance_id == instance_id ||
             (entry->alias_id >= 0 && (uint32_t)entry->alias_id == instance_id))) {
            return entry;
        }
    }
    return NULL;
}

static int load_entry(QEMUFile *f, RegistryEntry *entry, int version_id, Error **errp)
{
    int ret;

    if (entry->vmsd) {
        return vmstate_load_state_errp(f, entry->vmsd, entry->opaque, version_id, errp);
    }
    if (version_id > entry->version_id || !entry->ops->load_state) {
        error_setg(errp, "state '%s': cannot load version %d", entry->name, version_id);
        return -EINVAL;
    }
    ret = entry->ops->load_state(f, entry->opaque, version_id);
    if (ret) {
        error_setg_errno(errp, -ret, "state '%s'", entry->name);
    }
    return ret;
}

int savevm_registered_load(QEMUFile *f, VMStateIf *obj, Error **errp)
{
    g_autoptr(GPtrArray) list = entries_of(obj);
    char name[256];

    while (qemu_get_byte(f)) {
        uint32_t instance_id;
        int version_id, ret;
        RegistryEntry *entry;

        qemu_get_counted_string(f, name);
        instance_id = qemu_get_be32(f);
        version_id = qemu_get_be32(f);
        entry = match(list, name, instance_id);
        if (!entry) {
            error_setg(errp, "no state '%s', instance %u, is registered here", name,
                       instance_id);
            return -ENOENT;
        }
        ret = load_entry(f, entry, version_id, errp);
        if (ret) {
            return ret;
        }
        /* Each once: what is loaded twice would run its hooks twice. */
        g_ptr_array_remove(list, entry);
    }
    if (qemu_file_get_error(f)) {
        error_setg_errno(errp, -qemu_file_get_error(f), "registered state");
    }
    return qemu_file_get_error(f);
}
