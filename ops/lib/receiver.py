"""Somebody outside: takes webhooks on loopback, checks their signatures, and writes each down as a line of JSON.

usage: receiver.py FOLDER    (writes FOLDER/port, reads FOLDER/secret at each request, appends to FOLDER/requests)
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

folder = sys.argv[1]


def is_signed(headers, body):
    with open(os.path.join(folder, "secret"), encoding="ascii") as file:
        key = base64.b64decode(file.read().strip().removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    fresh = abs(time.time() - int(headers["webhook-timestamp"])) < 300
    return fresh and hmac.compare_digest(expected, headers["webhook-signature"])


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        line = {
            "at_ms": int(time.time() * 1000),
            "id": self.headers["webhook-id"],
            "signed": is_signed(self.headers, body),
            "body": json.loads(body),
        }
        with open(os.path.join(folder, "requests"), "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
open(os.path.join(folder, "requests"), "a", encoding="utf-8").close()
with open(os.path.join(folder, "port.new"), "w", encoding="ascii") as file:
    file.write(str(server.server_port))
os.rename(os.path.join(folder, "port.new"), os.path.join(folder, "port"))
server.serve_forever()
