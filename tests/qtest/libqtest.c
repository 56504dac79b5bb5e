/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands of the protocol. */
#include "qemu/osdep.h"
#include "libqtest-int.h"

/* The server's limit is larger; this keeps lines handy. */
#define PIECE (1u << 20)

/* --- lines --- */

static void note_irq(QTestState *s, const char *line)
{
    bool raise = g_str_has_prefix(line, "IRQ raise ");
    unsigned n = strtoul(strrchr(line, ' ') + 1, NULL, 10);

    g_assert_true(raise || g_str_has_prefix(line, "IRQ lower "));
    g_assert_cmpuint(n, <, QTEST_MAX_IRQ);
    s->raised[n] += raise && !s->level[n];
    s->level[n] = raise;
}

static char *answer(QTestState *s, const char *command)
{
    while (true) {
        char *line = qtest_lines_get(&s->test);

        if (!line) {
            qtest_fail(s, "no answer to '%.80s'", command);
        }
        if (!g_str_has_prefix(line, "IRQ ")) {
            return line;
        }
        note_irq(s, line);
        g_free(line);
    }
}

static char *ask(QTestState *s, const char *command)
{
    if (!qtest_lines_put(&s->test, command, strlen(command)) ||
        !qtest_lines_put(&s->test, "\n", 1)) {
        qtest_fail(s, "'%.80s' could not be sent", command);
    }
    return answer(s, command);
}

char *qtest_command(QTestState *s, const char *fmt, ...)
{
    g_autofree char *command = NULL;
    va_list ap;

    va_start(ap, fmt);
    command = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    return ask(s, command);
}

/* What follows OK; the caller frees. */
static char *expect_ok(QTestState *s, const char *command)
{
    char *line = ask(s, command);

    if (strcmp(line, "OK") && !g_str_has_prefix(line, "OK ")) {
        qtest_fail(s, "'%.80s': %.200s", command, line);
    }
    memmove(line, line + 2, strlen(line) - 1);
    return g_strchug(line);
}

static char *ok(QTestState *s, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
static char *ok(QTestState *s, const char *fmt, ...)
{
    g_autofree char *command = NULL;
    va_list ap;

    va_start(ap, fmt);
    command = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    return expect_ok(s, command);
}

static uint64_t number(QTestState *s, char *text)
{
    g_autofree char G_GNUC_UNUSED *owned = text;
    char *end;
    uint64_t value = g_ascii_strtoull(text, &end, 0);

    if (end == text || *end) {
        qtest_fail(s, "'%.80s' is not a number", text);
    }
    return value;
}

/* --- single accesses --- */

#define PORT(letter, type) \
type qtest_in##letter(QTestState *s, uint16_t addr) \
{ \
    return number(s, ok(s, "in" #letter " 0x%x", addr)); \
} \
void qtest_out##letter(QTestState *s, uint16_t addr, type value) \
{ \
    g_free(ok(s, "out" #letter " 0x%x 0x%x", addr, value)); \
}

#define MEMORY(letter, type) \
type qtest_read##letter(QTestState *s, uint64_t addr) \
{ \
    return number(s, ok(s, "read" #letter " 0x%" PRIx64, addr)); \
} \
void qtest_write##letter(QTestState *s, uint64_t addr, type value) \
{ \
    g_free(ok(s, "write" #letter " 0x%" PRIx64 " 0x%" PRIx64, addr, (uint64_t)value)); \
}

PORT(b, uint8_t)
PORT(w, uint16_t)
PORT(l, uint32_t)
MEMORY(b, uint8_t)
MEMORY(w, uint16_t)
MEMORY(l, uint32_t)
MEMORY(q, uint64_t)

/* --- blocks --- */

static void read_piece(QTestState *s, uint64_t addr, uint8_t *data, size_t size)
{
    g_autofree char *text = ok(s, "read 0x%" PRIx64 " 0x%zx", addr, size);

    g_assert_cmpuint(strlen(text), ==, 2 + 2 * size);
    for (size_t i = 0; i < size; i++) {
        data[i] = g_ascii_xdigit_value(text[2 + 2 * i]) << 4 |
                  g_ascii_xdigit_value(text[3 + 2 * i]);
    }
}

void qtest_memread(QTestState *s, uint64_t addr, void *data, size_t size)
{
    for (size_t at = 0; at < size; at += PIECE) {
        read_piece(s, addr + at, (uint8_t *)data + at, MIN(size - at, PIECE));
    }
}

static void write_piece(QTestState *s, uint64_t addr, const uint8_t *data, size_t size)
{
    g_autoptr(GString) command = g_string_new(NULL);
    char *rest;

    g_string_printf(command, "write 0x%" PRIx64 " 0x%zx 0x", addr, size);
    for (size_t i = 0; i < size; i++) {
        g_string_append_printf(command, "%02x", data[i]);
    }
    rest = expect_ok(s, command->str);
    g_free(rest);
}

void qtest_memwrite(QTestState *s, uint64_t addr, const void *data, size_t size)
{
    for (size_t at = 0; at < size; at += PIECE) {
        write_piece(s, addr + at, (const uint8_t *)data + at, MIN(size - at, PIECE));
    }
}

void qtest_bufread(QTestState *s, uint64_t addr, void *data, size_t size)
{
    for (size_t at = 0; at < size; at += PIECE) {
        size_t piece = MIN(size - at, PIECE);
        g_autofree char *text = ok(s, "b64read 0x%" PRIx64 " 0x%zx", addr + at, piece);
        gsize len;
        g_autofree guchar *bytes = g_base64_decode(text, &len);

        g_assert_cmpuint(len, ==, piece);
        memcpy((uint8_t *)data + at, bytes, len);
    }
}

void qtest_bufwrite(QTestState *s, uint64_t addr, const void *data, size_t size)
{
    for (size_t at = 0; at < size; at += PIECE) {
        size_t piece = MIN(size - at, PIECE);
        g_autofree char *text = g_base64_encode((const uint8_t *)data + at, piece);

        g_free(ok(s, "b64write 0x%" PRIx64 " 0x%zx %s", addr + at, piece, text));
    }
}

void qtest_memset(QTestState *s, uint64_t addr, uint8_t pattern, size_t size)
{
    for (size_t at = 0; at < size; at += PIECE) {
        g_free(ok(s, "memset 0x%" PRIx64 " 0x%zx 0x%x", addr + at, MIN(size - at, PIECE),
                  pattern));
    }
}

/* --- the rest --- */

void qtest_domain(QTestState *s, const char *name)
{
    g_free(ok(s, "domain %s", name));
}

bool qtest_big_endian(QTestState *s)
{
    g_autofree char *text = ok(s, "endianness");

    return !strcmp(text, "big");
}

bool qtest_module_load(QTestState *s, const char *prefix, const char *libname)
{
    g_autofree char *line = qtest_command(s, "module_load %s %s", prefix, libname);

    return g_str_has_prefix(line, "OK");
}

int64_t qtest_clock_step_next(QTestState *s)
{
    return number(s, ok(s, "clock_step"));
}

int64_t qtest_clock_step(QTestState *s, int64_t step)
{
    return number(s, ok(s, "clock_step %" PRId64, step));
}

int64_t qtest_clock_set(QTestState *s, int64_t val)
{
    return number(s, ok(s, "clock_set %" PRId64, val));
}

void qtest_irq_intercept_in(QTestState *s, const char *path)
{
    g_free(ok(s, "irq_intercept_in %s", path));
}

void qtest_irq_intercept_out(QTestState *s, const char *path)
{
    g_free(ok(s, "irq_intercept_out %s", path));
}

void qtest_irq_intercept_out_named(QTestState *s, const char *path, const char *name)
{
    g_free(ok(s, "irq_intercept_out %s %s", path, name));
}

void qtest_set_irq_in(QTestState *s, const char *path, const char *name, int irq, int level)
{
    g_free(ok(s, "set_irq_in %s %s %d %d", path, name ?: "unnamed-gpio-in", irq, level));
}

/* What has happened stands before the answer to anything. */
bool qtest_get_irq(QTestState *s, int num)
{
    g_assert_cmpint(num, <, QTEST_MAX_IRQ);
    qtest_big_endian(s);
    return s->level[num];
}

unsigned qtest_get_irq_raised(QTestState *s, int num)
{
    unsigned n;

    qtest_get_irq(s, num);
    n = s->raised[num];
    s->raised[num] = 0;
    return n;
}
