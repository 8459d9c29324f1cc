"""Which broker central and its check mean: the one that is named, or the configuration's."""

import argparse
from pathlib import Path
from typing import Any

from config.load import load
from config.settings import Mqtt, Settings, Tls
from edge.errors import UsageError


def named_broker(args: argparse.Namespace) -> tuple[Mqtt, Settings | None]:
    """Read the broker's arguments, and the configuration where they name none; what is said goes before it.

    Raises UsageError, and ConfigError for a configuration that is wrong.
    """
    given: dict[str, Any] = {
        name: value
        for name in ("username", "password_file", "prefix", "protocol")
        if (value := getattr(args, name)) is not None
    }
    if (args.cert is None) != (args.key is None):
        raise UsageError("--cert and --key belong together.", hint="Give both for mutual TLS, or neither.")
    if args.tls or args.ca is not None or args.cert is not None:
        given["tls"] = Tls(ca=args.ca, cert=args.cert, key=args.key)
    if args.broker is not None:
        host, port = args.broker
        return Mqtt(host=host, port=port or (8883 if "tls" in given else 1883), **given), None
    settings, mqtt = _configured(args.config)
    return Mqtt(**{**dict(mqtt), **given}), settings


def _configured(config: Path) -> tuple[Settings, Mqtt]:
    if not config.exists():
        raise UsageError(
            f"The broker is not known: there is no {config}.",
            hint="Name it with --broker HOST:PORT, or a configuration that has [mqtt] with -c FILE.",
        )
    settings = load(config)
    if settings.mqtt is None:
        raise UsageError(
            f"The broker is not known: {config} has no [mqtt].", hint="Name it with --broker HOST:PORT."
        )
    return settings, settings.mqtt
