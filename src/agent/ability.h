/* SPDX-License-Identifier: Apache-2.0 */
/* What a driver can do, and the words for it in lists and in driver files. */
#ifndef KELP_AGENT_ABILITY_H
#define KELP_AGENT_ABILITY_H

#define DRIVER_ABILITIES(X)                                                            \
    X(SESSIONS, 0, "sessions") /* a later attempt can go on with an earlier session */ \
    X(COST, 1, "cost")         /* it says what it cost */                              \
    X(SCHEMA, 2, "schema")     /* its answer can be bound to a JSON schema */          \
    X(SANDBOX, 3, "sandbox")   /* it has a sandbox of its own */                       \
    X(TOKENS, 4, "tokens")     /* it says how many tokens it used */                   \
    X(IN_PLACE, 5, "in-place") /* sessions are bound to the folder they began in */

enum driver_ability {
#define DRIVER_ABILITY_ENUM(name, bit, word) DRIVER_##name = 1 << (bit),
    DRIVER_ABILITIES(DRIVER_ABILITY_ENUM)
#undef DRIVER_ABILITY_ENUM
};

#endif
