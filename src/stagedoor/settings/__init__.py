"""What an operator can set: a file, the environment, and flags, in one typed model."""

from .loading import SettingsError, load_settings
from .model import Settings

__all__ = ["Settings", "SettingsError", "load_settings"]
