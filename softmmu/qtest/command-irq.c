/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interrupt lines: listening to them, and driving inputs.
 *
 * irq_intercept_in of a root complex or root bus tells of INTA to INTD as they
 * arrive there; of a PCI function, and irq_intercept_out of it, tells of its
 * own pin. Other devices have lines by name; such an interception stays.
 * As in QEMU a test listens to one device.
 */
#include "qemu/osdep.h"
#include "hw/irq.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pci_device.h"
#include "hw/qdev-core.h"
#include "qapi/error.h"
#include "command.h"
#include "irq.h"

#define MAX_LINES 1024

static char *listening;         /* path of what the test listens to */
static Object *listening_to;    /* its identity, to be compared only */
static bool stays;              /* cannot be undone: lines of a device */

void qtest_command_forget_irqs(void)
{
    for (QtestDomain *d = qtest_domain_first(); d; d = qtest_domain_next(d)) {
        AIO_CONTEXT_GUARD(d->ctx);

        qtest_domain_tell_nothing(d);
    }
    if (!stays) {
        g_clear_pointer(&listening, g_free);
    }
}

/* --- lines of other devices, in the context of the device --- */

static void out_line(void *opaque, int n, int level)
{
    qtest_irq_event(n, level);
    qemu_set_irq(opaque, level);
}

static void in_line(void *opaque, int n, int level)
{
    qemu_irq *old = opaque;

    qtest_irq_event(n, level);
    qemu_set_irq(*old, level);
}

static Object *line_object(DeviceState *dev, const char *name, unsigned n)
{
    g_autofree char *path = g_strdup_printf("%s[%u]", name, n);

    return object_resolve_path_component(OBJECT(dev), path);
}

static bool has_output(DeviceState *dev, const char *name, unsigned n)
{
    g_autofree char *path = g_strdup_printf("%s[%u]", name ?: "unnamed-gpio-out", n);
    ObjectProperty *prop = object_property_find(OBJECT(dev), path);

    return prop && !strcmp(prop->type, "link<" TYPE_IRQ ">");
}

static bool intercept_outputs(DeviceState *dev, const char *name)
{
    unsigned n;

    for (n = 0; n < MAX_LINES && has_output(dev, name, n); n++) {
        qemu_irq icpt = qemu_allocate_irq(out_line,
                                          qdev_get_gpio_out_connector(dev, name, n), n);

        /* The link and the interceptor hold them for ever. */
        qdev_intercept_gpio_out(dev, icpt, name, n);
        object_unref(OBJECT(icpt));
    }
    return n;
}

/* The interceptors point into the array, however long their device lives. */
static void keep_old_lines(qemu_irq *old)
{
    static GPtrArray *kept;

    if (!kept) {
        kept = g_ptr_array_new();
    }
    g_ptr_array_add(kept, old);
}

static bool intercept_inputs(DeviceState *dev)
{
    qemu_irq lines[MAX_LINES];
    unsigned n = 0;
    Object *line;

    while (n < MAX_LINES && (line = line_object(dev, "unnamed-gpio-in", n)) &&
           object_dynamic_cast(line, TYPE_IRQ)) {
        lines[n++] = (qemu_irq)line;
    }
    qemu_irq_intercept_in(lines, in_line, n);
    if (n) {
        keep_old_lines(lines[0]->opaque);
    }
    return n;
}

static bool intercept_device(DeviceState *dev, bool out, const char *name)
{
    AIO_CONTEXT_GUARD(qdev_get_aio_context(dev));

    stays = out ? intercept_outputs(dev, name) : intercept_inputs(dev);
    return stays;
}

/* --- who is meant --- */

static QtestDomain *domain_meant(Object *obj)
{
    PCIBus *bus = (PCIBus *)object_dynamic_cast(obj, TYPE_PCI_BUS);

    for (QtestDomain *d = qtest_domain_first(); d; d = qtest_domain_next(d)) {
        if (d->bus == bus || OBJECT(BUS(d->bus)->parent) == obj) {
            return d;
        }
    }
    return NULL;
}

static bool listen_to_function(PCIDevice *dev)
{
    AIO_CONTEXT_GUARD(qdev_get_aio_context(DEVICE(dev)));

    return qtest_domain_tell_pin(dev, true);
}

static bool listen_to(Object *obj, bool out, const char *name)
{
    QtestDomain *d = domain_meant(obj);

    stays = false;
    if (d && !out) {
        AIO_CONTEXT_GUARD(d->ctx);

        d->tell_lines = true;
        return true;
    }
    if (object_dynamic_cast(obj, TYPE_PCI_DEVICE) && !name &&
        listen_to_function((PCIDevice *)obj)) {
        return true;
    }
    return object_dynamic_cast(obj, TYPE_DEVICE) &&
           intercept_device((DeviceState *)obj, out, name);
}

/* Another object may have come to the place of the one that had the path. */
static bool listens_already(Object *obj, const char *path)
{
    return stays && obj == listening_to && !strcmp(path, listening);
}

static bool listens_elsewhere(const char *path)
{
    return listening && strcmp(listening, path) && object_resolve_path(listening, NULL);
}

static QtestWhen intercept(QtestCall *call, bool out)
{
    Object *obj = object_resolve_path(call->words[0], NULL);
    g_autofree char *path = obj ? object_get_canonical_path(obj) : NULL;

    if (!path) {
        qtest_reply(call->session, "FAIL Unknown device");
    } else if (listens_elsewhere(path)) {
        qtest_reply(call->session, "FAIL IRQ intercept already enabled");
    } else if (listens_already(obj, path)) {
        qtest_reply(call->session, "OK");
    } else if (!listen_to(obj, out, call->nr > 1 ? call->words[1] : NULL)) {
        qtest_reply(call->session, "FAIL it has no such lines (functions have one with -accel"
                    " qtest and while no server has them)");
    } else {
        g_free(listening);
        listening = g_steal_pointer(&path);
        listening_to = obj;
        qtest_reply(call->session, "OK");
    }
    return QTEST_NOW;
}

static QtestWhen run_intercept_in(QtestCall *call)
{
    return intercept(call, false);
}

static QtestWhen run_intercept_out(QtestCall *call)
{
    return intercept(call, true);
}

/* PATH NAME NUMBER LEVEL */
static QtestWhen run_set_irq_in(QtestCall *call)
{
    DeviceState *dev = (DeviceState *)object_resolve_path_type(call->words[0], TYPE_DEVICE, NULL);
    uint64_t n, level;
    Object *line;

    if (!qtest_number(call, 2, MAX_LINES, &n) || !qtest_number(call, 3, INT_MAX, &level)) {
        return QTEST_NOW;
    }
    if (!dev) {
        qtest_reply(call->session, "FAIL Unknown device");
        return QTEST_NOW;
    }
    WITH_AIO_CONTEXT_GUARD(qdev_get_aio_context(dev)) {
        line = line_object(dev, call->words[1], n);
        line = line ? object_dynamic_cast(line, TYPE_IRQ) : NULL;
        if (line) {
            qemu_set_irq((qemu_irq)line, level);
        }
    }
    qtest_reply(call->session, line ? "OK" : "FAIL it has no such line");
    return QTEST_SETTLE;
}

const QtestCommand qtest_irq_commands[] = {
    { "irq_intercept_in", 1, 1, run_intercept_in },
    { "irq_intercept_out", 1, 2, run_intercept_out },
    { "set_irq_in", 4, 4, run_set_irq_in },
    { NULL }
};
