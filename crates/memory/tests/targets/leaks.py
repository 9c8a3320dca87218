"""A server that retains an exact number of bytes for each request: `leaks.py BYTES [PORT]`.

GET /leak retains one bytes object of that size, GET /idle nothing. The container that holds the objects is made in advance, so that it does not grow in
steps. One thread per connection, no framework: what is measured is the leak and nothing else. It prints its port."""

import http.server
import json
import sys

SIZE = int(sys.argv[1])
# The header of a bytes object and the final zero count as well.
PAYLOAD = SIZE - sys.getsizeof(b"")
KEPT = [None] * 2_000_000

OPENAPI = {
    "openapi": "3.1.0",
    "info": {"title": "A known leak", "version": "1"},
    "paths": {
        path: {"get": {"operationId": path[1:], "responses": {"200": {"description": "the number of requests so far"}}}}
        for path in ("/leak", "/idle")
    },
}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    retained = 0

    def do_GET(self):
        path = self.path.split("?")[0]
        body = b"{}"
        if path == "/leak":
            KEPT[Handler.retained] = bytes(PAYLOAD)
            Handler.retained += 1
        elif path == "/openapi.json":
            body = json.dumps(OPENAPI).encode()
        self.send_response(200 if path in ("/leak", "/idle", "/openapi.json") else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


server = Server(("127.0.0.1", int(sys.argv[2]) if len(sys.argv) > 2 else 0), Handler)
print("port", server.server_address[1], flush=True)
server.serve_forever()
