/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices and buses.
 *
 * A device is made (qdev_new), configured through its properties, and realized
 * (qdev_realize), which attaches it to a bus and starts it.  Realize either
 * succeeds and publishes the device as its last step, or fails and leaves
 * nothing behind.  Unrealize is the way back and cannot fail.
 *
 *     created -> realized -> unrealized -> finalized
 *                  ^  hot-unplug: blockers, handler, qdev_unrealize, unparent
 *
 * Where devices live in the tree: those with an id in /machine/peripheral,
 * those of the user without one in /machine/peripheral-anon, children of other
 * objects below these, and the rest in /machine/unattached.
 *
 * Domain: qdev_get_aio_context() finds the context of the nearest bus or
 * device above that carries one.  All calls on a device are made with that
 * context entered.
 * Locking: nothing here takes a lock of its own except the device-listener
 * list and the table of anonymous names (one mutex, qdev-internal).
 * Lock order: domain lock, then qdev list lock, then QOM's locks.
 */
#ifndef QDEV_CORE_H
#define QDEV_CORE_H

#include "qemu/atomic.h"
#include "qemu/queue.h"
#include "qemu/bitmap.h"
#include "qom/object.h"
#include "hw/hotplug.h"
#include "hw/irq.h"
#include "hw/resettable.h"

typedef struct AioContext AioContext;
typedef struct BusState BusState;
typedef struct DeviceState DeviceState;
typedef struct DeviceListener DeviceListener;
typedef struct Monitor Monitor;
typedef struct Property Property;
typedef struct PropertyInfo PropertyInfo;
typedef struct VMStateDescription VMStateDescription;

enum {
    DEV_NVECTORS_UNSPECIFIED = -1,
};

#define TYPE_DEVICE "device"
typedef struct DeviceClass DeviceClass;
DECLARE_OBJ_CHECKERS(DeviceState, DeviceClass, DEVICE, TYPE_DEVICE)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DeviceState, object_unref)

#define TYPE_BUS "bus"
typedef struct BusClass BusClass;
DECLARE_OBJ_CHECKERS(BusState, BusClass, BUS, TYPE_BUS)

/* Groups of -device help; a device sets bits in DeviceClass.categories. */
typedef enum DeviceCategory {
    DEVICE_CATEGORY_BRIDGE,
    DEVICE_CATEGORY_USB,
    DEVICE_CATEGORY_STORAGE,
    DEVICE_CATEGORY_NETWORK,
    DEVICE_CATEGORY_INPUT,
    DEVICE_CATEGORY_DISPLAY,
    DEVICE_CATEGORY_SOUND,
    DEVICE_CATEGORY_MISC,
    DEVICE_CATEGORY_CPU,
    DEVICE_CATEGORY_WATCHDOG,
    DEVICE_CATEGORY_MAX
} DeviceCategory;

typedef void (*DeviceRealize)(DeviceState *dev, Error **errp);
typedef void (*DeviceUnrealize)(DeviceState *dev);
typedef void (*DeviceReset)(DeviceState *dev);
typedef int (*DeviceSyncConfig)(DeviceState *dev, Error **errp);
typedef void (*BusRealize)(BusState *bus, Error **errp);
typedef void (*BusUnrealize)(BusState *bus);

/*
 * @user_creatable: may be given to -device; otherwise only code makes it.
 * @hotpluggable: may come and go while its client runs.
 * @reset and @legacy_reset are two names of one member.
 * @bus_type: the bus it needs to sit on; NULL for none.
 */
struct DeviceClass {
    ObjectClass parent_class;

    DECLARE_BITMAP(categories, DEVICE_CATEGORY_MAX);
    const char *fw_name;
    const char *desc;
    const Property *prop_table;
    size_t prop_rows;

    bool user_creatable;
    bool hotpluggable;

    union {
        DeviceReset reset;
        DeviceReset legacy_reset;
    };
    DeviceRealize realize;
    DeviceUnrealize unrealize;
    DeviceSyncConfig sync_config;
    const VMStateDescription *vmsd;
    const char *bus_type;
};

/*
 * MemReentrancyGuard (qemu/typedefs.h) is set while one of the device's I/O
 * callbacks or guarded bottom halves runs: an access that comes back to the
 * same device meanwhile is refused.
 */
struct DeviceState {
    Object parent_obj;

    char *id;                       /* what the user gave; NULL otherwise */
    char *canonical_path;           /* cached at realize */
    bool realized;
    bool hotplugged;                /* came after the machine was ready */
    bool pending_deleted_event;     /* the guest was asked to let go */
    int64_t pending_deleted_expires_ms;
    bool allow_unplug_during_migration;
    BusState *parent_bus;           /* a reference is held while attached */
    QLIST_HEAD(, BusState) child_bus;
    int num_child_bus;
    int instance_id_alias;
    int alias_required_for_version;
    MemReentrancyGuard mem_reentrancy_guard;
    ResettableState reset;
    struct QdevPrivate *priv;       /* hw/core's own */
};

typedef struct BusChild {
    DeviceState *child;
    int index;
    QTAILQ_ENTRY(BusChild) sibling;
} BusChild;

typedef QTAILQ_HEAD(, BusChild) BusChildHead;

/*
 * @describe_dev: ours; lines for listings, in the device's domain, each begun
 * with @indent spaces.
 * @get_dev_path: the caller frees.  @check_address may refuse a device's
 * address before it is attached; true on success.
 * @max_dev 0: no limit.  @automatic_ids: children without id count up.
 */
struct BusClass {
    ObjectClass parent_class;

    void (*print_dev)(Monitor *mon, DeviceState *dev, int indent);
    void (*describe_dev)(DeviceState *dev, int indent, GString *out);
    char *(*get_dev_path)(DeviceState *dev);
    char *(*get_fw_dev_path)(DeviceState *dev);
    bool (*check_address)(BusState *bus, DeviceState *dev, Error **errp);
    BusRealize realize;
    BusUnrealize unrealize;
    void (*reset)(BusState *bus);
    int max_dev;
    int automatic_ids;
};

struct BusState {
    Object obj;

    DeviceState *parent;
    char *name;
    HotplugHandler *hotplug_handler;
    int max_index;
    bool realized;
    bool full;
    int num_children;
    BusChildHead children;
    QLIST_ENTRY(BusState) sibling;
    ResettableState reset;
    AioContext *ctx;                /* the domain that starts here, or NULL; ref held */
    unsigned serial;                /* ours: buses that were made before it */
};

/* --- life --------------------------------------------------------------- */

/* An unknown @name aborts; the caller owns the reference. */
DeviceState *qdev_new(const char *name);
/* NULL for an unknown or abstract type. */
DeviceState *qdev_try_new(const char *name);
/* @bus NULL: a device without a bus. */
bool qdev_realize(DeviceState *dev, BusState *bus, Error **errp);
/* And drops the caller's reference, also on failure. */
bool qdev_realize_and_unref(DeviceState *dev, BusState *bus, Error **errp);
void qdev_unrealize(DeviceState *dev);
static inline bool qdev_is_realized(DeviceState *dev)
{
    return qatomic_load_acquire(&dev->realized);
}

void qdev_set_legacy_instance_id(DeviceState *dev, int alias_id,
                                 int required_for_version);
void qdev_assert_realized_properly(void);
/* After this new devices count as hot-plugged. */
void qdev_machine_creation_done(void);
bool qdev_machine_modified(void);
/* Machine code: devices made from here on came with the machine or not. */
extern bool qdev_hot_added;

/* "/machine"; made as a container when there is no machine object yet. */
Object *qdev_get_machine(void);
/* The machine object itself is put at /machine; before any device exists. */
void qdev_set_machine(Object *machine);
Object *machine_get_container(const char *name);

/* @id moves.  NULL puts it in peripheral-anon; borrowed name, NULL on error. */
const char *qdev_set_id(DeviceState *dev, char *id, Error **errp);
bool qdev_set_parent_bus(DeviceState *dev, BusState *bus, Error **errp);
BusState *qdev_get_parent_bus(const DeviceState *dev);

/* --- isolation domain ---------------------------------------------------- */

/* Never NULL: without a domain above it is the main context.  Borrowed. */
AioContext *qdev_get_aio_context(DeviceState *dev);
AioContext *qbus_get_aio_context(BusState *bus);
/* Before anything below is realized; takes a reference; NULL clears. */
void qdev_set_aio_context(DeviceState *dev, AioContext *ctx);
void qbus_set_aio_context(BusState *bus, AioContext *ctx);

/*
 * Ours: the context in which an object lives, that of the nearest device or bus
 * above it; the main context when there is none.  Borrowed.
 */
AioContext *qdev_context_of_object(Object *obj);

/* --- class helpers ------------------------------------------------------- */

/* @n entries; an entry without name ends the list earlier. */
void device_class_set_props_n(DeviceClass *dc, const Property *props, size_t n);
/* The same by the table's size; a pointer to a table has no size, but an end. */
void device_class_set_props_bytes(DeviceClass *dc, const Property *props, size_t bytes);
/* An array, with or without DEFINE_PROP_END_OF_LIST(), or a pointer to one with. */
#define device_class_set_props(dc, props)                                   \
    device_class_set_props_bytes((dc), (props),                             \
        __builtin_types_compatible_p(__typeof__(props),                     \
                                     __typeof__(&(props)[0])) ?             \
        SIZE_MAX : sizeof(props))

void device_class_set_legacy_reset(DeviceClass *dc, DeviceReset dev_reset);
void device_class_set_parent_reset(DeviceClass *dc, DeviceReset dev_reset,
                                   DeviceReset *parent_reset);
void device_class_set_parent_realize(DeviceClass *dc, DeviceRealize dev_realize,
                                     DeviceRealize *parent_realize);
void device_class_set_parent_unrealize(DeviceClass *dc, DeviceUnrealize dev_unrealize,
                                       DeviceUnrealize *parent_unrealize);
const VMStateDescription *qdev_get_vmsd(DeviceState *dev);
const char *qdev_fw_name(DeviceState *dev);

/* --- paths --------------------------------------------------------------- */

/* The place on its bus, as the bus names it ("0000:00:01.0"); caller frees; may be NULL. */
char *qdev_get_dev_path(DeviceState *dev);
char *qdev_get_own_fw_dev_path_from_handler(BusState *bus, DeviceState *dev);
char *qdev_get_fw_dev_path(DeviceState *dev);
/* What to call the device in messages: its id, else its canonical path; caller frees. */
char *qdev_get_human_name(DeviceState *dev);
/* By id or path; borrowed; NULL with errp set. */
DeviceState *qdev_find_by_id(const char *id, Error **errp);

/* --- listings ------------------------------------------------------------- */

/*
 * Ours, main context: every device and bus with its properties, as text.  Each
 * domain is entered for one device at a time.
 */
void qdev_print_tree(GString *out);

/* --- gpio ----------------------------------------------------------------- */

void qdev_init_gpio_in(DeviceState *dev, qemu_irq_handler handler, int n);
void qdev_init_gpio_in_named(DeviceState *dev, qemu_irq_handler handler,
                             const char *name, int n);
void qdev_init_gpio_in_named_with_opaque(DeviceState *dev, qemu_irq_handler handler,
                                         void *opaque, const char *name, int n);
/* @pins is the device's array of @n lines; NULL until someone connects them. */
void qdev_init_gpio_out(DeviceState *dev, qemu_irq *pins, int n);
void qdev_init_gpio_out_named(DeviceState *dev, qemu_irq *pins, const char *name,
                              int n);
qemu_irq qdev_get_gpio_in(DeviceState *dev, int n);
qemu_irq qdev_get_gpio_in_named(DeviceState *dev, const char *name, int n);
void qdev_connect_gpio_out(DeviceState *dev, int n, qemu_irq pin);
void qdev_connect_gpio_out_named(DeviceState *dev, const char *name, int n,
                                 qemu_irq pin);
qemu_irq qdev_get_gpio_out_connector(DeviceState *dev, const char *name, int n);
/* Puts @icpt in the place of the connected line and returns the old one. */
qemu_irq qdev_intercept_gpio_out(DeviceState *dev, qemu_irq icpt, const char *name,
                                 int n);
/* Lines of @dev are offered by @container under the same name. */
void qdev_pass_gpios(DeviceState *dev, DeviceState *container, const char *name);

/* --- buses ---------------------------------------------------------------- */

/* @name NULL: made of the parent's id and a number. */
void qbus_init(void *bus, size_t size, const char *type_name, DeviceState *parent,
               const char *name);
BusState *qbus_new(const char *type_name, DeviceState *parent, const char *name);
bool qbus_realize(BusState *bus, Error **errp);
void qbus_unrealize(BusState *bus);
BusState *qdev_get_child_bus(DeviceState *dev, const char *name);

typedef int (qbus_walkerfn)(BusState *bus, void *opaque);
typedef int (qdev_walkerfn)(DeviceState *dev, void *opaque);
/* Negative from a walker ends the walk and is returned; positive skips what is below. */
int qbus_walk_children(BusState *bus, qdev_walkerfn *pre_devfn,
                       qbus_walkerfn *pre_busfn, qdev_walkerfn *post_devfn,
                       qbus_walkerfn *post_busfn, void *opaque);
int qdev_walk_children(DeviceState *dev, qdev_walkerfn *pre_devfn,
                       qbus_walkerfn *pre_busfn, qdev_walkerfn *post_devfn,
                       qbus_walkerfn *post_busfn, void *opaque);
static inline bool qbus_is_hotpluggable(BusState *bus)
{
    return bus->hotplug_handler != NULL;
}

/* Full: no more devices.  For buses with one slot. */
static inline void qbus_mark_full(BusState *bus)
{
    bus->full = true;
}

/* --- hot plug -------------------------------------------------------------- */

void qbus_set_hotplug_handler(BusState *bus, Object *handler);
void qbus_set_bus_hotplug_handler(BusState *bus);
/* Borrowed; NULL when there is none. */
HotplugHandler *qdev_get_bus_hotplug_handler(DeviceState *dev);
HotplugHandler *qdev_get_machine_hotplug_handler(DeviceState *dev);
HotplugHandler *qdev_get_hotplug_handler(DeviceState *dev);
bool qdev_hotplug_allowed(DeviceState *dev, Error **errp);
bool qdev_hotunplug_allowed(DeviceState *dev, Error **errp);
/* A handler's unplug method that just unrealizes. */
void qdev_simple_device_unplug_cb(HotplugHandler *hotplug_dev, DeviceState *dev,
                                  Error **errp);
/* While @reason is registered the device cannot be unplugged; @reason is borrowed. */
void qdev_add_unplug_blocker(DeviceState *dev, Error *reason);
void qdev_del_unplug_blocker(DeviceState *dev, Error *reason);
/* true: blocked, errp has the first reason. */
bool qdev_unplug_blocked(DeviceState *dev, Error **errp);

/* --- reset ----------------------------------------------------------------- */

void device_cold_reset(DeviceState *dev);
void bus_cold_reset(BusState *bus);
bool device_is_in_reset(DeviceState *dev);
bool bus_is_in_reset(BusState *bus);

/* --- listeners ------------------------------------------------------------- */

/*
 * Told of every device after it was realized and before it is unrealized; any
 * domain's thread may call.  @hide_device may keep a device from being made.
 */
struct DeviceListener {
    void (*realize)(DeviceListener *listener, DeviceState *dev);
    void (*unrealize)(DeviceListener *listener, DeviceState *dev);
    bool (*hide_device)(DeviceListener *listener, const JsonObject *device_opts,
                        bool from_json, Error **errp);
    QTAILQ_ENTRY(DeviceListener) link;
};

void device_listener_register(DeviceListener *listener);
void device_listener_unregister(DeviceListener *listener);
bool qdev_should_hide_device(const JsonObject *opts, bool from_json,
                             Error **errp);

/* All properties of @source that @target lacks become aliases in @target. */
void qdev_alias_all_properties(DeviceState *target, Object *source);

/* --- global properties ------------------------------------------------------ */

/* -global DRIVER.PROPERTY=VALUE; @optional: silent when the class lacks it. */
typedef struct GlobalProperty {
    const char *driver;
    const char *property;
    const char *value;
    bool used;
    bool optional;
} GlobalProperty;

#endif
