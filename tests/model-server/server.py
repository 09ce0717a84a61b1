#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A model server that answers by a script, on the loopback interface. See README.md."""

import argparse
import ctypes
import http.server
import json
import os
import pathlib
import re
import signal
import socket
import sys
import threading
import time

sys.dont_write_bytecode = True

import api_anthropic
import api_chat
import api_gemini
import api_responses
from script import Script, ScriptError

ROUTES = [
    (re.compile(r"/messages(/count_tokens)?$"), api_anthropic),
    (re.compile(r"/chat/completions$"), api_chat),
    (re.compile(r"/responses$"), api_responses),
    (re.compile(r"/models/[^/]+:(streamGenerateContent|generateContent|countTokens)$"), api_gemini),
]
SECRETS = {"authorization", "x-api-key", "x-goog-api-key", "cookie"}
REASONS = {429: "Too Many Requests", 529: "Overloaded"}


class Cut(Exception):
    """The connection ends here, by the script."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "scripted", ""

    def log_message(self, *args):
        pass

    def do_GET(self):
        path = self.path.partition("?")[0]
        if path == "/control/requests":
            with self.server.lock:
                self.send_json(200, self.server.requests)
        elif path == "/control/counts":
            self.send_json(200, self.server.script.counts)
        elif path.endswith("/models"):
            self.send_json(200, {"object": "list", "data": [
                {"id": "scripted", "object": "model", "type": "model", "owned_by": "script",
                 "display_name": "scripted", "max_model_len": 128000}], "has_more": False})
        else:
            self.send_json(404, {"error": {"message": f"there is no '{path}' here"}})

    def do_HEAD(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, query = self.path.partition("?")
        if path == "/control/script":
            return self.control(raw)
        try:
            body = json.loads(raw or b"{}")
        except ValueError:
            return self.send_json(400, {"error": {"message": "the body is not JSON"}})
        for pattern, api in ROUTES:
            if pattern.search(path):
                return self.answer(api, path, query, body)
        return self.send_json(404, {"error": {"message": f"there is no '{path}' here"}})

    def control(self, raw):
        try:
            self.server.script.load([raw.decode()])
        except (ScriptError, ValueError, re.error) as e:
            return self.send_json(400, {"error": str(e)})
        return self.send_json(200, {"ok": True})

    def answer(self, api, path, query, body):
        counted = api.count(path, body)
        if counted is not None:
            return self.send_json(200, counted)
        ask = api.read(path, body)
        headers = {k.lower(): v for k, v in self.headers.items()}
        script, entry = self.server.script, self.log(api, path, query, headers, body)
        if not script.key_is_good(ask, api.key(headers)):
            entry.update(rule="(key)", status=401)
            return self.send_error_of(api, 401, api.MESSAGES[401], {})
        reply, entry["turn"], entry["prompt"] = script.reply(ask)
        entry.update(rule=reply.rule, fault=reply.fault, status=200)
        try:
            self.carry_out(api, ask, reply, entry)
        except (Cut, OSError):
            self.close_connection = True
        return None

    def log(self, api, path, query, headers, body):
        entry = {
            "method": self.command, "path": path, "query": query, "api": api.NAME,
            "at_ms": int(time.time() * 1000),
            "headers": {k: "***" if k in SECRETS else v for k, v in headers.items()}, "body": body,
        }
        with self.server.lock:
            self.server.requests.append(entry)
            entry["number"] = len(self.server.requests)
        return entry

    def carry_out(self, api, ask, reply, entry):
        fault = reply.fault
        if fault.get("silent"):
            self.server.wait_for_end(self.connection)
            raise Cut
        status, message = fault.get("status"), fault.get("message")
        if fault.get("overflow"):
            status, message = 400, api.OVERFLOW
        if fault.get("quota"):
            status, message = api.QUOTA
        if status:
            entry["status"] = status
            return self.send_error_of(api, status, message or api.MESSAGES.get(status, "refused"), fault)
        if ask.stream:
            return self.send_events(api, ask, reply, entry["number"])
        data = json.dumps(api.whole(ask, reply, entry["number"])).encode()
        head = self.head(200, "application/json", {"Content-Length": str(len(data))})
        return self.send_pieces(head, [data], fault)

    def head(self, status, kind, more):
        lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'OK' if status == 200 else 'Error')}"]
        fields = {"Content-Type": kind, "request-id": "req_scripted", **more}
        return "\r\n".join(lines + [f"{k}: {v}" for k, v in fields.items()]).encode() + b"\r\n\r\n"

    def send_error_of(self, api, status, message, fault):
        more = {}
        if fault.get("retry_after") is not None:
            more["Retry-After"] = str(fault["retry_after"])
        data = json.dumps(api.error(status, message)).encode()
        more["Content-Length"] = str(len(data))
        self.send_pieces(self.head(status, "application/json", more), [data], fault)

    def send_json(self, status, value):
        data = json.dumps(value).encode()
        self.wfile.write(self.head(status, "application/json", {"Content-Length": str(len(data))}) + data)

    def send_events(self, api, ask, reply, number):
        fault = reply.fault
        events = [e.encode() for e in api.events(ask, reply, number)]
        if "overloaded_at" in fault:
            events = events[: fault["overloaded_at"]] + [api.overloaded().encode()]
        more = {"Cache-Control": "no-cache", "Connection": "close"}
        if fault.get("chunked"):
            more["Transfer-Encoding"] = "chunked"
            events = [b"%x\r\n%s\r\n" % (len(e), e) for e in events] + [b"0\r\n\r\n"]
        head = self.head(200, "text/event-stream", more)
        self.close_connection = True
        self.send_pieces(head, events, fault)

    def send_pieces(self, head, pieces, fault):
        """Sends a reply whole, or with the script's fault in the way it is sent. `cut_at` counts
        bytes of the body, `cut_whole` from the first of the status line, `hang_at` pieces."""
        limit = fault.get("cut_whole")
        if limit is None and "cut_at" in fault:
            limit = len(head) + fault["cut_at"]
        sent = 0
        for i, piece in enumerate([head] + list(pieces)):
            if "hang_at" in fault and i > fault["hang_at"]:
                self.server.wait_for_end(self.connection)
                raise Cut
            if i > 0 and "slow_ms" in fault:
                time.sleep(fault["slow_ms"] / 1000)
            if limit is not None and sent + len(piece) > limit:
                self.wfile.write(piece[: limit - sent])
                raise Cut
            self.wfile.write(piece)
            self.wfile.flush()
            sent += len(piece)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, script, address):
        super().__init__((address, 0), Handler)
        self.script = script
        self.lock = threading.Lock()
        self.requests = []

    def handle_error(self, request, client_address):
        # A client that hangs up is no error here.
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    @staticmethod
    def wait_for_end(connection):
        """Says nothing more until the client has hung up."""
        try:
            while connection.recv(4096):
                pass
        except OSError:
            pass


def die_with_parent():
    parent_dies = 1  # PR_SET_PDEATHSIG
    ctypes.CDLL(None, use_errno=True).prctl(parent_dies, signal.SIGTERM)
    if os.getppid() == 1:
        sys.exit("model-server: the parent is gone")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("script", nargs="+", help="JSON; see README.md; several are joined")
    parser.add_argument("--address", default="127.0.0.1", help="of this machine, to listen at")
    parser.add_argument("--detached", action="store_true", help="outlive the parent process")
    options = parser.parse_args()
    if not options.detached:
        die_with_parent()
    try:
        script = Script([pathlib.Path(p).read_text("utf-8") for p in options.script])
        server = Server(script, options.address)
    except (OSError, ScriptError, ValueError, re.error) as e:
        sys.exit(f"model-server: '{' '.join(options.script)}': {e}")
    server.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    signal.signal(signal.SIGTERM, lambda *args: os._exit(0))
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
