/*
 * The directives of the abuse tiers: thresholds, times, who is exempt, honeypots
 * and the file of probe patterns.
 *
 * A word is name=value; what each may be is a row of a table, of which the error
 * message tells all.
 */

#include "ngx_http_devpilot.h"
#include "ngx_http_devpilot_client.h"
#include "ngx_http_devpilot_directives.h"

#define SECOND UINT32_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

#define PROBES_FILE_MAX (256 * 1024)

ngx_conf_enum_t ngx_http_devpilot_abuse_modes[] = {
    {ngx_string("off"), NGX_HTTP_DEVPILOT_ABUSE_OFF},
    {ngx_string("shadow"), NGX_HTTP_DEVPILOT_ABUSE_SHADOW},
    {ngx_string("on"), NGX_HTTP_DEVPILOT_ABUSE_ON},
    {ngx_null_string, 0},
};

char *
ngx_http_devpilot_abuse_mode_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_devpilot_in_use(cf);

    return ngx_conf_set_enum_slot(cf, cmd, conf);
}

/* --- words ------------------------------------------------------------------ */

static ngx_int_t time_parse(ngx_str_t *text);
static ngx_int_t count_parse(ngx_str_t *text);
static ngx_int_t percent_parse(ngx_str_t *text);

typedef struct {
    const char *name; /* with '=' */
    ngx_int_t (*parse)(ngx_str_t *text);
    uint32_t    min;
    uint32_t    max;
    size_t      offset; /* of a uint32_t, 0 while it is not set */
    const char *allowed;
} word_t;

#define TIME(member, type) \
    time_parse, 100, 31 * DAY, offsetof(type, member), "a time from 100ms to 31d"
#define COUNT(member, type) \
    count_parse, 1, 10000, offsetof(type, member), "a number up to 10000"

static const word_t threshold_words[] = {
    {"warn=", COUNT(at[DP_ABUSE_WARN], dp_abuse_threshold_t)},
    {"throttle=", COUNT(at[DP_ABUSE_THROTTLE], dp_abuse_threshold_t)},
    {"block=", COUNT(at[DP_ABUSE_BLOCK], dp_abuse_threshold_t)},
    {"window=", TIME(window_ms, dp_abuse_threshold_t)},
    {NULL, NULL, 0, 0, 0, NULL},
};

/* The clock that failing paths are remembered by goes round in four hours. */
static const word_t probe_words[] = {
    {"window=", time_parse, 100, 4 * HOUR - 1,
     offsetof(dp_abuse_threshold_t, window_ms),
     "a time from 100ms to less than 4h"},
    {NULL, NULL, 0, 0, 0, NULL},
};

static const word_t burst_words[] = {
    {"ratio=", count_parse, 2, 1000,
     offsetof(ngx_http_devpilot_abuse_conf_t, policy.burst_ratio),
     "a number from 2 to 1000"},
    {"for=", time_parse, 1000, 600000,
     offsetof(ngx_http_devpilot_abuse_conf_t, policy.burst_ms),
     "a time from 1s to 10m"},
    {NULL, NULL, 0, 0, 0, NULL},
};

static const word_t tier_words[] = {
    {"hold=", TIME(policy.hold_ms, ngx_http_devpilot_abuse_conf_t)},
    {"block=", TIME(policy.block_ms, ngx_http_devpilot_abuse_conf_t)},
    {"block_max=", TIME(policy.block_max_ms, ngx_http_devpilot_abuse_conf_t)},
    {"forget=", TIME(policy.forget_ms, ngx_http_devpilot_abuse_conf_t)},
    {"refill=", percent_parse, 1, 100,
     offsetof(ngx_http_devpilot_abuse_conf_t, refill_percent),
     "a part from 1% to 100%"},
    {NULL, NULL, 0, 0, 0, NULL},
};

/* Each gives a negative number for text it cannot read. */
static ngx_int_t
time_parse(ngx_str_t *text)
{
    return ngx_parse_time(text, 0);
}

static ngx_int_t
count_parse(ngx_str_t *text)
{
    return ngx_atoi(text->data, text->len);
}

static ngx_int_t
percent_parse(ngx_str_t *text)
{
    if (text->len < 2 || text->data[text->len - 1] != '%') {
        return NGX_ERROR;
    }

    return ngx_atoi(text->data, text->len - 1);
}

/* A directive that is being read, and what it returns. */
typedef struct {
    ngx_conf_t    *cf;
    ngx_command_t *cmd;
    char          *rc;
} line_t;

/* NGX_DECLINED: it is none of these words. */
static ngx_int_t
word_take(line_t *line, const word_t *word, ngx_str_t *value, void *base)
{
    for ( ; word->name != NULL; word++) {
        size_t     len = ngx_strlen(word->name);
        uint32_t  *slot = (uint32_t *) ((char *) base + word->offset);
        ngx_str_t  text = {value->len - ngx_min(len, value->len),
                           value->data + len};
        ngx_int_t  number;

        if (value->len < len || ngx_strncmp(value->data, word->name, len) != 0) {
            continue;
        }

        number = text.len == 0 ? NGX_ERROR : word->parse(&text);

        if (*slot != 0) {
            line->rc = "says a word twice";
        } else if (number < word->min || number > word->max) {
            line->rc = ngx_http_devpilot_refuse_value(line->cf, line->cmd,
                                                      value, word->allowed);
        } else {
            *slot = (uint32_t) number;
        }

        return NGX_OK;
    }

    return NGX_DECLINED;
}

char *
ngx_http_devpilot_abuse_tiers_set(ngx_conf_t *cf, ngx_command_t *cmd,
                                  void *conf)
{
    line_t     line = {cf, cmd, NGX_CONF_OK};
    ngx_str_t *value = cf->args->elts;
    void      *base = (char *) conf + cmd->offset;

    for (ngx_uint_t i = 1; i < cf->args->nelts && line.rc == NGX_CONF_OK; i++) {
        if (word_take(&line, tier_words, &value[i], base) != NGX_OK) {
            return ngx_http_devpilot_refuse_value(
                cf, cmd, &value[i],
                "hold=, block=, block_max=, forget= or refill=");
        }
    }

    ngx_http_devpilot_in_use(cf);

    return line.rc;
}

/* --- thresholds -------------------------------------------------------------- */

static ngx_uint_t
signal_find(const ngx_str_t *name)
{
    static const dp_abuse_signal_t signals[] = {
        DP_ABUSE_AUTH, DP_ABUSE_BURST, DP_ABUSE_PROBE,
    };

    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        if (ngx_strcmp(name->data, dp_abuse_signal_name(signals[i])) == 0) {
            return signals[i];
        }
    }

    return DP_ABUSE_SIGNALS;
}

static ngx_int_t
threshold_word(line_t *line, ngx_uint_t signal,
               ngx_http_devpilot_abuse_conf_t *conf, ngx_str_t *value)
{
    dp_abuse_threshold_t *threshold = &conf->policy.signals[signal];
    ngx_int_t             taken = NGX_DECLINED;

    if (signal == DP_ABUSE_PROBE) {
        taken = word_take(line, probe_words, value, threshold);
    }

    if (taken == NGX_DECLINED) {
        taken = word_take(line, threshold_words, value, threshold);
    }

    if (taken == NGX_DECLINED && signal == DP_ABUSE_BURST) {
        taken = word_take(line, burst_words, value, conf);
    }

    return taken;
}

char *
ngx_http_devpilot_abuse_threshold_set(ngx_conf_t *cf, ngx_command_t *cmd,
                                      void *conf)
{
    line_t                          line = {cf, cmd, NGX_CONF_OK};
    ngx_str_t                      *value = cf->args->elts;
    ngx_http_devpilot_abuse_conf_t *abuse =
        (void *) ((char *) conf + cmd->offset);
    ngx_uint_t                      signal = signal_find(&value[1]);

    if (signal == DP_ABUSE_SIGNALS) {
        return ngx_http_devpilot_refuse_value(cf, cmd, &value[1],
                                              "one of auth, burst, probe");
    }

    for (ngx_uint_t i = 2; i < cf->args->nelts && line.rc == NGX_CONF_OK; i++) {
        if (threshold_word(&line, signal, abuse, &value[i]) != NGX_OK) {
            return ngx_http_devpilot_refuse_value(
                cf, cmd, &value[i],
                "warn=, throttle=, block= or window=, and of burst also ratio= "
                "or for=");
        }
    }

    ngx_http_devpilot_in_use(cf);

    return line.rc;
}

/* --- lists ------------------------------------------------------------------- */

static ngx_uint_t
list_make(ngx_conf_t *cf, ngx_array_t **list, size_t size)
{
    if (*list == NULL) {
        *list = ngx_array_create(cf->pool, 4, size);
    }

    return *list != NULL;
}

char *
ngx_http_devpilot_abuse_exempt_set(ngx_conf_t *cf, ngx_command_t *cmd,
                                   void *conf)
{
    char                           *rc;
    ngx_str_t                      *value = cf->args->elts;
    ngx_http_devpilot_abuse_conf_t *abuse =
        (void *) ((char *) conf + cmd->offset);

    if (!list_make(cf, &abuse->exempt, sizeof(ngx_cidr_t))) {
        return NGX_CONF_ERROR;
    }

    for (ngx_uint_t i = 1; i < cf->args->nelts; i++) {
        rc = ngx_http_devpilot_cidr_add(
            cf, cmd, abuse->exempt, &value[i],
            "an address, a network such as 192.0.2.0/24 or 2001:db8::/32, "
            "or unix:");
        if (rc != NGX_CONF_OK) {
            return rc;
        }
    }

    ngx_http_devpilot_in_use(cf);

    return NGX_CONF_OK;
}

/* "score=N" in its place among the words; NGX_DECLINED: it is something else. */
static ngx_int_t
score_take(line_t *line, ngx_str_t *value, uint32_t *slot)
{
    const word_t words[] = {
        {"score=", count_parse, 1, 10000, 0, "a number up to 10000"},
        {NULL, NULL, 0, 0, 0, NULL},
    };

    return word_take(line, words, value, slot);
}

char *
ngx_http_devpilot_abuse_honeypot_set(ngx_conf_t *cf, ngx_command_t *cmd,
                                     void *conf)
{
    line_t                          line = {cf, cmd, NGX_CONF_OK};
    ngx_str_t                      *pot, *value = cf->args->elts;
    ngx_http_devpilot_abuse_conf_t *abuse =
        (void *) ((char *) conf + cmd->offset);

    for (ngx_uint_t i = 1; i < cf->args->nelts && line.rc == NGX_CONF_OK; i++) {
        if (score_take(&line, &value[i], &abuse->honeypot_score) == NGX_OK) {
            continue;
        }

        if (value[i].data[0] != '/' || value[i].len < 2) {
            return ngx_http_devpilot_refuse_value(
                cf, cmd, &value[i], "score=N or a path that begins with /");
        }

        if (!list_make(cf, &abuse->honeypots, sizeof(*pot))
            || (pot = ngx_array_push(abuse->honeypots)) == NULL)
        {
            return NGX_CONF_ERROR;
        }

        *pot = value[i];
    }

    ngx_http_devpilot_in_use(cf);

    return line.rc;
}

/* --- the file of patterns ----------------------------------------------------- */

static ngx_int_t
file_read(ngx_conf_t *cf, ngx_str_t *path, dp_slice_t *text)
{
    ssize_t   n;
    size_t    length = 0;
    u_char   *buffer = ngx_palloc(cf->temp_pool, PROBES_FILE_MAX + 1);
    ngx_fd_t  fd;

    if (buffer == NULL) {
        return NGX_ERROR;
    }

    fd = ngx_open_file(path->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_open_file_n " \"%V\" failed", path);
        return NGX_ERROR;
    }

    do {
        n = ngx_read_fd(fd, buffer + length, PROBES_FILE_MAX + 1 - length);
        length += n > 0 ? (size_t) n : 0;
    } while (n > 0 && length <= PROBES_FILE_MAX);

    (void) ngx_close_file(fd);

    if (n < 0 || length > PROBES_FILE_MAX) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, n < 0 ? ngx_errno : 0,
                           "\"%V\" cannot be read, or is larger than 256k",
                           path);
        return NGX_ERROR;
    }

    *text = dp_slice(buffer, length);

    return NGX_OK;
}

static void
probes_cleanup(void *data)
{
    dp_probe_close(data);
}

static ngx_int_t
probes_load(ngx_conf_t *cf, ngx_http_devpilot_abuse_conf_t *conf)
{
    dp_slice_t          file;
    dp_writer_t         text;
    dp_probe_fault_t    fault;
    size_t              size;
    ngx_pool_cleanup_t *cln;

    if (file_read(cf, &conf->probes_file, &file) != NGX_OK) {
        return NGX_ERROR;
    }

    size = dp_probe_text_size(file);
    text = dp_writer(ngx_palloc(cf->temp_pool, size), size);
    cln = ngx_pool_cleanup_add(cf->pool, 0);

    if (cln == NULL || text.start == NULL) {
        return NGX_ERROR;
    }

    if (!dp_probe_open(&conf->probes, file, &text, &fault)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"%V\", line %ui: %s",
                           &conf->probes_file, (ngx_uint_t) fault.line,
                           fault.message);
        return NGX_ERROR;
    }

    cln->handler = probes_cleanup;
    cln->data = &conf->probes;

    return NGX_OK;
}

char *
ngx_http_devpilot_abuse_probes_set(ngx_conf_t *cf, ngx_command_t *cmd,
                                   void *conf)
{
    line_t                          line = {cf, cmd, NGX_CONF_OK};
    ngx_str_t                      *value = cf->args->elts;
    ngx_http_devpilot_abuse_conf_t *abuse =
        (void *) ((char *) conf + cmd->offset);

    if (abuse->probes_file.len != 0) {
        return "is duplicate";
    }

    if (cf->args->nelts == 3
        && score_take(&line, &value[2], &abuse->probe_score) != NGX_OK)
    {
        return ngx_http_devpilot_refuse_value(cf, cmd, &value[2], "score=N");
    }

    abuse->probes_file = value[1];
    ngx_http_devpilot_in_use(cf);

    if (line.rc == NGX_CONF_OK
        && (ngx_conf_full_name(cf->cycle, &abuse->probes_file, 1) != NGX_OK
            || probes_load(cf, abuse) != NGX_OK))
    {
        return NGX_CONF_ERROR;
    }

    return line.rc;
}

/* --- all together -------------------------------------------------------------- */

static void
value_init(uint32_t *slot, uint32_t standard)
{
    if (*slot == 0) {
        *slot = standard;
    }
}

static void
threshold_init(dp_abuse_threshold_t *threshold,
               const dp_abuse_threshold_t *standard)
{
    for (ngx_uint_t i = DP_ABUSE_WARN; i < DP_ABUSE_TIERS; i++) {
        value_init(&threshold->at[i], standard->at[i]);
    }

    value_init(&threshold->window_ms, standard->window_ms);
}

static ngx_int_t
threshold_check(ngx_conf_t *cf, const dp_abuse_threshold_t *threshold,
                ngx_uint_t signal)
{
    if (threshold->at[DP_ABUSE_WARN] <= threshold->at[DP_ABUSE_THROTTLE]
        && threshold->at[DP_ABUSE_THROTTLE] <= threshold->at[DP_ABUSE_BLOCK])
    {
        return NGX_OK;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "\"devpilot_abuse_threshold %s\" has warn=%uD "
                       "throttle=%uD block=%uD, which must not go down",
                       dp_abuse_signal_name((unsigned) signal),
                       threshold->at[DP_ABUSE_WARN],
                       threshold->at[DP_ABUSE_THROTTLE],
                       threshold->at[DP_ABUSE_BLOCK]);

    return NGX_ERROR;
}

ngx_int_t
ngx_http_devpilot_abuse_conf_init(ngx_conf_t *cf,
                                  ngx_http_devpilot_abuse_conf_t *conf)
{
    static const dp_abuse_threshold_t standards[DP_ABUSE_HONEYPOT] = {
        [DP_ABUSE_AUTH] = {{0, 10, 20, 40}, 5 * MINUTE},
        [DP_ABUSE_BURST] = {{0, 1, 3, 6}, 5 * MINUTE},
        [DP_ABUSE_PROBE] = {{0, 10, 20, 40}, MINUTE},
    };
    dp_abuse_policy_t *policy = &conf->policy;

    for (ngx_uint_t i = 0; i < DP_ABUSE_HONEYPOT; i++) {
        threshold_init(&policy->signals[i], &standards[i]);

        if (threshold_check(cf, &policy->signals[i], i) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    policy->signals[DP_ABUSE_HONEYPOT] = policy->signals[DP_ABUSE_PROBE];
    value_init(&policy->hold_ms, 5 * MINUTE);
    value_init(&policy->block_ms, 15 * MINUTE);
    value_init(&policy->block_max_ms, ngx_max(DAY, policy->block_ms));
    value_init(&policy->forget_ms, DAY);
    value_init(&policy->burst_ms, 10 * SECOND);
    value_init(&policy->burst_ratio, 3);
    value_init(&conf->refill_percent, 25);
    value_init(&conf->honeypot_score, 10);
    value_init(&conf->probe_score, 5);
    ngx_conf_init_size_value(conf->zone_size, 16 * 1024 * 1024);

    return NGX_OK;
}
