#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the first inputs of the fuzzers into corpus/: one for each thing a
client does. Run it again after a change of the input formats (fuzz-*.c)."""
import os
import struct

HERE = os.path.dirname(os.path.abspath(__file__))

PAYLOADS = {
    "map": (2, struct.pack("<IIQQQ", 32, 3, 0, 0x10000, 0x2000)),
    "unmap": (3, struct.pack("<IIQQ", 24, 0, 0x10000, 0x2000)),
    "unmap-pending": (3, struct.pack("<IIQQ", 24, 0, 0x11000, 0x2000)),
    "unmap-all": (3, struct.pack("<IIQQ", 24, 2, 0, 0)),
    "info": (4, struct.pack("<IIII", 16, 0, 0, 0)),
    "region-info": (5, struct.pack("<IIIIQQ", 80, 0, 2, 0, 0, 0)),
    "io-fds": (6, struct.pack("<IIII", 16, 0, 0, 0)),
    "irq-info": (7, struct.pack("<IIII", 16, 0, 2, 0)),
    "irqs-none": (8, struct.pack("<IIIII", 20, 0x21, 2, 0, 0)),
    "irqs-bool": (8, struct.pack("<IIIII", 23, 0x22, 2, 0, 3) + b"\1\0\1"),
    "irqs-fd": (8, struct.pack("<IIIII", 20, 0x24, 2, 0, 1)),
    "read": (9, struct.pack("<QII", 0, 0, 4)),
    "read-pending": (9, struct.pack("<QII", 64, 0, 4)),
    "write": (10, struct.pack("<QII", 0, 0, 4) + b"abcd"),
    "write-dma-read": (10, struct.pack("<QII", 0x10, 0, 1) + b"a"),
    "write-dma-write": (10, struct.pack("<QII", 0x14, 0, 1) + b"a"),
    "write-dma-cancel": (10, struct.pack("<QII", 0x18, 0, 1) + b"a"),
    "write-early": (10, struct.pack("<QII", 0x20, 0, 1) + b"a"),
    "write-pending": (10, struct.pack("<QII", 0x30, 0, 1) + b"a"),
    "write-complete": (10, struct.pack("<QII", 0x40, 0, 1) + b"a"),
    "write-close": (10, struct.pack("<QII", 0x50, 0, 1) + b"a"),
    "reset": (13, b""),
    "multi": (15, struct.pack("<Q", 2) + struct.pack("<QII8s", 0, 0, 8, b"x" * 8) * 2),
    "feature": (16, struct.pack("<II", 64, 0x10001)),
}


# Requests of the sample schema (tests/unit/qapi/sample), and of the real one.
REQUESTS = {
    "everything": ("echo-everything", """{"x":1,"y":-3,"s":"t","i8":127,"size":4096,"n":1.5,
        "u64":18446744073709551615,"b":true,"colour":"red","any":{"a":[null]},"nothing":null,
        "class":"q","point":{"x":2},"points":[{"x":1,"y":2}],"colours":["red","dark-green"],
        "numbers":[1,-2.5],"children":[{"x":1,"children":[{"x":2}]}],"shown":7}"""),
    "shapes": ("echo-shapes", """{"shapes":[{"name":"a","colour":"red","radius":3,"label":"l"},
        {"name":"b","colour":"3d"}],"based":{"kind":"UPPER","radius":1,"label":"x"},
        "either":["t",5,true,{"radius":1,"label":"x"},["a"],null],"fewer":"3d"}"""),
    "fewer": ("echo-shapes", """{"fewer":{"radius":1,"label":"x"}}"""),
    "any": ("echo-any", """{"value":[1,{"a":null}]}"""),
    "count": ("count", """{"a":0,"b":"","c":[1],"d":{"x":1}}"""),
    "raw": ("raw", """{"x":{}}"""),
    "mute": ("mute", "{}"),
    "schema": ("query-qmp-schema", "{}"),
}


def qmp_seeds():
    for name, (command, arguments) in REQUESTS.items():
        save("qmp", name, b"\7" + f'{{"execute":"{command}","arguments":{arguments}}}'.encode())
    save("qmp", "options", b"\7" + b"""{"qom-type":"vfio-user-server","id":"s","device":"d",
        "socket":{"type":"unix","path":"p"},"on-disconnect":"keep","max-dma-maps":5}""")


def message(command, payload, flags=0, ident=1):
    return struct.pack("<HHIII", ident, command, 16 + len(payload), flags, 0) + payload


def record(data, fds=0):
    return struct.pack("<BH", fds, len(data)) + data


def save(target, name, data):
    folder = os.path.join(HERE, "corpus", target)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as f:
        f.write(data)


def session_seeds():
    for name, (command, payload) in PAYLOADS.items():
        fds = 1 if name in ("map", "irqs-fd") else 0
        save("session", name, b"\1" + record(message(command, payload), fds))
    m = {name: message(c, p) for name, (c, p) in PAYLOADS.items()}
    reply = struct.pack("<QQ", 0x1000, 24)
    save("session", "dma-answered", b"\1" + record(m["write-dma-read"])
         + record(message(11, reply + b"d" * 24, flags=1)))
    save("session", "dma-write-answered", b"\1" + record(m["write-dma-write"])
         + record(message(12, reply, flags=1)))
    save("session", "dma-probed", b"\5" + record(m["write-dma-read"]) + record(message(12, b"", flags=1))
         + record(message(11, struct.pack("<QI", 0x1000, 24) + b"d" * 28, flags=1, ident=2)))
    save("session", "dma-refused", b"\1" + record(m["write-dma-read"])
         + record(struct.pack("<HHIII", 1, 11, 16, 0x21, 14)))
    save("session", "held", b"\1" + record(m["unmap-pending"]) + record(m["map"], 1) + record(m["read"])
         + record(b"", 255) + record(m["read"]))
    save("session", "many", b"\1" + record(b"".join(m[n] for n in ("write", "read", "info", "reset", "multi"))))
    save("session", "short-reads", b"\x09" + record(m["map"] + m["write"] + m["read"]))
    turn = record(b"", 254)
    save("session", "turn", b"\x11" + record(m["map"], 1) + record(m["irqs-fd"], 1) + record(m["reset"])
         + turn + record(m["write"] + m["read"]))
    save("session", "turn-held", b"\x11" + record(m["write"] + m["read"] + m["multi"] + m["info"]) + turn)
    save("session", "turn-late", b"\x31" + record(m["read"]) + record(m["irqs-fd"], 1) + record(m["write"]))
    save("session", "version", b"\0" + record(message(1, struct.pack("<HH", 0, 0) + b'{"capabilities":{"max_msg_fds":16}}\0')))
    save("session", "bad-size", b"\1" + record(struct.pack("<HHIII", 1, 9, 15, 0, 0)))


def other_seeds():
    for name, (command, payload) in PAYLOADS.items():
        save("validate", name, struct.pack("<HBB", command, 1 if name == "irqs-fd" else 0, 0) + payload)
    qemu = (b'{"capabilities": {"pgsizes": 4096, "max_msg_fds": 16, "max_dma_maps": 65535, "max_data_xfer_size": 1048576, '
            b'"migration": {"max_bitmap_size": 268435456, "pgsize": 4096}, "write_multiple": true}}')
    save("version", "qemu", qemu)
    save("version", "twin", b'{"capabilities":{"twin_socket":{"supported":true,"fd_index":0}}}')
    save("version", "odd", b'{"x":[1,-2.5e3,null,"\\u0041"]}')


HMP = {
    "line": b"info status\r\nqom-set -j /a b {\"c\": 1}\n",
    "words": b'device_add edu,id=d0,a=b,,c\nobject_add t,a.0=b\nlog "a\\n\\"b"\nx/4xw a 0x10\n',
    "keys": b"abc\x1b[D\x1b[1;5C\x1bb\x1bOH\x0b\x19\x14\x17\x04\x7f\x0c\x03",
    "history": b"a\nb\n\x10\x10\x0e\x1b[A\x1b[B\x12a\x12\x07\x12b\r",
    "tabs": b"d\tinfo \t\x15log gu\t,\tqom-set -\t",
    "utf8": b"gr\xc3\xb6\xe4\xb8\xad\x02\x14e\xcc\x81\x7f\xff\xfa\x01\xff\xf0\xff\xfb\x03x",
}


if __name__ == "__main__":
    session_seeds()
    for seed, keys in HMP.items():
        save("hmp", seed, b"\3" + keys)
    other_seeds()
    qmp_seeds()
