# SPDX-License-Identifier: GPL-2.0-or-later
"""Writer of the kernel's initramfs format ("newc" cpio), in memory.

Format: Linux Documentation/driver-api/early-userspace/buffer-format.rst. A
writer of our own needs no root for device nodes and gives the same bytes for
the same content, so a cached archive can be named by its hash.
"""
import os
import stat


class Archive:
    """An archive in the making; paths have no leading slash."""

    def __init__(self):
        self._parts = []
        self._inode = 1
        self._folders = {""}

    def _entry(self, path, mode, data=b"", device=(0, 0)):
        name = path.encode() + b"\0"
        fields = (self._inode, mode, 0, 0, 1, 0, len(data), 0, 0, device[0], device[1],
                  len(name), 0)
        header = b"070701" + b"".join(b"%08X" % f for f in fields)
        self._inode += 1
        self._parts.append(_padded(header + name) + _padded(data))

    def folder(self, path):
        """Add a folder and what lies above it."""
        if path in self._folders:
            return
        self.folder(os.path.dirname(path))
        self._folders.add(path)
        self._entry(path, stat.S_IFDIR | 0o755)

    def file(self, path, data, mode=0o644):
        """Add a regular file."""
        self.folder(os.path.dirname(path))
        self._entry(path, stat.S_IFREG | mode, data)

    def link(self, path, target):
        """Add a symbolic link."""
        self.folder(os.path.dirname(path))
        self._entry(path, stat.S_IFLNK | 0o777, target.encode())

    def char_device(self, path, major, minor):
        """Add a character device node."""
        self.folder(os.path.dirname(path))
        self._entry(path, stat.S_IFCHR | 0o600, b"", (major, minor))

    def bytes(self):
        """The archive, padded so that another may follow it."""
        end = Archive.__new__(Archive)
        end._parts, end._inode, end._folders = [], 0, {""}
        end._entry("TRAILER!!!", 0)
        return _padded(b"".join(self._parts + end._parts), 512)


def _padded(data, to=4):
    return data + b"\0" * (-len(data) % to)
