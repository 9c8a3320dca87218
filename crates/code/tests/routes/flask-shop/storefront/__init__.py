"""A storefront."""

from flask import Flask

from . import admin, cart, catalogue
from .commands import reindex


def create_app(config=None):
    app = Flask(__name__)
    app.register_blueprint(catalogue.bp)
    app.register_blueprint(cart.cart, url_prefix="/basket")
    app.register_blueprint(admin.root)
    app.cli.add_command(reindex)

    @app.route("/")
    def index():
        return "shop"

    @app.before_request
    def begin():
        return None

    @app.teardown_appcontext
    def close(error):
        return None

    app.add_url_rule("/about", view_func=about)
    app.add_url_rule("/<path:rest>", "fallback", fallback, methods=["GET", "POST"])
    return app


def about():
    return "about"


def fallback(rest):
    return rest
