"""What udev makes of our rules, by udevadm itself: real rules of the system, devices of a sysfs made for the test."""

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RULES = ROOT / "systemd" / "crossdock.rules"
INSTALLED = "72-crossdock-scanners.rules"
SOCKET = "pci0000:00/0000:00:14.0/usb1/1-1"
# Keys of linux/input-event-codes.h from Esc on, as a bit mask: what makes a keyboard for udev's input_id.
KEYS = "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe"
MAKERS = {"Zebra": "05e0", "Honeywell": "0c2e", "Hand Held": "0536", "Datalogic": "05f9", "Newland": "1eab"}

# In namespaces of its own: over /sys, /run, /dev and the groups lie the test's, and nothing of the machine changes.
TRIAL = f"""
set -eu
cd "$1"
mount --bind group /etc/group
mount --bind sys /sys
mount -t tmpfs none /run
mkdir -p /run/udev/rules.d
cp rules /run/udev/rules.d/{INSTALLED}
cp own /run/udev/rules.d/71-crossdock.rules
mount -t tmpfs none /dev
mknod /dev/null c 1 3
mkdir -p /dev/input /dev/bus/usb/001
mknod /dev/bus/usb/001/002 c 189 1
mknod /dev/ttyACM0 c 166 0
mknod /dev/input/event7 c 13 71
udevadm test --action=add "/sys/devices/$2" >said 2>&1
cp -r /run/udev/data db
find /dev -type l -printf '%P\\n' >links
find /dev -type c -printf '%P %m %g\\n' >nodes
"""


def version() -> int:
    """udev's version; 0 where it is not installed."""
    if shutil.which("udevadm") is None:
        return 0
    said = subprocess.run(["udevadm", "--version"], capture_output=True, text=True, check=True, timeout=60)
    return int(said.stdout.split()[0].split(".")[0])


def why_untried() -> str:
    """Say why udev cannot be tried here; nothing where it can."""
    if version() == 0:
        return "udev is not on this machine"
    if version() >= 257:
        return "from udev 257 on `udevadm test` leaves nothing behind to look at"
    space = ["unshare", "--mount", "true"]
    if (
        os.geteuid() != 0
        or subprocess.run(space, capture_output=True, check=False, timeout=60).returncode != 0
    ):
        return "only root, where it may, lays a /sys of its own over the machine's"
    return ""


WHY_UNTRIED = why_untried()
tried_by_udev = pytest.mark.skipif(bool(WHY_UNTRIED), reason=WHY_UNTRIED)


@dataclass
class Outcome:
    """What udev knows of a device after its event, and what it would say of our file."""

    links: set[str] = field(default_factory=set)
    nodes: set[str] = field(default_factory=set)
    properties: set[str] = field(default_factory=set)
    tags: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)


def plugged_in(
    tmp_path: Path,
    kind: str,
    *,
    vendor: str = "05e0",
    serial: str = "S123",
    own: str = "",
    descriptors: bytes = b"",
) -> Outcome:
    """Plug in a scanner and return what udev makes of its serial port, its input device, or the USB device itself.

    `own` is a rule that the site has written.
    """
    devices = {
        "usb": SOCKET,
        "tty": f"{SOCKET}/1-1:1.0/tty/ttyACM0",
        "input": f"{SOCKET}/1-1:1.0/input/input7/event7",
    }
    tmp_path = tmp_path / kind
    tmp_path.mkdir()
    _make_sys(tmp_path / "sys", vendor=vendor, serial=serial)
    (tmp_path / "sys" / "devices" / SOCKET / "descriptors").write_bytes(descriptors)
    shutil.copy(RULES, tmp_path / "rules")
    (tmp_path / "own").write_text(own, encoding="utf-8")
    groups = "".join(
        f"{name}:x:{n}:\n" for n, name in enumerate(["root", "tty", "dialout", "input", "lp", "crossdock"])
    )
    (tmp_path / "group").write_text(groups, encoding="utf-8")

    subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", TRIAL, "sh", tmp_path, devices[kind]],
        check=True,
        capture_output=True,
        timeout=60,
        # Ours is no real sysfs, and udev would see that.
        env={**os.environ, "SYSTEMD_DEVICE_VERIFY_SYSFS": "0"},
    )

    known = [
        line for file in (tmp_path / "db").iterdir() for line in file.read_text(encoding="utf-8").splitlines()
    ]
    said = (tmp_path / "said").read_text(encoding="utf-8").splitlines()
    acts = (" GROUP ", " MODE ", " LINK ")
    return Outcome(
        links={link for link in (tmp_path / "links").read_text().split() if link.startswith("crossdock/")},
        nodes=set((tmp_path / "nodes").read_text(encoding="utf-8").splitlines()),
        properties={line[2:] for line in known if line.startswith("E:")},
        tags={line[2:] for line in known if line.startswith("Q:")},
        complaints=[
            line for line in said if f"{INSTALLED}:" in line and not any(act in line for act in acts)
        ],
    )


def _make_sys(sys: Path, *, vendor: str, serial: str) -> None:
    pci = sys / "devices" / "pci0000:00" / "0000:00:14.0"
    usb = sys / "devices" / SOCKET
    interface = usb / "1-1:1.0"
    _make(pci, "bus/pci", sys)
    _make(usb, "bus/usb", sys, DEVTYPE="usb_device", MAJOR="189", MINOR="1", DEVNAME="bus/usb/001/002")
    _fill(usb, idVendor=vendor, idProduct="1701", manufacturer="Maker", product="Scanner", bcdDevice="0100")
    if serial:
        _fill(usb, serial=serial)
    _make(interface, "bus/usb", sys, DEVTYPE="usb_interface")
    _fill(interface, bInterfaceNumber="00", bInterfaceClass="02")
    _make(interface / "tty" / "ttyACM0", "class/tty", sys, MAJOR="166", MINOR="0", DEVNAME="ttyACM0")
    keyboard = interface / "input" / "input7"
    _make(keyboard, "class/input", sys, EV="120013", KEY=KEYS)
    _fill(keyboard, **{"capabilities/ev": "120013", "capabilities/key": KEYS, "id/bustype": "0003"})
    _fill(
        keyboard, **{f"capabilities/{none}": "0" for none in ("abs", "rel", "sw", "msc", "ff", "led", "snd")}
    )
    _make(keyboard / "event7", "class/input", sys, MAJOR="13", MINOR="71", DEVNAME="input/event7")


def _make(device: Path, subsystem: str, sys: Path, **uevent: str) -> None:
    device.mkdir(parents=True, exist_ok=True)
    (sys / subsystem).mkdir(parents=True, exist_ok=True)
    (device / "subsystem").symlink_to(f"/sys/{subsystem}")
    _fill(device, uevent="\n".join(f"{key}={value}" for key, value in uevent.items()))


def _fill(device: Path, **attributes: str) -> None:
    for name, value in attributes.items():
        (device / name).parent.mkdir(exist_ok=True)
        (device / name).write_text(value + "\n", encoding="utf-8")


@tried_by_udev
@pytest.mark.parametrize("vendor", MAKERS.values(), ids=MAKERS)
def test_a_maker_s_serial_scanner_has_its_names_its_group_and_no_modem_manager(
    tmp_path: Path, vendor: str
) -> None:
    scanner = plugged_in(tmp_path, "tty", vendor=vendor)

    assert scanner.complaints == []
    assert scanner.links == {
        "crossdock/serial-Maker_Scanner_S123-if00",
        "crossdock/serial-at-pci-0000:00:14.0-usb-0:1:1.0",
    }
    assert "ttyACM0 660 crossdock" in scanner.nodes
    assert {"ID_MM_DEVICE_IGNORE=1", "ID_MM_PORT_IGNORE=1"} <= scanner.properties
    assert "LIBINPUT_IGNORE_DEVICE=1" not in scanner.properties


@tried_by_udev
@pytest.mark.parametrize("vendor", MAKERS.values(), ids=MAKERS)
def test_a_maker_s_scanner_that_types_is_the_daemon_s_and_no_desktop_s(tmp_path: Path, vendor: str) -> None:
    scanner = plugged_in(tmp_path, "input", vendor=vendor)

    assert scanner.complaints == []
    assert scanner.links == {
        "crossdock/keyboard-Maker_Scanner_S123-if00",
        "crossdock/keyboard-at-pci-0000:00:14.0-usb-0:1:1.0",
    }
    assert "input/event7 660 crossdock" in scanner.nodes
    assert "LIBINPUT_IGNORE_DEVICE=1" in scanner.properties
    assert "power-switch" not in scanner.tags


@tried_by_udev
def test_modem_manager_finds_its_sign_at_the_usb_device(tmp_path: Path) -> None:
    scanner = plugged_in(tmp_path, "usb")

    assert "ID_MM_DEVICE_IGNORE=1" in scanner.properties
    assert scanner.links == set()


@tried_by_udev
def test_a_scanner_without_a_serial_number_is_named_by_its_socket_alone(tmp_path: Path) -> None:
    assert plugged_in(tmp_path, "tty", serial="").links == {
        "crossdock/serial-at-pci-0000:00:14.0-usb-0:1:1.0"
    }


@tried_by_udev
@pytest.mark.parametrize("vendor", ["0403", "067b", "1a86", "10c4", "046d"])
def test_an_adapter_or_a_keyboard_of_anybody_s_is_left_alone(tmp_path: Path, vendor: str) -> None:
    tty = plugged_in(tmp_path, "tty", vendor=vendor)
    keyboard = plugged_in(tmp_path, "input", vendor=vendor)

    assert tty.links == keyboard.links == set()
    assert "ttyACM0 660 dialout" in tty.nodes
    assert "input/event7 660 input" in keyboard.nodes
    assert "power-switch" in keyboard.tags
    ours = ("CROSSDOCK", "ID_MM_", "LIBINPUT_IGNORE")
    assert [one for one in tty.properties | keyboard.properties if one.startswith(ours)] == []


@tried_by_udev
def test_a_usb_printer_is_for_the_group_lp_by_the_system_s_own_rules(tmp_path: Path) -> None:
    # Device, configuration, an interface of class 07/01, its endpoint, as the kernel shows them (USB 2.0, 9.6).
    printer = bytes((18, 1, *[0] * 16, 9, 2, *[0] * 7, 9, 4, 0, 0, 1, 7, 1, 2, 0, 7, 5, 1, 2, 64, 0, 0))

    assert "bus/usb/001/002 664 lp" in plugged_in(tmp_path, "usb", vendor="04b8", descriptors=printer).nodes


@tried_by_udev
def test_a_site_adds_a_maker_by_a_line_of_its_own(tmp_path: Path) -> None:
    (line,) = (line for line in RULES.read_text(encoding="utf-8").splitlines() if '"1eab"' in line)

    scanner = plugged_in(tmp_path, "tty", vendor="1a86", own=line.replace("1eab", "1a86") + "\n")

    assert "crossdock/serial-Maker_Scanner_S123-if00" in scanner.links
    assert "ttyACM0 660 crossdock" in scanner.nodes


@pytest.mark.skipif(version() < 254, reason="`udevadm verify` came with udev 254")
def test_udev_finds_nothing_wrong_with_the_rules(tmp_path: Path) -> None:
    shutil.copy(RULES, tmp_path / INSTALLED)

    verified = subprocess.run(
        ["udevadm", "verify", "--resolve-names=never", tmp_path / INSTALLED],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert verified.returncode == 0, verified.stdout + verified.stderr
