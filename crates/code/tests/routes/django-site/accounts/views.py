from django.http import HttpResponse
from django.views import View


def avatar(request, account_id):
    match request.method:
        case "PUT":
            return HttpResponse("put")
        case "DELETE":
            return HttpResponse("gone")
    return HttpResponse("get")


class Base(View):
    def get(self, request, account_id):
        return HttpResponse(self.body(account_id))

    def body(self, account_id):
        return str(account_id)


class Profile(Base):
    def patch(self, request, account_id):
        return HttpResponse()


class Settings(Base):
    http_method_names = ["get", "head"]

    def body(self, account_id):
        return "settings"
