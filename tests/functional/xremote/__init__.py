# SPDX-License-Identifier: GPL-2.0-or-later
"""What the functional and acceptance tests are made of.

stock      the client that users have: QEMU, a kernel and a guest, fetched once
initramfs  the guest's user space, packed from the stock kernel and busybox
qmp        a QMP connection
process    a child process whose output is kept with time stamps
server     our own process
guest      a Linux guest in the stock client, driven by commands
case       the base class of all tests, and the reading of guest-tool's answers
"""
