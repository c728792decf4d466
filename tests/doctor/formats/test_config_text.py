"""A config file in a record holds no secret, whichever table its key stands in and however it is written."""

from __future__ import annotations

from goshim.doctor.engine.record import redacted
from goshim.doctor.formats.config_text import cleared
from tests.tables import for_each

SECRET = "hunter2Zq"
HIDING = {
    "a table": f'[proxy]\nhttps = "me:{SECRET}@p:80"\n',
    "literal quotes": f"[proxy]\nhttp = 'me:{SECRET}@p:80'\n",
    "an inline table": f'proxy = {{https = "me:{SECRET}@p:80"}}\n',
    "a user alone": f'[proxy]\nhttps = "{SECRET}@p:80"\n',
    "a parameter": f"[proxy]\nhttps = 'http://p:80/?k={SECRET}'\n",
    "a list": f"[proxy]\nno_proxy = ['a', 'me:{SECRET}@h']\n",
    "a dotted key": f'proxy.https = "me:{SECRET}@p:80"\n',
    "a quoted key": f'[proxy]\n"https" = "me:{SECRET}@p:80"\n',
    "a variable": f'[env]\nGOPRIVATE = "{SECRET}@github.com/org"\n',
    "a name": f'[env]\nGITHUB_TOKEN = "{SECRET}"\n',
    "escapes": '[proxy]\nhttps = "me:\\u0068unter2Zq@p:80"\n',
    "a file that is not TOML": f'[proxy\nhttps = "me:{SECRET}@p:80"\n',
}


@for_each("text", HIDING.values())
def test_no_secret_of_a_config_file_is_in_a_record(text):
    for path in ("/home/me/.config/goshim/config.toml", "/etc/goshim/config.toml", "/p/.goshim.toml"):
        data = redacted("read", path, text.encode())
        assert SECRET.encode() not in data
        assert b"unter2Zq" not in data
        assert redacted("read", path, data) == data


def test_what_is_not_secret_stays_as_it_is():
    text = '# mine\n[proxy]\nhttps = "http://proxy.corp.example:3128"\n[env]\nGOPRIVATE = "git.corp.example/*"\n'
    assert cleared(text) == text
    assert cleared(HIDING["a table"]) == '[proxy]\nhttps = "me:***@p:80"\n'
