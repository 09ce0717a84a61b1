# SPDX-License-Identifier: Apache-2.0
"""The script: rules, the turns that they answer with, and what has been asked so far.

README.md beside this file documents the format."""

import json
import re
import threading

# Texts that clients put into the conversation by themselves; no prompt of the user.
INJECTED = re.compile(
    r"\s*<(system-reminder|environment_context|subagent_notification|session_context|"
    r"user_instructions|permissions|skills_instructions|turn_aborted|hook_context)\b"
)
TITLE = re.compile(r"title generator|generate a (short |concise )?title", re.I)
KEYS_OF_RULES = {"name", "match", "api", "model", "key", "capture", "turns", "faults", "usage"}
KEYS_OF_TURNS = {"text", "calls", "answer", "reasoning", "expect", "stop", "usage", "fault", "parts"}
KEYS_OF_FAULTS = {
    "turn", "times", "skip", "status", "retry_after", "message", "overflow", "quota", "cut_at",
    "cut_whole", "chunked", "slow_ms", "hang_at", "silent", "overloaded_at", "api",
}


class ScriptError(Exception):
    pass


def check_keys(what, given, known):
    if not isinstance(given, dict):
        raise ScriptError(f"{what} is no object")
    for key in given:
        if key not in known and not key.startswith("#"):
            raise ScriptError(f"{what} has the unknown key '{key}'")


def check_fault(what, fault):
    check_keys(what, fault, KEYS_OF_FAULTS)


class Message:
    """One message of a conversation in no client's form: role is user, assistant or tool."""

    def __init__(self, role, text):
        self.role, self.text = role, text


class Ask:
    """What a request asks, in no client's form."""

    def __init__(self, api, model, stream):
        self.api, self.model, self.stream = api, model, stream
        self.system = ""
        self.messages = []
        self.tools = {}  # name: its JSON schema
        self.schema = None  # that the answer has to fit
        self.want_usage = True

    def add(self, role, text):
        self.messages.append(Message(role, text or ""))

    def turn(self):
        """How many answers there have been since the last prompt, and that prompt."""
        prompt, answers = [], 0
        for m in self.messages:
            if m.role == "assistant":
                answers += 1
            elif m.role == "user" and m.text and not INJECTED.match(m.text):
                if answers:
                    prompt, answers = [], 0
                prompt.append(m.text)
        return answers, "\n".join(prompt)

    def tool_results(self):
        """The results that came after the last answer."""
        found = []
        for m in reversed(self.messages):
            if m.role == "assistant":
                break
            if m.role == "tool":
                found.insert(0, m.text)
        return "\n".join(found)

    def everything(self):
        return "\n".join([self.system] + [m.text for m in self.messages])

    def cwd(self):
        """Where the client says that it works; "" if it does not."""
        pattern = (
            r"(?:Primary working directory: |<cwd>|Workspace Directories:\*\*\s+- |"
            r"Working directory: |working directory: |Your folder is |current working directory: )(/[^\s<,]+)"
        )
        found = re.search(pattern, self.everything())
        return found.group(1) if found else ""


class Reply:
    """What is answered: a turn, filled in, and the fault that it comes with."""

    def __init__(self, turn, usage, fault, rule):
        self.text = turn.get("text", "")
        self.reasoning = turn.get("reasoning", "")
        self.calls = turn.get("calls", [])
        self.answer = turn.get("answer")
        self.stop = turn.get("stop", "end")  # end, max_tokens or refusal
        self.parts = turn.get("parts", 3)  # of how many pieces a streamed text is
        self.usage = usage
        self.fault = fault or {}
        self.rule = rule


def joined(parts):
    """Several scripts as one: lists are joined in their order, of other keys the last wins."""
    data = {"rules": [], "faults": []}
    for part in parts:
        check_keys("the script", part, {"rules", "keys", "faults", "usage", "default"})
        rules, faults = data["rules"] + part.get("rules", []), data["faults"] + part.get("faults", [])
        data.update(part, rules=rules, faults=faults)
    return data


class Script:
    def __init__(self, sources):
        self.lock = threading.Lock()
        self.load(sources)

    def load(self, sources):
        data = joined([json.loads(source) for source in sources])
        for i, rule in enumerate(data.get("rules", [])):
            what = f"rule {rule.get('name', i + 1)}"
            check_keys(what, rule, KEYS_OF_RULES)
            re.compile(rule.get("match", ""))
            if not rule.get("turns") and not rule.get("faults"):
                raise ScriptError(f"{what} has neither turns nor faults")
            for turn in rule.get("turns", []):
                check_keys(f"a turn of {what}", turn, KEYS_OF_TURNS)
                if "fault" in turn:
                    check_fault(f"a fault of {what}", turn["fault"])
            for fault in rule.get("faults", []):
                check_fault(f"a fault of {what}", fault)
        for fault in data.get("faults", []):
            check_fault("a fault of the script", fault)
        with self.lock:
            self.data = data
            self.used = {}  # id of a fault: how often it was looked at
            self.counts = {}  # name of a rule: how many requests it answered

    def take_fault(self, name, fault):
        """True if it is its turn: `skip` requests were spared, `times` had it (-1: all)."""
        seen = self.used.get(name, 0)
        self.used[name] = seen + 1
        skip, times = fault.get("skip", 0), fault.get("times", 1)
        return seen >= skip and (times < 0 or seen < skip + times)

    def find_fault(self, faults, prefix, ask, number):
        for i, fault in enumerate(faults):
            if "api" in fault and fault["api"] != ask.api:
                continue
            if "turn" in fault and fault["turn"] != number:
                continue
            if self.take_fault(f"{prefix}/{i}", fault):
                return fault
        return None

    def rule_for(self, ask, prompt):
        for i, rule in enumerate(self.data.get("rules", [])):
            if rule.get("api", ask.api) != ask.api or rule.get("model", ask.model) != ask.model:
                continue
            found = re.search(rule.get("match", ""), prompt, re.S)
            if found:
                return rule.get("name", str(i + 1)), rule, found
        return "", None, None

    def key_is_good(self, ask, key):
        keys = self.data.get("keys", {})
        return ask.api not in keys or keys[ask.api] == key

    def reply(self, ask):
        """The reply to a request, and its log line's facts."""
        number, prompt = ask.turn()
        with self.lock:
            if TITLE.search(ask.system) and not ask.tools:
                usage = {"input": 50, "cached": 0, "output": 5, "reasoning": 0}
                return Reply({"text": "A title"}, usage, None, "(title)"), number, prompt
            fault = self.find_fault(self.data.get("faults", []), "", ask, number)
            name, rule, found = self.rule_for(ask, prompt)
            if not rule:
                turn = self.data.get("default", {"text": "There is nothing to do."})
                return self.filled(turn, {}, ask, None, prompt, fault, "(default)"), number, prompt
            self.counts[name] = self.counts.get(name, 0) + 1
            turns = rule.get("turns", [{"text": "Done."}])
            turn = turns[min(number, len(turns) - 1)]
            fault = fault or self.find_fault(rule.get("faults", []), name, ask, number)
            if not fault and "fault" in turn:
                fault = self.find_fault([turn["fault"]], f"{name}:{number}", ask, number)
            return self.filled(turn, rule, ask, found, prompt, fault, name), number, prompt

    def filled(self, turn, rule, ask, found, prompt, fault, name):
        values = {"cwd": ask.cwd(), "prompt": prompt, "result": ask.tool_results()}
        if found:
            values.update({str(i + 1): g or "" for i, g in enumerate(found.groups())})
            values.update({k: v or "" for k, v in found.groupdict().items()})
        for key, pattern in rule.get("capture", {}).items():
            at = re.search(pattern, ask.everything(), re.S)
            values[key] = (at.group(1) if at.groups() else at.group(0)) if at else ""
        expected = turn.get("expect")
        if expected and not re.search(fill(expected, values), values["result"], re.S):
            said = values["result"][-400:]
            turn = {"text": f"The tool did not say what was expected ({expected}) but: {said}"}
        usage = {"input": 1000, "cached": 200, "output": 40, "reasoning": 0}
        for level in (self.data, rule, turn):
            if "usage" in level:
                usage = None if level["usage"] is None else {**(usage or {}), **level["usage"]}
        return Reply(fill(turn, values), usage, fault, name)


def fill(value, values):
    """Replaces ${name} in all texts; unknown names stay."""
    if isinstance(value, str):
        return re.sub(r"\$\{(\w+)\}", lambda m: values.get(m.group(1), m.group(0)), value)
    if isinstance(value, list):
        return [fill(v, values) for v in value]
    if isinstance(value, dict):
        return {k: fill(v, values) for k, v in value.items()}
    return value
