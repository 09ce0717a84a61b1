# SPDX-License-Identifier: Apache-2.0
"""Plans that keep an engine busy, and the stand-in for a model's program."""
import json

# A claude of which every tenth call is turned away for a second, as its provider would.
CLAUDE = """#!/bin/bash
cat >/dev/null
say() { printf '%s\\n' "$1"; }
say '{"type":"system","subtype":"init","session_id":"5e55-1","model":"claude-x"}'
if (( RANDOM % 10 == 0 )); then
    say '{"type":"result","subtype":"success","is_error":true,"api_error_status":429,"result":"rate limited, try again in 1 seconds","session_id":"5e55-1"}'
    exit 1
fi
sleep "$KELP_LOAD_SECONDS"
say '{"type":"assistant","message":{"id":"m1","content":[{"type":"tool_use","id":"t1","name":"Bash","input":{"command":"true"}}]},"session_id":"5e55-1"}'
say '{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"t1","content":"done"}]},"session_id":"5e55-1"}'
say '{"type":"result","subtype":"success","is_error":false,"result":"looked","session_id":"5e55-1","total_cost_usd":0.01,"usage":{"input_tokens":10,"output_tokens":5},"modelUsage":{"claude-x":{"inputTokens":10,"outputTokens":5,"costUSD":0.01}}}'
"""

# Most agents work, one in twelve fails, one in three hundred dies; and some print.
COMMAND = ("sleep $KELP_LOAD_SECONDS; n=$((RANDOM % 300)); echo \"$n\"; "
           "[ $n -ne 0 ] || kill -9 $$; [ $((n % 12)) -ne 1 ]")


def busy(children):
    """Children of two commands and an agent that a model drives, side by side: were it in a later
    wave, the first waves of all children would come before it."""
    step = {"role": "A", "run": f"bash -c '{COMMAND}'", "count": 2}
    return {"version": 1, "task": "soak", "research": [],
            "environment": ["KELP_LOAD_SECONDS"],
            "subtasks": [{"title": "child {{item}}", "minutes": 20, "agent": "claude",
                          "for_each": [str(i) for i in range(children)],
                          "waves": [{"agents": [step, {"role": "B", "prompt": "look at f{{item}}"}],
                                     "allow_failures": 3}]}]}


def write(shop, plan):
    return shop.file("plan.json.yaml", json.dumps(plan))
