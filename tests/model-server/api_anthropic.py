# SPDX-License-Identifier: Apache-2.0
"""Anthropic messages: POST /v1/messages, /v1/messages/count_tokens."""

import json

from actions import as_calls, as_text, pieces
from script import Ask

NAME = "anthropic"
ERRORS = {
    400: "invalid_request_error", 401: "authentication_error", 403: "permission_error",
    404: "not_found_error", 429: "rate_limit_error", 500: "api_error", 529: "overloaded_error",
}
MESSAGES = {
    401: "invalid x-api-key", 403: "Your API key does not have permission to use this model.",
    429: "This request would exceed your organization's rate limit of 50 requests per minute.",
    500: "Internal server error", 529: "Overloaded",
}
OVERFLOW = "prompt is too long: 210000 tokens > 200000 maximum"
QUOTA = (400, "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing.")


def key(headers):
    return headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer ")


def text_of(content):
    if isinstance(content, str):
        return content
    return "\n".join(b.get("text", "") for b in content or [] if b.get("type") == "text")


def read(path, body):
    ask = Ask(NAME, body.get("model", ""), bool(body.get("stream")))
    ask.system = text_of(body.get("system"))
    for tool in body.get("tools") or []:
        ask.tools[tool["name"]] = tool.get("input_schema") or {}
    form = (body.get("output_config") or {}).get("format") or body.get("output_format") or {}
    ask.schema = form.get("schema")
    for m in body.get("messages", []):
        if m["role"] == "system":
            ask.system += "\n" + text_of(m["content"])
            continue
        content = m["content"]
        if m["role"] == "assistant" or isinstance(content, str):
            ask.add(m["role"], text_of(content))
            continue
        for block in content:
            if block.get("type") == "tool_result":
                ask.add("tool", text_of(block.get("content")))
            elif block.get("type") == "text":
                ask.add("user", block["text"])
    return ask


def usage(reply, output):
    u = reply.usage
    if u is None:
        return {}
    return {
        "usage": {
            "input_tokens": u["input"] - u["cached"], "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": u["cached"], "output_tokens": output,
        }
    }


def blocks(ask, reply, number):
    made = []
    if reply.reasoning:
        made.append({"type": "thinking", "thinking": reply.reasoning, "signature": "c2lnbmVk"})
    if as_text(ask, reply):
        made.append({"type": "text", "text": as_text(ask, reply)})
    for i, (tool, arguments) in enumerate(as_calls(ask, reply)):
        made.append({"type": "tool_use", "id": f"toolu_{number:04}_{i}", "name": tool, "input": arguments})
    return made


def stop_reason(reply, made):
    if reply.stop != "end":
        return reply.stop
    return "tool_use" if any(b["type"] == "tool_use" for b in made) else "end_turn"


def whole(ask, reply, number):
    made = blocks(ask, reply, number)
    output = reply.usage["output"] if reply.usage else 0
    return {
        "id": f"msg_{number:04}", "type": "message", "role": "assistant", "model": ask.model,
        "content": made, "stop_reason": stop_reason(reply, made), "stop_sequence": None,
        **usage(reply, output),
    }


def event(kind, **fields):
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n"


def deltas(block, parts):
    """What starts a block, and what it grows by."""
    if block["type"] == "text":
        return {"type": "text", "text": ""}, [
            {"type": "text_delta", "text": p} for p in pieces(block["text"], parts)
        ]
    if block["type"] == "thinking":
        return {"type": "thinking", "thinking": "", "signature": ""}, [
            {"type": "thinking_delta", "thinking": block["thinking"]},
            {"type": "signature_delta", "signature": block["signature"]},
        ]
    return {**block, "input": {}}, [
        {"type": "input_json_delta", "partial_json": p} for p in pieces(json.dumps(block["input"]), parts)
    ]


def events(ask, reply, number):
    message = whole(ask, reply, number)
    made, message["content"] = message["content"], []
    reason, message["stop_reason"] = message["stop_reason"], None
    if reply.usage:
        message["usage"]["output_tokens"] = 1
    yield event("message_start", message=message)
    for i, block in enumerate(made):
        start, grows = deltas(block, reply.parts)
        yield event("content_block_start", index=i, content_block=start)
        if i == 0:
            yield event("ping")
        for delta in grows:
            yield event("content_block_delta", index=i, delta=delta)
        yield event("content_block_stop", index=i)
    output = {"usage": {"output_tokens": reply.usage["output"]}} if reply.usage else {}
    yield event("message_delta", delta={"stop_reason": reason, "stop_sequence": None}, **output)
    yield event("message_stop")


def error(status, message):
    return {"type": "error", "error": {"type": ERRORS.get(status, "api_error"), "message": message},
            "request_id": "req_scripted"}


def overloaded():
    return event("error", error={"type": "overloaded_error", "message": "Overloaded"})


def count(path, body):
    return {"input_tokens": len(json.dumps(body)) // 4} if path.endswith("/count_tokens") else None
