/*
 * A disk that misbehaves, for the one process that is started with it:
 *
 *     cc -shared -fPIC -o disk-faults.so faults.c -ldl
 *     LD_PRELOAD=./disk-faults.so DISK_MATCH=/data/countersign.db DISK_SYNC_EIO=3 node ...
 *
 *   DISK_MATCH     only files whose path contains this, and not ".lock"
 *   DISK_WHEN      a path: no fault and no counting while there is no file at it
 *   DISK_SYNC_EIO  n: the n-th sync fails with EIO, once
 *   DISK_SYNC_MS   every sync takes this many ms
 *   DISK_FULL_FROM n: from the n-th write on, writes fail with ENOSPC while DISK_FULL_UNTIL exists
 *   DISK_FULL_UNTIL a path
 *   DISK_DENY      1: opening for writing fails with EACCES
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static int is_there(const char *name) {
  const char *path = getenv(name);
  return path != NULL && access(path, F_OK) == 0;
}

static long setting(const char *name) {
  const char *text = getenv(name);
  return text == NULL ? 0 : atol(text);
}

static int path_matches(const char *path) {
  const char *part = getenv("DISK_MATCH");
  if (part == NULL || strstr(path, part) == NULL || strstr(path, ".lock") != NULL) return 0;
  return getenv("DISK_WHEN") == NULL || is_there("DISK_WHEN");
}

static int matches(int fd) {
  char name[64], path[4096];
  snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(name, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return path_matches(path);
}

static long syncs, writes;

/* 1 when this sync must fail. */
static int at_sync(int fd) {
  if (!matches(fd)) return 0;
  long ms = setting("DISK_SYNC_MS");
  struct timespec pause = {ms / 1000, (ms % 1000) * 1000000};
  if (ms > 0) nanosleep(&pause, NULL);
  return ++syncs == setting("DISK_SYNC_EIO");
}

/* 1 when this write must fail. */
static int at_write(int fd) {
  long from = setting("DISK_FULL_FROM");
  if (from == 0 || !matches(fd)) return 0;
  return ++writes >= from && is_there("DISK_FULL_UNTIL");
}

int fsync(int fd) {
  static int (*real)(int);
  if (real == NULL) real = dlsym(RTLD_NEXT, "fsync");
  if (at_sync(fd)) return errno = EIO, -1;
  return real(fd);
}

int fdatasync(int fd) {
  static int (*real)(int);
  if (real == NULL) real = dlsym(RTLD_NEXT, "fdatasync");
  if (at_sync(fd)) return errno = EIO, -1;
  return real(fd);
}

ssize_t write(int fd, const void *bytes, size_t count) {
  static ssize_t (*real)(int, const void *, size_t);
  if (real == NULL) real = dlsym(RTLD_NEXT, "write");
  if (at_write(fd)) return errno = ENOSPC, -1;
  return real(fd, bytes, count);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) {
  static ssize_t (*real)(int, const void *, size_t, off_t);
  if (real == NULL) real = dlsym(RTLD_NEXT, "pwrite");
  if (at_write(fd)) return errno = ENOSPC, -1;
  return real(fd, bytes, count, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
  static ssize_t (*real)(int, const void *, size_t, off64_t);
  if (real == NULL) real = dlsym(RTLD_NEXT, "pwrite64");
  if (at_write(fd)) return errno = ENOSPC, -1;
  return real(fd, bytes, count, at);
}

/* PostgreSQL makes a file longer with one of these. */
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
  static ssize_t (*real)(int, const struct iovec *, int, off_t);
  if (real == NULL) real = dlsym(RTLD_NEXT, "pwritev");
  if (at_write(fd)) return errno = ENOSPC, -1;
  return real(fd, parts, count, at);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) {
  static ssize_t (*real)(int, const struct iovec *, int, off64_t);
  if (real == NULL) real = dlsym(RTLD_NEXT, "pwritev64");
  if (at_write(fd)) return errno = ENOSPC, -1;
  return real(fd, parts, count, at);
}

int posix_fallocate(int fd, off_t at, off_t length) {
  static int (*real)(int, off_t, off_t);
  if (real == NULL) real = dlsym(RTLD_NEXT, "posix_fallocate");
  if (at_write(fd)) return ENOSPC;
  return real(fd, at, length);
}

int posix_fallocate64(int fd, off64_t at, off64_t length) {
  static int (*real)(int, off64_t, off64_t);
  if (real == NULL) real = dlsym(RTLD_NEXT, "posix_fallocate64");
  if (at_write(fd)) return ENOSPC;
  return real(fd, at, length);
}

static int denied(const char *path, int flags) {
  return setting("DISK_DENY") && (flags & O_ACCMODE) != O_RDONLY && path_matches(path);
}

int open(const char *path, int flags, ...) {
  static int (*real)(const char *, int, ...);
  if (real == NULL) real = dlsym(RTLD_NEXT, "open");
  va_list more;
  va_start(more, flags);
  mode_t mode = va_arg(more, mode_t);
  va_end(more);
  if (denied(path, flags)) return errno = EACCES, -1;
  return real(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  static int (*real)(const char *, int, ...);
  if (real == NULL) real = dlsym(RTLD_NEXT, "open64");
  va_list more;
  va_start(more, flags);
  mode_t mode = va_arg(more, mode_t);
  va_end(more);
  if (denied(path, flags)) return errno = EACCES, -1;
  return real(path, flags, mode);
}
