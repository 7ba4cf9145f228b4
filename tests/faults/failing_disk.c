/* Preloaded into the program under test: the nth operation that changes something below FAIL_PREFIX fails with FAIL_CODE,
   and with FAIL_FOR_EVER those after it. Operations are counted over all processes, in the file FAIL_COUNTER. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_int *counter;
static const char *prefix;
static int fail_at, fail_code, for_ever;

__attribute__((constructor)) static void begin(void) {
  const char *file = getenv("FAIL_COUNTER");
  int descriptor = file ? open(file, O_RDWR | O_CLOEXEC) : -1;
  if (descriptor < 0) return;
  counter = mmap(0, sizeof *counter, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  close(descriptor);
  if (counter == MAP_FAILED) abort();
  fail_at = atoi(getenv("FAIL_AT"));
  fail_code = atoi(getenv("FAIL_CODE"));
  for_ever = atoi(getenv("FAIL_FOR_EVER"));
  prefix = getenv("FAIL_PREFIX");
}

static int fails(const char *path) {
  if (!prefix || !path || strncmp(path, prefix, strlen(prefix))) return 0;
  int number = atomic_fetch_add(counter, 1) + 1;
  if (number != fail_at && !(for_ever && number > fail_at && fail_at)) return 0;
  errno = fail_code;
  return 1;
}

static int fails_for(int descriptor) {
  char link[64], path[4096];
  int kept = errno;
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = prefix ? readlink(link, path, sizeof path - 1) : -1;
  errno = kept;
  if (length < 0) return 0;
  path[length] = 0;
  return fails(path);
}

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

#define OPENS(name)                                              \
  int name(const char *path, int flags, ...) {                   \
    REAL(name);                                                  \
    va_list more;                                                \
    va_start(more, flags);                                       \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0; \
    va_end(more);                                                \
    if ((flags & O_ACCMODE) != O_RDONLY && fails(path)) return -1; \
    return real(path, flags, mode);                              \
  }
OPENS(open)
OPENS(open64)

ssize_t write(int file, const void *data, size_t count) {
  REAL(write);
  return fails_for(file) ? -1 : real(file, data, count);
}
ssize_t pwrite64(int file, const void *data, size_t count, off64_t at) {
  REAL(pwrite64);
  return fails_for(file) ? -1 : real(file, data, count, at);
}
int fsync(int file) {
  REAL(fsync);
  return fails_for(file) ? -1 : real(file);
}
int fdatasync(int file) {
  REAL(fdatasync);
  return fails_for(file) ? -1 : real(file);
}
int ftruncate64(int file, off64_t size) {
  REAL(ftruncate64);
  return fails_for(file) ? -1 : real(file, size);
}
int posix_fallocate64(int file, off64_t at, off64_t size) {
  REAL(posix_fallocate64);
  return fails_for(file) ? errno : real(file, at, size);
}
int rename(const char *from, const char *to) {
  REAL(rename);
  return fails(to) ? -1 : real(from, to);
}
int mkdir(const char *path, mode_t mode) {
  REAL(mkdir);
  return fails(path) ? -1 : real(path, mode);
}
