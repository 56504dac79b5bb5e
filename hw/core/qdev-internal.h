/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of hw/core share.
 */
#ifndef HW_CORE_QDEV_INTERNAL_H
#define HW_CORE_QDEV_INTERNAL_H

#include "hw/qdev-core.h"

/* The lines of one name; unnamed ones have name NULL. */
typedef struct QdevGpio QdevGpio;

/*
 * @ctx: the domain that starts at this device; a reference is held.
 * @blockers: reasons not to unplug, borrowed.
 * @gpios: of QdevGpio.
 * @default_bus: the bus was made for this device by the default-bus hook.
 */
struct QdevPrivate {
    AioContext *ctx;
    GSList *blockers;
    GPtrArray *gpios;
    bool default_bus;
};

/* gpio.c */
void qdev_gpio_init(DeviceState *dev);
void qdev_gpio_fini(DeviceState *dev);

/* bus.c: the bus takes a reference of the device and the other way round */
void bus_attach(BusState *bus, DeviceState *dev);
void bus_detach(DeviceState *dev);

/* qdev-realize.c */
bool device_realize(DeviceState *dev, Error **errp);
void device_unrealize(DeviceState *dev);

/* qdev-listener.c */
void device_listeners_realize(DeviceState *dev);
void device_listeners_unrealize(DeviceState *dev);

/* reset.c */
void device_class_init_reset(ObjectClass *oc);
void bus_class_init_reset(ObjectClass *oc);
/* A device that was just realized starts from its reset state. */
void device_reset_after_realize(DeviceState *dev);

/* device-add.c: tells the hook that @bus is not needed any more */
void qdev_default_bus_done(BusState *bus);

/* A kind of property that has the values of a QAPI enum; @text describes them. */
#define QDEV_PROP_ENUM_KIND(tag, Enum, text)                                \
    const PropertyInfo qdev_prop_ ## tag = {                                \
        .name = #Enum,                                                      \
        .description = text,                                                \
        .enum_table = &Enum ## _lookup,                                     \
        .get = qdev_propinfo_get_enum,                                      \
        .set = qdev_propinfo_set_enum,                                      \
        .set_default_value = qdev_propinfo_set_default_value_enum,          \
    }

/* qdev-properties.c */
void qdev_class_add_property(DeviceClass *dc, const Property *prop);
bool qdev_prop_may_set(Object *obj, const char *name, const PropertyInfo *info,
                       Error **errp);

/*
 * request-rate.c: false when the domain asked too often; else *@dropped is how
 * many were not allowed since the last one that was.  @event is a literal.
 */
bool guest_request_allowed(const char *event, AioContext *ctx, uint32_t *dropped);
void guest_request_forget_domain(AioContext *ctx);

/* The context of requests that come without a device: that of the calling thread. */
AioContext *current_domain(void);

#endif
