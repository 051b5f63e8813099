"""The proxy that the environment asks for, by the rules of Go's ``httpproxy``, as in kubectl."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NETWORK = "[^/]+/[0-9]+"
_HOST_PORT = r"(?:\[(?P<v6>[^\[\]]*)\]|(?P<host>[^:\[\]]*)):(?P<port>[^:\[\]]*)"


def from_environment(server: str, environ: Mapping[str, str]) -> str:
    """The proxy's URL for a server; empty where the server is to be reached directly.

    HTTPS_PROXY or HTTP_PROXY counts, by the server's scheme, unless NO_PROXY excepts the server.
    This machine itself is never reached through a proxy.
    """
    url = urlsplit(server)
    host, port = url.hostname or "", url.port or (443 if url.scheme == "https" else 80)
    proxy = _variable(environ, f"{url.scheme}_proxy")
    if not proxy or loopback(host) or _excepted(host, port, _variable(environ, "no_proxy")):
        return ""
    return proxy if "://" in proxy else f"http://{proxy}"


def loopback(host: str) -> bool:
    """Whether the host is this machine."""
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _variable(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name.upper()) or environ.get(name) or ""


def _address(host: str) -> Address | None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _excepted(host: str, port: int, exceptions: str) -> bool:
    entries = (entry.strip().lower() for entry in exceptions.split(","))
    return any(_matches(entry, host, port) for entry in entries if entry)


def _matches(entry: str, host: str, port: int) -> bool:
    if entry == "*":
        return True
    address = _address(host)
    if re.fullmatch(_NETWORK, entry) and (network := _network(entry)):
        return address is not None and address in network
    name, wanted = _split(entry)
    if wanted not in ("", str(port)) or not name:
        return False
    if address is not None or _address(name):
        return address is not None and address == _address(name)
    name = name.removeprefix("*") if name.startswith("*.") else name
    return host.endswith(name) if name.startswith(".") else f".{host}".endswith(f".{name}")


def _split(entry: str) -> tuple[str, str]:
    """Host and port; an IPv6 address has brackets where it has a port."""
    match = re.fullmatch(_HOST_PORT, entry)
    if match is None:
        return entry, ""
    return match["v6"] or match["host"] or "", match["port"]


def _network(entry: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return None
