"""What MQTT 5 and 3.1.1 say differently, in one place; beyond here nobody asks which of the two is spoken.

3.1.1 has no word for much of it, and the nearest is done:

- A session lasts as long as the broker keeps it, not the 30 days that we ask for.
- The broker tells no limits. We stay within our own, and hold back what it sends beyond them (`sync.wire`).
- A message is taken or the connection ends: a broker that forbids a topic may say that it took it (mosquitto does).
  Only `confirm = "central"` notices.
- An old command that lies on the topic comes again with each connection, and is refused again.
- Nobody is told of a second node under this one's name: see `sync.link`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from sync.caller import Subscription
from sync.trouble import no_acknowledging, no_retaining
from sync.wire import MAX_BODY_BYTES

Protocol = Literal["5", "3.1.1"]
AnyClient = TypeVar("AnyClient", bound=Client)

SESSION_EXPIRY_S = 30 * 24 * 3600
"""So long commands wait at the broker while the node is down."""
WINDOW = 100
"""Messages in flight to the broker at most (contract section 6); fewer if the broker asks for fewer."""
COMMANDS_UNACKED = 64
"""Commands that may be open here, fewer where they are long (`sync.wire.places`): neither the inbox nor memory fills
by them."""
KEEPALIVE_S = 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What a broker takes. `max_packet`: bytes, or None for any; `session_s`: so long it keeps our session."""

    window: int = WINDOW
    max_packet: int | None = None
    keepalive_s: int = KEEPALIVE_S
    session_s: int = SESSION_EXPIRY_S


def new_client(client_type: type[AnyClient], protocol: Protocol, client_id: str) -> AnyClient:
    """Make a client of a session that outlives its connections, and that acknowledges nothing by itself."""
    if protocol == "5":
        client = client_type(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
            manual_ack=True,
        )
    else:
        client = client_type(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=MQTTProtocolVersion.MQTTv311,
            clean_session=False,
            reconnect_on_failure=False,
            manual_ack=True,
        )
    return client


def connect(client: Client, protocol: Protocol, host: str, port: int, *, receive_max: int) -> None:
    """Connect, shake hands, and have the first packet ready; what goes wrong is paho's to raise.

    `receive_max`: messages that may come before we acknowledge them, where the broker can be told.
    """
    if protocol != "5":
        client.connect(host, port, keepalive=KEEPALIVE_S)
        return
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = SESSION_EXPIRY_S
    properties.ReceiveMaximum = receive_max
    properties.MaximumPacketSize = MAX_BODY_BYTES
    client.connect(host, port, keepalive=KEEPALIVE_S, clean_start=False, properties=properties)


def subscribe(client: Client, protocol: Protocol, subscriptions: Sequence[Subscription]) -> None:
    """Ask for what a caller wants to be told, each with QoS 1."""
    if protocol != "5":
        client.subscribe([(asked.topic, 1) for asked in subscriptions])
        return
    new, each = SubscribeOptions.RETAIN_SEND_IF_NEW_SUB, SubscribeOptions.RETAIN_SEND_ON_SUBSCRIBE
    client.subscribe(
        [
            (asked.topic, SubscribeOptions(qos=1, retainHandling=new if asked.once else each))
            for asked in subscriptions
        ]
    )


def limits(properties: Properties | None, broker: str) -> Limits:
    """Read what the broker says of itself when it lets us in; DeviceError if the contract cannot be kept there."""
    if getattr(properties, "MaximumQoS", 1) < 1:
        raise no_acknowledging(broker)
    if getattr(properties, "RetainAvailable", 1) == 0:
        raise no_retaining(broker)
    return Limits(
        window=min(WINDOW, getattr(properties, "ReceiveMaximum", WINDOW)),
        max_packet=getattr(properties, "MaximumPacketSize", None),
        # None at all is 0; ours is kept to then, since it also shows whether the broker is there.
        keepalive_s=getattr(properties, "ServerKeepAlive", 0) or KEEPALIVE_S,
        session_s=getattr(properties, "SessionExpiryInterval", SESSION_EXPIRY_S),
    )
