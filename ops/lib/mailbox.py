"""A mail server on loopback: takes mail over STARTTLS from who logs in, and writes each down as a line of JSON.

usage: mailbox.py FOLDER    (reads FOLDER/server.pem, FOLDER/server.key and FOLDER/password, writes FOLDER/port, appends to FOLDER/mails)
"""

import email
import email.policy
import json
import os
import signal
import socket
import ssl
import sys
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

folder = sys.argv[1]


def of(name):
    return os.path.join(folder, name)


class Mailbox:
    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        line = {
            "at_ms": int(time.time() * 1000),
            "tls": session.ssl is not None,
            "authenticated": bool(session.authenticated),
            "to": envelope.rcpt_tos,
            "subject": mail["subject"],
            "message_id": mail["message-id"],
            "list_id": mail["list-id"],
            "headers": sorted({name.lower() for name in mail.keys()}),
            "parts": [part.get_content_type() for part in mail.walk()],
            "text": mail.get_body(("plain",)).get_content(),
            "html": mail.get_body(("html",)).get_content(),
        }
        with open(of("mails"), "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        return "250 taken"


def authenticated(server, session, envelope, mechanism, data):
    with open(of("password"), encoding="ascii") as file:
        password = file.read().strip()
    known = data.login == b"palisade" and data.password == password.encode()
    return AuthResult(success=known, handled=True)


class Server(Controller):
    # The port is chosen by the system, and the controller waits until somebody was at its door.
    def _trigger_server(self):
        with socket.create_connection(self.server.sockets[0].getsockname()[:2], 5) as door:
            door.recv(64)

    def factory(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(of("server.pem"), of("server.key"))
        return SMTP(
            self.handler,
            tls_context=context,
            require_starttls=True,
            authenticator=authenticated,
            auth_required=True,
        )


controller = Server(Mailbox(), hostname="127.0.0.1", port=0, ready_timeout=60)
open(of("mails"), "a", encoding="utf-8").close()
controller.start()
with open(of("port.new"), "w", encoding="ascii") as file:
    file.write(str(controller.server.sockets[0].getsockname()[1]))
os.rename(of("port.new"), of("port"))
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
signal.pause()
