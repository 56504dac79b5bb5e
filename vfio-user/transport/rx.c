/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Receiving.
 *
 * Bytes [head, tail) of the buffer are received and not taken. Messages are
 * handed out by pointer; the buffer is only moved or reused when no message
 * points into it, else the unfinished rest moves to a new one. So a sender of
 * small messages costs one system call for each buffer full of them, and no
 * copy.
 *
 * Which message do file descriptors belong to? The kernel delivers them with
 * the bytes they were sent with and ends a read there, but may put bytes of
 * earlier, plain sends in front. The protocol attaches them to a message's
 * first byte. So they belong to a message that begins in this read: the last
 * one that has a use for them, or else the last one. When none begins here,
 * they came with a later byte of a message and are closed.
 */
#include "qemu/osdep.h"
#include "vfio-user/commands.h"
#include "vfio-user/transport.h"
#include "rx-buffer.h"
#include "control.h"

#define BUFFER_SIZE (64 * 1024)
/* Less room than this at the end is not worth a receive call. */
#define ROOM_MIN 4096

void vfu_rx_init(VfuRx *rx, uint32_t message_max)
{
    *rx = (VfuRx) { .message_max = message_max };
}

void vfu_rx_destroy(VfuRx *rx)
{
    while (rx->nr_slots) {
        vfu_fds_close(&rx->slots[--rx->nr_slots]);
    }
    vfu_rx_buffer_unref(g_steal_pointer(&rx->buffer));
    rx->head = rx->tail = 0;
}

bool vfu_rx_partial(const VfuRx *rx)
{
    return rx->tail > rx->head;
}

bool vfu_rx_ready(const VfuRx *rx)
{
    VfuHeader header;

    if (rx->tail - rx->head < sizeof(header)) {
        return false;
    }
    memcpy(&header, rx->buffer->data + rx->head, sizeof(header));
    return header.size <= rx->tail - rx->head || header.size > rx->message_max;
}

/* Whole size of the message at head as far as it is known, at least a header. */
static size_t wanted(const VfuRx *rx)
{
    VfuHeader header;

    if (rx->tail - rx->head < sizeof(header)) {
        return sizeof(header);
    }
    memcpy(&header, rx->buffer->data + rx->head, sizeof(header));
    return CLAMP(header.size, sizeof(header), rx->message_max);
}

static void move_rest(VfuRx *rx, size_t size)
{
    VfuRxBuffer *fresh = vfu_rx_buffer_new(size);
    size_t rest = rx->tail - rx->head;

    if (rest) {
        memcpy(fresh->data, rx->buffer->data + rx->head, rest);
    }
    vfu_rx_buffer_unref(rx->buffer);
    rx->buffer = fresh;
    rx->head = 0;
    rx->tail = rest;
}

/* Room behind tail for the rest of the message at head, or for new ones. */
static void make_room(VfuRx *rx)
{
    size_t need = wanted(rx);
    size_t rest = rx->tail - rx->head;
    VfuRxBuffer *buffer = rx->buffer;

    /* A buffer that grew for big messages is given back when they have passed. */
    if (!buffer || buffer->size < need ||
        (rest == 0 && buffer->size > BUFFER_SIZE && !rx->big)) {
        move_rest(rx, MAX(need, (size_t)BUFFER_SIZE));
        return;
    }
    if (rest == 0 && buffer->refs == 1) {
        rx->head = rx->tail = 0;
        return;
    }
    if (buffer->size - rx->head >= need &&
        (need > BUFFER_SIZE || buffer->size - rx->tail >= ROOM_MIN)) {
        return;
    }
    if (buffer->refs > 1) {
        move_rest(rx, MAX(need, (size_t)BUFFER_SIZE));
        return;
    }
    memmove(buffer->data, buffer->data + rx->head, rest);
    rx->head = 0;
    rx->tail = rest;
}

/*
 * Buffer offset of the message that fds of a read from `start` on belong to,
 * or SIZE_MAX.
 */
static size_t find_owner(const VfuRx *rx, size_t start)
{
    size_t owner = SIZE_MAX, p = rx->head;
    bool useful = false;

    while (p < rx->tail) {
        VfuHeader header;
        bool takes;

        if (rx->tail - p < sizeof(header)) {
            return p >= start ? p : owner;
        }
        memcpy(&header, rx->buffer->data + p, sizeof(header));
        takes = vfu_command_takes_fds(&header);
        if (p >= start && (takes || !useful)) {
            owner = p;
            useful = takes;
        }
        if (header.size < sizeof(header) || header.size > rx->tail - p) {
            break;
        }
        p += header.size;
    }
    return owner;
}

static void assign_fds(VfuRx *rx, VfuRxFds *got, size_t start)
{
    size_t owner = find_owner(rx, start);

    if (owner == SIZE_MAX || rx->nr_slots == ARRAY_SIZE(rx->slots)) {
        vfu_fds_close(got);
        return;
    }
    got->position = rx->position + (owner - rx->head);
    rx->slots[rx->nr_slots++] = *got;
}

ssize_t vfu_rx_fill(VfuRx *rx, VfuSocket *socket)
{
    VfuRxFds got = { 0 };
    struct iovec iov;
    size_t start;
    ssize_t n;

    make_room(rx);
    iov.iov_base = rx->buffer->data + rx->tail;
    iov.iov_len = rx->buffer->size - rx->tail;
    n = vfu_socket_receive(socket, &iov, &got);
    if (n <= 0) {
        vfu_fds_close(&got);
        return n;
    }
    start = rx->tail;
    rx->tail += n;
    if (got.nr_fds) {
        assign_fds(rx, &got, start);
    }
    return n;
}

static void take_fds(VfuRx *rx, VfuMessage *msg)
{
    msg->nr_fds = msg->kept_fds = 0;
    if (!rx->nr_slots || rx->slots[0].position != rx->position) {
        return;
    }
    msg->nr_fds = rx->slots[0].nr_fds;
    msg->kept_fds = rx->slots[0].kept_fds;
    memcpy(msg->fds, rx->slots[0].fds, sizeof(msg->fds));
    rx->slots[0] = rx->slots[1];
    rx->nr_slots--;
}

int vfu_rx_next(VfuRx *rx, VfuMessage *msg)
{
    size_t have = rx->tail - rx->head;
    const uint8_t *start;

    if (have < sizeof(VfuHeader)) {
        return 0;
    }
    start = rx->buffer->data + rx->head;
    memcpy(&msg->header, start, sizeof(VfuHeader));
    if (msg->header.size < sizeof(VfuHeader) || msg->header.size > rx->message_max) {
        return -EPROTO;
    }
    if (have < msg->header.size) {
        return 0;
    }
    msg->payload = start + sizeof(VfuHeader);
    msg->len = msg->header.size - sizeof(VfuHeader);
    msg->buffer = rx->buffer;
    msg->buffer->refs++;
    take_fds(rx, msg);
    rx->head += msg->header.size;
    rx->big = msg->header.size > BUFFER_SIZE;
    rx->position += msg->header.size;
    return 1;
}

void vfu_message_close_fds(VfuMessage *msg)
{
    while (msg->kept_fds) {
        int fd = msg->fds[--msg->kept_fds];

        if (fd >= 0) {
            close(fd);
        }
    }
}

void vfu_message_release(VfuMessage *msg)
{
    vfu_message_close_fds(msg);
    vfu_rx_buffer_unref(g_steal_pointer(&msg->buffer));
}

void vfu_message_detach(VfuMessage *msg)
{
    VfuRxBuffer *own = vfu_rx_buffer_new(msg->len);

    memcpy(own->data, msg->payload, msg->len);
    msg->payload = own->data;
    vfu_rx_buffer_unref(msg->buffer);
    msg->buffer = own;
}

int vfu_message_steal_fd(VfuMessage *msg, unsigned i)
{
    return i < msg->kept_fds ? g_steal_fd(&msg->fds[i]) : -1;
}
