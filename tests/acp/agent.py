#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An agent that speaks ACP, for tests: agent.py HOW [FILE]. What it does to a prompt is HOW:

ok           says something and ends its turn
write        asks for permission, writes FILE if it gets it, and ends its turn
noise        prints log lines, and one that is too long, between its frames
die          ends with exit status 3 in the middle of its turn
kill         kills itself in the middle of its turn
leave        ends its turn, and leaves a process behind that holds its standard output
late         never answers the first question
babble       the same, and prints without end
chatter      ends its turn, and prints without end, whatever it is told
heirs        ends its turn, and leaves a process behind that prints without end
surrogate    says half a character
stop         has its bridge told to stop, and ends its turn when it is told so
deaf         the same, and answers nothing, neither to the end of its input nor to TERM
echo         says how long its prompt was
wait         asks for permission once the file $GO exists, then as `write`
"""
import json
import os
import signal
import subprocess
import sys
import time

HOW = sys.argv[1]
FILE = sys.argv[2] if len(sys.argv) > 2 else ""


def send(**frame):
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **frame}) + "\n")
    sys.stdout.flush()


def receive():
    line = sys.stdin.readline()
    if not line:
        if HOW == "deaf":
            signal.pause()
        sys.exit(0)
    return json.loads(line)


def update(kind, **fields):
    send(method="session/update", params={"sessionId": "s1", "update": {"sessionUpdate": kind, **fields}})


def say(text):
    update("agent_message_chunk", content={"type": "text", "text": text})


def ask_and_write():
    call = {"toolCallId": "c1", "title": "write " + FILE, "kind": "edit", "status": "pending"}
    options = [{"optionId": "always", "name": "A", "kind": "allow_always"},
               {"optionId": "once", "name": "O", "kind": "allow_once"},
               {"optionId": "never", "name": "N", "kind": "reject_once"}]
    send(id="ask-1", method="session/request_permission",
         params={"sessionId": "s1", "toolCall": call, "options": options})
    outcome = receive()["result"]["outcome"]
    if outcome.get("optionId") == "once":
        with open(FILE, "w", encoding="ascii") as out:
            out.write("written\n")
        update("tool_call_update", toolCallId="c1", status="completed")
    else:
        update("tool_call_update", toolCallId="c1", status="failed")


def work(prompt):
    """The reason why the turn ends."""
    if HOW == "wait":
        limit = time.monotonic() + 60
        while not os.path.exists(os.environ["GO"]) and time.monotonic() < limit:
            time.sleep(0.02)
    if HOW in ("write", "wait"):
        ask_and_write()
    if HOW == "noise":
        print("a line of a log\n{\"not\": closed\n[1]")
        print("x" * (17 * 1024 * 1024), flush=True)
    if HOW == "die":
        say("half an ans")
        print("agent: invalid api key", file=sys.stderr)
        sys.exit(3)
    if HOW == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if HOW in ("stop", "deaf"):
        os.kill(os.getppid(), signal.SIGTERM)
        frame = receive()
        if frame.get("method") != "session/cancel":
            sys.exit("no session/cancel but " + json.dumps(frame))
        if HOW == "deaf":
            receive()
        return "cancelled"
    if HOW == "leave":
        # It ends when the test that reads its standard error is over.
        subprocess.Popen(["tail", "-f", "/dev/null", "--pid", str(os.getppid())], stderr=subprocess.DEVNULL)
    if HOW == "heirs":
        subprocess.Popen(["yes"], stderr=subprocess.DEVNULL)
    if HOW == "surrogate":
        say("\ud83d")
    say(str(len(prompt)) if HOW == "echo" else "all ")
    if HOW != "echo":
        say("done")
    return "end_turn"


def print_for_ever():
    os.execvp("yes", ["yes"])


def main():
    if HOW in ("deaf", "chatter"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        frame = receive()
        method, ident = frame.get("method"), frame.get("id")
        if method == "initialize" and HOW == "late":
            continue
        if method == "initialize" and HOW == "babble":
            print_for_ever()
        if method == "initialize":
            send(id=ident, result={"protocolVersion": 1, "agentCapabilities": {"loadSession": True}})
        elif method == "session/new":
            send(id=ident, result={"sessionId": "s1"})
        elif method == "session/load":
            say("history")
            send(id=ident, result={})
        elif method == "session/prompt":
            reason = work(frame["params"]["prompt"][0]["text"])
            usage = {"inputTokens": 10, "outputTokens": 5, "totalTokens": 15}
            send(id=ident, result={"stopReason": reason, "usage": usage})
            if HOW in ("leave", "heirs"):
                sys.exit(0)
            if HOW == "chatter":
                print_for_ever()


main()
