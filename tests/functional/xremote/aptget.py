# SPDX-License-Identifier: GPL-2.0-or-later
"""A private package root, filled by the machine's own apt.

apt resolves and checks signatures as always, but with lists, archives and an
empty status file below a folder of ours, and with a suite of our choice. So a
newer Debian's programs can be unpacked beside an older one without root,
chroot or a change to the machine. The mirror is whatever the machine uses.
"""
import os
import re
import subprocess
import time

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


class AptError(Exception):
    """apt said no; the text holds its last lines."""


def os_codename():
    """Name of the Debian release that this machine runs."""
    with open("/etc/os-release", encoding="utf-8") as f:
        for line in f:
            if line.startswith("VERSION_CODENAME="):
                return line.split("=", 1)[1].strip().strip('"')
    raise AptError("/etc/os-release names no Debian release")


def find_mirror():
    """The archive from which this machine gets its own release."""
    if os.environ.get("X_REMOTE_MIRROR"):
        return os.environ["X_REMOTE_MIRROR"]
    out = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)",
                          "Created-By: Packages"], capture_output=True, text=True, check=False)
    codename = os_codename()
    for line in out.stdout.splitlines():
        uri, _, release = line.partition(" ")
        if release.strip() == codename and uri:
            return uri.rstrip("/")
    raise AptError(f"apt has no source for {codename}: name a Debian mirror in X_REMOTE_MIRROR")


class PrivateApt:
    """apt with its state in FOLDER and SUITES as sources."""

    def __init__(self, folder, suites, say):
        self.folder = folder
        self.say = say
        self.archives = os.path.join(folder, "archives")
        for part in ("etc/preferences.d", "lists/partial", "archives/partial"):
            os.makedirs(os.path.join(folder, part), exist_ok=True)
        with open(os.path.join(folder, "status"), "a", encoding="utf-8"):
            pass
        signed = f" signed-by={KEYRING}" if os.path.exists(KEYRING) else ""
        mirror = find_mirror()
        with open(os.path.join(folder, "etc/sources.list"), "w", encoding="utf-8") as f:
            for suite in suites:
                f.write(f"deb [arch=amd64{signed}] {mirror} {suite} main\n")

    def _options(self):
        values = {
            "Dir::Etc::sourcelist": "etc/sources.list", "Dir::Etc::sourceparts": "-",
            "Dir::Etc::preferences": "-", "Dir::Etc::preferencesparts": "etc/preferences.d",
            "Dir::State": "", "Dir::State::lists": "lists", "Dir::State::status": "status",
            "Dir::Cache": "", "Dir::Cache::archives": "archives",
        }
        for name, value in values.items():
            yield f"{name}={value if value == '-' else os.path.join(self.folder, value)}"
        yield from ("APT::Architecture=amd64", "APT::Architectures=amd64",
                    "APT::Sandbox::User=", "Acquire::Languages=none", "Acquire::Retries=3",
                    "APT::Update::Error-Mode=any", "APT::Get::Assume-Yes=true",
                    "APT::Keep-Downloaded-Packages=true", "APT::Install-Recommends=false")

    def _command(self, *args):
        command = [args[0]]
        for option in self._options():
            command += ["-o", option]
        return command + list(args[1:])

    def _run(self, *args, cwd=None, expect=0):
        """Run apt and count what it fetches; one progress line every 3 s."""
        done, last, tail = 0, time.monotonic(), []
        with subprocess.Popen(self._command(*args), stdout=subprocess.PIPE, text=True, cwd=cwd,
                              stderr=subprocess.STDOUT, env={**os.environ, "LC_ALL": "C"}) as apt:
            for line in apt.stdout:
                tail = (tail + [line.rstrip()])[-6:]
                done += line.startswith("Get:")
                if expect and time.monotonic() - last > 3:
                    last = time.monotonic()
                    self.say(f"  {done} of {expect} packages")
        if apt.returncode != 0:
            raise AptError(f"{' '.join(args)} failed:\n  " + "\n  ".join(tail))
        return tail

    def update(self):
        """Fetch the package lists."""
        self._run("apt-get", "update")

    def query(self, *args):
        """Output of apt-cache."""
        out = subprocess.run(self._command("apt-cache", *args), capture_output=True, text=True,
                             check=False)
        return out.stdout

    def depends(self, package):
        """Names that PACKAGE's newest version in the first suite depends on."""
        return re.findall(r"^\s*Depends: (\S+)", self.query("depends", package), re.M)

    def fetch_with_dependencies(self, packages, suite):
        """Fetch PACKAGES of SUITE and all they need; returns the archives."""
        base = ["apt-get", "install", "--no-install-recommends", "-t", suite]
        plan = subprocess.run(self._command(*base, "-s", *packages), capture_output=True,
                              text=True, check=False)
        if plan.returncode:
            raise AptError(f"cannot resolve {' '.join(packages)}: {plan.stderr.strip()}")
        count = len(re.findall(r"^Inst ", plan.stdout, re.M))
        self._run(*base, "--download-only", *packages, expect=count)
        return sorted(os.path.join(self.archives, n) for n in os.listdir(self.archives)
                      if n.endswith(".deb"))

    def fetch(self, package, into):
        """Fetch PACKAGE alone; returns its archive."""
        os.makedirs(into, exist_ok=True)
        have = [n for n in os.listdir(into) if n.startswith(package + "_")]
        if not have:
            self._run("apt-get", "download", package, cwd=into)
            have = [n for n in os.listdir(into) if n.startswith(package + "_")]
        return os.path.join(into, have[0])


def unpack(archives, root):
    """Unpack .deb files over each other below ROOT."""
    os.makedirs(root, exist_ok=True)
    # Debian's merged /usr: packages of either habit land in one place.
    for name in ("bin", "sbin", "lib", "lib64"):
        os.makedirs(os.path.join(root, "usr", name), exist_ok=True)
        link = os.path.join(root, name)
        if not os.path.islink(link):
            os.symlink("usr/" + name, link)
    for archive in archives:
        data = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", archive], stdout=subprocess.PIPE)
        tar = subprocess.run(["tar", "-x", "--keep-directory-symlink", "--no-same-owner", "-C",
                              root], stdin=data.stdout, check=False)
        data.stdout.close()
        if data.wait() or tar.returncode:
            raise AptError(f"cannot unpack {archive}")
