# SPDX-License-Identifier: Apache-2.0
"""OpenAI responses: POST /v1/responses, as Codex uses it."""

import json

from actions import as_calls, as_text, pieces
from api_chat import CODES, ERRORS, MESSAGES, OVERFLOW, QUOTA, key  # the same provider
from script import Ask

NAME = "responses"
__all__ = ["MESSAGES", "OVERFLOW", "QUOTA", "key"]


def text_of(content):
    if isinstance(content, str):
        return content
    return "\n".join(part.get("text", "") for part in content or [] if isinstance(part, dict))


def add_input(ask, item):
    kind = item.get("type", "message")
    if kind == "message" and item["role"] in ("system", "developer"):
        ask.system += "\n" + text_of(item.get("content"))
    elif kind == "message" and item["role"] == "user":
        for part in item["content"] if isinstance(item["content"], list) else [{"text": item["content"]}]:
            ask.add("user", part.get("text", ""))
    elif kind == "message":
        ask.add("assistant", text_of(item.get("content")))
    elif kind in ("function_call", "custom_tool_call"):
        ask.add("assistant", "")
    elif kind in ("function_call_output", "custom_tool_call_output"):
        ask.add("tool", text_of(item.get("output")))


def merge_answers(messages):
    """Text and calls of one answer are items of their own: they count as one."""
    merged = []
    for m in messages:
        if m.role == "assistant" and merged and merged[-1].role == "assistant":
            merged[-1].text += m.text
        else:
            merged.append(m)
    return merged


def read(path, body):
    ask = Ask(NAME, body.get("model", ""), bool(body.get("stream")))
    ask.system = body.get("instructions") or ""
    for tool in body.get("tools") or []:
        if tool.get("type") == "function":
            ask.tools[tool["name"]] = tool.get("parameters") or {}
    ask.schema = ((body.get("text") or {}).get("format") or {}).get("schema")
    given = body.get("input") or []
    if isinstance(given, str):
        ask.add("user", given)
    else:
        for item in given:
            add_input(ask, item)
    ask.messages = merge_answers(ask.messages)
    return ask


def items(ask, reply, number):
    made = []
    if reply.reasoning:
        made.append({"type": "reasoning", "id": f"rs_{number:04}", "content": [],
                     "summary": [{"type": "summary_text", "text": reply.reasoning}]})
    text = as_text(ask, reply)
    if text or reply.stop == "refusal":
        part = {"type": "output_text", "text": text, "annotations": []}
        if reply.stop == "refusal":
            part = {"type": "refusal", "refusal": text}
        made.append({"type": "message", "id": f"msg_{number:04}", "role": "assistant",
                     "status": "completed", "content": [part]})
    for i, (tool, arguments) in enumerate(as_calls(ask, reply)):
        made.append({"type": "function_call", "id": f"fc_{number:04}_{i}", "status": "completed",
                     "call_id": f"call_{number:04}_{i}", "name": tool, "arguments": json.dumps(arguments)})
    return made


def whole(ask, reply, number):
    u = reply.usage
    made = {
        "id": f"resp_{number:04}", "object": "response", "created_at": 1795000000, "model": ask.model,
        "status": "incomplete" if reply.stop == "max_tokens" else "completed", "error": None,
        "output": items(ask, reply, number),
        "incomplete_details": {"reason": "max_output_tokens"} if reply.stop == "max_tokens" else None,
    }
    if u:
        made["usage"] = {
            "input_tokens": u["input"], "input_tokens_details": {"cached_tokens": u["cached"]},
            "output_tokens": u["output"], "total_tokens": u["input"] + u["output"],
            "output_tokens_details": {"reasoning_tokens": u["reasoning"]},
        }
    return made


def event(kind, **fields):
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n"


def events(ask, reply, number):
    response = whole(ask, reply, number)
    begun = {**response, "status": "in_progress", "output": []}
    begun.pop("usage", None)
    yield event("response.created", response=begun)
    for i, item in enumerate(response["output"]):
        if item["type"] == "message":
            yield event("response.output_item.added", output_index=i, item={**item, "content": []})
            if "text" in item["content"][0]:
                for piece in pieces(item["content"][0]["text"], reply.parts):
                    yield event("response.output_text.delta", item_id=item["id"], output_index=i,
                                content_index=0, delta=piece)
        else:
            yield event("response.output_item.added", output_index=i, item=item)
        yield event("response.output_item.done", output_index=i, item=item)
    kind = "incomplete" if response["status"] == "incomplete" else "completed"
    yield event(f"response.{kind}", response=response)


def error(status, message):
    code = CODES.get(status)
    if message == OVERFLOW:
        code = "context_length_exceeded"
    kind = ERRORS.get(status, "invalid_request_error")
    if message == QUOTA[1]:
        code = kind = "insufficient_quota"
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def overloaded():
    return event("response.failed", response={
        "id": "resp_failed", "object": "response", "status": "failed", "output": [],
        "error": {"code": "server_is_overloaded", "message": MESSAGES[529]}})


def count(path, body):
    return None
