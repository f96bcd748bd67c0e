/*
 * The file of identity providers: what is taken, and what each fault is called.
 */

#include "identity/provider_file.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char path[64];
static char secret_path[64];

static void
file_write(char name[64], const char *text)
{
    int fd;

    snprintf(name, 64, "/tmp/worker_providers.XXXXXX");
    fd = mkstemp(name);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t) strlen(text));
    close(fd);
}

static bool
load(const char *text, dp_provider_fault_t *fault)
{
    bool loaded;

    file_write(path, text);
    loaded = dp_identity_providers_load(path, fault);
    unlink(path);

    return loaded;
}

static void
clear(void)
{
    dp_provider_fault_t fault;

    ck_assert(dp_identity_providers_load("none", &fault));
}

#define NEEDED "\"name\":\"a\",\"issuer\":\"https://a.example/x\",\"clientId\":\"c\""

START_TEST(a_provider_with_all_its_members)
{
    char                          text[1024];
    dp_provider_fault_t           fault;
    const dp_identity_provider_t *provider;

    file_write(secret_path, "s3cret\nmore\n");
    snprintf(text, sizeof(text),
             "{\"providers\":[{" NEEDED ",\"clientSecretFile\":\"%s\","
             "\"scopes\":\"openid email\",\"linking\":\"verified_email\","
             "\"allowSignup\":true,\"hosts\":[\"keys.example\"],"
             "\"tokens\":{\"audience\":[\"x\",\"y\"],\"maxLifetime\":600,"
             "\"algorithms\":[\"ES256\"]}}]}", secret_path);
    ck_assert_msg(load(text, &fault), "%s", fault.text);
    unlink(secret_path);
    ck_assert_uint_eq(dp_identity_provider_count(), 1);
    provider = dp_identity_provider_find(DP_SLICE("a"));
    ck_assert_str_eq(provider->issuer, "https://a.example/x");
    ck_assert_str_eq(provider->client_id, "c");
    ck_assert_str_eq(provider->client_secret, "s3cret");
    ck_assert_str_eq(provider->scopes, "openid email");
    ck_assert(provider->links_email && provider->signs_up);
    ck_assert_str_eq(provider->hosts[0], "a.example");
    ck_assert_str_eq(provider->hosts[1], "keys.example");
    ck_assert_ptr_null(provider->hosts[2]);
    ck_assert_uint_eq(provider->audience_count, 2);
    ck_assert_str_eq(provider->audiences[1], "y");
    ck_assert_uint_eq(provider->lifetime_s, 600);
    ck_assert_uint_eq(provider->algorithms, 1u << DP_JWT_ES256);
    ck_assert_ptr_null(dp_identity_provider_find(DP_SLICE("b")));
    clear();
}
END_TEST

START_TEST(what_is_left_out_is_careful)
{
    dp_provider_fault_t           fault;
    const dp_identity_provider_t *provider;

    ck_assert_msg(load("{\"providers\":[{" NEEDED "}]}", &fault), "%s", fault.text);
    provider = dp_identity_provider(0);
    ck_assert(!provider->links_email && !provider->signs_up);
    ck_assert_uint_eq(provider->audience_count, 0);
    ck_assert_str_eq(provider->client_secret, "");
    clear();
    ck_assert_uint_eq(dp_identity_provider_count(), 0);
}
END_TEST

START_TEST(each_fault_is_named)
{
    static const struct {
        const char *text, *said;
    } rows[] = {
        {"", "byte 0"},
        {"[]", "the document"},
        {"{}", "providers"},
        {"{\"providers\":[],\"x\":1}", "a member that is not known"},
        {"{\"providers\":{}}", "providers"},
        {"{\"providers\":[{}]}", "provider 1: name"},
        {"{\"providers\":[{\"name\":\"a\",\"issuer\":\"https://a\"}]}", "clientId"},
        {"{\"providers\":[{" NEEDED "},{" NEEDED "}]}", "provider 2: name"},
        {"{\"providers\":[{" NEEDED "},{\"name\":\"b\",\"clientId\":\"c\","
         "\"issuer\":\"https://a.example/x\"}]}", "provider 2: issuer"},
        {"{\"providers\":[{\"name\":\"A\",\"issuer\":\"https://a\",\"clientId\":\"c\"}]}",
         "name"},
        {"{\"providers\":[{\"name\":\"a\",\"issuer\":\"ftp://a\",\"clientId\":\"c\"}]}",
         "issuer"},
        {"{\"providers\":[{\"name\":\"a\",\"issuer\":\"https://u@a\",\"clientId\":\"c\"}]}",
         "issuer"},
        {"{\"providers\":[{\"name\":\"a\",\"issuer\":\"https://a?x\",\"clientId\":\"c\"}]}",
         "issuer"},
        {"{\"providers\":[{" NEEDED ",\"clientSecret\":\"x\"}]}", "a member that is not known"},
        {"{\"providers\":[{" NEEDED ",\"clientSecretFile\":\"/none\"}]}", "clientSecretFile"},
        {"{\"providers\":[{" NEEDED ",\"scopes\":\"email\"}]}", "scopes"},
        {"{\"providers\":[{" NEEDED ",\"linking\":\"email\"}]}", "linking"},
        {"{\"providers\":[{" NEEDED ",\"allowSignup\":\"true\"}]}", "allowSignup"},
        {"{\"providers\":[{" NEEDED ",\"hosts\":\"x\"}]}", "hosts"},
        {"{\"providers\":[{" NEEDED ",\"tokens\":{}}]}", "audience"},
        {"{\"providers\":[{" NEEDED ",\"tokens\":{\"audience\":[]}}]}", "audience"},
        {"{\"providers\":[{" NEEDED ",\"tokens\":{\"audience\":\"x\",\"maxLifetime\":0}}]}",
         "maxLifetime"},
        {"{\"providers\":[{" NEEDED ",\"tokens\":{\"audience\":\"x\",\"algorithms\":[\"none\"]}}]}",
         "algorithms"},
        {"{\"providers\":[{" NEEDED ",\"tokens\":{\"audience\":\"x\","
         "\"algorithms\":[\"HS256\"]}}]}",
         "algorithms"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        dp_provider_fault_t fault = {""};

        ck_assert_msg(!load(rows[i].text, &fault), "%s", rows[i].text);
        ck_assert_msg(strstr(fault.text, rows[i].said) != NULL, "%s: %s",
                      rows[i].text, fault.text);
    }

    clear();
}
END_TEST

START_TEST(a_file_that_is_not_there)
{
    dp_provider_fault_t fault;

    ck_assert(!dp_identity_providers_load("/none/at/all", &fault));
    ck_assert_ptr_nonnull(strstr(fault.text, "No such file"));
    clear();
}
END_TEST

START_TEST(the_example_needs_its_secrets_only)
{
    dp_provider_fault_t fault;

    ck_assert(!dp_identity_providers_load("conf/identity-providers.json", &fault));
    ck_assert_ptr_nonnull(strstr(fault.text, "provider 1: clientSecretFile"));
    clear();
}
END_TEST

int
main(void)
{
    return UNIT_RUN("identity providers", a_provider_with_all_its_members,
                    what_is_left_out_is_careful, each_fault_is_named,
                    a_file_that_is_not_there,
                    the_example_needs_its_secrets_only);
}
