#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds and runs every test there is, in two lanes side by side.

    scripts/run-tests.sh [--list] [--only TEXT]... [--quick]

A step is a command. How its tests are counted is one of three: "meson" reads
what meson recorded, "closing" reads the line "N passed, N failed, N skipped"
that our runners end with, "status" counts the command as one test. A step that
ends badly without saying which test failed counts as one failure, so nothing
is lost. Logs are kept in build/test-logs. The last line is the sum.
"""
import argparse
import collections
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LOGS = os.path.join(TOP, "build/test-logs")
CLOSING = re.compile(r"^(?:\w+: )?(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.M)
STARTED = time.monotonic()

Counts = collections.namedtuple("Counts", "passed failed skipped")
SANITIZERS = {
    # A small quarantine: some tests look at resident memory.
    "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:quarantine_size_mb=8",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=0:exitcode=66:second_deadlock_stack=1",
    # GLib 2.74's own allocator hides both leaks and the order of reuse.
    "G_SLICE": "always-malloc",
}

Step = collections.namedtuple("Step", "name argv count build quick seconds")


def step(name, *argv, count="status", build="build", quick=False, seconds=900):
    """One row of a lane; BUILD names the folder whose programs are tested."""
    return Step(name, [str(a) for a in argv], count, build, quick, seconds)


def build_step(folder, *options, targets="", quick=False):
    """Configure and compile TARGETS (all) in FOLDER."""
    script = ('mkdir -p "$1" && cd "$1" && targets=$2 && shift 2 && '
              '{ [ -f build.ninja ] || ../configure "$@"; } && ninja -k 0 -j 2 $targets')
    return step(f"build in {folder}", "sh", "-c", script, "sh", folder, targets,
                "--enable-werror", *options, build=folder, quick=quick, seconds=1500)


def meson_test(name, folder, *options, quick=False):
    """The unit and command-line tests of a build folder; meson compiles what they need."""
    return step(name, "meson", "test", "-C", folder, "--num-processes", "2",
                "--timeout-multiplier", "4", *options, count="meson", build=folder, quick=quick,
                seconds=1500)


def wire(name, folder, *files, quick=False):
    """Raw bytes and attacks against the server of a build folder."""
    return step(name, "python3", "tests/vfio-user/run.py", "-v", *files, count="closing",
                build=folder, quick=quick)


def functional(name, folder, *names, quick=False):
    """Stock guests."""
    return step(name, "python3", "tests/functional/run.py", "--server",
                f"{folder}/qemu-system-x86_64", "--logs", f"{LOGS}/functional", *names,
                count="closing", build=folder, quick=quick, seconds=1500)


PROGRAMS = "qemu-system-x86_64 vfu"
FIRST = [
    build_step("build", quick=True),
]
LANES = {
    "A": [
        step("layers", "python3", "scripts/check-layers.py", quick=True),
        step("style", "python3", "scripts/check-style.py", quick=True),
        step("maintainers", "python3", "scripts/check-maintainers.py", quick=True),
        meson_test("unit and command-line tests", "build", quick=True),
        wire("wire tests", "build", quick=True),
        step("wire tests under the service's system call filter", "env",
             f"X_REMOTE_BINARY={TOP}/tests/cli/under-filter", "python3",
             "tests/vfio-user/run.py", "-v", "test_dma_map.py", "test_dma_message.py",
             "test_handover.py", "test_lifecycle.py", "test_nvme_client.py", "test_nvme_nbd.py",
             "test_nvme_spdk.py", "test_regions.py", "test_set_irqs.py", "test_unplug.py",
             count="closing"),
        functional("stock guests", "build"),
        step("acceptance tests", "python3", "tests/avocado/run.py", "devices.Devices",
             "edu.Edu.test_msi", count="closing"),
        # clang's turn: what it makes is fuzzed.
        build_step("build-fuzz", "--enable-fuzz", targets=PROGRAMS),
        meson_test("fuzzers", "build-fuzz", "--suite", "fuzz"),
    ],
    "B": [
        step("stock client", "python3", "scripts/qemu-client.py", "prepare", quick=True),
        functional("a stock guest with edu", "build", "test_edu.Edu.test_msi", quick=True),
        build_step("build-asan", "--enable-asan", "--enable-ubsan", targets=PROGRAMS),
        meson_test("unit tests, address and undefined sanitizers", "build-asan",
                   "--no-suite", "slow"),
        wire("wire tests, address and undefined sanitizers", "build-asan"),
        build_step("build-tsan", "--enable-tsan", targets=PROGRAMS),
        meson_test("unit tests, thread sanitizer", "build-tsan", "--suite", "unit"),
        meson_test("devices over qtest, thread sanitizer", "build-tsan", "qtest/served",
                   "qtest/bridge", "qtest/dma-engine"),
        wire("wire tests of several domains, thread sanitizer", "build-tsan",
             "test_isolation.py", "test_lifecycle.py", "test_dma_message.py", "test_handover.py",
             "test_unplug.py", "test_nvme_client.py"),
        meson_test("monitors that look into domains, thread sanitizer", "build-tsan",
                   "cli/inspect", "cli/chardev"),
        functional("stock guests, address and undefined sanitizers", "build-asan",
                   "test_client_killed", "test_message_dma.MessageDma.test_edu",
                   "test_nvme.Nvme.test_reset_under_load"),
    ],
}


# --- counting ---

def count_tap(text):
    """Counts of TAP lines in a test program's output."""
    passed = failed = skipped = 0
    for line in text.splitlines():
        found = re.match(r"\s*(not )?ok\b(.*)$", line)
        if not found:
            continue
        if re.search(r"#\s*(skip|todo)", found[2], re.I):
            skipped += 1
        elif found[1]:
            failed += 1
        else:
            passed += 1
    return Counts(passed, failed, skipped)


def meson_records(folder):
    """What meson wrote down of its last run, a dict for each test program."""
    try:
        with open(os.path.join(TOP, folder, "meson-logs/testlog.json"), encoding="utf-8") as f:
            return [json.loads(line) for line in f]
    except (OSError, ValueError):
        return []


def meson_failures(folder):
    """The end of what each failed test program said."""
    lines = []
    for record in meson_records(folder):
        if record["result"] in ("FAIL", "ERROR", "TIMEOUT", "INTERRUPT", "UNEXPECTEDPASS"):
            said = (record.get("stdout", "") + record.get("stderr", "")).splitlines()
            lines += [f"{record['result']} {record['name']}"] + ["  " + x for x in said[-25:]]
    return lines


def count_meson(folder):
    """Sum over meson's record of its last run."""
    total = [0, 0, 0]
    for record in meson_records(folder):
        text = record.get("stdout", "")
        closing = CLOSING.findall(text)
        counts = (Counts(*(int(n or 0) for n in closing[-1])) if closing else count_tap(text))
        good, result = record["result"] in ("OK", "EXPECTEDFAIL"), record["result"]
        if result == "SKIP" and not any(counts):
            counts = Counts(0, 0, 1)
        elif not any(counts):
            counts = Counts(int(good), int(not good), 0)
        elif not good and result != "SKIP" and not counts.failed:
            counts = counts._replace(failed=1)
        total = [a + b for a, b in zip(total, counts)]
    return Counts(*total)


def count(row, status, text):
    """Counts of a finished step."""
    if row.count == "meson":
        counts = count_meson(row.build)
    elif row.count == "closing":
        closing = CLOSING.findall(text)
        counts = Counts(*(int(n or 0) for n in closing[-1])) if closing else Counts(0, 0, 0)
    else:
        counts = Counts(int(status == 0), int(status != 0), 0)
    if status != 0 and not counts.failed:
        counts = counts._replace(failed=1)
    if status == 0 and not any(counts):
        counts = Counts(0, 1, 0)
    return counts


# --- running ---

class Run:
    """The state of all lanes; every print goes through say()."""

    def __init__(self):
        self.lock = threading.Lock()
        self.total = Counts(0, 0, 0)
        self.running = {}
        self.failed_builds, self.failed = set(), []
        self.children = set()

    def say(self, text):
        """One line with the time since the start."""
        seconds = int(time.monotonic() - STARTED)
        with self.lock:
            print(f"[{seconds // 60:2}:{seconds % 60:02}] {text}", flush=True)

    def environment(self, row):
        """Every runner's way to learn which program is under test."""
        server = os.path.join(TOP, row.build, "qemu-system-x86_64")
        return {**os.environ, **SANITIZERS, "X_REMOTE_BINARY": server, "X_REMOTE_SERVER": server,
                "QEMU_SYSTEM": server, "X_REMOTE_BUILD": os.path.join(TOP, row.build),
                "G_DEBUG": os.environ.get("G_DEBUG", ""), "PYTHONDONTWRITEBYTECODE": "1"}

    def execute(self, row, log):
        """(exit status, output) of a step."""
        with open(log, "w", encoding="utf-8") as out:
            out.write("$ " + " ".join(row.argv) + "\n")
            out.flush()
            # nohup and some CI systems hand down an ignored SIGHUP; a test sends it.
            child = subprocess.Popen(["env", "--default-signal=HUP", *row.argv], cwd=TOP,
                                     stdout=out, stderr=subprocess.STDOUT,
                                     stdin=subprocess.DEVNULL, env=self.environment(row),
                                     start_new_session=True)
            self.children.add(child)
            try:
                status = child.wait(row.seconds)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                status = child.wait()
                out.write(f"\ntime limit of {row.seconds} s passed\n")
            self.children.discard(child)
        with open(log, encoding="utf-8", errors="replace") as f:
            return status, f.read()

    def one(self, row):
        """Run a step and add its counts."""
        if row.build in self.failed_builds:
            self.say(f"FAILED  {row.name}: not run, {row.build} was not built")
            self.failed.append(f"{row.name}: not run, {row.build} was not built")
            self.add(Counts(0, 1, 0))
            return
        log = os.path.join(LOGS, re.sub(r"\W+", "-", row.name) + ".log")
        self.say(f"start   {row.name}")
        begun = time.monotonic()
        self.running[row.name] = begun, log
        if row.count == "meson":
            shutil.rmtree(os.path.join(TOP, row.build, "meson-logs"), ignore_errors=True)
            os.makedirs(os.path.join(TOP, row.build, "meson-logs"))
        status, text = self.execute(row, log)
        del self.running[row.name]
        counts = count(row, status, text)
        if status != 0 and row.name.startswith("build "):
            self.failed_builds.add(row.build)
        word = "FAILED " if counts.failed else "ok     "
        self.say(f"{word} {row.name}: {counts.passed} passed, {counts.failed} failed, "
                 f"{counts.skipped} skipped in {time.monotonic() - begun:.0f} s")
        if counts.failed:
            self.failed.append(f"{row.name}: {counts.failed} failed, see {log}")
            said = row.count == "meson" and meson_failures(row.build) or text.splitlines()[-40:]
            self.say(f"from {log}:\n" + "\n".join("    | " + line for line in said))
        self.add(counts)

    def add(self, counts):
        """Sum up."""
        with self.lock:
            self.total = Counts(*(a + b for a, b in zip(self.total, counts)))

    def lane(self, rows):
        """Steps one after the other."""
        for row in rows:
            self.one(row)

    def heartbeat(self, stop):
        """Every half minute, what is being done and its last line."""
        while not stop.wait(30):
            for name, (begun, log) in sorted(self.running.items()):
                with open(log, encoding="utf-8", errors="replace") as f:
                    last = ([""] + [line for line in f.read().splitlines() if line.strip()])[-1]
                self.say(f"...     {name}, {time.monotonic() - begun:.0f} s: {last[:90]}")


def select(rows, options):
    """The rows that the options ask for."""
    if options.only:
        return [r for r in rows if any(o.lower() in r.name.lower() for o in options.only)]
    return [r for r in rows if r.quick or not options.quick]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--list", action="store_true", help="print the steps and end")
    parser.add_argument("--only", action="append", metavar="TEXT", help="steps with this name")
    parser.add_argument("--quick", action="store_true", help="one compiler, no sanitizers")
    options = parser.parse_args()
    first = select(FIRST, options)
    lanes = [select(rows, options) for rows in LANES.values()]
    if options.list:
        print("\n".join(r.name for rows in [first, *lanes] for r in rows))
        return 0
    shutil.rmtree(LOGS, ignore_errors=True)
    os.makedirs(LOGS)
    run, stop = Run(), threading.Event()
    threading.Thread(target=run.heartbeat, args=(stop,), daemon=True).start()
    threads = [threading.Thread(target=run.lane, args=(rows,), daemon=True) for rows in lanes]
    try:
        run.lane(first)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    except KeyboardInterrupt:
        for child in list(run.children):
            os.killpg(child.pid, signal.SIGTERM)
        return 130
    stop.set()
    run.say(f"logs are in {LOGS}")
    for line in run.failed:
        run.say(f"FAILED  {line}")
    print(f"{run.total.passed} passed, {run.total.failed} failed, {run.total.skipped} skipped",
          flush=True)
    return 1 if run.total.failed or not run.total.passed else 0


if __name__ == "__main__":
    sys.exit(main())
