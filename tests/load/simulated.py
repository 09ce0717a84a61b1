# SPDX-License-Identifier: Apache-2.0
"""What does not fit a machine: very many children, and hours of work in virtual time."""
import re

BYTES_FOR_EACH = 1024  # of a child that waits


def children(shop, count):
    told = shop.output([shop.build / "tests" / "sim" / "kelp-sim", "--children", str(count),
                        "--slots", "64"])
    weight = float(re.search(r"([0-9.]+) bytes for each waiting child", told).group(1))
    wrong = []
    if weight > BYTES_FOR_EACH:
        wrong.append(f"a waiting child takes {weight} bytes, {BYTES_FOR_EACH} are allowed")
    return {"simulated_children": count, "bytes_for_each_waiting_child": weight}, wrong
