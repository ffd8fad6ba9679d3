"""The comparison panel: the open client database beside another one."""
