/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Run states, and the order and the domain in which handlers hear of changes.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "qemu/main-loop.h"
#include "qapi/error.h"
#include "qemu/timer.h"
#include "sysemu/runstate.h"
#include "rig.h"

static AioContext *dom;

typedef struct Listener {
    const char *name;
    AioContext *ctx;
    VMChangeStateEntry *entry;
    VMChangeStateEntry **kill;
} Listener;

static void changed(void *opaque, bool running, RunState state)
{
    Listener *l = opaque;

    g_string_append_printf(rig_log, "%s%s ", running ? "+" : "-", l->name);
    g_assert_true(qemu_get_current_aio_context() == l->ctx);
    if (l->kill) {
        qemu_del_vm_change_state_handler(*l->kill);
        l->kill = NULL;
    }
}

static void test_states(void)
{
    g_assert_true(runstate_check(RUN_STATE_PRELAUNCH));
    g_assert_false(runstate_is_running());
    vm_start();
    g_assert_true(runstate_is_running());
    g_assert_cmpint(vm_stop(RUN_STATE_PAUSED), ==, 0);
    g_assert_cmpint(runstate_get(), ==, RUN_STATE_PAUSED);
    runstate_set(RUN_STATE_SHUTDOWN);
    g_assert_true(runstate_needs_reset());
    runstate_set(RUN_STATE_PAUSED);
}

static void test_order(void)
{
    AioContext *main_ctx = aio_context_main();
    Listener late = { "late", main_ctx }, early = { "early", main_ctx };
    Listener inside = { "inside", dom };

    late.entry = qemu_add_vm_change_state_handler_prio(changed, &late, 10);
    early.entry = qemu_add_vm_change_state_handler(changed, &early);
    WITH_AIO_CONTEXT_GUARD(dom) {
        inside.entry = qemu_add_vm_change_state_handler_prio(changed, &inside, 5);
    }
    vm_start();
    vm_start();
    rig_expect("+early +inside +late ");
    vm_stop(RUN_STATE_PAUSED);
    vm_stop(RUN_STATE_PAUSED);
    rig_expect("-late -inside -early ");
    qemu_runstate_forget_domain(dom);
    qemu_del_vm_change_state_handler(early.entry);
    vm_start();
    rig_expect("+late ");
    qemu_del_vm_change_state_handler(late.entry);
    vm_stop(RUN_STATE_PAUSED);
    rig_expect("");
}

static void test_delete_inside(void)
{
    Listener a = { "a", aio_context_main() }, b = { "b", aio_context_main() };

    a.entry = qemu_add_vm_change_state_handler(changed, &a);
    b.entry = qemu_add_vm_change_state_handler(changed, &b);
    a.kill = &b.entry;
    vm_start();
    rig_expect("+a ");
    a.kill = &a.entry;
    vm_stop(RUN_STATE_PAUSED);
    rig_expect("-a ");
    vm_start();
    rig_expect("");
    vm_stop(RUN_STATE_PAUSED);
}

static void test_depth(void)
{
    RigDev *p = rig_new("p"), *k = rig_new("k");
    Listener lp = { "p", aio_context_main() }, lk = { "k", aio_context_main() };

    object_property_set_bool(OBJECT(p), "with-bus", true, &error_abort);
    qdev_realize(DEVICE(p), rig_root, &error_abort);
    qdev_realize(DEVICE(k), BUS(&p->inner), &error_abort);
    g_string_truncate(rig_log, 0);
    lk.entry = qdev_add_vm_change_state_handler(DEVICE(k), changed, &lk);
    lp.entry = qdev_add_vm_change_state_handler(DEVICE(p), changed, &lp);
    vm_start();
    rig_expect("+p +k ");
    vm_stop(RUN_STATE_PAUSED);
    rig_expect("-k -p ");
    qemu_del_vm_change_state_handler(lk.entry);
    qemu_del_vm_change_state_handler(lp.entry);
    object_unparent(OBJECT(p));
    object_unref(k);
    object_unref(p);
    g_string_truncate(rig_log, 0);
}

static void test_clock(void)
{
    int64_t stopped, later;

    vm_start();
    vm_stop(RUN_STATE_PAUSED);
    stopped = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
    g_usleep(2000);
    g_assert_cmpint(qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL), ==, stopped);
    vm_start();
    g_usleep(2000);
    later = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
    g_assert_cmpint(later - stopped, >=, 2000000);
    vm_stop(RUN_STATE_PAUSED);
}

/* An error of one domain: the others hear nothing of it. */
static void test_hold(void)
{
    Listener outside = { "outside", aio_context_main() }, inside = { "inside", dom };

    outside.entry = qemu_add_vm_change_state_handler(changed, &outside);
    WITH_AIO_CONTEXT_GUARD(dom) {
        inside.entry = qemu_add_vm_change_state_handler(changed, &inside);
    }
    vm_hold_domain(dom, RUN_STATE_IO_ERROR);
    rig_expect("");             /* nothing runs: there is nothing to stop */
    g_assert_cmpint(vm_domain_state(dom), ==, RUN_STATE_PAUSED);
    vm_start();
    rig_expect("+outside +inside ");
    vm_hold_domain(dom, RUN_STATE_IO_ERROR);
    vm_hold_domain(dom, RUN_STATE_IO_ERROR);
    rig_expect("-inside ");
    g_assert_true(runstate_is_running());
    g_assert_cmpint(vm_domain_state(dom), ==, RUN_STATE_IO_ERROR);
    WITH_AIO_CONTEXT_GUARD(dom) {
        g_assert_true(runstate_check(RUN_STATE_IO_ERROR));      /* what its devices see */
    }
    g_assert_cmpint(vm_domain_state(aio_context_main()), ==, RUN_STATE_RUNNING);
    vm_start();
    rig_expect("+inside ");
    g_assert_cmpint(vm_domain_state(dom), ==, RUN_STATE_RUNNING);
    g_assert_false(vm_resume_domains());

    /* stopped with the rest: starts with the rest, and once */
    vm_hold_domain(dom, RUN_STATE_IO_ERROR);
    vm_stop(RUN_STATE_PAUSED);
    rig_expect("-inside -inside -outside ");
    g_assert_cmpint(vm_domain_state(dom), ==, RUN_STATE_PAUSED);
    vm_start();
    rig_expect("+outside +inside ");
    g_assert_cmpint(vm_domain_state(dom), ==, RUN_STATE_RUNNING);

    /* one that ends takes it along */
    vm_hold_domain(dom, RUN_STATE_IO_ERROR);
    rig_expect("-inside ");
    qemu_runstate_forget_domain(dom);
    g_assert_false(vm_resume_domains());
    qemu_del_vm_change_state_handler(outside.entry);
    vm_stop(RUN_STATE_PAUSED);
    rig_expect("");
}

int main(int argc, char **argv)
{
    int ret;

    g_test_init(&argc, &argv, NULL);
    rig_init();
    dom = aio_context_new_named("dom", &error_abort);
    g_test_add_func("/runstate/states", test_states);
    g_test_add_func("/runstate/order", test_order);
    g_test_add_func("/runstate/delete-inside", test_delete_inside);
    g_test_add_func("/runstate/depth", test_depth);
    g_test_add_func("/runstate/clock", test_clock);
    g_test_add_func("/runstate/hold", test_hold);
    ret = g_test_run();
    aio_context_unref(dom);
    rig_fini();
    return ret;
}
