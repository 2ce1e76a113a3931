# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""What systemd sees: readiness, the watchdog, reload and stop, and lines with priorities."""

import re
import signal
import socket

import pytest
from running import until


class Systemd:
    """The receiving end of sd_notify(3)."""

    def __init__(self, folder):
        self.path = str(folder / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.setblocking(False)
        self.told = []

    def heard(self, assignment):
        """How often an assignment came so far."""
        try:
            while True:
                self.told += self.socket.recv(4096).decode().splitlines()
        except BlockingIOError:
            return sum(line.startswith(assignment) for line in self.told)


@pytest.fixture
def systemd(tmp_path):
    """A socket as systemd would hand it over."""
    systemd = Systemd(tmp_path)
    yield systemd
    systemd.socket.close()


def test_ready_means_that_the_api_listens(bench, configuration, systemd):
    gateway = bench.gateway(configuration, NOTIFY_SOCKET=systemd.path, WATCHDOG_USEC="1000000")
    until(lambda: systemd.heard("READY=1") or not gateway.runs(), "READY=1")
    assert gateway.answers("/livez") and gateway.answers("/readyz"), gateway.text()
    until(lambda: systemd.heard("WATCHDOG=1") >= 3, "three signs of life")
    assert systemd.heard("STATUS=") >= 1
    assert gateway.stop()[0] == 0
    assert systemd.heard("STOPPING=1") == 1
    assert systemd.heard("READY=1") == 1


def test_no_readiness_without_a_port(bench, configuration, systemd):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        configuration["pull"]["listen"] = f"127.0.0.1:{busy.getsockname()[1]}"
        gateway = bench.gateway(configuration, NOTIFY_SOCKET=systemd.path)
        assert gateway.ended() == 69, gateway.text()
    assert systemd.heard("READY=1") == 0


def test_a_wrong_reload_keeps_the_old_configuration(bench, configuration, systemd):
    gateway = bench.gateway(configuration, NOTIFY_SOCKET=systemd.path).ready()
    sound = gateway.configuration.read_text("utf-8")
    gateway.configuration.write_text(sound.replace("press-1", "press 1!"), "utf-8")
    gateway.process.send_signal(signal.SIGHUP)
    until(lambda: gateway.lines(str(gateway.configuration) + ":"), "a line about the reload")
    assert gateway.answers("/v1/equipment/press-1") and gateway.answers("/readyz")
    assert gateway.stop()[0] == 0


def test_a_reload_takes_a_new_device_and_leaves_alone_what_is_as_it_was(bench, configuration):
    gateway = bench.gateway(configuration).ready()
    gateway.process.send_signal(signal.SIGHUP)
    until(lambda: gateway.lines("nothing changes"), "a line about the same configuration")
    sound = gateway.configuration.read_text("utf-8")
    gateway.configuration.write_text(sound.replace("press-1", "press-2"), "utf-8")
    gateway.process.send_signal(signal.SIGHUP)
    until(lambda: gateway.answers("/v1/equipment/press-2"), "the new machine")
    assert not gateway.answers("/v1/equipment/press-1")
    assert gateway.stop()[0] == 0


def test_the_journal_gets_priorities(bench, configuration):
    log = bench.folder / "gateway.stderr"
    log.touch()
    status = log.stat()
    gateway = bench.gateway(configuration, JOURNAL_STREAM=f"{status.st_dev}:{status.st_ino}")
    gateway.ready().stop()
    lines = log.read_text("utf-8").splitlines()
    assert lines
    assert [line for line in lines if not re.match(r"<[3-6]>\S", line)] == []
    assert [line for line in lines if not line.isprintable()] == []


def test_a_plain_log_has_times_and_words(bench, configuration):
    gateway = bench.gateway(configuration).ready()
    gateway.stop()
    assert [line for line in gateway.lines() if line.startswith("<")] == []
    assert [
        line for line in gateway.lines() if not re.match(r"\d{4}-\d\d-\d\dT\S+ [A-Z]+ ", line)
    ] == []
