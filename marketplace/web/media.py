"""Pictures on a developer's machine, where no web server stands before the store."""

from pathlib import Path

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from django.views.static import serve


@login_not_required
@require_safe
def media(request: HttpRequest, path: str, document_root: Path) -> HttpResponseBase:
    """A file below `document_root`; what cannot be the name of one (too long, with a NUL) is not there."""
    try:
        return serve(request, path, document_root=str(document_root))
    except (OSError, ValueError) as error:
        raise Http404 from error
