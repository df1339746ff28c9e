"""What must always hold of applications: each SQL must return no row."""

from marketplace.common.invariants import Invariant

INVARIANTS = [
    Invariant(
        "an application is where its submission is",
        "SELECT a.id, a.status, s.status FROM applications_application a"
        " LEFT JOIN django_content_type t ON t.app_label = 'applications' AND t.model = 'application'"
        " LEFT JOIN reviewing_submission s ON s.content_type_id = t.id AND s.object_id = a.id"
        " WHERE s.id IS NULL OR s.submitter_id <> a.applicant_id OR"
        " CASE a.status WHEN 'pending' THEN 'submitted' ELSE a.status END <> s.status",
    ),
    Invariant(
        "only an open application has its key, and that is its applicant",
        "SELECT id, status FROM applications_application"
        " WHERE (status IN ('pending', 'changes_requested')) <> (open_key IS NOT NULL)",
    ),
    Invariant(
        "who was accepted has the role, or had it",
        "SELECT a.id, a.role FROM applications_application a WHERE a.status = 'approved' AND NOT EXISTS"
        " (SELECT 1 FROM accounts_sellerprofile p WHERE p.user_id = a.applicant_id) AND NOT EXISTS"
        " (SELECT 1 FROM accounts_courierprofile c WHERE c.user_id = a.applicant_id)",
    ),
]
