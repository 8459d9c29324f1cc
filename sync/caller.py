"""Who calls a broker: what it says of itself, what it asks for, how it is named to people.

There are two: a node, and the reference central.
"""

from dataclasses import dataclass

from config.settings import Mqtt
from sync.topics import Topics


@dataclass(frozen=True, slots=True)
class Subscription:
    """What to be told. Of what lies there, all comes with each subscription, or (`once`) with a new one alone."""

    topic: str
    is_needed: bool = True
    once: bool = False


@dataclass(frozen=True, slots=True)
class Caller:
    """`name`, `options`, `twin` and `own` are for people: who is refused, where to mend it, another who has the same
    id, and what each should have of its own.

    `receive_max`: messages that may come before they are acknowledged, where the broker can be told.
    """

    name: str
    options: str
    client_id: str
    twin: str
    own: str
    subscriptions: tuple[Subscription, ...]
    receive_max: int
    will: tuple[str, bytes] | None = None


def node(topics: Topics, mqtt: Mqtt, *, will: bytes, receive_max: int) -> Caller:
    """A node; `will` is the state that the broker tells once it is gone."""
    return Caller(
        name="this node",
        options="[mqtt]",
        # Dots stand in no site or node, so that no two nodes have one id.
        client_id=f"crossdock.{topics.site}.{topics.node}",
        twin="another node with the same site and node name",
        own="its own",
        subscriptions=(
            # A command that lies there is an old one: it is looked at once, to be refused.
            Subscription(topics.cmd(), once=True),
            # Without commands a node is of no use to central; without acks only where central is to confirm.
            Subscription(topics.ack(), is_needed=mqtt.confirm == "central"),
        ),
        receive_max=receive_max,
        will=(topics.state(), will),
    )


def central(mqtt: Mqtt, client_id: str, *, receive_max: int) -> Caller:
    """The reference central, for all nodes under the prefix."""
    # Where a node stands comes before what it tells. `ack` is our own: it shows if our books are an older copy. Levels
    # that are known need not come anew.
    topics = ("state", "ack", "evt/#", "stock/+", "res", "snap/+")
    return Caller(
        name="central",
        options="the broker's",
        client_id=client_id,
        twin=f"another {client_id!r}",
        own="its own --client-id",
        subscriptions=tuple(
            Subscription(f"{mqtt.prefix}/+/+/{topic}", once=topic == "stock/+") for topic in topics
        ),
        receive_max=receive_max,
    )
