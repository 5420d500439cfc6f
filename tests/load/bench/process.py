"""A program of the bench, on its core; the one place that knows how a process is measured."""

import contextlib
import ctypes
import os
import pathlib
import queue
import re
import resource
import signal
import subprocess
import threading
import time

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
PATIENCE_S = 60
# Where it is allowed, all of the bench goes before whatever else the machine does.
PRIORITY = -15


class Failed(Exception):
    """A program ended, or did not answer."""


class Process:
    """Output lines are waited for with `expect`; its threads run on `cores` only."""

    def __init__(self, command, *cores):
        self.name = pathlib.Path(str(command[0])).name
        self._cores = set(cores)
        self._lines = queue.Queue()
        self._tail = []
        self._child = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", preexec_fn=self._prepare)
        threading.Thread(target=self._read, daemon=True).start()

    def _prepare(self):
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # nothing outlives a bench that is cut short
        os.sched_setaffinity(0, self._cores)
        os.setsid()
        try:
            os.setpriority(os.PRIO_PROCESS, 0, PRIORITY)
            pathlib.Path("/proc/self/autogroup").write_text(str(PRIORITY))  # else it holds within the session only
        except OSError:
            pass  # not allowed, or no such file
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    def _read(self):
        for line in self._child.stdout:
            self._tail = (self._tail + [line.rstrip("\n")])[-10:]
            self._lines.put(line)
        self._lines.put(None)

    @property
    def pid(self):
        return self._child.pid

    def expect(self, pattern, patience_s=PATIENCE_S):
        """The match of the next line that holds `pattern`; lines before it are passed over."""
        end = time.monotonic() + patience_s
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                raise Failed(f"{self.name} does not say '{pattern}'; its last lines:\n" + "\n".join(self._tail))
            match = re.search(pattern, line)
            if match:
                return match

    def ask(self, command, pattern, patience_s=PATIENCE_S):
        self.tell(command)
        return self.expect(pattern, patience_s)

    def tell(self, command):
        self._child.stdin.write(command + "\n")
        self._child.stdin.flush()

    def cpu_ns(self):
        """utime and stime are sampled by ticks and lie about periodic work; this is the scheduler's."""
        try:
            return cpu_clock_ns(self.pid)
        except OSError as error:
            raise Failed(f"{self.name} has ended; its last lines:\n" + "\n".join(self._tail)) from error

    def resident_bytes(self):
        pages = int(pathlib.Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * resource.getpagesize()

    @contextlib.contextmanager
    def profiled(self, path):
        """Records where its time goes, for `perf report -i PATH`."""
        perf = subprocess.Popen(["perf", "record", "-q", "-F", "997", "-g", "-o", str(path), "-p", str(self.pid)])
        try:
            yield
        finally:
            perf.send_signal(signal.SIGINT)
            perf.wait()

    def stop(self):
        """At once: how a server says goodbye is no part of any figure."""
        self._child.kill()
        self._child.wait()


def machine_cpu_ns():
    """What all processes of the machine, and what it runs on, took since it started: to tell whether the bench was alone. Not by
    /proc/stat's cores: those are looked at once a tick, and what runs in step with ticks is seen always or never."""
    total = ticks_to_ns(pathlib.Path("/proc/stat").read_text().split(maxsplit=9)[8])  # stolen; the kernel is told how much
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            own = cpu_clock_ns(int(entry))
            fields = pathlib.Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended: from now on its parent's children's
        total += own + ticks_to_ns(fields[13]) + ticks_to_ns(fields[14])
    return total


def cpu_clock_ns(pid):
    """The scheduler's account of all threads of a process (what /proc/PID/task/*/schedstat adds up to), also of those that ended."""
    return time.clock_gettime_ns((~pid << 3) | 2)  # CPUCLOCK_SCHED


def ticks_to_ns(ticks):
    return int(ticks) * 1_000_000_000 // os.sysconf("SC_CLK_TCK")
