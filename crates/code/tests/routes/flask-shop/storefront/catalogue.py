"""The catalogue: a blueprint with decorators and classes."""

from flask import Blueprint, request
from flask.views import MethodView, View

bp = Blueprint("catalogue", __name__, url_prefix="/catalogue")

PREFIX = "/things"


class ThingApi(MethodView):
    def get(self, thing_id):
        return find(thing_id)

    def put(self, thing_id):
        return thing_id


class ThingList(MethodView):
    def get(self):
        return []

    def post(self):
        return request.get_json()


class Listing(View):
    methods = ["GET", "DELETE"]

    def dispatch_request(self):
        return "listing"


def find(thing_id):
    return str(thing_id)


bp.add_url_rule(f"{PREFIX}/<int:thing_id>", view_func=ThingApi.as_view("thing"))
bp.add_url_rule(PREFIX, view_func=ThingList.as_view("things"))
bp.add_url_rule("/listing", view_func=Listing.as_view("listing"))


@bp.get("/search")
def search():
    return find(request.args.get("q"))


@bp.route("/compare/<left>/<right>")
@bp.route("/difference/<left>/<right>")
def compare(left, right):
    return left + right


@bp.before_request
def check():
    return None


@bp.after_request
def stamp(response):
    return response
