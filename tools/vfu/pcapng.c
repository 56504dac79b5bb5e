/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See pcapng.h. Blocks are padded to 4 bytes and repeat their length. */
#include "qemu/osdep.h"
#include "pcapng.h"
#include "vfio-user/protocol.h"

enum {
    BLOCK_SECTION = 0x0a0d0d0a, BLOCK_INTERFACE = 1, BLOCK_PACKET = 6,
    OPTION_END = 0, OPTION_COMMENT = 1, OPTION_IF_NAME = 2, OPTION_EPB_FLAGS = 2,
    EPB_INBOUND = 1, EPB_OUTBOUND = 2,
};

static void put(GByteArray *b, const void *data, size_t size)
{
    static const uint8_t zeros[4];

    g_byte_array_append(b, data, size);
    g_byte_array_append(b, zeros, -size & 3);
}

static void put32(GByteArray *b, uint32_t value)
{
    put(b, &value, sizeof(value));
}

static void put_option(GByteArray *b, uint16_t code, const void *data, uint16_t size)
{
    uint16_t head[2] = { code, size };

    put(b, head, sizeof(head));
    if (size) {
        put(b, data, size);
    }
}

static bool write_block(FILE *f, uint32_t type, const GByteArray *body)
{
    uint32_t head[2] = { type, body->len + 12 };

    return fwrite(head, sizeof(head), 1, f) == 1 &&
           fwrite(body->data, body->len, 1, f) == 1 && fwrite(&head[1], 4, 1, f) == 1;
}

bool pcapng_begin(FILE *f)
{
    g_autoptr(GByteArray) section = g_byte_array_new();
    g_autoptr(GByteArray) interface = g_byte_array_new();
    uint16_t version[2] = { 1, 0 }, link[2] = { PCAPNG_LINKTYPE_USER0, 0 };
    int64_t unknown = -1;

    put32(section, 0x1a2b3c4d);
    put(section, version, sizeof(version));
    put(section, &unknown, sizeof(unknown));

    put(interface, link, sizeof(link));
    put32(interface, 0);        /* no limit of length */
    put_option(interface, OPTION_IF_NAME, "vfio-user", 9);
    put_option(interface, OPTION_END, NULL, 0);
    return write_block(f, BLOCK_SECTION, section) &&
           write_block(f, BLOCK_INTERFACE, interface);
}

bool pcapng_message(FILE *f, int64_t time_us, bool to_server, unsigned nr_fds,
                    const void *header, const void *payload, size_t payload_size)
{
    g_autoptr(GByteArray) b = g_byte_array_new();
    uint32_t size = sizeof(VfuHeader) + payload_size;
    uint32_t flags = to_server ? EPB_OUTBOUND : EPB_INBOUND;

    put32(b, 0);                /* interface */
    put32(b, (uint64_t)time_us >> 32);
    put32(b, time_us);
    put32(b, size);             /* captured */
    put32(b, size);             /* original */
    g_byte_array_append(b, header, sizeof(VfuHeader));
    if (payload_size) {
        put(b, payload, payload_size);
    }
    put_option(b, OPTION_EPB_FLAGS, &flags, sizeof(flags));
    if (nr_fds) {
        g_autofree char *comment = g_strdup_printf("%u file descriptor%s", nr_fds,
                                                   nr_fds == 1 ? "" : "s");
        put_option(b, OPTION_COMMENT, comment, strlen(comment));
    }
    put_option(b, OPTION_END, NULL, 0);
    return write_block(f, BLOCK_PACKET, b);
}
