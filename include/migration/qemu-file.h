/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMUFile: a migration stream as a run of bytes in memory. A writer grows, a
 * reader walks over bytes that it does not own. There is no channel behind
 * it: whoever moves state (vfio-user's data transfer, a test) takes the bytes
 * from one side and gives them to the other.
 *
 * Not thread safe; a stream belongs to the code that saves or loads with it.
 */
#ifndef MIGRATION_QEMU_FILE_H
#define MIGRATION_QEMU_FILE_H

#include "migration/qemu-file-types.h"

/* A writer that accepts at most `limit` bytes (0: no limit); more is -ENOSPC. */
QEMUFile *qemu_file_new_writer(size_t limit);
/* A reader; keeps a reference to `bytes`. */
QEMUFile *qemu_file_new_reader(GBytes *bytes);
/* Frees the stream. 0, or the first error that happened on it. NULL is 0. */
int qemu_fclose(QEMUFile *f);
/* What was written so far; ends the writer's life as a writer. Caller owns the result. */
GBytes *qemu_file_take_bytes(QEMUFile *f);

bool qemu_file_is_writable(QEMUFile *f);
/* Keeps the first error; later ones and 0 do not replace it. */
void qemu_file_set_error(QEMUFile *f, int err);
/* With a text of the first error; *errp is a copy the caller owns. */
void qemu_file_set_error_obj(QEMUFile *f, int err, Error *reason /* moved */);
int qemu_file_get_error_obj(QEMUFile *f, Error **errp);

/* Bytes that a reader has left: the upper bound for anything a stream may claim. */
size_t qemu_file_remaining(QEMUFile *f);
/* Bytes written or read so far. */
uint64_t qemu_file_transferred(QEMUFile *f);

/* Look ahead without consuming; 0 beyond the end, which is not an error here. */
int qemu_peek_byte(QEMUFile *f, int offset);
size_t qemu_peek_buffer(QEMUFile *f, const uint8_t **buf, size_t size, size_t offset);
void qemu_file_skip(QEMUFile *f, int size);

/* A length byte and that many characters. Reading: buf is terminated; its length, 0 on error. */
void qemu_put_counted_string(QEMUFile *f, const char *text);
size_t qemu_get_counted_string(QEMUFile *f, char buf[256]);

/* timer_put() and timer_get() of qemu/timer.h: the expiry in ns, all ones when it is not armed. */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(QEMUFile, qemu_fclose)

#endif
