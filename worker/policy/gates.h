/*
 * The gates of the transaction frame, each defined in the file of its policy.
 */

#ifndef DP_GATES_H
#define DP_GATES_H

#include "db/transaction.h"

extern const dp_gate_t dp_gate_kill_switch; /* kill_switch.c */
extern const dp_gate_t dp_gate_idempotency; /* idempotency.c */
extern const dp_gate_t dp_gate_caller;      /* permission.c */

#endif /* DP_GATES_H */
