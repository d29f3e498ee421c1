/* Put in front of libc with LD_PRELOAD: a disk that is slow or does not answer, and a clock that jumps.
 *
 * What it does stands in a file that is mapped into every process, so that a test changes it while they
 * run, and sees in it how many calls wait. slowdisk.py is the other end: `struct control` is its LAYOUT.
 * The monotonic clock is left alone, as it is when somebody sets the time.
 */

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { ANSWERS, SLOW, HANGS };

#define PATHS 4096
#define NANO 1000000000LL

struct control {
    volatile uint32_t mode;
    volatile uint32_t delay_us;
    uint32_t waiting; /* calls that wait now */
    uint32_t met;     /* calls that had to wait since the beginning */
    volatile int64_t clock_ns; /* added to the wall clock */
    char paths[PATHS];         /* each ends with a 0 byte, the last one with two */
};

static struct control *control;

#define REAL(name) static __typeof__(&name) real_##name
REAL(access); REAL(chdir); REAL(clock_gettime); REAL(execv); REAL(execve); REAL(faccessat);
REAL(fdopendir); REAL(fopen64); REAL(fstatat64); REAL(gettimeofday); REAL(lstat64); REAL(mkdir);
REAL(mkdirat); REAL(open64); REAL(openat64); REAL(opendir); REAL(pread64); REAL(read); REAL(readdir64);
REAL(readlink); REAL(readlinkat); REAL(sem_timedwait); REAL(stat64); REAL(statvfs64); REAL(time);
REAL(write);

/* A clock or a semaphore may be asked before the constructor has run. */
#define FOUND(name) (real_##name ? real_##name : (__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FIND(name) real_##name = dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void begin(void)
{
    /* All of them now: behind vfork nothing may be looked up. */
    FIND(access); FIND(chdir); FIND(clock_gettime); FIND(execv); FIND(execve); FIND(faccessat);
    FIND(fdopendir); FIND(fopen64); FIND(fstatat64); FIND(gettimeofday); FIND(lstat64); FIND(mkdir);
    FIND(mkdirat); FIND(open64); FIND(openat64); FIND(opendir); FIND(pread64); FIND(read);
    FIND(readdir64); FIND(readlink); FIND(readlinkat); FIND(sem_timedwait); FIND(stat64);
    FIND(statvfs64); FIND(time); FIND(write);
    const char *path = getenv("JSM_TEST_SLOWDISK");
    int descriptor = path ? real_open64(path, O_RDWR | O_CLOEXEC) : -1;
    if (descriptor < 0)
        return;
    void *at = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    close(descriptor);
    control = at == MAP_FAILED ? NULL : at;
}

static int is_below(const char *path)
{
    for (const char *folder = control->paths; *folder; folder += strlen(folder) + 1) {
        size_t length = strlen(folder);
        if (!strncmp(path, folder, length) && (path[length] == '/' || !path[length]))
            return 1;
    }
    return 0;
}

static int is_touched(int folder, const char *path)
{
    char whole[PATHS], name[64];
    if (path && *path == '/')
        return is_below(path);
    if (folder == AT_FDCWD) {
        if (!getcwd(whole, sizeof whole))
            return 0;
    } else {
        snprintf(name, sizeof name, "/proc/self/fd/%d", folder);
        ssize_t length = real_readlink(name, whole, sizeof whole - 1);
        if (length < 0)
            return 0;
        whole[length] = 0;
    }
    size_t length = strlen(whole);
    if (path && *path)
        snprintf(whole + length, sizeof whole - length, "/%s", path);
    return is_below(whole);
}

static void nap(long nanoseconds)
{
    struct timespec left = {nanoseconds / NANO, nanoseconds % NANO};
    while (nanosleep(&left, &left) < 0 && errno == EINTR) /* as a dead disk: a signal waits as well */
        ;
}

static void wait_for_disk(int folder, const char *path)
{
    if (!control || control->mode == ANSWERS)
        return;
    int error = errno;
    if (is_touched(folder, path)) {
        __atomic_add_fetch(&control->met, 1, __ATOMIC_SEQ_CST);
        __atomic_add_fetch(&control->waiting, 1, __ATOMIC_SEQ_CST);
        if (control->mode == SLOW)
            nap(control->delay_us * 1000L);
        while (control->mode == HANGS)
            nap(2000000);
        __atomic_sub_fetch(&control->waiting, 1, __ATOMIC_SEQ_CST);
    }
    errno = error;
}

#define PATH_CALL(result, name, declared, passed) \
    result name declared { wait_for_disk(AT_FDCWD, path); return real_##name passed; }
#define AT_CALL(result, name, declared, passed) \
    result name declared { wait_for_disk(folder, path); return real_##name passed; }
#define FILE_CALL(result, name, declared, passed) \
    result name declared { wait_for_disk(file, NULL); return real_##name passed; }

PATH_CALL(int, access, (const char *path, int mode), (path, mode))
PATH_CALL(int, chdir, (const char *path), (path))
PATH_CALL(int, execv, (const char *path, char *const argv[]), (path, argv))
PATH_CALL(int, execve, (const char *path, char *const argv[], char *const env[]), (path, argv, env))
PATH_CALL(FILE *, fopen64, (const char *path, const char *mode), (path, mode))
PATH_CALL(int, lstat64, (const char *path, struct stat64 *found), (path, found))
PATH_CALL(int, mkdir, (const char *path, mode_t mode), (path, mode))
PATH_CALL(DIR *, opendir, (const char *path), (path))
PATH_CALL(ssize_t, readlink, (const char *path, char *to, size_t size), (path, to, size))
PATH_CALL(int, stat64, (const char *path, struct stat64 *found), (path, found))
PATH_CALL(int, statvfs64, (const char *path, struct statvfs64 *found), (path, found))
AT_CALL(int, faccessat, (int folder, const char *path, int mode, int flags),
        (folder, path, mode, flags))
AT_CALL(int, fstatat64, (int folder, const char *path, struct stat64 *found, int flags),
        (folder, path, found, flags))
AT_CALL(int, mkdirat, (int folder, const char *path, mode_t mode), (folder, path, mode))
AT_CALL(ssize_t, readlinkat, (int folder, const char *path, char *to, size_t size),
        (folder, path, to, size))
FILE_CALL(DIR *, fdopendir, (int file), (file))
FILE_CALL(ssize_t, pread64, (int file, void *to, size_t size, off64_t at), (file, to, size, at))
FILE_CALL(ssize_t, read, (int file, void *to, size_t size), (file, to, size))
FILE_CALL(ssize_t, write, (int file, const void *from, size_t size), (file, from, size))

struct dirent64 *readdir64(DIR *folder)
{
    wait_for_disk(dirfd(folder), NULL);
    return real_readdir64(folder);
}

#define MODE_OF(flags, mode) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { \
        va_list more; \
        va_start(more, flags); \
        mode = va_arg(more, mode_t); \
        va_end(more); \
    }

int open64(const char *path, int flags, ...)
{
    MODE_OF(flags, mode)
    wait_for_disk(AT_FDCWD, path);
    return real_open64(path, flags, mode);
}

int openat64(int folder, const char *path, int flags, ...)
{
    MODE_OF(flags, mode)
    wait_for_disk(folder, path);
    return real_openat64(folder, path, flags, mode);
}

/* The same functions where files are not larger than a word says, as with 64 bits. */
#define SAME(name) __attribute__((alias(#name "64")))
SAME(fopen) FILE *fopen(const char *path, const char *mode);
SAME(fstatat) int fstatat(int folder, const char *path, struct stat *found, int flags);
SAME(lstat) int lstat(const char *path, struct stat *found);
SAME(open) int open(const char *path, int flags, ...);
SAME(openat) int openat(int folder, const char *path, int flags, ...);
SAME(pread) ssize_t pread(int file, void *to, size_t size, off_t at);
SAME(readdir) struct dirent *readdir(DIR *folder);
SAME(stat) int stat(const char *path, struct stat *found);
SAME(statvfs) int statvfs(const char *path, struct statvfs *found);

static void shift(struct timespec *moment, int64_t by)
{
    int64_t at = moment->tv_sec * NANO + moment->tv_nsec + by;
    moment->tv_sec = at / NANO - (at % NANO < 0);
    moment->tv_nsec = at - moment->tv_sec * NANO;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int done = FOUND(clock_gettime)(clock, now);
    if (!done && control && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        shift(now, control->clock_ns);
    return done;
}

int gettimeofday(struct timeval *now, void *zone)
{
    struct timespec moment;
    int done = FOUND(gettimeofday)(now, zone);
    if (!done && control) {
        clock_gettime(CLOCK_REALTIME, &moment);
        now->tv_sec = moment.tv_sec;
        now->tv_usec = moment.tv_nsec / 1000;
    }
    return done;
}

time_t time(time_t *to)
{
    struct timespec moment;
    clock_gettime(CLOCK_REALTIME, &moment);
    if (to)
        *to = moment.tv_sec;
    return moment.tv_sec;
}

/* Python 3.10 waits for its locks so: what it has asked the shifted clock for is shifted back. */
int sem_timedwait(sem_t *semaphore, const struct timespec *until)
{
    struct timespec really = *until;
    if (control)
        shift(&really, -control->clock_ns);
    return FOUND(sem_timedwait)(semaphore, &really);
}
