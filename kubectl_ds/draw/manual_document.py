"""The versioned document of ``reasons -o json`` and ``-o yaml``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from kubectl_ds.core.meta import Value
from kubectl_ds.draw.document import API_VERSION, ApiVersion
from kubectl_ds.manual.pages import CodePage


class ReasonList(Value, frozen=True):
    """What codes mean."""

    api_version: ApiVersion
    kind: Literal["ReasonList"]
    items: tuple[CodePage, ...]


def reason_list(pages: Iterable[CodePage]) -> ReasonList:
    """The document on some codes, or on all."""
    return ReasonList(api_version=API_VERSION, kind="ReasonList", items=tuple(pages))
