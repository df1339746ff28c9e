"""Everything that changes imports. Goods are listed and changed by the products' own services, as their seller."""

from .running import run_imports
from .starting import cancel_import, start_import, try_pictures_again
from .uploading import forget_old_imports, upload_import

__all__ = [
    "cancel_import",
    "forget_old_imports",
    "run_imports",
    "start_import",
    "try_pictures_again",
    "upload_import",
]
