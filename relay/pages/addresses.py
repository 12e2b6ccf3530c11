"""The addresses for signing in and out: our own, and those of App Service.

https://learn.microsoft.com/azure/app-service/configure-authentication-customize-sign-in-out
"""

from typing import Final

SIGN_IN: Final = "/api/sign-in"
SIGN_OUT: Final = "/api/sign-out"
CALLBACK: Final = "/api/sign-in/callback"
APP_SERVICE_LOGIN: Final = "/.auth/login/aad?post_login_redirect_uri="
APP_SERVICE_LOGOUT: Final = "/.auth/logout?post_logout_redirect_uri="
