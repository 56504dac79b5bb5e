/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A migration stream in memory. The first error sticks: after it writes are
 * dropped and reads give zeroes, so that walking code may check once per
 * field instead of once per byte.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/timer.h"
#include "migration/qemu-file.h"
#include "stream-budget.h"

struct QEMUFile {
    GByteArray *out;            /* NULL in a reader */
    size_t limit;
    GBytes *in;                 /* NULL in a writer */
    const uint8_t *data;
    size_t size;
    size_t pos;
    size_t budget;              /* bytes that loading may still allocate */
    int err;
    Error *reason;
};

/* What a stream may make us allocate: for small streams of large structs, then in proportion. */
#define BUDGET_BASE (64u * 1024 * 1024)
#define BUDGET_FACTOR 16

QEMUFile *qemu_file_new_writer(size_t limit)
{
    QEMUFile *f = g_new0(QEMUFile, 1);

    f->out = g_byte_array_new();
    /* GByteArray counts in guint. */
    f->limit = limit ? MIN(limit, (size_t)G_MAXINT) : G_MAXINT;
    return f;
}

QEMUFile *qemu_file_new_reader(GBytes *bytes)
{
    QEMUFile *f = g_new0(QEMUFile, 1);

    f->in = g_bytes_ref(bytes);
    f->data = g_bytes_get_data(bytes, &f->size);
    f->budget = BUDGET_BASE + MIN(f->size, SIZE_MAX / 2 / BUDGET_FACTOR) * BUDGET_FACTOR;
    return f;
}

int qemu_fclose(QEMUFile *f)
{
    int err;

    if (!f) {
        return 0;
    }
    err = f->err;
    if (f->out) {
        g_byte_array_unref(f->out);
    }
    g_clear_pointer(&f->in, g_bytes_unref);
    error_free(f->reason);
    g_free(f);
    return err;
}

GBytes *qemu_file_take_bytes(QEMUFile *f)
{
    GByteArray *done = f->out;

    g_assert(done);
    f->out = g_byte_array_new();
    f->limit = 0;
    return g_byte_array_free_to_bytes(done);
}

bool qemu_file_is_writable(QEMUFile *f)
{
    return f->out != NULL;
}

int qemu_file_get_error(QEMUFile *f)
{
    return f->err;
}

void qemu_file_set_error_obj(QEMUFile *f, int err, Error *reason)
{
    if (err && !f->err) {
        f->err = err;
    }
    /* A text that comes later, from an outer walk, still tells about the first error. */
    if (f->err && !f->reason) {
        f->reason = reason;
    } else {
        error_free(reason);
    }
}

void qemu_file_set_error(QEMUFile *f, int err)
{
    qemu_file_set_error_obj(f, err, NULL);
}

int qemu_file_get_error_obj(QEMUFile *f, Error **errp)
{
    if (errp && f->reason) {
        *errp = error_copy(f->reason);
    }
    return f->err;
}

size_t qemu_file_remaining(QEMUFile *f)
{
    return f->err ? 0 : f->size - f->pos;
}

uint64_t qemu_file_transferred(QEMUFile *f)
{
    return f->out ? f->out->len : f->pos;
}

bool stream_budget_take(QEMUFile *f, size_t bytes)
{
    if (bytes > f->budget) {
        return false;
    }
    f->budget -= bytes;
    return true;
}

/* ---- writing ---- */

void qemu_put_buffer(QEMUFile *f, const uint8_t *buf, size_t size)
{
    g_assert(f->out);
    if (f->err || !size) {
        return;
    }
    if (size > f->limit || f->out->len > f->limit - size) {
        qemu_file_set_error(f, -ENOSPC);
        return;
    }
    g_byte_array_append(f->out, buf, size);
}

/* `width` low bytes of v, most significant first. */
static void put_number(QEMUFile *f, uint64_t v, unsigned width)
{
    uint8_t raw[8];

    for (unsigned i = 0; i < width; i++) {
        raw[i] = v >> (8 * (width - 1 - i));
    }
    qemu_put_buffer(f, raw, width);
}

void qemu_put_byte(QEMUFile *f, int v)
{
    put_number(f, v, 1);
}

void qemu_put_be16(QEMUFile *f, unsigned int v)
{
    put_number(f, v, 2);
}

void qemu_put_be32(QEMUFile *f, unsigned int v)
{
    put_number(f, v, 4);
}

void qemu_put_be64(QEMUFile *f, uint64_t v)
{
    put_number(f, v, 8);
}

void qemu_put_counted_string(QEMUFile *f, const char *text)
{
    size_t len = strlen(text);

    g_assert(len < 256);
    qemu_put_byte(f, len);
    qemu_put_buffer(f, (const uint8_t *)text, len);
}

/* ---- reading ---- */

size_t qemu_peek_buffer(QEMUFile *f, const uint8_t **buf, size_t size, size_t offset)
{
    size_t left = qemu_file_remaining(f);

    if (offset >= left) {
        return 0;
    }
    *buf = f->data + f->pos + offset;
    return MIN(size, left - offset);
}

int qemu_peek_byte(QEMUFile *f, int offset)
{
    const uint8_t *at;

    return qemu_peek_buffer(f, &at, 1, offset) ? *at : 0;
}

size_t qemu_get_buffer(QEMUFile *f, uint8_t *buf, size_t size)
{
    size_t got = MIN(size, qemu_file_remaining(f));

    g_assert(f->in);
    if (got) {
        memcpy(buf, f->data + f->pos, got);
        f->pos += got;
    }
    if (got < size) {
        memset(buf + got, 0, size - got);
        qemu_file_set_error(f, -EIO);
    }
    return got;
}

void qemu_file_skip(QEMUFile *f, int size)
{
    if (size < 0 || (size_t)size > qemu_file_remaining(f)) {
        qemu_file_set_error(f, -EIO);
        return;
    }
    f->pos += size;
}

static uint64_t get_number(QEMUFile *f, unsigned width)
{
    uint8_t raw[8];
    uint64_t v = 0;

    qemu_get_buffer(f, raw, width);
    for (unsigned i = 0; i < width; i++) {
        v = v << 8 | raw[i];
    }
    return v;
}

int qemu_get_byte(QEMUFile *f)
{
    return get_number(f, 1);
}

unsigned int qemu_get_be16(QEMUFile *f)
{
    return get_number(f, 2);
}

unsigned int qemu_get_be32(QEMUFile *f)
{
    return get_number(f, 4);
}

uint64_t qemu_get_be64(QEMUFile *f)
{
    return get_number(f, 8);
}

size_t qemu_get_counted_string(QEMUFile *f, char buf[256])
{
    size_t len = qemu_get_byte(f);

    qemu_get_buffer(f, (uint8_t *)buf, len);
    buf[len] = '\0';
    return f->err ? 0 : len;
}

/* ---- timers ---- */

void timer_put(QEMUFile *f, QEMUTimer *ts)
{
    qemu_put_be64(f, timer_expire_time_ns(ts));
}

void timer_get(QEMUFile *f, QEMUTimer *ts)
{
    uint64_t expire = qemu_get_be64(f);

    if (f->err) {
        return;
    }
    if (expire == UINT64_MAX) {
        timer_del(ts);
    } else if (expire > INT64_MAX) {
        qemu_file_set_error(f, -EINVAL);
    } else {
        timer_mod_ns(ts, expire);
    }
}
