/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blocks of memory, as hexadecimal digits or base64.
 * In the rows, third says base64.
 */
#include "qemu/osdep.h"
#include "hw/pci/pci_bus.h"
#include "command.h"

/* The domain's lock is given up between pieces: its clients wait for it. */
#define PIECE (64 * 1024)

static void block_rw(QtestDomain *d, uint64_t addr, uint8_t *buf, uint64_t size, bool is_write)
{
    for (uint64_t at = 0; at < size; at += PIECE) {
        AIO_CONTEXT_GUARD(d->ctx);

        address_space_rw(d->bus->isol_as_mem, addr + at, MEMTXATTRS_UNSPECIFIED, buf + at,
                         MIN(size - at, PIECE), is_write);
    }
}

/* ADDR SIZE, and the domain; false: the answer says what is wrong. */
static bool read_range(QtestCall *call, uint64_t *addr, uint64_t *size)
{
    if (!qtest_number(call, 0, UINT64_MAX, addr) ||
        !qtest_number(call, 1, QTEST_BLOCK_MAX, size)) {
        return false;
    }
    if (!*size || *size - 1 > UINT64_MAX - *addr) {
        qtest_reply(call->session, "ERR %s: invalid argument size", call->command->name);
        return false;
    }
    call->touched = qtest_session_domain(call->session);
    return call->touched;
}

static void append_hex(GString *out, const uint8_t *data, uint64_t size)
{
    static const char digits[] = "0123456789abcdef";
    size_t at;

    g_string_append(out, "0x");
    at = out->len;
    g_string_set_size(out, at + 2 * size);
    for (uint64_t i = 0; i < size; i++) {
        out->str[at + 2 * i] = digits[data[i] >> 4];
        out->str[at + 2 * i + 1] = digits[data[i] & 15];
    }
}

static QtestWhen run_read(QtestCall *call)
{
    g_autofree uint8_t *data = NULL;
    GString *out = qtest_reply_text(call->session);
    uint64_t addr, size;

    if (!read_range(call, &addr, &size)) {
        return QTEST_NOW;
    }
    data = g_malloc0(size);
    block_rw(call->touched, addr, data, size, false);
    g_string_assign(out, "OK ");
    if (call->command->third) {
        g_autofree char *text = g_base64_encode(data, size);

        g_string_append(out, text);
    } else {
        append_hex(out, data, size);
    }
    return QTEST_SETTLE;
}

/* false: something else than pairs of digits. */
static bool decode_hex(const char *text, uint8_t *data, uint64_t size)
{
    for (uint64_t i = 0; i < size && text[2 * i]; i++) {
        int high = g_ascii_xdigit_value(text[2 * i]);
        int low = g_ascii_xdigit_value(text[2 * i + 1]);

        if (high < 0 || low < 0) {
            return false;
        }
        data[i] = high << 4 | low;
    }
    return true;
}

/* Digits beyond the size are no part of the block, missing ones are zeros. */
static uint8_t *parse_hex(QtestCall *call, const char *text, uint64_t size)
{
    g_autofree uint8_t *data = g_malloc0(size);

    if (!g_str_has_prefix(text, "0x") || !decode_hex(text + 2, data, size)) {
        qtest_reply(call->session, "ERR %s: data is 0x and two digits for each byte",
                    call->command->name);
        return NULL;
    }
    return g_steal_pointer(&data);
}

static uint8_t *parse_base64(QtestCall *call, const char *text, uint64_t size)
{
    gsize len;
    g_autofree uint8_t *data = g_base64_decode(text, &len);

    if (len != size) {
        qtest_reply(call->session, "ERR %s: the data has %zu bytes, not %" PRIu64,
                    call->command->name, len, size);
        return NULL;
    }
    return g_steal_pointer(&data);
}

static QtestWhen run_write(QtestCall *call)
{
    g_autofree uint8_t *data = NULL;
    uint64_t addr, size;

    if (!read_range(call, &addr, &size)) {
        return QTEST_NOW;
    }
    data = (call->command->third ? parse_base64 : parse_hex)(call, call->words[2], size);
    if (!data) {
        return QTEST_NOW;
    }
    block_rw(call->touched, addr, data, size, true);
    qtest_reply(call->session, "OK");
    return QTEST_SETTLE;
}

static QtestWhen run_memset(QtestCall *call)
{
    g_autofree uint8_t *data = NULL;
    uint64_t addr, size, value;

    if (!qtest_number(call, 2, UINT8_MAX, &value) || !read_range(call, &addr, &size)) {
        return QTEST_NOW;
    }
    data = g_malloc(size);
    memset(data, value, size);
    block_rw(call->touched, addr, data, size, true);
    qtest_reply(call->session, "OK");
    return QTEST_SETTLE;
}

const QtestCommand qtest_block_commands[] = {
    { "read", 2, 2, run_read },
    { "write", 3, 3, run_write },
    { "b64read", 2, 2, run_read, .third = true },
    { "b64write", 3, 3, run_write, .third = true },
    { "memset", 3, 3, run_memset },
    { NULL }
};
