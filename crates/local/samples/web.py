"""A task of a service: a small web server whose task definition says, in its environment, how well it does.

STEADY_AFTER_SECONDS  how long after the start it becomes healthy (default 0.5)
NEVER_STEADY          true: it ends soon after the start and is never healthy
ERROR_RATE            the share of requests it answers with 500, 0 to 1 (default 0)
"""

import os
import random
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STARTED = time.monotonic()
DEFINITION = os.environ.get("TASK_DEFINITION", "")
STEADY_AFTER = float(os.environ.get("STEADY_AFTER_SECONDS", "0.5"))
ERROR_RATE = float(os.environ.get("ERROR_RATE", "0"))
NEVER_STEADY = os.environ.get("NEVER_STEADY", "").lower() == "true"


class Page(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body in one packet.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self):
        if self.path == "/health":
            steady = not NEVER_STEADY and time.monotonic() - STARTED >= STEADY_AFTER
            self.say(200 if steady else 503, "ok" if steady else "starting")
        elif random.random() < ERROR_RATE:
            self.say(500, "the cart could not be read")
        else:
            self.say(200, f"welcome to {DEFINITION}")

    do_HEAD = do_POST = do_PUT = do_GET

    def say(self, status, text):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        body = f"{text}\n".encode()
        self.send_response(status)
        self.send_header("content-type", "text/plain")
        self.send_header("content-length", str(len(body)))
        self.send_header("x-task-definition", DEFINITION)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def end_after(seconds):
    time.sleep(seconds)
    os._exit(1)


def end_with_the_stack():
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


threading.Thread(target=end_with_the_stack, daemon=True).start()
if NEVER_STEADY:
    threading.Thread(target=end_after, args=(0.3,), daemon=True).start()
server = Server(("127.0.0.1", 0), Page)
print(f"listening {server.server_address[1]}", flush=True)
server.serve_forever()
