/*
 * What a request asks for: its form judged by the contract, then its body and
 * parameters by name.
 *
 * The executor judges every request before its operation runs, though the edge
 * has done the same: the worker trusts no peer.  What is read below is valid,
 * and what the client left out is the contract's default.  Texts live as long
 * as the request.
 */

#ifndef DP_INPUT_H
#define DP_INPUT_H

#include "dp_contract.h"
#include "runtime/operation.h"

struct dp_input_s {
    dp_parameters_t parameters;
    dp_form_t       form;
    dp_json_t       body;
};

/* Sets op->input.  False after dp_op_fail_details(). */
bool dp_input_check(dp_op_t *op) __attribute__((warn_unused_result));

/* Fails with what the verdict says, which is not DP_OK; always false. */
bool dp_input_refuse(dp_op_t *op, const dp_verdict_t *verdict);

/* A string member of the body; empty when there is none and no default. */
dp_slice_t dp_body_text(const dp_op_t *op, const char *name);

/* The strings of an array that have no commas, with commas between; or empty. */
dp_slice_t dp_body_texts(const dp_op_t *op, const char *name);

/* Likewise a whole number, or 0. */
int64_t dp_body_integer(const dp_op_t *op, const char *name);

#endif /* DP_INPUT_H */
