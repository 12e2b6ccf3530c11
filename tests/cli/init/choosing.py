"""Answers to the questions of `relay init`, given as options."""

from tests.support.outside import TENANT

ADA = f"entra:{TENANT}/aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa+slack:T111/U111+github:583231"
GRACE = f"entra:{TENANT}/bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb+slack:T111/U222+github:583232"
FILES = ("policy.toml", "local.settings.json", ".github/workflows/ask.yml", ".github/workflows/release.yml")
COMMIT = "a" * 40


def chosen(chat: str = "slack", host: str = "machine", **more: str) -> list[str]:
    options = {"chat": chat, "host": host, "repository": "octo/api", "approver": f"ada={ADA}"} | more
    return ["init", *(part for name, value in options.items() for part in (f"--{name}", value))]
