/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters of what is hosted; see sysemu/population.h. */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "sysemu/population.h"

static int counters[POPULATION_KINDS];
static void (*changed)(void);

int population_add(PopulationKind kind, int change)
{
    int now = qatomic_fetch_add(&counters[kind], change) + change;
    void (*fn)(void) = qatomic_read(&changed);

    if (fn) {
        fn();
    }
    return now;
}

int population_get(PopulationKind kind)
{
    return qatomic_read(&counters[kind]);
}

void population_set_hook(void (*fn)(void))
{
    qatomic_set(&changed, fn);
}
