# SPDX-License-Identifier: GPL-2.0-or-later
"""Parts of the cache folder: made once, whole or not there at all.

A record beside each part names its files and their sizes; it is written last.
"""
import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import sys

RECIPE = 4


class StockError(Exception):
    """The client could not be had; the text says what to do."""


def cache_dir():
    """Where fetched and built things are kept between runs."""
    if os.environ.get("X_REMOTE_CACHE"):
        return os.path.abspath(os.environ["X_REMOTE_CACHE"])
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "x-remote")


def say(text):
    """One progress line."""
    print(text, file=sys.stderr, flush=True)


@contextlib.contextmanager
def locked(folder):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "lock"), "w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another run is preparing the client: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _inventory(root):
    files = {}
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            if not os.path.islink(path):
                files[os.path.relpath(path, root)] = os.path.getsize(path)
    return files


def _digest(root, files):
    whole = hashlib.sha256()
    for name in sorted(files):
        with open(os.path.join(root, name), "rb") as f:
            whole.update(name.encode() + b"\0" + hashlib.file_digest(f, "sha256").digest())
    return whole.hexdigest()


def publish(building, place, facts):
    """Move a finished part to its place and write its record last."""
    shutil.rmtree(place, ignore_errors=True)
    files = _inventory(building)
    os.rename(building, place)
    record = {"recipe": RECIPE, "files": files, "digest": _digest(place, files), **facts}
    with open(place + ".tmp", "w", encoding="utf-8") as f:
        json.dump(record, f)
    os.rename(place + ".tmp", place + ".json")
    return record


def whole(place, deep=False):
    """The record of a part when every file of it is there, else None."""
    try:
        with open(place + ".json", encoding="utf-8") as f:
            record = json.load(f)
        if record["recipe"] != RECIPE or _inventory(place) != record["files"]:
            return None
        if deep and _digest(place, record["files"]) != record["digest"]:
            return None
        return record
    except (OSError, ValueError, KeyError):
        return None


def fresh(path):
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    return path
