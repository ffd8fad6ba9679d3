"""What can go wrong between this machine and the service, as sentences for people."""

from inspector.protocol.errors import InspectorError


class ConnectionTrouble(InspectorError):
    """The service cannot be reached, or the connection to it broke."""


class CredentialTrouble(InspectorError):
    """No usable token came from where tokens come from."""


class SettingsError(InspectorError):
    """What the user gave cannot be used; trying again does not help."""
