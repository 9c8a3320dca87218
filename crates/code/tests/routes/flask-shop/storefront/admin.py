from flask import Blueprint

root = Blueprint("admin", __name__, url_prefix="/admin")
users = Blueprint("users", __name__)


@users.get("/users/<string(length=2):code>")
def read(code):
    return code


@users.post("/users")
def add():
    return {}


@root.app_errorhandler(404)
def missing(error):
    return "no", 404


root.register_blueprint(users, url_prefix="/v1")
