/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers of QMP as the text that a user sees. */
#include "qemu/osdep.h"
#include "monitor/hmp.h"
#include "qapi/json.h"
#include "qapi/qmp-registry.h"
#include "qemu/module.h"
#include "paper.h"

static JsonNode *json(const char *text)
{
    return qapi_json_parse(text, strlen(text), &error_abort);
}

static void test_renderers(void)
{
    static const struct {
        HmpRender *render;
        const char *json;
        const char *text;
    } rows[] = {
        { hmp_show_version,
          "{\"qemu\":{\"major\":8,\"minor\":2,\"micro\":0},\"package\":\"p\"}", "8.2.0 (p)\n" },
        { hmp_show_status, "{\"running\":true,\"status\":\"running\"}", "VM status: running\n" },
        { hmp_show_status, "{\"running\":false,\"status\":\"paused\"}", "VM status: paused\n" },
        { hmp_show_name, "{\"name\":\"n\"}", "n\n" },
        { hmp_show_text, "{\"human-readable-text\":\"100%s\\n\"}", "100%s\n" },
        { hmp_show_json, "\"x\"", "\"x\"\n" },
        { hmp_show_json, "18446744073709551615", "18446744073709551615\n" },
        { hmp_show_chardevs, "[{\"label\":\"c\",\"filename\":\"unix:/x\"},"
                             "{\"label\":\"d\",\"filename\":\"null\"}]",
          "c: filename=unix:/x\nd: filename=null\n" },
        { hmp_show_trace_events, "[{\"name\":\"a\",\"state\":\"enabled\"},"
                                 "{\"name\":\"b\",\"state\":\"disabled\"}]",
          "a : state 1\nb : state 0\n" },
        { hmp_show_address_spaces, "[{\"name\":\"a/mem\",\"domain\":\"a\",\"type\":\"memory\","
                                   "\"ranges\":2,\"faults\":3}]",
          "a/mem: memory of domain a, 2 ranges, 3 faults\n" },
        { hmp_show_pci, "[]", "" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        Paper p = PAPER_INIT;
        g_autoptr(JsonNode) answer = json(rows[i].json);

        rows[i].render(&p.mon, answer);
        g_assert_cmpstr(p.text->str, ==, rows[i].text);
        g_string_free(p.text, TRUE);
    }
}

/* A bridge whose registers are set, and a function with all kinds of BARs behind it. */
static void test_pci(void)
{
    static const char answer[] =
        "[{\"bus\":0,\"domain\":\"vmA\",\"devices\":[{\"bus\":0,\"slot\":1,\"function\":0,"
        "\"class_info\":{\"class\":1540,\"desc\":\"PCI bridge\"},"
        "\"id\":{\"device\":12,\"vendor\":6966},\"irq_pin\":0,\"qdev_id\":\"rp\",\"regions\":[],"
        "\"pci_bridge\":{\"bus\":{\"number\":0,\"secondary\":1,\"subordinate\":2,"
        "\"io_range\":{\"base\":4096,\"limit\":8191},"
        "\"memory_range\":{\"base\":4261412864,\"limit\":4262461439},"
        "\"prefetchable_range\":{\"base\":68719476736,\"limit\":68720525311}},"
        "\"devices\":[{\"bus\":1,\"slot\":0,\"function\":2,\"class_info\":{\"class\":255},"
        "\"id\":{\"device\":4584,\"vendor\":4660,\"subsystem\":4352,\"subsystem-vendor\":6900},"
        "\"irq\":11,\"irq_pin\":2,\"qdev_id\":\"\",\"regions\":["
        "{\"bar\":0,\"type\":\"memory\",\"address\":4261412864,\"size\":4096,\"prefetch\":false,"
        "\"mem_type_64\":false},"
        "{\"bar\":2,\"type\":\"memory\",\"address\":68719476736,\"size\":1048576,"
        "\"prefetch\":true,\"mem_type_64\":true},"
        "{\"bar\":4,\"type\":\"io\",\"address\":4096,\"size\":32},"
        "{\"bar\":6,\"type\":\"memory\",\"address\":-1,\"size\":2048,\"prefetch\":false,"
        "\"mem_type_64\":false}]}]}}]}]";
    Paper p = PAPER_INIT;
    g_autoptr(JsonNode) node = json(answer);

    hmp_show_pci(&p.mon, node);
    g_assert_cmpstr(p.text->str, ==,
        "Domain vmA\n"
        "  Bus  0, device   1, function 0:\n"
        "    PCI bridge: PCI device 1b36:000c\n"
        "      BUS 0.\n"
        "      secondary bus 1.\n"
        "      subordinate bus 2.\n"
        "      IO range [0x1000, 0x1fff]\n"
        "      memory range [0xfe000000, 0xfe0fffff]\n"
        "      prefetchable memory range [0x1000000000, 0x10000fffff]\n"
        "      id \"rp\"\n"
        "  Bus  1, device   0, function 2:\n"
        "    Class 00ff: PCI device 1234:11e8\n"
        "      PCI subsystem 1af4:1100\n"
        "      IRQ 11, pin B\n"
        "      BAR0: 32 bit memory at 0xfe000000 [0xfe000fff].\n"
        "      BAR2: 64 bit prefetchable memory at 0x1000000000 [0x10000fffff].\n"
        "      BAR4: I/O at 0x1000 [0x101f].\n"
        "      BAR6: 32 bit memory, 0x800 bytes, not mapped by the client.\n"
        "      id \"\"\n");
    g_string_free(p.text, TRUE);
}

/* ---- what takes more than one question ---- */

static JsonNode *servers(JsonObject *args, Error **errp)
{
    return json(
        "[{\"id\":\"s0\",\"device\":\"d0\",\"domain\":\"vmA\",\"path\":\"/x\","
        "\"state\":\"attached\",\"client\":{\"state\":\"attached\",\"pid\":12,\"uid\":0,"
        "\"gid\":5,\"version\":\"0.1\",\"max-msg-fds\":8,\"max-data-xfer-size\":4096,"
        "\"in-flight\":1,\"held\":2,\"dma-in-flight\":3,\"queued-bytes\":4,\"paused\":true},"
        "\"next-client\":{\"state\":\"negotiating\",\"pid\":0,\"uid\":1,\"gid\":1,\"in-flight\":0,"
        "\"held\":0,\"dma-in-flight\":0,\"queued-bytes\":0,\"paused\":false},"
        "\"regions\":[{\"index\":7,\"size\":256,\"read\":true,\"write\":true,\"mmap\":false},"
        "{\"index\":0,\"size\":4096,\"read\":true,\"write\":false,\"mmap\":true}],"
        "\"interrupts\":[{\"type\":\"msi\",\"count\":4,\"bound\":3,\"masked\":2,\"pending\":1}],"
        "\"messages\":[{\"name\":\"VERSION\",\"count\":2,\"errors\":1}],"
        "\"connections\":2,\"refused\":0,\"bytes-sent\":18446744073709551615,"
        "\"last-error\":{\"seconds\":1700000000,\"microseconds\":5,\"text\":\"bad\"}},"
        "{\"id\":\"s1\",\"device\":\"d1\",\"domain\":\"d1\",\"state\":\"idle\",\"regions\":[],"
        "\"interrupts\":[],\"messages\":[]}]");
}

static JsonNode *dma_stats(JsonObject *args, Error **errp)
{
    return json("{\"direct-bytes\":0,\"faults\":3,\"drains\":1,\"layout\":\"spec\"}");
}

static JsonNode *dma_maps(JsonObject *args, Error **errp)
{
    if (strcmp(json_object_get_string_member(args, "server"), "s0")) {
        error_setg(errp, "it has just gone");
        return NULL;
    }
    return json("[{\"iova\":0,\"size\":4096,\"read\":true,\"write\":false,\"access\":\"mmap\","
                "\"fd-inode\":7,\"fd-offset\":8192},"
                "{\"iova\":18446744073709547520,\"size\":4096,\"read\":false,\"write\":true,"
                "\"access\":\"message\"}]");
}

static JsonNode *isolation(JsonObject *args, Error **errp)
{
    return json(
        "[{\"rc\":\"vmA\",\"status\":\"running\",\"p2p\":\"client\","
        "\"functions\":[{\"device\":\"d0\",\"driver\":\"edu\","
        "\"bus\":\"vmA.0\",\"addr\":\"1.0\",\"server\":\"s0\",\"connected\":true,"
        "\"bus-master\":true,\"dma-regions\":3,\"message-regions\":1,\"bars\":["
        "{\"index\":0,\"type\":\"memory\",\"size\":4096,\"address\":18446744073709547520},"
        "{\"index\":1,\"type\":\"io\",\"size\":32}]}]}]");
}

static JsonNode *graph(JsonObject *args, Error **errp)
{
    return json("{\"human-readable-text\":\"digraph isolation {\\n}\\n\"}");
}

static void assert_prints(const char *line, const char *expected)
{
    Paper p = PAPER_INIT;

    hmp_run_line(&p.mon, line);
    g_assert_cmpstr(p.text->str, ==, expected);
    g_string_free(p.text, TRUE);
}

#define S0 \
    "s0: serves d0 of domain vmA on /x, attached\n" \
    "  client: attached, pid 12, uid 0, gid 5, version 0.1, at most 8 fds and 0x1000 bytes" \
    " in a message\n" \
    "    1 requests in flight, 2 held, 3 DMA messages unanswered, 4 bytes to be read, paused\n" \
    "  next client: negotiating, pid 0, uid 1, gid 1\n" \
    "    0 requests in flight, 0 held, 0 DMA messages unanswered, 0 bytes to be read\n"
#define S0_ERROR "  last error: 2023-11-14T22:13:20Z: bad\n"
#define S1 "s1: serves d1 of domain d1, idle\n"

static void test_servers(void)
{
    assert_prints("info vfio-user", S0 S0_ERROR S1);
    assert_prints("info vfio-user s1", S1);
    assert_prints("info vfio-user s0",
        S0
        "  region 7: 0x100 bytes, read write\n"
        "  region 0: 0x1000 bytes, read mmap\n"
        "  msi: 3 of 4 bound, 2 masked, 1 pending\n"
        "  VERSION: 2, 1 errors\n"
        "  counted: connections 2, bytes-sent 18446744073709551615\n"
        S0_ERROR);
    assert_prints("info vfio-user s",
                  "Error: no vfio-user server 's': 'info vfio-user' lists them\n");
}

static void test_dma(void)
{
    assert_prints("info dma s0",
        "s0: 2 mappings of d0's client\n"
        "  counted: faults 3, drains 1\n"
        "  0000000000000000-0000000000000fff r- mmap, file 7 at 0x2000\n"
        "  fffffffffffff000-ffffffffffffffff -w message\n");
    assert_prints("info dma",
        "s0: 2 mappings of d0's client\n"
        "  counted: faults 3, drains 1\n"
        "Error: it has just gone\n");
}

static void test_isolation(void)
{
    assert_prints("info isolation",
        "domain vmA, running, peer to peer: client\n"
        "  d0: edu at vmA.0 1.0, served by s0, client attached, bus master on\n"
        "    BAR0 memory, 0x1000 bytes at 0xfffffffffffff000\n"
        "    BAR1 io, 0x20 bytes, not mapped by the client\n"
        "    memory lent by the client: 3 mappings, 1 of them reached by messages\n");
    assert_prints("info isolation --dot", "digraph isolation {\n}\n");
    assert_prints("info isolation -dot", "info isolation: unsupported option -dot\n"
                  "Try \"help info isolation\" for more information\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    qmp_register_command("x-query-vfio-user", servers, 0);
    qmp_register_command("x-query-dma-stats", dma_stats, 0);
    qmp_register_command("x-query-dma-maps", dma_maps, 0);
    qmp_register_command("x-query-isolation", isolation, 0);
    qmp_register_command("x-query-isolation-dot", graph, 0);
    g_test_add_func("/monitor/hmp-show/renderers", test_renderers);
    g_test_add_func("/monitor/hmp-show/pci", test_pci);
    g_test_add_func("/monitor/hmp-show/servers", test_servers);
    g_test_add_func("/monitor/hmp-show/dma", test_dma);
    g_test_add_func("/monitor/hmp-show/isolation", test_isolation);
    return g_test_run();
}
