/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The client of the qtest protocol for tests in C, by the names of QEMU's
 * libqtest. It starts the program that QTEST_QEMU_BINARY names.
 *
 * What goes wrong between the two (a FAIL, a program that ended, no answer
 * within a minute) ends the test: functions return only what a test is about.
 * However the test ends, the program ends with it. QMP speaks json-glib here.
 */
#ifndef TESTS_QTEST_LIBQTEST_H
#define TESTS_QTEST_LIBQTEST_H

#include <glib.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct QTestState QTestState;

/* The one of tests that have only one; see libqtest-single.h. */
extern QTestState *global_qtest;

/* --- life --- */

/* With -accel qtest and a QMP connection; @extra_args by the rules of a shell. */
QTestState *qtest_init(const char *extra_args);
QTestState *qtest_initf(const char *fmt, ...) G_GNUC_PRINTF(1, 2);
QTestState *qtest_vinitf(const char *fmt, va_list ap) G_GNUC_PRINTF(1, 0);
/* Asks it to end, and insists on status 0. NULL is accepted. */
void qtest_quit(QTestState *s);
/* Ours: a program that somebody else runs, for its QMP alone; NULL is accepted by detach. */
QTestState *qtest_attach(pid_t pid, const char *qmp);
void qtest_detach(QTestState *s);
pid_t qtest_pid(QTestState *s);
const char *qtest_get_arch(void);

/* --- accesses --- */

uint8_t qtest_inb(QTestState *s, uint16_t addr);
uint16_t qtest_inw(QTestState *s, uint16_t addr);
uint32_t qtest_inl(QTestState *s, uint16_t addr);
void qtest_outb(QTestState *s, uint16_t addr, uint8_t value);
void qtest_outw(QTestState *s, uint16_t addr, uint16_t value);
void qtest_outl(QTestState *s, uint16_t addr, uint32_t value);
uint8_t qtest_readb(QTestState *s, uint64_t addr);
uint16_t qtest_readw(QTestState *s, uint64_t addr);
uint32_t qtest_readl(QTestState *s, uint64_t addr);
uint64_t qtest_readq(QTestState *s, uint64_t addr);
void qtest_writeb(QTestState *s, uint64_t addr, uint8_t value);
void qtest_writew(QTestState *s, uint64_t addr, uint16_t value);
void qtest_writel(QTestState *s, uint64_t addr, uint32_t value);
void qtest_writeq(QTestState *s, uint64_t addr, uint64_t value);

/* Any size. The first two go as hexadecimal digits, the next two as base64. */
void qtest_memread(QTestState *s, uint64_t addr, void *data, size_t size);
void qtest_memwrite(QTestState *s, uint64_t addr, const void *data, size_t size);
void qtest_bufread(QTestState *s, uint64_t addr, void *data, size_t size);
void qtest_bufwrite(QTestState *s, uint64_t addr, const void *data, size_t size);
void qtest_memset(QTestState *s, uint64_t addr, uint8_t pattern, size_t size);

/* Ours: chooses the isolation domain. */
void qtest_domain(QTestState *s, const char *name);
/* Ours: any command; its answer, which the caller frees. */
char *qtest_command(QTestState *s, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

bool qtest_big_endian(QTestState *s);
bool qtest_module_load(QTestState *s, const char *prefix, const char *libname);

/* --- time and interrupts --- */

/* All return the time in ns. */
int64_t qtest_clock_step_next(QTestState *s);
int64_t qtest_clock_step(QTestState *s, int64_t step);
int64_t qtest_clock_set(QTestState *s, int64_t val);

#define QTEST_MAX_IRQ 256

void qtest_irq_intercept_in(QTestState *s, const char *path);
void qtest_irq_intercept_out(QTestState *s, const char *path);
void qtest_irq_intercept_out_named(QTestState *s, const char *path, const char *name);
void qtest_set_irq_in(QTestState *s, const char *path, const char *name, int irq, int level);
/* The level by now: it asks the server. */
bool qtest_get_irq(QTestState *s, int num);
/* Ours: how often the line rose since the last call. */
unsigned qtest_get_irq_raised(QTestState *s, int num);

/* --- QMP --- */

/* The whole reply; fmt makes the whole request. The caller frees. */
JsonObject *qtest_qmp(QTestState *s, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
JsonObject *qtest_vqmp(QTestState *s, const char *fmt, va_list ap) G_GNUC_PRINTF(2, 0);
void qtest_qmp_assert_success(QTestState *s, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
/* Waits for an event, now or already there; earlier others are dropped. The caller frees. */
JsonObject *qtest_qmp_eventwait_ref(QTestState *s, const char *event);
void qtest_qmp_eventwait(QTestState *s, const char *event);
/* Ours: is such an event there already? It is taken. NULL: no; else the caller frees. */
JsonObject *qtest_qmp_event_pending(QTestState *s, const char *event);

/* fmt: more members of a JSON object, or "" */
void qtest_qmp_device_add(QTestState *s, const char *driver, const char *id, const char *fmt,
                          ...) G_GNUC_PRINTF(4, 5);
/* Waits until it has gone. */
void qtest_qmp_device_del(QTestState *s, const char *id);

/* --- tests --- */

/* As g_test_add_func() and its relatives, below "/x86_64/". */
void qtest_add_func(const char *str, void (*fn)(void));
void qtest_add_data_func(const char *str, const void *data, void (*fn)(const void *));
void qtest_add_data_func_full(const char *str, void *data, void (*fn)(const void *),
                              GDestroyNotify data_free_func);

#endif
