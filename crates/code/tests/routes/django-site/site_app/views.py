from django.http import HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST


@require_GET
def status(request):
    return JsonResponse({})


@csrf_exempt
@require_POST
def upload(request):
    return HttpResponse()


def legacy(request, slug, page=None):
    if request.method == "POST":
        return HttpResponse("saved")
    return HttpResponse(slug)


async def archive(request, year, sort):
    return HttpResponse(str(year))


@require_http_methods(["GET", "PUT"])
def numbered(request, number, letters):
    return HttpResponse(number + letters)


@method_decorator(csrf_exempt, name="dispatch")
class Late(View):
    greeting = ""

    def get(self, request):
        return HttpResponse(self.greeting)

    def post(self, request):
        return self.get(request)


def not_found(request, exception):
    return HttpResponse(status=404)
