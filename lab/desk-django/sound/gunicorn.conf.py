"""Gunicorn settings; address, worker class and threads come from the command line."""
worker_class = "gthread"
threads = 4
workers = 1
keepalive = 5

limit_request_line = 8190
limit_request_fields = 60
# A little more than the application allows, so that the refusal is the application's own.
limit_request_field_size = 16_380


REFUSAL = (
    "HTTP/1.1 {status} {reason}\r\n"
    "Connection: close\r\n"
    "Content-Type: application/problem+json\r\n"
    "Content-Length: {length}\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "Cache-Control: no-store\r\n"
    "\r\n"
    "{body}"
)


def post_fork(server, worker):
    """Leave the product name out of the answers, and details out of gunicorn's own refusals."""
    from gunicorn import util
    from gunicorn.http import wsgi

    def write_error(sock, status_int, reason, mesg):
        body = f'{{"type": "about:blank", "title": "{reason}", "status": {status_int}}}'
        util.write_nonblock(
            sock, REFUSAL.format(status=status_int, reason=reason, length=len(body), body=body).encode("latin1")
        )

    util.write_error = write_error

    with_banner = wsgi.Response.default_headers

    def default_headers(response):
        return [line for line in with_banner(response) if not line.lower().startswith("server:")]

    wsgi.Response.default_headers = default_headers
