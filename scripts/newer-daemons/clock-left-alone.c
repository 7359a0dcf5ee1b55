/*
 * Answers for the clock by itself, so that ntpd-rs, which refuses to start without control of the clock, runs and the machine's
 * clock is never asked. What was set is told again when it is read; the time stays the machine's.
 *
 * ntp-daemon is given it as the first of its libraries: its calls by these names end here and not in libc.
 */
#include <sys/timex.h>
#include <time.h>

static struct timex kept = {.status = STA_UNSYNC, .tick = 10000, .precision = 1, .tolerance = 32768000, .constant = 2};

/* static: by the name adjtimex, libc's own might answer */
static int answer(struct timex *asked) {
  if (asked->modes & ADJ_FREQUENCY) kept.freq = asked->freq;
  if (asked->modes & ADJ_STATUS) kept.status = asked->status;
  if (asked->modes & ADJ_MAXERROR) kept.maxerror = asked->maxerror;
  if (asked->modes & ADJ_ESTERROR) kept.esterror = asked->esterror;
  if (asked->modes & ADJ_TAI) kept.tai = asked->constant;
  unsigned int modes = asked->modes;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  *asked = kept;
  asked->modes = modes;
  asked->time.tv_sec = now.tv_sec;
  asked->time.tv_usec = kept.status & STA_NANO ? now.tv_nsec : now.tv_nsec / 1000;
  return kept.status & STA_UNSYNC ? TIME_ERROR : TIME_OK;
}

int adjtimex(struct timex *asked) { return answer(asked); }

int ntp_adjtime(struct timex *asked) { return answer(asked); }

int clock_adjtime(clockid_t clock, struct timex *asked) {
  (void)clock;
  return answer(asked);
}

int clock_settime(clockid_t clock, const struct timespec *time) {
  (void)clock;
  (void)time;
  return 0;
}
