/*
 * The documents that the edge serves, as they were when it was built.
 *
 * auto/embed makes C of each file; the entity tag is a part of its digest.
 */

#ifndef NGX_HTTP_DEVPILOT_DOCUMENTS_H
#define NGX_HTTP_DEVPILOT_DOCUMENTS_H

#include "dp_bytes.h"
#include "ngx_http_devpilot.h"

typedef struct {
    dp_slice_t body;
    dp_slice_t etag;
} ngx_http_devpilot_document_t;

extern const ngx_http_devpilot_document_t ngx_http_devpilot_errors_json;
extern const ngx_http_devpilot_document_t ngx_http_devpilot_openapi_json;
extern const ngx_http_devpilot_document_t ngx_http_devpilot_openapi_yaml;

/* ngx_http_devpilot_documents.c */

/* Answers listErrorCodes, getOpenApi and getOpenApiYaml. */
ngx_int_t ngx_http_devpilot_document(ngx_http_request_t *r,
                                     ngx_http_devpilot_ctx_t *ctx);

#endif /* NGX_HTTP_DEVPILOT_DOCUMENTS_H */
