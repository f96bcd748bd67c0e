/*
 * The file of kill switches, one per instance: what an operator can still write
 * when neither worker nor database answers.
 *
 * Every nginx process reads it twice a second (it is small) and says what it
 * found; all say the same.  A file that cannot be read or has a wrong line
 * changes nothing, with one alert; one that is missing has no switch on.
 * Processes of an older configuration leave the word to the new ones.
 */

#include "ngx_http_devpilot_kill_switch.h"
#include "ngx_http_devpilot_zone.h"

#define PERIOD_MS 500

static struct {
    ngx_http_devpilot_main_conf_t  *mcf;
    ngx_http_devpilot_switch_file_t files[2]; /* in force, and being read */
    ngx_uint_t                      current;
    uint32_t                        generation; /* of the configuration */
    ngx_event_t                     timer;
    const char                     *fault; /* as logged; NULL: none */
    ngx_uint_t                      fault_line;
} watch;

/* Bytes read, or NGX_ERROR with ngx_errno. */
static ssize_t
text_read(ngx_fd_t fd, u_char *text, size_t size)
{
    ssize_t n;
    size_t  length = 0;

    do {
        n = read(fd, text + length, size - length);
        length += n > 0 ? (size_t) n : 0;
    } while (n > 0 && length < size);

    return n < 0 ? NGX_ERROR : (ssize_t) length;
}

/* Likewise NULL, or what is wrong. */
static const char *
file_take(ngx_fd_t fd, ngx_http_devpilot_switch_file_t *file, ngx_err_t *err)
{
    struct stat status;
    ssize_t     length;

    if (fstat(fd, &status) != 0) {
        *err = ngx_errno;
        return "cannot examine the file";
    }

    if (!S_ISREG(status.st_mode)) {
        return "not a regular file";
    }

    length = text_read(fd, file->text, sizeof(file->text));

    if (length < 0) {
        *err = ngx_errno;
        return "cannot read the file";
    }

    if (length == sizeof(file->text)) {
        return "too many bytes";
    }

    file->owner = status.st_uid;
    file->length = (size_t) length;

    return dp_kill_switch_file(dp_slice(file->text, file->length), &file->lines)
           ? NULL : "a line without a kill switch's name";
}

const char *
ngx_http_devpilot_switch_file_read(const ngx_str_t *path,
                                   ngx_http_devpilot_switch_file_t *file,
                                   ngx_err_t *err)
{
    const char *fault;
    /* a pipe that somebody laid there does not make us wait */
    ngx_fd_t    fd = open((const char *) path->data,
                          O_RDONLY | O_NONBLOCK | O_CLOEXEC);

    *err = 0;
    file->lines = (dp_kill_switch_file_t) {0};
    file->length = 0;

    if (fd == NGX_INVALID_FILE) {
        *err = ngx_errno;
        return *err == NGX_ENOENT ? NULL : "cannot open the file";
    }

    fault = file_take(fd, file, err);
    (void) close(fd);

    return fault;
}

/* Says the same once only, not twice a second. */
static void
fault_note(const char *fault, ngx_uint_t line, ngx_err_t err)
{
    if (fault != NULL && (fault != watch.fault || line != watch.fault_line)) {
        ngx_log_error(NGX_LOG_ALERT, watch.timer.log, err,
                      "kill switches stay as they are: %s in \"%V\", line %ui",
                      fault, &watch.mcf->switch_file, line);
    }

    watch.fault = fault;
    watch.fault_line = line;
}

static void
file_look(void)
{
    ngx_err_t                        err;
    const char                      *fault;
    ngx_http_devpilot_switch_file_t *file = &watch.files[!watch.current];

    fault = ngx_http_devpilot_switch_file_read(&watch.mcf->switch_file, file,
                                               &err);
    fault_note(fault, file->lines.line, err);

    if (fault != NULL) {
        return;
    }

    watch.current = !watch.current;
    ngx_http_devpilot_switches_set(watch.mcf, DP_KILL_FILE,
                                   file->lines.switches);
}

static void
timer_fired(ngx_event_t *timer)
{
    if (ngx_exiting
        || watch.generation
               != ngx_http_devpilot_switches_generation(watch.mcf))
    {
        return;
    }

    file_look();
    ngx_add_timer(timer, PERIOD_MS);
}

void
ngx_http_devpilot_switch_file_watch(ngx_http_devpilot_main_conf_t *mcf,
                                    ngx_cycle_t *cycle)
{
    if (mcf->switch_file.len == 0) {
        return;
    }

    watch.mcf = mcf;
    watch.generation = ngx_http_devpilot_switches_generation(mcf);
    watch.timer.handler = timer_fired;
    watch.timer.log = cycle->log;
    watch.timer.data = &watch;
    watch.timer.cancelable = 1;

    file_look();
    ngx_add_timer(&watch.timer, PERIOD_MS);
}

const ngx_http_devpilot_switch_file_t *
ngx_http_devpilot_switch_file(void)
{
    return watch.mcf == NULL ? NULL : &watch.files[watch.current];
}
