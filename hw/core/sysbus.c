/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system bus: parts of other devices that show memory regions and lines.
 */
#include "qemu/osdep.h"
#include "hw/sysbus.h"
#include "qapi/error.h"

/* --- memory and ports ------------------------------------------------- */

void sysbus_init_mmio(SysBusDevice *dev, MemoryRegion *memory)
{
    g_assert(dev->num_mmio < QDEV_MAX_MMIO);
    dev->mmio[dev->num_mmio++].memory = memory;
}

MemoryRegion *sysbus_mmio_get_region(SysBusDevice *dev, int n)
{
    return n >= 0 && n < dev->num_mmio ? dev->mmio[n].memory : NULL;
}

bool sysbus_has_mmio(SysBusDevice *dev, unsigned int n)
{
    return n < (unsigned int)dev->num_mmio;
}

void sysbus_init_ioports(SysBusDevice *dev, uint32_t ioport, uint32_t size)
{
    uint32_t i;

    g_assert(size <= QDEV_MAX_PIO - (uint32_t)dev->num_pio);
    for (i = 0; i < size; i++) {
        dev->pio[dev->num_pio++] = ioport + i;
    }
}

/* --- lines ------------------------------------------------------------ */

void sysbus_init_irq(SysBusDevice *dev, qemu_irq *p)
{
    qdev_init_gpio_out_named(DEVICE(dev), p, SYSBUS_DEVICE_GPIO_IRQ, 1);
}

void sysbus_pass_irq(SysBusDevice *dev, SysBusDevice *target)
{
    qdev_pass_gpios(DEVICE(target), DEVICE(dev), SYSBUS_DEVICE_GPIO_IRQ);
}

bool sysbus_has_irq(SysBusDevice *dev, int n)
{
    g_autofree char *prop = g_strdup_printf("%s[%d]", SYSBUS_DEVICE_GPIO_IRQ, n);

    return object_property_find(OBJECT(dev), prop);
}

void sysbus_connect_irq(SysBusDevice *dev, int n, qemu_irq irq)
{
    SysBusDeviceClass *sbc = SYS_BUS_DEVICE_GET_CLASS(dev);

    qdev_connect_gpio_out_named(DEVICE(dev), SYSBUS_DEVICE_GPIO_IRQ, n, irq);
    if (sbc->connect_irq_notifier) {
        sbc->connect_irq_notifier(dev, irq);
    }
}

qemu_irq sysbus_get_connected_irq(SysBusDevice *dev, int n)
{
    return qdev_get_gpio_out_connector(DEVICE(dev), SYSBUS_DEVICE_GPIO_IRQ, n);
}

bool sysbus_is_irq_connected(SysBusDevice *dev, int n)
{
    return sysbus_get_connected_irq(dev, n);
}

/* --- the bus ---------------------------------------------------------- */

BusState *sysbus_get_default(void)
{
    static gsize bus;

    if (g_once_init_enter(&bus)) {
        BusState *made = qbus_new(TYPE_SYSTEM_BUS, NULL, "main-system-bus");

        object_property_add_child(machine_get_container("unattached"),
                                  "main-system-bus", OBJECT(made));
        /* the tree's reference keeps it */
        object_unref(made);
        g_once_init_leave(&bus, (gsize)made);
    }
    return (BusState *)bus;
}

bool sysbus_realize(SysBusDevice *dev, Error **errp)
{
    return qdev_realize(DEVICE(dev), sysbus_get_default(), errp);
}

bool sysbus_realize_and_unref(SysBusDevice *dev, Error **errp)
{
    return qdev_realize_and_unref(DEVICE(dev), sysbus_get_default(), errp);
}

typedef struct SysbusWalk {
    FindSysbusDeviceFunc *fn;
    void *opaque;
} SysbusWalk;

static int visit_sysbus_device(Object *obj, void *opaque)
{
    SysbusWalk *w = opaque;

    if (object_dynamic_cast(obj, TYPE_SYS_BUS_DEVICE)) {
        w->fn(SYS_BUS_DEVICE(obj), w->opaque);
    }
    return 0;
}

void foreach_dynamic_sysbus_device(FindSysbusDeviceFunc *func, void *opaque)
{
    SysbusWalk w = { .fn = func, .opaque = opaque };

    object_child_foreach_recursive(machine_get_container("peripheral"),
                                   visit_sysbus_device, &w);
    object_child_foreach_recursive(machine_get_container("peripheral-anon"),
                                   visit_sysbus_device, &w);
}

/* --- the types -------------------------------------------------------- */

static void sysbus_device_class_init(ObjectClass *oc, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);

    dc->bus_type = TYPE_SYSTEM_BUS;
    /* a user has nowhere to map its regions */
    dc->user_creatable = false;
}

static void register_sysbus(void)
{
    static const TypeInfo infos[] = {
        {
            .name = TYPE_SYSTEM_BUS,
            .parent = TYPE_BUS,
            .instance_size = sizeof(BusState),
        }, {
            .name = TYPE_SYS_BUS_DEVICE,
            .parent = TYPE_DEVICE,
            .instance_size = sizeof(SysBusDevice),
            .abstract = true,
            .class_size = sizeof(SysBusDeviceClass),
            .class_init = sysbus_device_class_init,
        },
    };

    type_register_static_array(infos, ARRAY_SIZE(infos));
}

type_init(register_sysbus)
