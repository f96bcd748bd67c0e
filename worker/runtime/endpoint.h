/*
 * Taking the address that nginx connects to, without taking it from another
 * worker.
 */

#ifndef DP_ENDPOINT_H
#define DP_ENDPOINT_H

/*
 * Binds the ZeroMQ `socket` to `endpoint` and returns 0, or a code of
 * sysexits.h after logging why not: EX_TEMPFAIL when a worker serves there
 * already, EX_CANTCREAT when the system refuses.
 *
 * For ipc:// the folder is made with mode 0750 when it is missing; the socket
 * gets mode 0660 and the folder's group; a file "<path>.lock" stays locked for
 * the life of the process.  Changes the umask meanwhile: to be called before
 * other threads make files.
 */
int dp_endpoint_bind(void *socket, const char *endpoint)
    __attribute__((warn_unused_result));

#endif /* DP_ENDPOINT_H */
