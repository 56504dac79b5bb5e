/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The isolation domain, and what little a test asks about the process. */
#include "qemu/osdep.h"
#include "hw/remote/isolated-rc.h"
#include "qapi/error.h"
#include "command.h"

/* Without a name: which one is chosen. */
static QtestWhen run_domain(QtestCall *call)
{
    g_autoptr(Error) err = NULL;
    AioContext *ctx;
    PCIBus *bus;

    if (!call->nr) {
        QtestDomain *d = qtest_session_domain(call->session);

        if (d) {
            qtest_reply(call->session, "OK %s", aio_context_name(d->ctx));
        }
        return QTEST_NOW;
    }
    bus = isolated_rc_find_bus(call->words[0], &ctx, &err);
    if (!bus) {
        qtest_reply(call->session, "FAIL %s", error_get_pretty(err));
        return QTEST_NOW;
    }
    qtest_session_choose(call->session, qtest_domain_find(bus));
    qtest_reply(call->session, "OK");
    return QTEST_NOW;
}

static QtestWhen run_endianness(QtestCall *call)
{
    qtest_reply(call->session, "OK little");
    return QTEST_NOW;
}

/* Every device model is built in: whatever is asked for is there, or never will be. */
static QtestWhen run_module_load(QtestCall *call)
{
    qtest_reply(call->session, "OK");
    return QTEST_NOW;
}

const QtestCommand qtest_other_commands[] = {
    { "domain", 0, 1, run_domain },
    { "endianness", 0, 0, run_endianness },
    { "module_load", 2, 2, run_module_load },
    { NULL }
};
