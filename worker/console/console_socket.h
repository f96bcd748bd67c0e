/*
 * The control socket: local, of packets, for its owner and root only.
 */

#ifndef DP_CONSOLE_SOCKET_H
#define DP_CONSOLE_SOCKET_H

#include "settings.h"

/*
 * Binds the socket of the setting control_socket; the descriptor is -1 where
 * there is to be none.  Returns 0, or a code of sysexits.h after logging why
 * not.  Changes the umask meanwhile.
 */
int dp_console_socket_open(const dp_settings_t *settings, int *listener)
    __attribute__((warn_unused_result));

/* Closes it and removes its file. */
void dp_console_socket_close(const dp_settings_t *settings, int listener);

#endif /* DP_CONSOLE_SOCKET_H */
