/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Framing: any fragmentation, many messages in one receive call, descriptors
 * with the right message, deadlines, two writers that do not lock up.
 */
#include "qemu/osdep.h"
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include "peer.h"

typedef struct Dribble {
    int fd;
    GByteArray *bytes;
} Dribble;

static gpointer dribble(gpointer opaque)
{
    Dribble *d = opaque;

    for (unsigned i = 0; i < d->bytes->len; i++) {
        g_assert_cmpint(write(d->fd, d->bytes->data + i, 1), ==, 1);
        g_usleep(1000);
    }
    return NULL;
}

static void test_byte_by_byte(void)
{
    Peer p = peer_new_ready("plain");
    VfuHeader h = { peer_next_id(&p), VFU_DEVICE_GET_INFO, 32, VFU_TYPE_REPLY, 0 };
    VfuDeviceInfo info = { 16, 3, 9, 5 }, got = { 0 };
    Dribble d = { p.fd, g_byte_array_new() };
    GThread *t;

    g_byte_array_append(d.bytes, (void *)&h, sizeof(h));
    g_byte_array_append(d.bytes, (void *)&info, sizeof(info));
    t = g_thread_new("dribble", dribble, &d);
    g_assert_cmpint(vfu_client_get_info(p.client, &got), ==, 0);
    g_thread_join(t);
    g_assert_cmpmem(&got, sizeof(got), &info, sizeof(info));
    g_byte_array_unref(d.bytes);
    peer_free(&p);
}

typedef struct Endless {
    int fd;
    int stop;                   /* atomic */
} Endless;

/* A byte each millisecond, as long as somebody takes them. */
static gpointer dribble_on(gpointer opaque)
{
    Endless *e = opaque;

    while (!g_atomic_int_get(&e->stop)) {
        send(e->fd, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
        g_usleep(1000);
    }
    return NULL;
}

/* A message that never ends must not outlive the deadline by its dribbling. */
static void test_deadline_of_pieces(void)
{
    Peer p = peer_new_ready("plain");
    VfuHeader h = { peer_next_id(&p), VFU_DEVICE_GET_INFO, 1000000, VFU_TYPE_REPLY, 0 };
    Endless e = { p.fd };
    int64_t start = g_get_monotonic_time();
    VfuDeviceInfo info;
    GThread *t;

    g_assert_cmpint(write(p.fd, &h, sizeof(h)), ==, sizeof(h));
    t = g_thread_new("dribble", dribble_on, &e);
    g_assert_cmpint(vfu_client_get_info(p.client, &info), ==, -ETIMEDOUT);
    g_assert_cmpint(g_get_monotonic_time() - start, >=, 299000);
    g_atomic_int_set(&e.stop, 1);
    g_thread_join(t);
    peer_free(&p);
}

static void submit(Peer *p, VfuCommand command, const void *payload, size_t size)
{
    struct iovec iov = { (void *)payload, size };

    g_assert_cmpint(vfu_client_submit(p->client, command, &iov, 1, NULL, 0, NULL), ==, 0);
}

/* Three replies lie in the socket, the middle one with a descriptor. */
static void test_fds_find_their_message(void)
{
    unsigned before = count_fds();
    Peer p = peer_new_ready("plain");
    uint16_t id = peer_next_id(&p);
    VfuRegionInfo r = { .argsz = 32, .flags = 7, .index = 1, .size = 4096 };
    VfuDeviceInfo info = { 16, 3, 9, 5 };
    int fd = memfd_create("r", MFD_CLOEXEC);

    submit(&p, VFU_DEVICE_GET_INFO, &info, sizeof(info));
    submit(&p, VFU_DEVICE_GET_REGION_INFO, &r, sizeof(r));
    submit(&p, VFU_DEVICE_GET_INFO, &info, sizeof(info));
    peer_send(&p, id, 4, 1, 0, &info, sizeof(info), NULL, 0);
    peer_send(&p, id + 1, 5, 1, 0, &r, sizeof(r), &fd, 1);
    peer_send(&p, id + 2, 4, 1, 0, &info, sizeof(info), NULL, 0);
    close(fd);
    for (unsigned i = 0; i < 3; i++) {
        g_autoptr(VfuClientMessage) m = NULL;

        g_assert_cmpint(vfu_client_poll(p.client, -1, &m), ==, 0);
        g_assert_cmpuint(m->header.id, ==, id + i);
        g_assert_cmpuint(m->nr_fds, ==, i == 1);
    }
    peer_free(&p);
    g_assert_cmpuint(count_fds(), ==, before);
}

/* Descriptors where none belong, also in the middle of a message, are closed. */
static void test_stray_fds_closed(void)
{
    unsigned before = count_fds();
    Peer p = peer_new_ready("plain");
    uint16_t id = peer_next_id(&p);
    VfuDeviceInfo info = { 16, 3, 9, 5 };
    VfuHeader h = { id + 1, 4, 32, 1, 0 };
    int fds[20];

    for (unsigned i = 0; i < 20; i++) {
        fds[i] = eventfd(0, EFD_CLOEXEC);
    }
    peer_send(&p, id, 4, 1, 0, &info, sizeof(info), fds, 20);
    g_assert_cmpint(vfu_client_get_info(p.client, &info), ==, 0);

    /* The first half alone, then, with a descriptor, a "message" whose bytes
     * are the second half. */
    g_assert_cmpint(write(p.fd, &h, 8), ==, 8);
    {
        struct iovec iov[2] = { { (char *)&h + 8, 8 }, { &info, sizeof(info) } };
        union {
            struct cmsghdr align;
            char bytes[CMSG_SPACE(sizeof(int))];
        } control = { 0 };
        struct msghdr msg = {
            .msg_iov = iov, .msg_iovlen = 2,
            .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes),
        };
        struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), fds, sizeof(int));
        g_assert_cmpint(sendmsg(p.fd, &msg, 0), ==, 24);
    }
    g_assert_cmpint(vfu_client_get_info(p.client, &info), ==, 0);
    for (unsigned i = 0; i < 20; i++) {
        close(fds[i]);
    }
    peer_free(&p);
    g_assert_cmpuint(count_fds(), ==, before);
}

static void test_bad_sizes(void)
{
    static const uint32_t sizes[] = { 0, 15, 0x7fffffff, 0xffffffff };

    for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++) {
        Peer p = peer_new_ready("plain");
        VfuHeader h = { peer_next_id(&p), 13, sizes[i], VFU_TYPE_REPLY, 0 };

        g_assert_cmpint(write(p.fd, &h, sizeof(h)), ==, sizeof(h));
        g_assert_cmpint(vfu_client_reset(p.client), ==, -EPROTO);
        g_assert_false(vfu_client_alive(p.client));
        g_assert_cmpint(vfu_client_reset(p.client), ==, -ECONNRESET);
        peer_free(&p);
    }
}

/* The other side writes until it has to wait, and only then reads. */
static gpointer write_then_read(gpointer opaque)
{
    Peer *p = opaque;
    static uint8_t data[16 + 65536], sink[65536];
    VfuRegionAccess ra = { .region = 0, .count = 65536 };

    memcpy(data, &ra, sizeof(ra));
    for (unsigned i = 0; i < 16; i++) {
        peer_send(p, i + 1, VFU_REGION_READ, VFU_TYPE_REPLY, 0, data, sizeof(data), NULL, 0);
    }
    for (size_t left = 16 * 32 + 16 * (32 + 65536); left; ) {
        ssize_t n = read(p->fd, sink, sizeof(sink));
        g_assert_cmpint(n, >, 0);
        left -= n;
    }
    return NULL;
}

static void test_two_writers(void)
{
    Peer p = peer_new_ready("plain");
    static uint8_t big[65536];
    GThread *t;

    for (unsigned i = 0; i < 16; i++) {
        g_assert_cmpint(vfu_client_submit_read(p.client, 0, 0, 65536, NULL), ==, 0);
    }
    t = g_thread_new("peer", write_then_read, &p);
    for (unsigned i = 0; i < 16; i++) {
        g_assert_cmpint(vfu_client_post(p.client, 0, 0, big, sizeof(big)), ==, 0);
    }
    for (unsigned i = 0; i < 16; i++) {
        g_autoptr(VfuClientMessage) m = NULL;
        g_assert_cmpint(vfu_client_poll(p.client, -1, &m), ==, 0);
        g_assert_cmpuint(m->header.id, ==, i + 1);
        g_assert_cmpuint(m->size, ==, 16 + 65536);
    }
    g_thread_join(t);
    peer_free(&p);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vfu-client/frame/byte-by-byte", test_byte_by_byte);
    g_test_add_func("/vfu-client/frame/deadline-of-pieces", test_deadline_of_pieces);
    g_test_add_func("/vfu-client/frame/fds-find-their-message", test_fds_find_their_message);
    g_test_add_func("/vfu-client/frame/stray-fds", test_stray_fds_closed);
    g_test_add_func("/vfu-client/frame/bad-sizes", test_bad_sizes);
    g_test_add_func("/vfu-client/frame/two-writers", test_two_writers);
    return g_test_run();
}
