/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The least of a QMP client: one command, one answer. */
#ifndef TOOLS_VFU_BENCH_QMP_H
#define TOOLS_VFU_BENCH_QMP_H

#include "bench.h"

typedef struct BenchQmp BenchQmp;

/* Of a server started with b->with_qmp; NULL with a message. */
BenchQmp *bench_qmp_connect(Bench *b);
void bench_qmp_close(BenchQmp *q);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BenchQmp, bench_qmp_close)
/* Sends the text of one command and takes its answer; 1 with a message unless it succeeds. */
int bench_qmp_run(Bench *b, BenchQmp *q, const char *command);

#endif
