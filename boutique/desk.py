from functools import update_wrapper

from django.core.exceptions import BadRequest
from django.core.paginator import InvalidPage
from django.http import Http404
from unfold.sites import UnfoldAdminSite


class Desk(UnfoldAdminSite):
    """The admin site: Django's and the theme's, which take made-up words in an address for bugs of theirs."""

    def admin_view(self, view, cacheable=False):
        page = super().admin_view(view, cacheable)

        def careful(request, *args, **options):
            if any(
                "\x00" in text for sent in (request.GET, request.POST) for _, texts in sent.lists() for text in texts
            ):
                raise BadRequest("NUL")
            if request.GET.get("_to_field") == "" or request.POST.get("_to_field") == "":
                raise Http404
            return page(request, *args, **options)

        return update_wrapper(careful, page)

    def search(self, request, *args, **options):
        try:
            return super().search(request, *args, **options)
        except (ValueError, InvalidPage):
            raise Http404 from None
