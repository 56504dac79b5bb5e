/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A device on the qtest bus, for tests that need more than a bus has: time, QMP, ports. */
#ifndef TESTS_LIBQOS_BUS_QTEST_H
#define TESTS_LIBQOS_BUS_QTEST_H

#include "qos.h"
#include "../qtest/libqtest.h"

QTestState *qos_qtest(QosDevice *d);
/* Where our firmware has put it. */
uint64_t qos_bar_address(QosDevice *d, unsigned bar);

#endif
