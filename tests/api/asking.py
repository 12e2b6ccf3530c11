"""Form of a valid request, for tests to change."""

from typing import Any, Final

FORM: Final[dict[str, Any]] = {
    "repository": "octo/api",
    "event_type": "deploy-api",
    "title": "배포 승인",
    "environment": "production",
}
