"""Gunicorn settings; address, worker class and threads come from the command line."""
worker_class = "gthread"
threads = 4
keepalive = 5

# Single sign-on puts long states into the address.
limit_request_line = 0
limit_request_field_size = 0
