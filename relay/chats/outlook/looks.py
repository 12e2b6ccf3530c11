"""How the body of a mail looks: inline styles, since many mail programs read no others, and the dark ones apart."""

from typing import Final

FONT: Final = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:15px;line-height:1.5"
PAGE: Final = f"margin:0;padding:0;background:#ffffff;color:#1f2328;{FONT}"
CARD: Final = "max-width:600px;border:1px solid #d1d9e0;border-radius:6px"
INSIDE: Final = f"padding:20px;text-align:left;{FONT}"
LABEL: Final = "font-size:13px;font-weight:600;color:#59636e"
TITLE: Final = "margin:2px 0 16px;font-size:22px;line-height:1.3;font-weight:600;overflow-wrap:anywhere"
HEADING: Final = "margin:0 0 6px;font-size:15px;font-weight:600"
SENDER: Final = f"{HEADING};margin-top:24px"
BOX: Final = "background:#f6f8fa;border-radius:6px;padding:14px 16px"
NAME: Final = "padding:3px 12px 3px 0;width:104px;text-align:left;vertical-align:top;font-weight:400;color:#59636e"
VALUE: Final = "padding:3px 0;vertical-align:top;overflow-wrap:anywhere;word-break:break-word;white-space:pre-wrap"
WORDS: Final = "margin:8px 0;overflow-wrap:anywhere;white-space:pre-wrap"
MUTED: Final = "margin:0;font-size:13px;color:#59636e"
ASK: Final = "margin:20px 0 8px"
LINK: Final = "color:#0969da"
BUTTON: Final = (
    "display:inline-block;padding:12px 22px;border-radius:6px;background:#0969da;color:#ffffff;font-weight:600;"
    "text-decoration:none"
)
DARK: Final = (
    "@media (prefers-color-scheme:dark){"
    ".page{background:#0d1117!important;color:#e6edf3!important}"
    ".card{border-left-color:#3d444d!important;border-right-color:#3d444d!important;"
    "border-bottom-color:#3d444d!important}"
    ".box{background:#151b23!important}.muted{color:#9198a1!important}.link{color:#4493f8!important}}"
)
