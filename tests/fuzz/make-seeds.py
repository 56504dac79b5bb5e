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


# Steps of fuzz-nvme.c: the number of each, then what it takes.
REGISTER, DOORBELL, MEMORY, ENTRY, NVME, _, _, LIST, REAP, ANSWER, REVOKE, CLIENT, RUN, _, TIME, RESET, SAVE = range(17)
PAGE = struct.pack("<BB", 40, 0)            # an address: page 40, no offset
LISTS = struct.pack("<BB", 0, 0xc0)
IO, ADMIN, RING = 1, 0, 0x81                # the queue of a command; 0x80: ring


def nvme(opcode, queue=IO, flags=0, nsid=1, prp1=PAGE, prp2=LISTS, mptr=PAGE, cdw10=0, cdw11=0, blocks=1, control=0,
         cdw13=0, cdw14=0, cdw15=0, ring=True):
    return bytes([NVME, queue | (0x80 if ring else 0), opcode, flags, nsid]) + prp1 + prp2 + mptr + struct.pack(
        "<IHBBBBI", cdw10, cdw11, blocks - 1, control, cdw13, cdw14, cdw15)


def admin(opcode, **fields):
    return nvme(opcode, ADMIN, **fields)


def zone(opcode, **fields):
    return nvme(opcode, nsid=5, **fields)


def nvme_seeds():
    done = bytes([RUN, REAP, 0, REAP, 1])
    two = bytes([LIST, 0, 8]) + b"".join(struct.pack("<BB", 50 + i, 0) for i in range(8))
    sgl = bytes([LIST, 8, 3]) + b"".join(struct.pack("<BBHB", 41 + i, 0, 512, 0) for i in range(3))
    slow, shared = bytes([CLIENT, 2]), bytes([CLIENT, 1])
    time = bytes([TIME, 0, 0, 1])
    programs = {
        "registers": b"".join(struct.pack("<BHBI", REGISTER, at, 2, 1) for at in (0, 8, 0x14, 0x24, 0x50, 0x1000)),
        "doorbells": b"".join(struct.pack("<BBH", DOORBELL, which, 5) for which in range(10)),
        "read-write": nvme(1) + nvme(2) + nvme(2, nsid=4) + done + time + done,
        "list": two + nvme(2, blocks=64) + nvme(1, blocks=64) + done,
        "sgl": sgl + nvme(2, flags=0x40, prp1=LISTS, prp2=struct.pack("<BBQ", 0, 0xe1, 48 | 0x30 << 56), blocks=3) + done,
        "protection": nvme(1, nsid=2, control=0x20, blocks=4) + nvme(2, nsid=2, control=0x1c, blocks=4) + done,
        "metadata": nvme(1, nsid=3, blocks=4) + nvme(2, nsid=3, blocks=4) + done,
        "fused": nvme(5, flags=1, ring=False) + nvme(1, flags=2) + done,
        "others": b"".join(nvme(code, blocks=8) for code in (0, 4, 5, 8, 9, 0xc, 0x19)) + done,
        "deallocate": nvme(9, cdw10=3, cdw11=4) + done,
        "copy": nvme(0x19, cdw10=100, blocks=2) + done,
        "identify": b"".join(admin(6, cdw10=cns) for cns in (0, 1, 2, 3, 5, 6, 8, 0x10, 0x11, 0x1c)[:7]) + done,
        "logs": b"".join(admin(2, nsid=0xff, cdw10=127 << 16 | page) for page in range(1, 8)) + done,
        "features": b"".join(admin(9 + i % 2, cdw10=1 + i // 2, nsid=0) for i in range(7)) + done
        + b"".join(admin(9 + i % 2, cdw10=5 + i // 2) for i in range(7)) + done,
        "queues": admin(5, cdw10=7 << 16 | 3, cdw11=1) + admin(1, cdw10=7 << 16 | 3, cdw11=1) + admin(0, cdw10=3)
        + admin(4, cdw10=3) + done + admin(0, cdw10=1) + admin(4, cdw10=1) + done,
        "abort": nvme(2, nsid=4) + admin(8, cdw10=1 << 16 | 1) + admin(8, cdw10=9 << 16 | 1) + done,
        "events": admin(0xc) * 5 + struct.pack("<BBH", DOORBELL, 2, 99) + done,
        "format": admin(0x80) + admin(0x80, nsid=2) + done + nvme(1) + done,
        "namespaces": admin(0xd, cdw10=1) + admin(0x15, cdw10=1) + admin(0xd) + done,
        "firmware": admin(0x11, cdw10=255) + admin(0x10, cdw10=1 << 3 | 1) + done,
        "shadow": admin(0x7c, prp1=PAGE, prp2=struct.pack("<BB", 41, 0)) + done + nvme(2) + done,
        "slow": slow + two + nvme(2, blocks=64) + bytes([RUN, ANSWER, 2, RUN, ANSWER, 15, RUN, ANSWER, 15]) + done,
        "failing": slow + nvme(2, blocks=64) + bytes([RUN, ANSWER, 0x83, RUN, ANSWER, 15, RUN]) + done,
        "revoked": shared + nvme(2, nsid=4) + bytes([RUN, REVOKE]) + PAGE + bytes([0]) + done + time + done,
        "lossy": bytes([CLIENT, 9]) + nvme(2, nsid=4) + nvme(1) + time + done,
        "off": nvme(2, nsid=4) + bytes([RUN, RESET, 0, RUN, RESET, 4]) + nvme(2) + done,
        "subsystem": nvme(2, nsid=4) + bytes([RUN, RESET, 1, RUN, RESET, 4]) + nvme(2) + done,
        "function": nvme(2, nsid=4) + bytes([RUN, RESET, 2, RUN, RESET, 4]) + nvme(2) + done,
        "shutdown": nvme(2, nsid=4) + bytes([RUN, RESET, 3, RUN, TIME, 0, 0, 4]) + done,
        "save": admin(0xc) + nvme(2, nsid=4) + bytes([SAVE]) + nvme(2) + done,
        "zones": zone(1, blocks=2) + zone(0x7d, blocks=2) * 2 + time + zone(2, blocks=6) + zone(0x7a, blocks=64) + done + time
        + zone(0x19, cdw10=8, blocks=1) + zone(8, cdw10=16, blocks=2) + zone(4, cdw10=24, blocks=2) + time + done,
        "zone-actions": b"".join(zone(0x79, cdw10=8 * i, cdw13=action) for i, action in enumerate((3, 1, 2, 4, 0x10))) + done
        + b"".join(zone(0x79, cdw13=action) for action in (0x83, 0x81, 0x82, 0x84, 0x85)) + time + done,
        "zone-reset": zone(0x7d, blocks=3) + zone(0x79, cdw13=4) + zone(0x7d, blocks=3) + bytes([RUN]) + time + done + time + done,
        "zone-save": zone(0x7d, blocks=3) + time + zone(0x7d, blocks=2) + zone(0x79, cdw10=8, cdw13=0x10) + bytes([RUN, SAVE])
        + time + zone(0x7a, blocks=64, cdw13=1) + done,
        "memory": bytes([MEMORY, 2, 0, 8]) + b"abcdefgh" + bytes([ENTRY, RING]) + bytes(64) + done,
    }
    for name, program in programs.items():
        save("nvme", name, program)


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
    nvme_seeds()
