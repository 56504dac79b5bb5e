/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Named lines of devices.  Inputs are children "NAME[n]" of the device; outputs
 * are strong links "NAME[n]" into the device's own array of lines.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qdev-internal.h"

/* @in: @n_in lines, owned through the tree.  @n_out: counted, for the names. */
struct QdevGpio {
    char *name;
    qemu_irq *in;
    int n_in;
    int n_out;
};

static void gpio_free(void *p)
{
    QdevGpio *g = p;

    g_free(g->name);
    g_free(g->in);
    g_free(g);
}

void qdev_gpio_init(DeviceState *dev)
{
    dev->priv->gpios = g_ptr_array_new_with_free_func(gpio_free);
}

void qdev_gpio_fini(DeviceState *dev)
{
    g_ptr_array_unref(dev->priv->gpios);
}

static QdevGpio *gpio_find(DeviceState *dev, const char *name)
{
    GPtrArray *gpios = dev->priv->gpios;
    unsigned i;

    for (i = 0; i < gpios->len; i++) {
        QdevGpio *g = g_ptr_array_index(gpios, i);

        if (g_strcmp0(g->name, name) == 0) {
            return g;
        }
    }
    return NULL;
}

static QdevGpio *gpio_get(DeviceState *dev, const char *name)
{
    QdevGpio *g = gpio_find(dev, name);

    if (!g) {
        g = g_new0(QdevGpio, 1);
        g->name = g_strdup(name);
        g_ptr_array_add(dev->priv->gpios, g);
    }
    return g;
}

static char *out_property(const char *name, int n)
{
    return g_strdup_printf("%s[%d]", name ?: "unnamed-gpio-out", n);
}

/* --- inputs ----------------------------------------------------------- */

void qdev_init_gpio_in_named_with_opaque(DeviceState *dev, qemu_irq_handler handler,
                                         void *opaque, const char *name, int n)
{
    g_autofree char *child = g_strdup_printf("%s[*]", name ?: "unnamed-gpio-in");
    QdevGpio *g = gpio_get(dev, name);
    int i;

    g_assert(n >= 0 && g->n_out == 0);
    g->in = qemu_extend_irqs(g->in, g->n_in, handler, opaque, n);
    for (i = g->n_in; i < g->n_in + n; i++) {
        object_property_add_child(OBJECT(dev), child, OBJECT(g->in[i]));
        object_unref(g->in[i]);
    }
    g->n_in += n;
}

void qdev_init_gpio_in_named(DeviceState *dev, qemu_irq_handler handler,
                             const char *name, int n)
{
    qdev_init_gpio_in_named_with_opaque(dev, handler, dev, name, n);
}

void qdev_init_gpio_in(DeviceState *dev, qemu_irq_handler handler, int n)
{
    qdev_init_gpio_in_named(dev, handler, NULL, n);
}

qemu_irq qdev_get_gpio_in_named(DeviceState *dev, const char *name, int n)
{
    QdevGpio *g = gpio_find(dev, name);

    g_assert(g && n >= 0 && n < g->n_in);
    return g->in[n];
}

qemu_irq qdev_get_gpio_in(DeviceState *dev, int n)
{
    return qdev_get_gpio_in_named(dev, NULL, n);
}

/* --- outputs ---------------------------------------------------------- */

void qdev_init_gpio_out_named(DeviceState *dev, qemu_irq *pins, const char *name, int n)
{
    QdevGpio *g = gpio_get(dev, name);
    int i;

    g_assert(n >= 0 && (g->n_in == 0 || !name));
    for (i = 0; i < n; i++) {
        g_autofree char *prop = out_property(name, g->n_out + i);

        pins[i] = NULL;
        object_property_add_link(OBJECT(dev), prop, TYPE_IRQ, (Object **)&pins[i],
                                 object_property_allow_set_link, OBJ_PROP_LINK_STRONG);
    }
    g->n_out += n;
}

void qdev_init_gpio_out(DeviceState *dev, qemu_irq *pins, int n)
{
    qdev_init_gpio_out_named(dev, pins, NULL, n);
}

void qdev_connect_gpio_out_named(DeviceState *dev, const char *name, int n, qemu_irq pin)
{
    g_autofree char *prop = out_property(name, n);

    object_property_set_link(OBJECT(dev), prop, OBJECT(pin), &error_abort);
}

void qdev_connect_gpio_out(DeviceState *dev, int n, qemu_irq pin)
{
    qdev_connect_gpio_out_named(dev, NULL, n, pin);
}

qemu_irq qdev_get_gpio_out_connector(DeviceState *dev, const char *name, int n)
{
    g_autofree char *prop = out_property(name, n);

    return (qemu_irq)object_property_get_link(OBJECT(dev), prop, NULL);
}

qemu_irq qdev_intercept_gpio_out(DeviceState *dev, qemu_irq icpt, const char *name, int n)
{
    qemu_irq old = qdev_get_gpio_out_connector(dev, name, n);

    /* the link would drop its reference, and the interceptor still calls the old line */
    object_ref(old);
    qdev_connect_gpio_out_named(dev, name, n, icpt);
    return old;
}

/* --- lines of an inner device ----------------------------------------- */

static void pass_one(DeviceState *dev, DeviceState *container, char *prop)
{
    g_autofree char *owned = prop;

    object_property_add_alias(OBJECT(container), owned, OBJECT(dev), owned);
}

void qdev_pass_gpios(DeviceState *dev, DeviceState *container, const char *name)
{
    QdevGpio *from = gpio_find(dev, name);
    QdevGpio *to = gpio_get(container, name);
    int i;

    g_assert(from && to->n_in == 0 && to->n_out == 0);
    to->n_in = from->n_in;
    to->n_out = from->n_out;
    to->in = g_memdup2(from->in, from->n_in * sizeof(from->in[0]));
    for (i = 0; i < from->n_in; i++) {
        pass_one(dev, container, g_strdup_printf("%s[%d]", name ?: "unnamed-gpio-in", i));
    }
    for (i = 0; i < from->n_out; i++) {
        pass_one(dev, container, out_property(name, i));
    }
}
