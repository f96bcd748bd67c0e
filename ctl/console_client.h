/*
 * A command and its answer over a worker's control socket.
 */

#ifndef DP_CTL_CONSOLE_CLIENT_H
#define DP_CTL_CONSOLE_CLIENT_H

#include "dp_command.h"

/*
 * Connects to `socket`, sends the command and waits at most `limit_s` seconds.
 * `frame` has DP_COMMAND_PACKET_SIZE bytes, of which the outcome borrows.
 * False with errno.
 */
bool dp_console_ask(const char *socket, unsigned limit_s,
                    const dp_command_t *command, uint8_t *frame,
                    dp_outcome_t *outcome)
    __attribute__((warn_unused_result));

#endif /* DP_CTL_CONSOLE_CLIENT_H */
