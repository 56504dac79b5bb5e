/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of device models share: one device, one program, one case. */
#ifndef TESTS_QTEST_DEVICE_CASE_H
#define TESTS_QTEST_DEVICE_CASE_H

#include "qemu/osdep.h"
#include "bus-qtest.h"

typedef struct DeviceCase {
    const char *name;
    void (*run)(QosDevice *d, QTestState *qts);
    const char *options;        /* instead of the driver's; NULL: those */
} DeviceCase;

/* Runs each case with a new device, initialised; the array ends with a NULL name. */
int device_cases_run(int argc, char **argv, const QosDriver *driver, const DeviceCase *cases);

#endif
