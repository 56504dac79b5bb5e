/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The whole program as one call, so that main() is nothing else. */
#ifndef STARTUP_STARTUP_H
#define STARTUP_STARTUP_H

/* Runs until the end is asked for; returns the exit status. */
int startup_main(int argc, char **argv);

#endif
