/*
 * Where the worker may call: URLs and addresses (INT-19).
 */

#include "outbound/guard.h"
#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static const char *const hosts[] = {"api.example.com", "login.example.com", NULL};
static const char *const more[] = {"keys.example.net", NULL};

static const dp_guard_t guard = {
    .hosts = hosts, .more = more,
    .loopback = "127.0.0.1:8081 localhost:9090 [::1]:9091",
};

START_TEST(INT_19_urls)
{
    static const struct {
        const char        *url;
        dp_guard_verdict_t verdict;
    } rows[] = {
        {"https://api.example.com/v1/x?y=1#z", DP_GUARD_PUBLIC},
        {"https://API.Example.COM:443/", DP_GUARD_PUBLIC},
        {"HTTPS://login.example.com", DP_GUARD_PUBLIC},
        {"https://keys.example.net/jwks", DP_GUARD_PUBLIC},
        {"http://api.example.com/", DP_GUARD_REFUSED},
        {"https://api.example.com:8443/", DP_GUARD_REFUSED},
        {"https://api.example.com./", DP_GUARD_REFUSED},
        {"https://api.example.com.evil.net/", DP_GUARD_REFUSED},
        {"https://evil.net/api.example.com", DP_GUARD_REFUSED},
        {"https://api.example.com@evil.net/", DP_GUARD_REFUSED},
        {"https://user@api.example.com/", DP_GUARD_REFUSED},
        {"https://user:password@api.example.com/", DP_GUARD_REFUSED},
        {"https://evil.net\\@api.example.com/", DP_GUARD_REFUSED},
        {"https://evil.net#@api.example.com/", DP_GUARD_REFUSED},
        {"https://93.184.216.34/", DP_GUARD_REFUSED},
        {"https://[2606:2800:220:1::1]/", DP_GUARD_REFUSED},
        {"https://169.254.169.254/latest/meta-data", DP_GUARD_REFUSED},
        {"https://2130706433/", DP_GUARD_REFUSED},
        {"https://0x7f.1/", DP_GUARD_REFUSED},
        {"https://localhost/", DP_GUARD_REFUSED},
        {"file:///etc/passwd", DP_GUARD_REFUSED},
        {"gopher://api.example.com/", DP_GUARD_REFUSED},
        {"ftp://api.example.com/", DP_GUARD_REFUSED},
        {"//api.example.com/", DP_GUARD_REFUSED},
        {"", DP_GUARD_REFUSED},
        {"https://", DP_GUARD_REFUSED},
        {"https://api.example.com\r\nHost: evil/", DP_GUARD_REFUSED},
        {"http://127.0.0.1:8081/x", DP_GUARD_LOOPBACK},
        {"https://localhost:9090/x", DP_GUARD_LOOPBACK},
        {"http://[::1]:9091/", DP_GUARD_LOOPBACK},
        {"http://127.0.0.1:8082/", DP_GUARD_REFUSED},
        {"http://127.0.0.1:80/", DP_GUARD_REFUSED},
        {"ftp://127.0.0.1:8081/", DP_GUARD_REFUSED},
        {"http://user@127.0.0.1:8081/", DP_GUARD_REFUSED},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        ck_assert_msg(dp_guard_url(&guard, rows[i].url) == rows[i].verdict,
                      "%s", rows[i].url);
    }
}
END_TEST

START_TEST(INT_19_without_stand_ins_none_is_allowed)
{
    const dp_guard_t strict = {.hosts = hosts, .loopback = ""};

    ck_assert_int_eq(dp_guard_url(&strict, "http://127.0.0.1:8081/"),
                     DP_GUARD_REFUSED);
    ck_assert_int_eq(dp_guard_url(&strict, "https://keys.example.net/"),
                     DP_GUARD_REFUSED);
    ck_assert_int_eq(dp_guard_url(&strict, "https://api.example.com/"),
                     DP_GUARD_PUBLIC);
}
END_TEST

static bool
allowed(dp_guard_verdict_t verdict, const char *text)
{
    struct sockaddr_in  v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
        return dp_guard_address(verdict, (const void *) &v4);
    }

    ck_assert_msg(inet_pton(AF_INET6, text, &v6.sin6_addr) == 1, "%s", text);

    return dp_guard_address(verdict, (const void *) &v6);
}

START_TEST(INT_19_addresses_that_are_not_public)
{
    static const char *const refused[] = {
        "0.0.0.0", "0.255.255.255", "10.0.0.1", "10.255.255.255",
        "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254",
        "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8",
        "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1",
        "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1",
        "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1",
        "64:ff9b::a00:1", "64:ff9b:1::1", "100::1", "2001::1",
        "2001:0:4136:e378::1", "2001:db8::1", "2002:7f00:1::1", "3fff:fff::1",
        "fc00::1", "fd12::1", "fe80::1", "fec0::1", "ff02::1", "5f00::1",
    };
    static const char *const accepted[] = {
        "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255",
        "100.128.0.0", "126.0.0.1", "128.0.0.1", "140.82.121.6",
        "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.167.1.1",
        "192.169.0.1", "198.17.0.1", "198.20.0.1", "223.255.255.255",
        "::ffff:1.1.1.1", "64:ff9b::101:101", "2001:200::1", "2606:50c0::1",
        "2a00:1450::1", "2003::1",
    };

    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
        ck_assert_msg(!allowed(DP_GUARD_PUBLIC, refused[i]), "%s", refused[i]);
        ck_assert(!allowed(DP_GUARD_REFUSED, refused[i]));
    }

    for (size_t i = 0; i < sizeof(accepted) / sizeof(*accepted); i++) {
        ck_assert_msg(allowed(DP_GUARD_PUBLIC, accepted[i]), "%s", accepted[i]);
        ck_assert_msg(!allowed(DP_GUARD_LOOPBACK, accepted[i]), "%s", accepted[i]);
        ck_assert(!allowed(DP_GUARD_REFUSED, accepted[i]));
    }
}
END_TEST

START_TEST(INT_19_a_stand_in_is_on_this_host)
{
    struct sockaddr other = {.sa_family = AF_UNIX};

    ck_assert(allowed(DP_GUARD_LOOPBACK, "127.0.0.1"));
    ck_assert(allowed(DP_GUARD_LOOPBACK, "::1"));
    ck_assert(!allowed(DP_GUARD_LOOPBACK, "10.0.0.1"));
    ck_assert(!allowed(DP_GUARD_LOOPBACK, "::ffff:127.0.0.1"));
    ck_assert(!dp_guard_address(DP_GUARD_PUBLIC, &other));
}
END_TEST

int
main(void)
{
    return UNIT_RUN("worker guard", INT_19_urls,
                    INT_19_without_stand_ins_none_is_allowed,
                    INT_19_addresses_that_are_not_public,
                    INT_19_a_stand_in_is_on_this_host);
}
