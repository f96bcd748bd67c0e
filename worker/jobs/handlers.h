/*
 * The functions of jobs that kinds.def names.
 */

#ifndef DP_HANDLERS_H
#define DP_HANDLERS_H

#include "job.h"

/* maintenance.c */
dp_job_fn dp_job_idempotency_reap;
dp_job_fn dp_job_prune;
dp_job_fn dp_job_session_reap;
dp_job_fn dp_job_invitation_reap;
dp_job_fn dp_job_audit_partition;

/* mail/send.c */
dp_job_fn dp_job_mail_send;

/* identity/issuer_job.c */
dp_job_fn dp_job_issuers_fetch;
dp_job_fn dp_job_issuers_settle;

/* identity/key_jobs.c */
dp_job_fn dp_job_key_rotate;
dp_job_fn dp_job_key_purge;

/* organizations/key_jobs.c */
dp_job_fn dp_job_api_key_announce;

/* identity/forgot_password.c */
dp_job_fn dp_job_password_forgot;

/* audit/seal.c, audit/verify_job.c */
dp_job_fn dp_job_audit_seal;
dp_job_fn dp_job_audit_verify;

#endif /* DP_HANDLERS_H */
