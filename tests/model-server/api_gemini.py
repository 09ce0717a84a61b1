# SPDX-License-Identifier: Apache-2.0
"""Gemini: POST /v1beta/models/M:streamGenerateContent?alt=sse, :generateContent, :countTokens."""

import json
import re

from actions import as_calls, as_text, pieces
from script import Ask

NAME = "gemini"
WORDS = {
    400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE", 529: "UNAVAILABLE",
}
MESSAGES = {
    401: "API key not valid. Please pass a valid API key.",
    403: "Permission denied on resource project.",
    429: "Resource has been exhausted (e.g. check quota).",
    500: "An internal error has occurred. Please retry.",
    503: "The model is overloaded. Please try again later.",
    529: "The model is overloaded. Please try again later.",
}
OVERFLOW = (
    "The input token count (1100000) exceeds the maximum number of tokens allowed (1048576)."
)
QUOTA = (429, "You exceeded your current quota, please check your plan and billing details.")


def key(headers):
    return headers.get("x-goog-api-key", "")


def read(path, body):
    name = re.search(r"/models/([^/]+):(\w+)$", path)
    ask = Ask(NAME, name.group(1), name.group(2) == "streamGenerateContent")
    system = body.get("systemInstruction") or {}
    ask.system = "\n".join(p.get("text", "") for p in system.get("parts", []))
    for tool in body.get("tools") or []:
        for f in tool.get("functionDeclarations") or []:
            ask.tools[f["name"]] = f.get("parametersJsonSchema") or f.get("parameters") or {}
    config = body.get("generationConfig") or {}
    ask.schema = config.get("responseJsonSchema") or config.get("responseSchema")
    for content in body.get("contents", []):
        if content.get("role") == "model":
            ask.add("assistant", "".join(p.get("text", "") for p in content.get("parts", [])))
            continue
        for part in content.get("parts", []):
            if "functionResponse" in part:
                said = part["functionResponse"].get("response") or {}
                ask.add("tool", "\n".join(v if isinstance(v, str) else json.dumps(v) for v in said.values()))
            elif "text" in part:
                ask.add("user", part["text"])
    return ask


def parts_of(ask, reply):
    made = [{"text": reply.reasoning, "thought": True}] if reply.reasoning else []
    made += [{"text": piece} for piece in pieces(as_text(ask, reply), reply.parts)]
    made += [{"functionCall": {"name": tool, "args": arguments}} for tool, arguments in as_calls(ask, reply)]
    return made


def chunk(ask, reply, number, parts, last):
    candidate = {"content": {"role": "model", "parts": parts}, "index": 0}
    made = {"candidates": [candidate], "modelVersion": ask.model, "responseId": f"resp_{number:04}"}
    if last:
        reasons = {"end": "STOP", "max_tokens": "MAX_TOKENS", "refusal": "SAFETY"}
        candidate["finishReason"] = reasons[reply.stop]
        u = reply.usage
        if u:
            made["usageMetadata"] = {
                "promptTokenCount": u["input"], "cachedContentTokenCount": u["cached"],
                "candidatesTokenCount": u["output"], "thoughtsTokenCount": u["reasoning"],
                "totalTokenCount": u["input"] + u["output"] + u["reasoning"],
            }
    return made


def whole(ask, reply, number):
    return chunk(ask, reply, number, parts_of(ask, reply), True)


def events(ask, reply, number):
    parts = parts_of(ask, reply) or [{"text": ""}]
    for i, part in enumerate(parts):
        made = chunk(ask, reply, number, [part], i == len(parts) - 1)
        yield f"data: {json.dumps(made)}\r\n\r\n"


def error(status, message):
    return {"error": {"code": status, "message": message, "status": WORDS.get(status, "UNKNOWN")}}


def overloaded():
    return f"data: {json.dumps(error(503, MESSAGES[503]))}\r\n\r\n"


def count(path, body):
    return {"totalTokens": len(json.dumps(body)) // 4} if path.endswith(":countTokens") else None
