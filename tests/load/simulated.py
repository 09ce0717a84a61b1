# SPDX-License-Identifier: Apache-2.0
"""What does not fit a machine: very many children, and hours of work in virtual time."""
import re
import subprocess

BYTES_FOR_EACH = 1024  # of a child that waits


def children(shop, count):
    told = shop.output([shop.build / "tests" / "sim" / "kelp-sim", "--children", str(count),
                        "--slots", "64"])
    weight = float(re.search(r"([0-9.]+) bytes for each waiting child", told).group(1))
    wrong = []
    if weight > BYTES_FOR_EACH:
        wrong.append(f"a waiting child takes {weight} bytes, {BYTES_FOR_EACH} are allowed")
    return {"simulated_children": count, "bytes_for_each_waiting_child": weight}, wrong


def hours(shop, count):
    """Agents that start, fail, are turned away and tried again; kelp-sim judges what they leave."""
    words = [shop.build / "tests" / "sim" / "kelp-sim", "--soak", str(count)]
    done = subprocess.run([str(w) for w in words], env=shop.env, capture_output=True, text=True,
                          check=False)
    attempts = int(re.search(r"(\d+) attempts", done.stdout).group(1))
    first, second = re.search(r"(\d+) bytes kept .* half, (\d+) in", done.stdout).groups()
    wrong = [] if done.returncode == 0 else ["in virtual time: " + done.stdout.replace("\n", "; ")]
    return {"virtual_hours": count, "virtual_attempts": attempts,
            "virtual_bytes_kept_of_an_attempt_in_the_first_half": int(first),
            "virtual_bytes_kept_of_an_attempt_in_the_second_half": int(second)}, wrong
