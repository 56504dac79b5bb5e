/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ours: how many of each thing this process hosts, for whoever shows it to the
 * host or waits until the last one has gone.
 *
 * Counters are atomic and change in any thread, with or without a domain
 * entered. The hook runs in the thread that made the change, so it does no
 * more than to wake somebody.
 */
#ifndef SYSEMU_POPULATION_H
#define SYSEMU_POPULATION_H

typedef enum PopulationKind {
    POPULATION_DEVICES,         /* on a bus; root complexes do not count */
    POPULATION_SERVERS,
    POPULATION_CLIENTS,
    POPULATION_KINDS,
} PopulationKind;

/* The new number. */
int population_add(PopulationKind kind, int change);
int population_get(PopulationKind kind);

/* NULL: nobody is told. */
void population_set_hook(void (*fn)(void));

#endif
