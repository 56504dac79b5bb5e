/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A socket pair with the code under test on one end and raw bytes on the
 * other.
 */
#ifndef TEST_VFIO_USER_LINE_H
#define TEST_VFIO_USER_LINE_H

#include "qemu/osdep.h"
#include <sys/eventfd.h>
#include "vfio-user/transport.h"
#include "tests/unit/helpers.h"

typedef struct Line {
    VfuSocket socket;           /* ours */
    int peer;
} Line;

static inline Line line_new(void)
{
    int sv[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv), ==, 0);
    return (Line) { .socket = { .fd = sv[0] }, .peer = sv[1] };
}

static inline void line_free(Line *line)
{
    close(line->socket.fd);
    if (line->peer >= 0) {
        close(line->peer);
    }
}

static inline void line_send(Line *line, const void *bytes, size_t len, const int *fds,
                             unsigned nr_fds)
{
    g_assert_cmpint(send_with_fds(line->peer, bytes, len, fds, nr_fds), ==, len);
}

/* A message whose payload can be checked from its id and length alone. */
static inline size_t make_message(uint8_t *out, uint16_t id, uint16_t command, size_t payload)
{
    VfuHeader header = { .id = id, .command = command, .size = sizeof(header) + payload };

    memcpy(out, &header, sizeof(header));
    for (size_t i = 0; i < payload; i++) {
        out[sizeof(header) + i] = id * 31 + i * 7;
    }
    return header.size;
}

static inline void check_message(const VfuMessage *msg, uint16_t id, uint16_t command,
                                 size_t payload)
{
    g_assert_cmpuint(msg->header.id, ==, id);
    g_assert_cmpuint(msg->header.command, ==, command);
    g_assert_cmpuint(msg->len, ==, payload);
    for (size_t i = 0; i < payload; i++) {
        if (msg->payload[i] != (uint8_t)(id * 31 + i * 7)) {
            g_error("byte %zu of message %u is wrong", i, id);
        }
    }
}

#endif
