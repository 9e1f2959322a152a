"""The user's settings and where they come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdesk import locations
from sdesk.config import load, store_place, table
from sdesk.errors import Usage


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config.toml"
    monkeypatch.setenv("SDESK_CONFIG", str(path))
    monkeypatch.delenv("SDESK_STORE", raising=False)
    return path


def test_without_a_file_the_store_is_in_the_data_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    config = load(environ={})
    assert config.store == str(tmp_path / "data" / "sdesk" / "desk.db")
    assert config.file is None
    assert config.where("store") == "default"


def test_a_flag_beats_the_environment_and_that_beats_the_file(file):
    file.write_text('store = "/from/file.db"\ntheme = "ansi-dark"\n')
    assert load(environ={}).store == "/from/file.db"
    assert load(environ={}).where("store") == f"{file}:1"
    environ = {"SDESK_STORE": "/from/environ.db"}
    assert load(environ=environ).store == "/from/environ.db"
    assert load(environ=environ).where("store") == "SDESK_STORE"
    assert load(environ=environ, store="/from/flag.db").store == "/from/flag.db"
    assert load(environ=environ).theme == "ansi-dark"


def test_an_unknown_setting_names_file_line_and_the_nearest_right_one(file):
    file.write_text('# mine\n\ntheem = "dark"\n')
    with pytest.raises(Usage) as caught:
        load(environ={})
    assert f"{file}, line 3" in caught.value.message
    assert caught.value.hint == "Did you mean 'theme'?"
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mouse = 'yes'", "'mouse' is true or false"),
        ("store = 3", "'store' is text"),
        ("[keys]\n'ticket.take' = 3", "line 2: the key of 'ticket.take' is text"),
        ("keys = 3", "'keys' is a table"),
        ("driver = 'plane'", "'driver' is 'differences' or 'plain', not 'plane'"),
        ("worker = true", "'worker' is a table"),
        ("\n[worker]\nin_desk = 'no'", "line 3: 'worker.in_desk' is true or false"),
        ("[worker]\nin_dekss = true", "there is no setting 'worker.in_dekss'"),
        ("store = \n", "line 1"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(file, text, said):
    file.write_text(text)
    with pytest.raises(Usage, match=said):
        load(environ={})


def test_keys_may_be_dotted_or_quoted_and_know_their_line(file):
    file.write_text('[keys]\n"ticket.take" = "t"\nticket.assign = "A"\n')
    config = load(environ={})
    assert config.keys == {"ticket.take": "t", "ticket.assign": "A"}
    assert config.where("keys.ticket.take") == f"{file}:2"
    assert config.where("keys.ticket.assign") == f"{file}:3"
    assert config.key_lines == {"ticket.take": 2, "ticket.assign": 3}


def test_the_mouse_can_be_set_by_the_environment():
    assert load(environ={}).mouse is None
    assert load(environ={"SDESK_MOUSE": "off"}).mouse is False
    with pytest.raises(Usage, match="SDESK_MOUSE"):
        load(environ={"SDESK_MOUSE": "perhaps"})


def test_the_editor_falls_back_to_the_environment_and_then_vi():
    assert load(environ={"EDITOR": "nano", "VISUAL": "vim"}).editor == "vim"
    assert load(environ={}).editor == "vi"


def test_reading_settings_never_writes_the_file(file):
    text = 'mouse = true   # as I like it\n[keys]\n"ticket.take" = "t"\n'
    file.write_text(text)
    file.chmod(0o400)
    load(environ={})
    assert file.read_text() == text


def test_a_store_named_by_flag_needs_no_file(file):
    file.write_text("broken [")
    assert store_place("/a.db") == "/a.db"


def test_folders_of_our_own_are_private(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert locations.editing_folder().stat().st_mode & 0o777 == 0o700
    assert locations.log_file().parent.stat().st_mode & 0o777 == 0o700


def test_a_desk_keeps_time_unless_the_settings_say_otherwise(file):
    assert load(environ={}).worker_in_desk
    file.write_text("[worker]\nin_desk = false\n")
    config = load(environ={})
    assert not config.worker_in_desk
    assert config.where("worker.in_desk") == f"{file}:2"


def test_a_word_that_is_none_of_the_choices_is_refused_in_the_environment_too(file):
    assert load(environ={}).driver == "differences"
    assert load(environ={"SDESK_DRIVER": "plain"}).driver == "plain"
    with pytest.raises(Usage) as caught:
        load(environ={"SDESK_DRIVER": "plian"})
    assert "SDESK_DRIVER is 'differences' or 'plain', not 'plian'" in caught.value.message
    assert caught.value.hint == "Did you mean 'plain'?"


def test_the_tables_of_the_channels_are_left_to_their_rooms(file):
    file.write_text("[mail]\nfrm = 'x'\n[[notify.target]]\nurl = 3\n[alerts]\n[webhook]\n")
    assert load(environ={}).file == file
    with pytest.raises(Usage) as caught:
        table("mail").checked({"from": str})
    assert caught.value.message == f"{file}, line 2: there is no setting 'frm' in [mail]."
    assert caught.value.hint == "Did you mean 'from'?"


def test_repeated_tables_know_their_own_lines(file):
    file.write_text(
        "[[mail.mailbox]]\nport = 1\n\n[[mail.mailbox]]\nport = 'x'\n[mail.smtp]\nport=2"
    )
    first, second = table("mail").each("mailbox")
    assert first.checked({"port": int}) == {"port": 1}
    with pytest.raises(Usage, match="line 5: 'port' is a number") as caught:
        second.checked({"port": int})
    assert str(file) in caught.value.message
    assert table("mail").inner("smtp").place("port") == f"{file}, line 7"
    assert table("notify").values == {}
