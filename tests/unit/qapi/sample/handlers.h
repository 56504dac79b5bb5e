/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SAMPLE_HANDLERS_H
#define SAMPLE_HANDLERS_H

/* How often plain_name was run. */
extern unsigned sample_plain_calls;

#endif
