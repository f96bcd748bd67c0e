/*
 * Who a request comes from: the client's address, as realip leaves it.
 */

#include "ngx_http_devpilot_client.h"
#include "ngx_http_devpilot_directives.h"

#define IPV6_NETWORK 8 /* bytes of a /64 */

static const uint8_t mapped[12] = {
    [10] = 0xff,
    [11] = 0xff,
};

ngx_int_t
ngx_http_devpilot_client_address(const ngx_http_request_t *r,
                                 uint8_t                   address[16])
{
    const struct sockaddr     *sockaddr = r->connection->sockaddr;
    const struct sockaddr_in  *ipv4 = (const void *) sockaddr;
    const struct sockaddr_in6 *ipv6 = (const void *) sockaddr;

    if (sockaddr->sa_family == AF_INET) {
        ngx_memcpy(address, mapped, sizeof(mapped));
        ngx_memcpy(address + sizeof(mapped), &ipv4->sin_addr, 4);
        return NGX_OK;
    }

    if (sockaddr->sa_family != AF_INET6) {
        return NGX_DECLINED;
    }

    ngx_memcpy(address, &ipv6->sin6_addr, 16);

    if (!IN6_IS_ADDR_V4MAPPED(&ipv6->sin6_addr)) {
        ngx_memzero(address + IPV6_NETWORK, 16 - IPV6_NETWORK);
    }

    return NGX_OK;
}

dp_slice_t
ngx_http_devpilot_client_network(const uint8_t address[16])
{
    return ngx_memcmp(address, mapped, sizeof(mapped)) == 0
               ? dp_slice(address + sizeof(mapped), 4)
               : dp_slice(address, IPV6_NETWORK);
}

char *
ngx_http_devpilot_cidr_add(ngx_conf_t *cf, ngx_command_t *cmd,
                           ngx_array_t *list, ngx_str_t *text,
                           const char *allowed)
{
    ngx_cidr_t *cidr = ngx_array_push(list);

    if (cidr == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(cidr, sizeof(*cidr));

    if (ngx_strcmp(text->data, "unix:") == 0) {
        cidr->family = AF_UNIX;
        return NGX_CONF_OK;
    }

    switch (ngx_ptocidr(text, cidr)) {
    case NGX_ERROR:
        return ngx_http_devpilot_refuse_value(cf, cmd, text, allowed);
    case NGX_DONE:
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "low address bits of %V are meaningless", text);
        /* fall through */
    default:
        return NGX_CONF_OK;
    }
}
