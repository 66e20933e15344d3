// For programs under the thread sanitizer: librdkafka uses C11's threads and locks, which GCC's sanitizer doesn't know;
// a thread made by thrd_create crashes in it. These stand before the C library's and use POSIX's, as the C library
// itself does, which the sanitizer sees. https://github.com/google/sanitizers/issues/1259
#include <pthread.h>
#include <threads.h>

#include <cerrno>
#include <memory>

namespace {

struct Start {
  thrd_start_t function;
  void* argument;
};

void* run(void* start) {
  const std::unique_ptr<Start> own(static_cast<Start*>(start));
  own->function(own->argument);
  return nullptr;
}

static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t) && sizeof(cnd_t) == sizeof(pthread_cond_t));
pthread_mutex_t* posix(mtx_t* mutex) {
  return reinterpret_cast<pthread_mutex_t*>(mutex);
}
pthread_cond_t* posix(cnd_t* condition) {
  return reinterpret_cast<pthread_cond_t*>(condition);
}
int result(int error) {
  return error == 0 ? thrd_success : error == ETIMEDOUT ? thrd_timedout : thrd_error;
}

}  // namespace

extern "C" {

int thrd_create(thrd_t* thread, thrd_start_t function, void* argument) {
  auto start = std::make_unique<Start>(Start{function, argument});
  const int error = pthread_create(thread, nullptr, run, start.get());
  if (error == 0) start.release();
  return result(error);
}
int thrd_join(thrd_t thread, int* /*its result, which librdkafka does not use*/) {
  return result(pthread_join(thread, nullptr));
}

int mtx_init(mtx_t* mutex, int type) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, (type & mtx_recursive) != 0 ? PTHREAD_MUTEX_RECURSIVE : PTHREAD_MUTEX_NORMAL);
  const int error = pthread_mutex_init(posix(mutex), &attributes);
  pthread_mutexattr_destroy(&attributes);
  return result(error);
}
int mtx_lock(mtx_t* mutex) {
  return result(pthread_mutex_lock(posix(mutex)));
}
int mtx_unlock(mtx_t* mutex) {
  return result(pthread_mutex_unlock(posix(mutex)));
}
void mtx_destroy(mtx_t* mutex) {
  pthread_mutex_destroy(posix(mutex));
}

int cnd_init(cnd_t* condition) {
  return result(pthread_cond_init(posix(condition), nullptr));
}
int cnd_signal(cnd_t* condition) {
  return result(pthread_cond_signal(posix(condition)));
}
int cnd_broadcast(cnd_t* condition) {
  return result(pthread_cond_broadcast(posix(condition)));
}
int cnd_wait(cnd_t* condition, mtx_t* mutex) {
  return result(pthread_cond_wait(posix(condition), posix(mutex)));
}
int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* until) {
  return result(pthread_cond_timedwait(posix(condition), posix(mutex), until));
}
void cnd_destroy(cnd_t* condition) {
  pthread_cond_destroy(posix(condition));
}

}  // extern "C"
