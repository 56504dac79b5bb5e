/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qtest sessions over memory channels: lines in any pieces, rest before the
 * answer, lines of devices, clients that do not read. What a test program sees
 * from outside is in tests/cli/test_qtest.py.
 */
#include "qemu/osdep.h"
#include "hw/boards.h"
#include "hw/irq.h"
#include "hw/pci/pci_device.h"
#include "monitor/qdev.h"
#include "qapi/error.h"
#include "qemu/fault-inject.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "qemu/timer.h"
#include "softmmu/qtest/domain.h"
#include "softmmu/qtest/irq.h"
#include "softmmu/qtest/session.h"
#include "softmmu/qtest/settle.h"
#include "sysemu/qtest.h"
#include "tests/unit/json.h"

#define BAR "0xe0000000"

/* --- a device that is never done at once --- */

#define TYPE_CHAIN "test-chain"
OBJECT_DECLARE_SIMPLE_TYPE(Chain, CHAIN)

enum {
    REG_CHAIN = 0,              /* w: so many bottom halves, one after the other */
    REG_DONE = 4,               /* r: those that have run */
    REG_NOW = 8,                /* w: a timer that is due now, and again, so often */
    REG_NOTIFY = 12,            /* w: by an event notifier */
    REG_OUT = 16,               /* w: output lines, a bit each */
};

struct Chain {
    PCIDevice parent_obj;

    MemoryRegion bar;
    QEMUBH *bh;
    QEMUTimer *timer;
    EventNotifier notifier;
    unsigned left, again, done;
    qemu_irq out[3];
    int in[4], named[2];
};

static void link_done(void *opaque)
{
    Chain *s = opaque;

    s->done++;
    if (--s->left) {
        qemu_bh_schedule(s->bh);
    }
}

static void due(void *opaque)
{
    Chain *s = opaque;

    s->done++;
    if (--s->again) {
        timer_mod(s->timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL));
    } else {
        s->left = 3;
        qemu_bh_schedule(s->bh);
    }
}

static void notified(EventNotifier *e)
{
    Chain *s = container_of(e, Chain, notifier);

    event_notifier_test_and_clear(e);
    s->done += 100;
}

static uint64_t bar_read(void *opaque, hwaddr addr, unsigned size)
{
    return addr == REG_DONE ? ((Chain *)opaque)->done : 0;
}

static void bar_write(void *opaque, hwaddr addr, uint64_t val, unsigned size)
{
    Chain *s = opaque;

    if (addr == REG_CHAIN) {
        s->left = val;
        qemu_bh_schedule(s->bh);
    } else if (addr == REG_NOW) {
        s->again = val;
        timer_mod(s->timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL));
    } else if (addr == REG_NOTIFY) {
        event_notifier_set(&s->notifier);
    } else if (addr == REG_OUT) {
        for (unsigned i = 0; i < 3; i++) {
            qemu_set_irq(s->out[i], val >> i & 1);
        }
    }
}

static const MemoryRegionOps bar_ops = {
    .read = bar_read, .write = bar_write, .endianness = DEVICE_LITTLE_ENDIAN,
};

static void set_in(void *opaque, int n, int level)
{
    CHAIN(opaque)->in[n] = level;
}

static void set_named(void *opaque, int n, int level)
{
    CHAIN(opaque)->named[n] = level;
}

static void chain_realize(PCIDevice *pci, Error **errp)
{
    Chain *s = CHAIN(pci);

    memory_region_init_io(&s->bar, OBJECT(s), &bar_ops, s, "chain", 4096);
    pci_register_bar(pci, 0, PCI_BASE_ADDRESS_SPACE_MEMORY, &s->bar);
    s->bh = qemu_bh_new(link_done, s);
    s->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, due, s);
    event_notifier_init(&s->notifier, 0);
    aio_set_event_notifier(qdev_get_aio_context(DEVICE(pci)), &s->notifier, notified, NULL, NULL);
}

static void chain_exit(PCIDevice *pci)
{
    Chain *s = CHAIN(pci);

    aio_set_event_notifier(qdev_get_aio_context(DEVICE(pci)), &s->notifier, NULL, NULL, NULL);
    event_notifier_cleanup(&s->notifier);
    timer_free(s->timer);
    qemu_bh_delete(s->bh);
}

static void chain_init(Object *obj)
{
    DeviceState *dev = DEVICE(obj);

    qdev_init_gpio_in(dev, set_in, 4);
    qdev_init_gpio_in_named(dev, set_named, "knock", 2);
    qdev_init_gpio_out_named(dev, CHAIN(obj)->out, "ring", 3);
}

static void chain_class_init(ObjectClass *klass, void *data)
{
    PCIDeviceClass *k = PCI_DEVICE_CLASS(klass);

    k->realize = chain_realize;
    k->exit = chain_exit;
    k->vendor_id = 0x1234;
    k->device_id = 0x7777;
}

static const TypeInfo chain_info = {
    .name = TYPE_CHAIN,
    .parent = TYPE_PCI_DEVICE,
    .instance_size = sizeof(Chain),
    .instance_init = chain_init,
    .class_init = chain_class_init,
    .interfaces = (InterfaceInfo[]) { { INTERFACE_CONVENTIONAL_PCI_DEVICE }, { } },
};

static void chain_register(void)
{
    type_register_static(&chain_info);
}
type_init(chain_register)

/* --- a device that is no PCI function --- */

#define TYPE_BOX "test-box"
OBJECT_DECLARE_SIMPLE_TYPE(Box, BOX)

struct Box {
    DeviceState parent_obj;
    int level[2];
};

static void box_set(void *opaque, int n, int level)
{
    BOX(opaque)->level[n] = level;
}

static void box_init(Object *obj)
{
    qdev_init_gpio_in(DEVICE(obj), box_set, 2);
}

static const TypeInfo box_info = {
    .name = TYPE_BOX,
    .parent = TYPE_DEVICE,
    .instance_size = sizeof(Box),
    .instance_init = box_init,
};

static void box_register(void)
{
    type_register_static(&box_info);
}
type_init(box_register)

/* --- the client --- */

typedef struct Client {
    IOChannel *ch;
    QtestSession *session;
    GString *got;
    DeviceState *dev;
} Client;

static Client *current;

static void events_ready(void *opaque)
{
    if (current && current->session) {
        qtest_session_events(current->session);
    }
}

static void closed(QtestSession *s, void *opaque)
{
    Client *c = opaque;

    g_assert_true(c->session == s);
    c->session = NULL;
    qtest_session_free(s);
}

static void take(Client *c)
{
    char buf[4096];
    ssize_t n;

    while ((n = io_channel_read(c->ch, buf, sizeof(buf))) > 0) {
        g_string_append_len(c->got, buf, n);
    }
}

static void open_client(Client *c, size_t capacity)
{
    g_autoptr(JsonObject) opts = json_of("{\"driver\": \"%s\", \"id\": \"c0\"}", TYPE_CHAIN);
    IOChannel *end[2];

    io_channel_memory_pair(capacity, end);
    *c = (Client) { .ch = end[0], .got = g_string_new(NULL) };
    c->dev = qdev_device_add_from_json(opts, &error_abort);
    object_unref(OBJECT(c->dev));
    current = c;
    c->session = qtest_session_new(end[1], closed, c);
}

static void close_client(Client *c)
{
    current = NULL;
    if (c->session) {
        qtest_session_free(c->session);
    }
    io_channel_free(c->ch);
    g_string_free(c->got, TRUE);
    qdev_device_del("c0", &error_abort);
    while (aio_poll(aio_context_main(), false)) {
    }
    g_assert_null(qtest_domain_first());
}

static void put(Client *c, const char *text, size_t len)
{
    while (len) {
        ssize_t n = io_channel_write(c->ch, text, len);

        if (n > 0) {
            text += n;
            len -= n;
        } else if (!c->session) {
            return;
        } else {
            aio_poll(aio_context_main(), false);
        }
    }
}

static unsigned lines(const GString *text)
{
    unsigned n = 0;

    for (size_t i = 0; i < text->len; i++) {
        n += text->str[i] == '\n';
    }
    return n;
}

/* Runs until so many lines have come. */
static void wait_lines(Client *c, unsigned n)
{
    while (take(c), lines(c->got) < n) {
        g_assert_nonnull(c->session);
        aio_poll(aio_context_main(), true);
    }
}

/* What the server says to these lines; valid until the next call. */
static const char *say(Client *c, const char *text, unsigned answers)
{
    g_string_truncate(c->got, 0);
    put(c, text, strlen(text));
    wait_lines(c, answers);
    return c->got->str;
}

static void place(Client *c)
{
    g_assert_cmpstr(say(c, "outl 0xcf8 0x80000010\noutl 0xcfc " BAR "\n"
                        "outl 0xcf8 0x80000004\noutw 0xcfc 7\n", 4), ==, "OK\nOK\nOK\nOK\n");
}

/* --- lines --- */

static void test_pieces(void)
{
    static const char text[] = "endianness\nreadb 0x10\r\nnonsense\nwriteb 0x10 1\nreadb 16\n";
    static const char want[] = "OK little\nOK 0x0000000000000000\nFAIL Unknown command 'nonsense'"
                               "\nOK\nOK 0x0000000000000001\n";

    for (size_t piece = 1; piece < sizeof(text); piece++) {
        Client c;

        open_client(&c, 65536);
        for (size_t at = 0; at < sizeof(text) - 1; at += piece) {
            put(&c, text + at, MIN(piece, sizeof(text) - 1 - at));
            aio_poll(aio_context_main(), false);
        }
        wait_lines(&c, 5);
        g_assert_cmpstr(c.got->str, ==, want);
        close_client(&c);
    }
}

static void test_one_answer_each(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    Client c;

    open_client(&c, 512);
    for (unsigned i = 0; i < 3000; i++) {
        g_string_append(text, i % 3 ? "readb 0\n" : "nonsense\n");
    }
    put(&c, text->str, text->len / 2);
    take(&c);
    for (size_t at = text->len / 2; at < text->len; at += 100) {
        put(&c, text->str + at, MIN(100, text->len - at));
        take(&c);
    }
    wait_lines(&c, 3000);
    for (unsigned i = 0; i < 100; i++) {
        aio_poll(aio_context_main(), false);
    }
    take(&c);
    g_assert_cmpuint(lines(c.got), ==, 3000);
    close_client(&c);
}

/* --- rest --- */

static void test_rest(void)
{
    Client c;

    open_client(&c, 65536);
    place(&c);
    g_assert_cmpstr(say(&c, "writel " BAR " 1\nreadl 0xe0000004\n", 2), ==,
                    "OK\nOK 0x0000000000000001\n");
    g_assert_cmpstr(say(&c, "writel " BAR " 50\nreadl 0xe0000004\n", 2), ==,
                    "OK\nOK 0x0000000000000033\n");
    /* a notifier, and timers that are due although the clock stands */
    g_assert_cmpstr(say(&c, "writel 0xe000000c 1\nreadl 0xe0000004\n", 2), ==,
                    "OK\nOK 0x0000000000000097\n");
    g_assert_cmpstr(say(&c, "writel 0xe0000008 5\nreadl 0xe0000004\n", 2), ==,
                    "OK\nOK 0x000000000000009f\n");
    close_client(&c);
}

/* A domain that never rests does not keep its test waiting for ever, nor another one's. */
static void test_no_rest(void)
{
    Client c;

    open_client(&c, 65536);
    place(&c);
    g_assert_cmpstr(say(&c, "writel " BAR " 0xffffffff\n", 1), ==, "OK\n");
    g_assert_cmpstr(say(&c, "writel 0xe0000008 0xffffffff\n", 1), ==, "OK\n");
    g_assert_cmpstr(say(&c, "clock_step 10\n", 1), ==, "OK 10\n");
    g_assert_true(g_str_has_prefix(say(&c, "readl 0xe0000004\n", 1), "OK 0x"));
    close_client(&c);
}

/* --- lines of devices --- */

static void test_set_irq_in(void)
{
    Client c;
    Chain *s;

    open_client(&c, 65536);
    s = CHAIN(c.dev);
    g_assert_cmpstr(say(&c, "set_irq_in c0 unnamed-gpio-in 3 1\nset_irq_in c0 knock 1 7\n"
                        "set_irq_in c0 knock 2 1\nset_irq_in c0 ring 0 1\n", 4), ==,
                    "OK\nOK\nFAIL it has no such line\nFAIL it has no such line\n");
    WITH_AIO_CONTEXT_GUARD(qdev_get_aio_context(c.dev)) {
        g_assert_cmpint(s->in[3], ==, 1);
        g_assert_cmpint(s->named[1], ==, 7);
        g_assert_cmpint(s->in[0] + s->in[1] + s->in[2] + s->named[0], ==, 0);
    }
    close_client(&c);
}

static void test_outputs(void)
{
    Client c;

    open_client(&c, 65536);
    place(&c);
    g_assert_cmpstr(say(&c, "irq_intercept_out c0 nothing\n", 1), ==, "FAIL it has no such lines"
                    " (functions have one with -accel qtest and while no server has them)\n");
    g_assert_cmpstr(say(&c, "irq_intercept_out c0 ring\n", 1), ==, "OK\n");
    g_assert_cmpstr(say(&c, "writel 0xe0000010 5\n", 4), ==,
                    "IRQ raise 0\nIRQ lower 1\nIRQ raise 2\nOK\n");
    g_assert_cmpstr(say(&c, "irq_intercept_in c0\n", 1), ==, "OK\n");
    close_client(&c);
}

/* Of a device that is no function: they are told, and go on to the device. */
static void test_inputs(void)
{
    DeviceState *box = qdev_new(TYPE_BOX);
    Client c;

    qdev_set_id(box, g_strdup("box"), &error_abort);
    qdev_realize_and_unref(box, NULL, &error_abort);
    open_client(&c, 65536);
    g_assert_cmpstr(say(&c, "irq_intercept_in box\n", 1), ==, "OK\n");
    g_assert_cmpstr(say(&c, "set_irq_in box unnamed-gpio-in 1 1\n", 2), ==,
                    "IRQ raise 1\nOK\n");
    g_assert_cmpint(BOX(box)->level[1], ==, 1);
    g_assert_cmpstr(say(&c, "irq_intercept_in c0\n", 1), ==,
                    "FAIL IRQ intercept already enabled\n");
    g_assert_cmpstr(say(&c, "set_irq_in box unnamed-gpio-in 1 0\n", 2), ==,
                    "IRQ lower 1\nOK\n");
    g_assert_cmpint(BOX(box)->level[1], ==, 0);
    /* what is gone cannot be listened to any more */
    object_unparent(OBJECT(box));
    g_assert_cmpstr(say(&c, "irq_intercept_in c0\n", 1), ==, "OK\n");
    close_client(&c);
}

/* --- a client that does not read --- */

static void test_irqs_unread(void)
{
    Client c;

    open_client(&c, 64);
    for (unsigned i = 0; i < 100 * 1000; i++) {
        qtest_irq_event(i & 3, i & 1);
    }
    while (c.session) {
        aio_poll(aio_context_main(), true);
    }
    close_client(&c);
}

static void test_answers_unread(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    Client c;
    size_t sent = 0;
    unsigned n = 0;

    open_client(&c, 65536);
    for (unsigned i = 0; i < 50000; i++) {
        g_string_append(text, "read 0 4096\n");
    }
    /* it stops to look at commands, so the channel fills up */
    for (unsigned i = 0; i < 2000; i++) {
        ssize_t put_now = io_channel_write(c.ch, text->str + sent, text->len - sent);

        sent += MAX(put_now, 0);
        aio_poll(aio_context_main(), false);
    }
    g_assert_cmpuint(sent, <, text->len);
    /* and goes on where it was when it is read from */
    while (n < sent / 12) {
        take(&c);
        n += lines(c.got);
        g_string_truncate(c.got, 0);
        aio_poll(aio_context_main(), false);
    }
    g_assert_nonnull(c.session);
    close_client(&c);
}

static void test_long_line(void)
{
    g_autofree char *text = g_strnfill(1 << 20, 'x');
    Client c;

    open_client(&c, 65536);
    for (unsigned i = 0; i < QTEST_LINE_MAX >> 20; i++) {
        put(&c, text, 1 << 20);
        g_assert_nonnull(c.session);
    }
    put(&c, text, 1 << 20);
    while (c.session) {
        aio_poll(aio_context_main(), true);
    }
    take(&c);
    g_assert_true(g_str_has_prefix(c.got->str, "FAIL a line has at most "));
    close_client(&c);
}

/* The host has no memory to give: said, and the domain goes without. */
static void test_no_ram(void)
{
    static const FaultPoint points[] = { FAULT_OPEN, FAULT_MMAP };

    for (unsigned i = 0; i < ARRAY_SIZE(points); i++) {
        /* RAM, then the page of messages */
        for (unsigned nth = 1; nth <= 3; nth++) {
            Client c;

            fault_inject_arm(points[i], nth, false);
            open_client(&c, 65536);
            fault_inject_disarm();
            g_assert_cmpint(qtest_domain_first()->has_ram, ==, nth == 3);
            g_assert_cmpstr(say(&c, "writeb 16 1\nreadb 16\n", 2), ==, nth == 3 ?
                            "OK\nOK 0x0000000000000001\n" : "OK\nOK 0x0000000000000000\n");
            place(&c);
            close_client(&c);
        }
    }
}

/* Ends while a command is being worked on. */
static void test_end_in_the_middle(void)
{
    static const char *const commands[] = {
        "readb 0\n", "writel " BAR " 0xffffffff\n", "clock_step 100\n", "clock_step 1",
        "read 0 0x1000000\n",
    };

    for (unsigned i = 0; i < ARRAY_SIZE(commands); i++) {
        for (unsigned turns = 0; turns < 6; turns++) {
            Client c;

            open_client(&c, 65536);
            place(&c);
            put(&c, commands[i], strlen(commands[i]));
            for (unsigned t = 0; t < turns; t++) {
                aio_poll(aio_context_main(), false);
            }
            close_client(&c);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    qemu_init_main_loop(&error_fatal);
    current_machine = MACHINE(object_new("x-remote-machine"));
    machine_run_board_init(current_machine);
    qtest_allowed = true;
    qemu_clock_set_by_hand();
    qtest_settle_init();
    qtest_irq_init(events_ready, NULL);
    qtest_domains_init(16 * 1024 * 1024, &error_fatal);

    g_test_add_func("/qtest/pieces", test_pieces);
    g_test_add_func("/qtest/one-answer-each", test_one_answer_each);
    g_test_add_func("/qtest/rest", test_rest);
    g_test_add_func("/qtest/no-rest", test_no_rest);
    g_test_add_func("/qtest/set-irq-in", test_set_irq_in);
    g_test_add_func("/qtest/inputs", test_inputs);
    g_test_add_func("/qtest/irqs-unread", test_irqs_unread);
    g_test_add_func("/qtest/answers-unread", test_answers_unread);
    g_test_add_func("/qtest/long-line", test_long_line);
    g_test_add_func("/qtest/no-ram", test_no_ram);
    g_test_add_func("/qtest/end-in-the-middle", test_end_in_the_middle);
    g_test_add_func("/qtest/outputs", test_outputs);
    return g_test_run();
}
