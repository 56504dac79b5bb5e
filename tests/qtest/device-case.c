/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "device-case.h"

typedef struct Case {
    QosDriver driver;
    const DeviceCase *row;
} Case;

static void run(const void *opaque)
{
    const Case *c = opaque;
    QosDevice *d = qos_device_new(&qos_bus_qtest, &c->driver);

    c->driver.init(d);
    c->row->run(d, qos_qtest(d));
    qos_device_free(d);
}

int device_cases_run(int argc, char **argv, const QosDriver *driver, const DeviceCase *cases)
{
    g_test_init(&argc, &argv, NULL);
    for (const DeviceCase *row = cases; row->name; row++) {
        g_autofree char *path = g_strdup_printf("%s/%s", driver->name, row->name);
        Case *c = g_new(Case, 1);

        *c = (Case) { *driver, row };
        c->driver.options = row->options ?: driver->options;
        qtest_add_data_func_full(path, c, run, g_free);
    }
    return g_test_run();
}
