"""Where sdesk's own files lie: the settings, the store, logs and the text an editor is given.

Every path is a function of the environment at the time of the call. Besides the store, nothing else
in sdesk makes a folder.
"""

from __future__ import annotations

import os
from pathlib import Path

from sdesk.errors import StoreFault

APP = "sdesk"


def config_file() -> Path:
    """`$SDESK_CONFIG`, else config.toml in the platform's settings folder; it needn't exist."""
    if chosen := os.environ.get("SDESK_CONFIG"):
        try:
            return Path(chosen).expanduser()
        except RuntimeError:
            return Path(chosen)
    # Here, not above: `ls --store` answers without it.
    from platformdirs import user_config_path

    return user_config_path(APP, appauthor=False) / "config.toml"


def default_store() -> Path:
    """The store of somebody who has named none, in the platform's data folder."""
    from platformdirs import user_data_path

    return user_data_path(APP, appauthor=False) / "desk.db"


def state_folder() -> Path:
    """Logs and what the program remembers between runs; made 0700 when it is missing."""
    from platformdirs import user_state_path

    return _private(user_state_path(APP, appauthor=False))


def cache_folder() -> Path:
    """What can be made again at any time; made 0700 when it is missing."""
    from platformdirs import user_cache_path

    return _private(user_cache_path(APP, appauthor=False))


def state_file() -> Path:
    """What the desk remembers of its own: theme, widths, the last view. Never the user's settings."""
    return state_folder() / "state.json"


def log_file() -> Path:
    return state_folder() / "sdesk.log"


def editing_folder() -> Path:
    """Where `$EDITOR` gets its text, readable by this user alone."""
    return _private(state_folder() / "editing")


def _private(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if folder.stat().st_uid == os.getuid() and folder.stat().st_mode & 0o077:
            folder.chmod(0o700)
    except OSError as error:
        raise StoreFault(
            f"The folder {folder} can't be made: {error.strerror}.",
            "Set XDG_STATE_HOME and XDG_CACHE_HOME to folders of yours.",
        ) from None
    return folder
