/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/nvme/cursor.c: the host's memory in pieces, with something else between them. */
#include "qemu/osdep.h"
#include "hw/nvme/task.h"

enum { PIECES = 4, ROOM = 4096, GAP = 0x77 };

/* Pieces of these sizes, each with a gap behind it. */
static const size_t sizes[PIECES] = { 8, 504, 1, 700 };

typedef struct Fixture {
    uint8_t memory[PIECES][ROOM];
    struct iovec iov[PIECES];
    size_t total;
    NvmeCursor cursor;
} Fixture;

static void setup(Fixture *f, gconstpointer unused)
{
    memset(f->memory, GAP, sizeof(f->memory));
    f->total = 0;
    for (unsigned i = 0; i < PIECES; i++) {
        f->iov[i] = (struct iovec) { f->memory[i], sizes[i] };
        f->total += sizes[i];
    }
    f->cursor = (NvmeCursor) { .iov = f->iov };
}

static void teardown(Fixture *f, gconstpointer unused)
{
}

static uint8_t pattern(size_t at)
{
    return at * 7 + 1;
}

static void fill(uint8_t *buf, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        buf[i] = pattern(i);
    }
}

static void fill_pieces(Fixture *f)
{
    size_t at = 0;

    for (unsigned i = 0; i < PIECES; i++) {
        for (size_t j = 0; j < sizes[i]; j++) {
            f->memory[i][j] = pattern(at++);
        }
    }
}

static void assert_gaps(const Fixture *f)
{
    for (unsigned i = 0; i < PIECES; i++) {
        for (size_t j = sizes[i]; j < ROOM; j++) {
            g_assert_cmphex(f->memory[i][j], ==, GAP);
        }
    }
}

static void test_to_host(Fixture *f, gconstpointer unused)
{
    g_autofree uint8_t *buf = g_malloc(f->total);
    size_t at = 0;

    fill(buf, f->total);
    nvme_cursor_to_host(&f->cursor, buf, 300);
    nvme_cursor_to_host(&f->cursor, buf + 300, f->total - 300);
    for (unsigned i = 0; i < PIECES; i++) {
        for (size_t j = 0; j < sizes[i]; j++) {
            g_assert_cmphex(f->memory[i][j], ==, pattern(at++));
        }
    }
    assert_gaps(f);
}

static void test_from_host(Fixture *f, gconstpointer unused)
{
    g_autofree uint8_t *buf = g_malloc0(f->total + ROOM);

    fill_pieces(f);
    memset(buf + f->total, GAP, ROOM);
    nvme_cursor_from_host(&f->cursor, buf, 300);
    nvme_cursor_from_host(&f->cursor, buf + 300, f->total - 300);
    for (size_t i = 0; i < f->total; i++) {
        g_assert_cmphex(buf[i], ==, pattern(i));
    }
    g_assert_cmphex(buf[f->total], ==, GAP);
}

static void test_equals(Fixture *f, gconstpointer unused)
{
    g_autofree uint8_t *buf = g_malloc(f->total);

    fill_pieces(f);
    fill(buf, f->total);
    g_assert_true(nvme_cursor_equals(&f->cursor, buf, 300));
    g_assert_true(nvme_cursor_equals(&f->cursor, buf + 300, f->total - 300));
    f->cursor = (NvmeCursor) { .iov = f->iov };
    buf[9] ^= 1;
    g_assert_false(nvme_cursor_equals(&f->cursor, buf, 300));
    /* What was unequal is passed all the same. */
    g_assert_true(nvme_cursor_equals(&f->cursor, buf + 300, f->total - 300));
    /* An early piece that differs is not made good by later ones. */
    f->cursor = (NvmeCursor) { .iov = f->iov };
    buf[9] ^= 1;
    buf[0] ^= 1;
    g_assert_false(nvme_cursor_equals(&f->cursor, buf, f->total));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/nvme-cursor/to-host", Fixture, NULL, setup, test_to_host, teardown);
    g_test_add("/nvme-cursor/from-host", Fixture, NULL, setup, test_from_host, teardown);
    g_test_add("/nvme-cursor/equals", Fixture, NULL, setup, test_equals, teardown);
    return g_test_run();
}
