# SPDX-License-Identifier: Apache-2.0
"""OpenAI chat completions: POST /v1/chat/completions."""

import json

from actions import as_calls, as_text, pieces
from script import Ask

NAME = "chat"
MESSAGES = {
    401: "Incorrect API key provided: dummy. You can find your API key at your account page.",
    403: "You are not allowed to sample from this model", 404: "The model does not exist",
    429: "Rate limit reached for requests per min (RPM): Limit 3, Used 3, Requested 1.",
    500: "The server had an error while processing your request. Sorry about that!",
    529: "The engine is currently overloaded, please try again later",
}
ERRORS = {401: "invalid_request_error", 429: "requests", 500: "server_error", 529: "overloaded"}
CODES = {401: "invalid_api_key", 429: "rate_limit_exceeded"}
OVERFLOW = (
    "This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 "
    "tokens. Please reduce the length of the messages."
)
QUOTA = (429, "You exceeded your current quota, please check your plan and billing details.")


def key(headers):
    return headers.get("authorization", "").removeprefix("Bearer ")


def text_of(content):
    if isinstance(content, str):
        return content
    return "\n".join(part.get("text", "") for part in content or [])


def read(path, body):
    ask = Ask(NAME, body.get("model", ""), bool(body.get("stream")))
    for tool in body.get("tools") or []:
        function = tool.get("function", {})
        ask.tools[function.get("name", "")] = function.get("parameters") or {}
    ask.schema = ((body.get("response_format") or {}).get("json_schema") or {}).get("schema")
    ask.want_usage = not ask.stream or bool((body.get("stream_options") or {}).get("include_usage"))
    for m in body.get("messages", []):
        if m["role"] in ("system", "developer"):
            ask.system += "\n" + text_of(m.get("content"))
        else:
            ask.add(m["role"], text_of(m.get("content")))
    return ask


def usage(reply):
    u = reply.usage
    return {
        "prompt_tokens": u["input"], "completion_tokens": u["output"],
        "total_tokens": u["input"] + u["output"],
        "prompt_tokens_details": {"cached_tokens": u["cached"]},
        "completion_tokens_details": {"reasoning_tokens": u["reasoning"]},
    }


def calls_of(ask, reply, number):
    return [
        {"id": f"call_{number:04}_{i}", "type": "function",
         "function": {"name": tool, "arguments": json.dumps(arguments)}}
        for i, (tool, arguments) in enumerate(as_calls(ask, reply))
    ]


def finish(reply, calls):
    if reply.stop != "end":
        return {"max_tokens": "length", "refusal": "content_filter"}[reply.stop]
    return "tool_calls" if calls else "stop"


def whole(ask, reply, number):
    calls = calls_of(ask, reply, number)
    message = {"role": "assistant", "content": as_text(ask, reply) or None}
    if reply.reasoning:
        message["reasoning_content"] = reply.reasoning
    if calls:
        message["tool_calls"] = calls
    if reply.stop == "refusal":
        message["refusal"] = reply.text
    made = {
        "id": f"chatcmpl-{number:04}", "object": "chat.completion", "created": 1795000000,
        "model": ask.model,
        "choices": [{"index": 0, "message": message, "finish_reason": finish(reply, calls)}],
    }
    if reply.usage:
        made["usage"] = usage(reply)
    return made


def chunk(ask, number, choices, **more):
    data = {"id": f"chatcmpl-{number:04}", "object": "chat.completion.chunk", "created": 1795000000,
            "model": ask.model, "choices": choices, **more}
    return f"data: {json.dumps(data)}\n\n"


def call_deltas(calls, parts):
    """Each call starts with its id and name; then its arguments come in pieces."""
    for i, call in enumerate(calls):
        head = {"index": i, "id": call["id"], "type": "function",
                "function": {"name": call["function"]["name"], "arguments": ""}}
        yield {"tool_calls": [head]}
        for piece in pieces(call["function"]["arguments"], parts):
            yield {"tool_calls": [{"index": i, "function": {"arguments": piece}}]}


def events(ask, reply, number):
    def delta(fields, reason=None):
        return chunk(ask, number, [{"index": 0, "delta": fields, "finish_reason": reason}])

    calls = calls_of(ask, reply, number)
    yield delta({"role": "assistant", "content": ""})
    if reply.reasoning:
        yield delta({"reasoning_content": reply.reasoning})
    for piece in pieces(as_text(ask, reply), reply.parts):
        yield delta({"refusal": piece} if reply.stop == "refusal" else {"content": piece})
    for fields in call_deltas(calls, reply.parts):
        yield delta(fields)
    yield delta({}, finish(reply, calls))
    if reply.usage and ask.want_usage:
        yield chunk(ask, number, [], usage=usage(reply))
    yield "data: [DONE]\n\n"


def error(status, message):
    code = CODES.get(status)
    if message == OVERFLOW:
        code = "context_length_exceeded"
    if message == QUOTA[1]:
        code = "insufficient_quota"
    return {"error": {"message": message, "type": code if code == "insufficient_quota" else
                      ERRORS.get(status, "invalid_request_error"), "param": None, "code": code}}


def overloaded():
    return f"data: {json.dumps(error(529, MESSAGES[529]))}\n\n"


def count(path, body):
    return None
