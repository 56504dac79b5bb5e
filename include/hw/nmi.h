/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Non-maskable interrupts: an object that can deliver one.  The CPUs are the
 * client's, so unless a machine implements the interface the request ends in
 * a line of the log and an event (see sysemu/runstate.h).
 */
#ifndef HW_NMI_H
#define HW_NMI_H

#include "qom/object.h"

#define TYPE_NMI "nmi"

typedef struct NMIClass NMIClass;
typedef struct NMIState NMIState;
DECLARE_CLASS_CHECKERS(NMIClass, NMI, TYPE_NMI)
#define NMI(obj) INTERFACE_CHECK(NMIState, (obj), TYPE_NMI)

struct NMIClass {
    InterfaceClass parent_class;

    void (*nmi_monitor_handler)(NMIState *n, int cpu_index, Error **errp);
};

/* Asks the first object in the tree that implements TYPE_NMI; error when none does. */
void nmi_monitor_handle(int cpu_index, Error **errp);

#endif
