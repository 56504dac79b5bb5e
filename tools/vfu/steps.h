/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What "vfu dma" and "vfu irq" do to the device, as words in order:
 *
 *   REGION:OFFSET[/WIDTH]            read a register and print it
 *   REGION:OFFSET[/WIDTH]=VALUE      write it
 *   REGION:OFFSET[/WIDTH]&MASK==VALUE  read it until (it & MASK) is VALUE
 *   REGION:OFFSET[/WIDTH]==VALUE     the same with a mask of ones
 *   wait:SECONDS                     answer the server's DMA messages so long
 *   reset                            DEVICE_RESET
 *
 * WIDTH is 4 unless given. All this happens in one session: a server may reset
 * the device between two.
 */
#ifndef TOOLS_VFU_STEPS_H
#define TOOLS_VFU_STEPS_H

#include "vfu.h"

typedef struct Step {
    enum { STEP_READ, STEP_WRITE, STEP_UNTIL, STEP_WAIT, STEP_RESET } kind;
    const char *word;           /* borrowed */
    uint32_t region;
    uint64_t offset;
    unsigned width;
    uint64_t value, mask;
    double seconds;
} Step;

bool step_parse(const char *word, Step *step, Error **errp);
/* A GArray of Step, or NULL when a message was printed. */
GArray *steps_parse(VfuTool *tool, char **words, int nr);
/* 0, or 1 when a message was printed. Reads become members of a list. */
int steps_run(VfuTool *tool, VfuClient *c, const GArray *steps);

#endif
