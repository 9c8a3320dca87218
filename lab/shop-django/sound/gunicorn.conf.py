"""Gunicorn settings; address, worker class and threads come from the command line."""
worker_class = "gthread"
threads = 4
workers = 1
keepalive = 5

limit_request_line = 8190
limit_request_fields = 60
limit_request_field_size = 8190


def post_fork(server, worker):
    """Leave the product name out of the answers."""
    from gunicorn.http import wsgi

    with_banner = wsgi.Response.default_headers

    def default_headers(response):
        return [line for line in with_banner(response) if not line.lower().startswith("server:")]

    wsgi.Response.default_headers = default_headers
