"""Why a broker is not there for us, in sentences that say what to mend."""

import ssl

from edge.errors import DeviceError
from sync.caller import Caller

_HERS = {
    9: (
        "is not valid yet",
        "Check the clock of this machine and of the broker, and the certificate's dates.",
    ),
    10: ("has expired", "Renew the broker's certificate; if it was, check the clock of this machine."),
    18: (
        "signed itself",
        "Give the site's authority in [mqtt] tls.ca, or let it sign the broker's certificate.",
    ),
    62: ("is for another name", "Write [mqtt] host as the certificate names it, or add that name to it."),
    64: (
        "is for another address",
        "Write [mqtt] host as the certificate names it, or add that address to it.",
    ),
}
"""By OpenSSL's number of what is wrong with the broker's certificate (X509_V_ERR in x509_vfy.h)."""
_FOREIGN = (
    "comes from an authority that [mqtt] tls.ca does not name",
    "Give the site's authority in tls.ca.",
)
for _number in (2, 19, 20, 21):
    _HERS[_number] = _FOREIGN

_OURS = {
    "CERTIFICATE_EXPIRED": ("as expired", "Renew [mqtt] tls.cert; a renewed one is taken without a restart."),
    "CERTIFICATE_REVOKED": ("as revoked", "Have a new one made for [mqtt] tls.cert and tls.key."),
    "UNKNOWN_CA": ("as of an authority it does not know", "Have the site's authority sign [mqtt] tls.cert."),
    "CERTIFICATE_REQUIRED": ("and wants one", "Give one in [mqtt] tls.cert and tls.key."),
    "CERTIFICATE": ("", "Check [mqtt] tls.cert: its authority, its dates, and what the broker's log says."),
}
"""By a part of the alert with which the broker refuses the node's certificate (RFC 8446 section 6.2)."""


class PublishRefusedError(DeviceError):
    """The broker went, and said before what it does not let us publish."""


def unreachable(broker: str, caller: Caller, error: Exception) -> DeviceError:
    """Say why the broker cannot be reached, as far as the error tells."""
    if isinstance(error, ssl.SSLCertVerificationError) and error.verify_code in _HERS:
        wrong, hint = _HERS[error.verify_code]
        return DeviceError(
            f"The certificate of the broker {broker} {wrong}: {error.verify_message}.", hint=hint
        )
    refused = refused_certificate(broker, caller, error)
    if refused is not None:
        return refused
    if isinstance(error, ssl.SSLError) and error.reason == "WRONG_VERSION_NUMBER":
        return DeviceError(
            f"The broker {broker} speaks no TLS at this port.",
            hint="Check [mqtt] port (with TLS it mostly is 8883), or leave tls out.",
        )
    return DeviceError(
        f"The broker {broker} cannot be reached: {error}.",
        hint=f"Check {caller.options} host, port and tls, the network, and that it runs.",
    )


def refused_certificate(broker: str, caller: Caller, error: Exception | None) -> DeviceError | None:
    """Say that the broker wants another certificate of the caller, if that is what it says."""
    reason = (error.reason or "") if isinstance(error, ssl.SSLError) else ""
    for part, (how, hint) in _OURS.items():
        if "ALERT" in reason and part in reason:
            text = f"The broker {broker} refused {caller.name}'s certificate {how}".rstrip()
            return DeviceError(f"{text} ({reason}).", hint=hint)
    return None


def not_let_in(broker: str, caller: Caller, reason: str) -> DeviceError:
    """Say why the broker refused the connection, by the name of its reason (MQTT 5 section 3.2.2.2)."""
    # Our last will is retained and has QoS 1.
    if reason == "QoS not supported":
        return no_acknowledging(broker)
    if reason == "Retain not supported":
        return no_retaining(broker)
    hint = f"Check {caller.options} username, password_file and tls against its users."
    if reason == "Unsupported protocol version":
        hint = OTHER_PROTOCOL
    elif reason == "Client identifier not valid":
        hint = f"Allow the client id {caller.client_id} at the broker."
    return DeviceError(f"The broker {broker} refused {caller.name}: {reason}.", hint=hint)


def no_acknowledging(broker: str) -> DeviceError:
    return DeviceError(
        f"The broker {broker} acknowledges no messages (it takes QoS 0 alone), so events could be lost on the way.",
        hint="Use a broker that takes QoS 1, or allow it there.",
    )


def no_retaining(broker: str) -> DeviceError:
    return DeviceError(
        f"The broker {broker} keeps no retained messages, so nobody who comes later would see state and levels.",
        hint="Use a broker that keeps retained messages, or allow them there.",
    )


OTHER_PROTOCOL = 'Try the other [mqtt] protocol: it may not know the one of "5" and "3.1.1" that is set.'


def taken_over(caller: Caller) -> str:
    """Say what to do where the broker told that somebody else came under our id."""
    return f"{caller.twin[0].upper()}{caller.twin[1:]} is connected: give each {caller.own}."


def maybe_taken_over(caller: Caller) -> str:
    """Say what to do where it looks like that, over MQTT 3.1.1, which has no word for it."""
    return f"It went again and again right after connecting: {caller.twin} may be connected; give each {caller.own}."
