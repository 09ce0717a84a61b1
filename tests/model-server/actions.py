# SPDX-License-Identifier: Apache-2.0
"""Abstract actions of a script (write, edit, run, read, ...) as calls of the tools a client offers."""

import json
import os
import shlex

# action: names of tools that do it, the most fitting first. Compared without regard to case.
TOOLS = {
    "write": ["write", "write_file", "create", "write_to_file"],
    "edit": ["edit", "replace", "edit_file", "str_replace", "str_replace_editor"],
    "read": ["read", "read_file", "view"],
    "run": ["bash", "exec_command", "run_shell_command", "run", "run_command", "shell", "execute_command"],
    "list": ["list", "ls", "list_directory", "list_files", "glob"],
    "search": ["search", "grep", "grep_search", "search_file_content"],
}
# key of an action: names of parameters that take it.
PARAMETERS = {
    "path": ["file_path", "filePath", "absolute_path", "dir_path", "path"],
    "content": ["content", "file_text", "contents"],
    "old": ["old_string", "oldString", "old_str", "old"],
    "new": ["new_string", "newString", "new_str", "new"],
    "command": ["command", "cmd"],
    "pattern": ["pattern", "query", "regex"],
}
ABSOLUTE = {"file_path", "filePath", "absolute_path", "dir_path"}


def find_tool(ask, action):
    offered = {name.lower(): name for name in ask.tools}
    for name in TOOLS.get(action, []):
        if name in offered:
            return offered[name]
    return None


def as_shell(action, call):
    """The same with nothing but a shell."""
    path = shlex.quote(call.get("path", "."))
    if action == "write":
        return f"printf %s {shlex.quote(call.get('content', ''))} > {path}"
    if action == "edit":
        patch = ["*** Begin Patch", f"*** Update File: {call['path']}", "@@"]
        patch += ["-" + line for line in call["old"].splitlines()]
        patch += ["+" + line for line in call["new"].splitlines()]
        return "apply_patch <<'PATCH'\n" + "\n".join(patch + ["*** End Patch"]) + "\nPATCH"
    if action == "read":
        return f"cat {path}"
    if action == "list":
        return f"ls {path}"
    if action == "search":
        return f"grep -rn -- {shlex.quote(call['pattern'])} {path}"
    return call["command"]


def absolute(ask, path):
    return path if os.path.isabs(path) or not ask.cwd() else os.path.join(ask.cwd(), path)


def arguments(ask, tool, call):
    schema = ask.tools[tool] or {}
    known = schema.get("properties", {})
    made = {}
    for key, value in call.items():
        for name in PARAMETERS.get(key, [key]):
            if name in known:
                made[name] = absolute(ask, value) if name in ABSOLUTE else value
                break
    for name in schema.get("required", []):
        if name not in made:
            made[name] = missing(known.get(name, {}))
    return made


def missing(schema):
    """Something for a required parameter that the action says nothing of: a description, mostly."""
    if schema.get("enum"):
        return schema["enum"][0]
    return {"boolean": False, "integer": 0, "number": 0, "array": [], "object": {}}.get(
        schema.get("type"), "what the script says"
    )


def resolved(schema, root):
    """What a $ref of the same document stands for; of several kinds the one that is not null."""
    while isinstance(schema, dict):
        if "$ref" in schema:
            at = root
            for key in schema["$ref"].lstrip("#/").split("/"):
                at = at[key]
            schema = at
        elif "anyOf" in schema:
            schema = next(s for s in schema["anyOf"] if s.get("type") != "null")
        else:
            break
    return schema or {}


def is_nullable(schema):
    kind = schema.get("type")
    if kind == "null" or isinstance(kind, list) and "null" in kind:
        return True
    return any(is_nullable(s) for s in schema.get("anyOf", []))


def complete(value, schema, root=None):
    """The answer as a provider makes it that keeps to schemas: keys that are required and that the
    script leaves out are null where they may be, else empty."""
    root = root or schema
    schema = resolved(schema, root)
    if isinstance(value, list):
        return [complete(v, schema.get("items", {}), root) for v in value]
    if not isinstance(value, dict):
        return value
    known = schema.get("properties", {})
    made = {k: complete(v, known.get(k, {}), root) for k, v in value.items()}
    for name in schema.get("required", []):
        if name not in made:
            made[name] = None if is_nullable(known.get(name, {})) else missing(known.get(name, {}))
    return made


def as_calls(ask, reply):
    """The calls of a reply as [(tool, arguments)], for this client."""
    calls = []
    if reply.answer is not None and "StructuredOutput" in ask.tools:
        calls.append(("StructuredOutput", complete(reply.answer, ask.tools["StructuredOutput"])))
    for call in reply.calls:
        call = dict(call)
        action = call.pop("do")
        if action == "tool":
            calls.append((call["name"], call.get("arguments", {})))
            continue
        tool = find_tool(ask, action)
        if not tool or (action == "edit" and "old" in call and not takes(ask, tool, "old")):
            call = {"command": as_shell(action, call)}
            tool = find_tool(ask, "run")
        if tool:
            calls.append((tool, arguments(ask, tool, call)))
        else:
            reply.text += f"(no tool for '{action}' is offered: {', '.join(ask.tools)})"
    return calls


def takes(ask, tool, key):
    known = (ask.tools[tool] or {}).get("properties", {})
    return any(name in known for name in PARAMETERS[key])


def as_text(ask, reply):
    """The text of a reply: the structured answer where it can't be a call."""
    if reply.answer is not None and "StructuredOutput" not in ask.tools:
        return json.dumps(complete(reply.answer, ask.schema or {}))
    return reply.text


def pieces(text, count):
    """Cut into about `count` pieces, as a stream brings it."""
    size = max(1, -(-len(text) // max(1, count)))
    return [text[i : i + size] for i in range(0, len(text), size)]
