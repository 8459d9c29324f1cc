"""Wrong and right configurations for the tests, and what is said of the wrong ones."""

from pathlib import Path

import pytest

from config.load import ConfigError, load

MINIMAL = 'site = "par1"\nnode = "dock-a"\n'
STATION = '[[stations]]\nid = "dock-1"\n'
SCANNER = '[[scanners]]\nid = "gun-1"\ndevice = "serial:///dev/ttyUSB0"\nstation = "dock-1"\n'
PRINTER = '[[printers]]\nid = "zebra-1"\nlanguage = "zpl"\ndevice = "tcp://10.0.0.20:9100"\n'


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "crossdock.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def complaints(folder: Path, text: str | bytes) -> list[str]:
    """What is said of a configuration, without the name of the file that begins every line."""
    path = written(folder, text)
    with pytest.raises(ConfigError) as caught:
        load(path)
    lines = [str(problem) for problem in caught.value.problems]
    assert str(caught.value) == "\n".join(lines)
    assert all(line.startswith(f"{path}: ") and line.isprintable() for line in lines)
    return [line.removeprefix(f"{path}: ") for line in lines]
