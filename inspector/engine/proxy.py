"""The proxy that the system's settings put before an address: httpx goes through it, people want to know."""

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass


def proxy_for(address: str) -> str:
    """Host and port of the proxy between this machine and `address`, without its password; empty: none."""
    proxies = getproxies()
    try:
        parts = urlsplit(address)
        proxy = proxies.get(parts.scheme) or proxies.get("all", "")
        if not proxy or proxy_bypass(parts.netloc):
            return ""
        return urlsplit(proxy if "://" in proxy else f"http://{proxy}").netloc.rpartition("@")[2]
    except ValueError:
        return ""
