"""/login/"""

from urllib.parse import urlsplit

from django.contrib.auth.views import LoginView
from django.urls import Resolver404, resolve
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods


@method_decorator(require_http_methods(["GET", "HEAD", "POST"]), name="dispatch")
class Login(LoginView):
    redirect_authenticated_user = True

    def get_redirect_url(self):
        """Back to where the agent was. Who was logged out while sending a form comes back to the
        page above it: the address of the form itself cannot be opened."""
        url = super().get_redirect_url()
        path = urlsplit(url).path
        try:
            while path != "/" and not getattr(resolve(path).func, "is_page", True):
                url = path = path.rstrip("/").rpartition("/")[0] + "/"
            back_to_login = resolve(path).url_name == "login"
        except Resolver404:
            return url
        return "" if back_to_login else url
