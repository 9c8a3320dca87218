from flask import Blueprint

cart = Blueprint("cart", __name__, url_prefix="/cart")
lines = Blueprint("lines", __name__, url_prefix="/lines")


@lines.route("/<uuid:line_id>", methods=("PATCH", "DELETE"))
def change(line_id):
    return str(line_id)


@cart.route("", methods=["GET"])
def show():
    return {}


cart.register_blueprint(lines)
