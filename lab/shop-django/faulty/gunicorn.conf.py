"""Gunicorn settings; address, worker class and threads come from the command line."""
worker_class = "gthread"
threads = 4
keepalive = 5

# Tracking links from the newsletter are longer than gunicorn's defaults.
limit_request_line = 0
limit_request_field_size = 0
