"""Topics of a node."""

from hypothesis import given
from hypothesis import strategies as st

from sync.topics import Topics, escaped

TOPICS = Topics("crossdock", "par1", "dock-a")


def test_every_topic_stands_under_prefix_site_and_node() -> None:
    assert (TOPICS.state(), TOPICS.cmd(), TOPICS.res(), TOPICS.ack()) == (
        "crossdock/par1/dock-a/state",
        "crossdock/par1/dock-a/cmd",
        "crossdock/par1/dock-a/res",
        "crossdock/par1/dock-a/ack",
    )
    assert TOPICS.snapshot("c/1") == "crossdock/par1/dock-a/snap/c%2F1"
    assert TOPICS.event("order.unfulfillable") == "crossdock/par1/dock-a/evt/order/unfulfillable"


def test_an_item_named_like_a_topic_stays_one_level() -> None:
    assert TOPICS.level("$SYS/+/#%") == "crossdock/par1/dock-a/stock/%24SYS%2F%2B%2F%23%25"
    assert TOPICS.level("A_1.b-2") == "crossdock/par1/dock-a/stock/A_1.b-2"
    assert escaped("é") == "%C3%A9"


@given(st.text(), st.text())
def test_no_two_items_share_a_topic(one: str, other: str) -> None:
    one, other = (text.encode("utf-8", "replace").decode() for text in (one, other))

    assert (escaped(one) == escaped(other)) == (one == other)
