"""What must always hold of mail: each SQL must return no row. What is parked is no breach; it is counted
(`selectors.mail_state`, the admins' page of sweeps)."""

from marketplace.common.invariants import Invariant

INVARIANTS = [
    Invariant(
        "I36 a mail that was sent or given up says nothing any more",
        "SELECT id, state FROM mail_outgoingmail WHERE state <> 'waiting' AND (content <> '' OR ended_at IS NULL)",
    ),
    Invariant(
        "I36 a mail that waits has something to say",
        "SELECT id FROM mail_outgoingmail WHERE state = 'waiting' AND content = ''",
    ),
]
