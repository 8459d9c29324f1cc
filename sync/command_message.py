"""A command's envelope as central writes it, for the schemas. What comes on `cmd` is read by `reading`."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sync.fields import Must, Time
from sync.messages import COMMANDS
from sync.reading import MAX_CMDSEQ, MAX_ID, PREFIX

Identity = Annotated[
    str,
    Field(pattern=rf"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]{{1,{MAX_ID}}}$"),
    Must(f"text of 1 to {MAX_ID} characters without control characters"),
]


class CommandMessage(BaseModel):
    """A command as a CloudEvent 1.0 in structured JSON. It is done once for each `source` and `id`.

    Attributes of CloudEvents that are not named here are passed over.
    """

    model_config = ConfigDict(
        # CloudEvents 1.0.2 section 3.1: attributes are named in lower-case letters and digits.
        json_schema_extra={"propertyNames": {"pattern": "^[a-z0-9]+$"}}
    )

    specversion: Literal["1.0"]
    id: Identity
    source: Identity
    type: Annotated[str, Field(json_schema_extra={"enum": [PREFIX + name for name in COMMANDS]})]
    data: dict[str, Any]
    datacontenttype: (
        Annotated[
            str,
            Field(pattern=r"^[A-Za-z]+/([A-Za-z0-9_.-]+\+)?[Jj][Ss][Oo][Nn] *(;.*)?$"),
            Must('"application/json"'),
        ]
        | None
    ) = None
    time: Time | None = None
    cmdseq: (
        Annotated[
            int,
            Field(ge=1, le=MAX_CMDSEQ),
            Must("a whole number, 1 or more"),
        ]
        | None
    ) = None
