/*
 * A clock of its own for all programs of a host: they read it, set it and steer it, and the machine's clock is never asked for
 * anything but how time passes. The host's /etc/ld.so.preload names this library; what the clock is stands in a file that
 * all of them map.
 *
 *     clock = machine's clock + ahead + drift x (monotonic time since it was last set)
 *           + rate x (monotonic time since it has that rate)
 *
 * What a kernel does by and by is done at once: a slewed offset is taken whole, and the phase-locked loop is a step of its
 * size. The frequency holds from then on. Without the file the clock is the machine's. The rate is what no daemon sets: how fast a
 * bare oscillator gains on the machine's, which the drift is to undo.
 *
 * An hour of silence may pass in minutes: ntpd's timer, by which it counts its polls and its age, runs so many times as fast as
 * time does, and from a moment on the clock as well. Before it, what is measured is right; after it, nobody must be heard.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#define STATE "/run/own-clock"
#define SECOND 1000000000LL
/* of a kernel: microseconds a tick, and what a ppm of frequency is (adjtimex(2)) */
#define TICK 10000
#define PPM 65536.0
#define TICK_PPM 100.0

/* packages/lab/src/real/own-clock.ts writes the first five; all zeros are the machine's own clock, set by nobody */
struct state {
  int64_t ahead; /* ns */
  int64_t times; /* as fast as time; 0: as ever */
  int64_t lapse; /* monotonic, ns: since when the clock is; 0: it is not */
  double rate;   /* ppm; positive where it gains */
  int64_t rated; /* monotonic, ns: since when it has that; 0: it has none */
  int64_t since;  /* monotonic, ns */
  atomic_int lock;
  struct timex kept;
};

static struct state *state;

__attribute__((constructor)) static void map_state(void) {
  int file = syscall(SYS_openat, AT_FDCWD, STATE, O_RDWR | O_CLOEXEC);
  if (file < 0) return;
  void *mapped = mmap(NULL, sizeof(struct state), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  syscall(SYS_close, file);
  if (mapped != MAP_FAILED) state = mapped;
}

static int64_t asked(clockid_t clock) {
  struct timespec now;
  syscall(SYS_clock_gettime, clock, &now);
  return now.tv_sec * SECOND + now.tv_nsec;
}

static void take(void) {
  while (atomic_exchange(&state->lock, 1)) sched_yield();
}

static void release(void) { atomic_store(&state->lock, 0); }

/* ns by which the clock is ahead of the machine's; with the lock */
static int64_t ahead_now(int64_t monotonic) {
  double ppm = state->kept.freq / PPM + (state->kept.tick ? (state->kept.tick - TICK) * TICK_PPM : 0);
  int64_t lapsed = state->lapse == 0 ? 0 : (monotonic - state->lapse) * (state->times - 1);
  int64_t gained = state->rated == 0 ? 0 : (int64_t)((monotonic - state->rated) * (state->rate / 1e6));
  return state->ahead + lapsed + gained + (int64_t)((monotonic - state->since) * (ppm / 1e6));
}

/* what has drifted by now is kept, and what follows drifts from here */
static void rebase(void) {
  int64_t monotonic = asked(CLOCK_MONOTONIC);
  state->ahead = ahead_now(monotonic);
  state->since = monotonic;
  if (state->lapse != 0) state->lapse = monotonic;
  if (state->rated != 0) state->rated = monotonic;
}

static int64_t ahead(void) {
  if (state == NULL) return 0;
  take();
  int64_t by = ahead_now(asked(CLOCK_MONOTONIC));
  release();
  return by;
}

static void step(int64_t by) {
  take();
  rebase();
  state->ahead += by;
  release();
}

static int64_t now(void) { return asked(CLOCK_REALTIME) + ahead(); }

int clock_gettime(clockid_t clock, struct timespec *time) {
  if (state == NULL || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE))
    return syscall(SYS_clock_gettime, clock, time);
  int64_t is = now();
  time->tv_sec = is / SECOND;
  time->tv_nsec = is % SECOND;
  return 0;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  (void)zone;
  int64_t is = now();
  time->tv_sec = is / SECOND;
  time->tv_usec = is % SECOND / 1000;
  return 0;
}

time_t time(time_t *where) {
  time_t is = now() / SECOND;
  if (where != NULL) *where = is;
  return is;
}

int clock_settime(clockid_t clock, const struct timespec *time) {
  if (state == NULL || clock != CLOCK_REALTIME) return syscall(SYS_clock_settime, clock, time);
  step(time->tv_sec * SECOND + time->tv_nsec - now());
  return 0;
}

int settimeofday(const struct timeval *time, const struct timezone *zone) {
  (void)zone;
  if (time == NULL) return 0;
  struct timespec precise = {.tv_sec = time->tv_sec, .tv_nsec = time->tv_usec * 1000};
  return clock_settime(CLOCK_REALTIME, &precise);
}

int adjtime(const struct timeval *by, struct timeval *left) {
  if (state == NULL) {
    errno = EPERM;
    return -1;
  }
  if (left != NULL) memset(left, 0, sizeof *left);
  if (by != NULL) step(by->tv_sec * SECOND + by->tv_usec * 1000);
  return 0;
}

/* adjtimex(2) */
static int steer(struct timex *tx) {
  unsigned modes = tx->modes;
  struct timex *kept = &state->kept;
  take();
  if (kept->tick == 0) {
    *kept = (struct timex){.tick = TICK, .precision = 1, .tolerance = 500 * (long)PPM, .constant = 2, .status = STA_UNSYNC};
  }
  rebase();
  if (modes == ADJ_OFFSET_SINGLESHOT) state->ahead += tx->offset * 1000;
  if (modes != ADJ_OFFSET_SINGLESHOT && modes != ADJ_OFFSET_SS_READ) {
    if (modes & ADJ_NANO) kept->status |= STA_NANO;
    if (modes & ADJ_MICRO) kept->status &= ~STA_NANO;
    if (modes & ADJ_STATUS) kept->status = (tx->status & ~STA_RONLY) | (kept->status & STA_NANO);
    if (modes & ADJ_MAXERROR) kept->maxerror = tx->maxerror;
    if (modes & ADJ_ESTERROR) kept->esterror = tx->esterror;
    if (modes & ADJ_TIMECONST) kept->constant = tx->constant;
    if (modes & ADJ_TAI) kept->tai = tx->constant;
    if (modes & ADJ_FREQUENCY) kept->freq = tx->freq;
    if (modes & ADJ_TICK) kept->tick = tx->tick;
    if ((modes & ADJ_OFFSET) && (kept->status & STA_PLL)) state->ahead += tx->offset * (kept->status & STA_NANO ? 1 : 1000);
    if (modes & ADJ_SETOFFSET) state->ahead += tx->time.tv_sec * SECOND + tx->time.tv_usec * (modes & ADJ_NANO ? 1 : 1000);
  }
  *tx = *kept;
  release();
  tx->modes = modes;
  tx->offset = 0;
  int64_t is = now();
  tx->time.tv_sec = is / SECOND;
  tx->time.tv_usec = kept->status & STA_NANO ? is % SECOND : is % SECOND / 1000;
  return kept->status & STA_UNSYNC ? TIME_ERROR : TIME_OK;
}

int adjtimex(struct timex *tx) { return state == NULL ? syscall(SYS_adjtimex, tx) : steer(tx); }

int ntp_adjtime(struct timex *tx) { return adjtimex(tx); }

int clock_adjtime(clockid_t clock, struct timex *tx) {
  return state == NULL || clock != CLOCK_REALTIME ? syscall(SYS_clock_adjtime, clock, tx) : steer(tx);
}

static struct timespec sooner(struct timespec after) {
  int64_t ns = (after.tv_sec * SECOND + after.tv_nsec) / state->times;
  return (struct timespec){.tv_sec = ns / SECOND, .tv_nsec = ns % SECOND};
}

int timer_settime(timer_t timer, int flags, const struct itimerspec *set, struct itimerspec *was) {
  static int (*settime)(timer_t, int, const struct itimerspec *, struct itimerspec *);
  if (settime == NULL) *(void **)&settime = dlsym(RTLD_NEXT, "timer_settime");
  /* other programs wait for real things, as `timeout` does */
  if (state == NULL || strcmp(program_invocation_short_name, "ntpd") != 0 || state->times == 0 || flags & TIMER_ABSTIME) return settime(timer, flags, set, was);
  struct itimerspec fast = {.it_value = sooner(set->it_value), .it_interval = sooner(set->it_interval)};
  return settime(timer, flags, &fast, was);
}

static void move(struct timespec *stamp, int64_t by) {
  if (stamp->tv_sec == 0 && stamp->tv_nsec == 0) return;
  int64_t is = stamp->tv_sec * SECOND + stamp->tv_nsec + by;
  stamp->tv_sec = is / SECOND;
  stamp->tv_nsec = is % SECOND;
}

/* the kernel stamps packets by the machine's clock (socket(7), timestamping.rst): here they came by the host's */
static void restamp(struct msghdr *message) {
  int64_t by = ahead();
  if (by == 0) return;
  for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL; part = CMSG_NXTHDR(message, part)) {
    if (part->cmsg_level != SOL_SOCKET) continue;
    struct timespec stamp[3];
    struct timeval coarse;
    switch (part->cmsg_type) {
      case SCM_TIMESTAMPNS:
        memcpy(stamp, CMSG_DATA(part), sizeof stamp[0]);
        move(stamp, by);
        memcpy(CMSG_DATA(part), stamp, sizeof stamp[0]);
        break;
      case SCM_TIMESTAMPING:
        memcpy(stamp, CMSG_DATA(part), sizeof stamp);
        /* the third is a network card's own */
        move(stamp, by);
        memcpy(CMSG_DATA(part), stamp, sizeof stamp);
        break;
      case SCM_TIMESTAMP:
        memcpy(&coarse, CMSG_DATA(part), sizeof coarse);
        stamp[0] = (struct timespec){.tv_sec = coarse.tv_sec, .tv_nsec = coarse.tv_usec * 1000};
        move(stamp, by);
        coarse = (struct timeval){.tv_sec = stamp[0].tv_sec, .tv_usec = stamp[0].tv_nsec / 1000};
        memcpy(CMSG_DATA(part), &coarse, sizeof coarse);
        break;
    }
  }
}

ssize_t recvmsg(int socket, struct msghdr *message, int flags) {
  ssize_t length = syscall(SYS_recvmsg, socket, message, flags);
  if (length >= 0) restamp(message);
  return length;
}

int recvmmsg(int socket, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout) {
  int received = syscall(SYS_recvmmsg, socket, messages, count, flags, timeout);
  for (int n = 0; n < received; n += 1) restamp(&messages[n].msg_hdr);
  return received;
}
