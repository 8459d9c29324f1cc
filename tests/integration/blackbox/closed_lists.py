"""The closed lists of contract section 7."""

import re

WHY = re.findall(
    r"\w+",
    """check_digit bad_gs1 bad_code unknown_code unknown_item unknown_order count_differs needs_place
    needs_order needs_quantity needs_item duplicate came_with_pallet not_wanted own_label void_label
    unknown_label unknown_command nothing_to_ship on_hold cancelled not_here nothing_to_undo built_upon lapsed
    too_long disk_full""",
)
"""`why` of `scan.rejected`."""

ERROR_CODES = re.findall(
    r"\w+",
    """bad_json bad_envelope unknown_type unknown_field missing_field bad_value too_large unknown_order
    unknown_item unknown_label unknown_exception exists stale shipped already_picked code_taken conflict gap
    out_of_range disk_full""",
)
"""Error codes of `res`."""

EXCEPTION_KINDS = re.findall(
    r"\w+",
    """unfulfillable on_hold late documents handover_failed stuck_in_transit delivery_failed restock
    asn_overdue over short unexpected damaged expired unknown_item count_needed count_again contradiction
    dropped low_stock ack_mismatch scanner printer label broker disk clock ledger""",
)

REASONS = re.findall(
    r"\w+", "out_of_stock not_found damaged count undone taken cancelled amended expired adjusted"
)
"""Why a line waits or an allocation ended."""
