/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the NVMe tests share: each case has a program of its own, on each bus that can. */
#ifndef TESTS_LIBQOS_NVME_CASE_H
#define TESTS_LIBQOS_NVME_CASE_H

#include "nvme.h"

typedef struct QNCase {
    const char *name;
    void (*run)(QNvme *n);
    const QNRig *rig;           /* NULL: one file of 16 MiB, no options */
    unsigned needs;             /* of the bus: QOS_CAN_* */
    bool raw;                   /* run() starts the controller itself */
    bool slow;                  /* minutes: with -m slow only */
} QNCase;

/* The array ends with a NULL name; paths are /nvme/BUS/NAME. */
int qn_cases_run(int argc, char **argv, const QNCase *cases);

/* Data that has to be there. */
void qn_assert_memory(QNvme *n, uint64_t iova, const void *data, size_t len);
void qn_assert_filled(QNvme *n, uint64_t iova, uint8_t value, size_t len);
/* Namespace 1 is written and read: the controller works. */
void qn_assert_works(QNvme *n);
/* An asynchronous event request; its end is taken by qn_take_event(). */
void qn_ask_event(QNvme *n);
/* Dword 0 of the event's completion, which has to come. */
uint32_t qn_take_event(QNvme *n);
#define QN_EVENT(type, info, log) ((type) | (info) << 8 | (log) << 16)

#endif
