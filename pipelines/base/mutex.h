// SPDX-License-Identifier: GPL-3.0-or-later
// Mutexes that clang checks: a member that is GUARDED_BY(mutex_) may be touched only under a lock
// of mutex_, a function that REQUIRES_LOCK(mutex_) may be called only under it (-Wthread-safety, in
// the preset `fuzz` and in .ci/lint.sh). The mutexes of the standard library have no such
// annotations. Other compilers see plain mutexes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <shared_mutex>

#if defined(__clang__)
#define OSTEON_CLANG(attribute) __attribute__((attribute))
#else
#define OSTEON_CLANG(attribute)
#endif
#define GUARDED_BY(mutex) OSTEON_CLANG(guarded_by(mutex))
#define REQUIRES_LOCK(mutex) OSTEON_CLANG(requires_capability(mutex))

namespace osteon {

class OSTEON_CLANG(capability("mutex")) Mutex {
 private:
  friend class MutexLock;
  std::mutex mutex_;
};

class OSTEON_CLANG(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) OSTEON_CLANG(acquire_capability(mutex)) : lock_(mutex.mutex_) {}
  ~MutexLock() OSTEON_CLANG(release_capability()) {}
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  // `predicate` is called under the lock and is annotated so: [this]() REQUIRES_LOCK(mutex_) {...}.
  template <typename Predicate>
  void Wait(std::condition_variable& changed, Predicate predicate)
      OSTEON_CLANG(no_thread_safety_analysis) {
    changed.wait(lock_, predicate);
  }
  // The value of the predicate when it became true or the time was over.
  template <typename Predicate>
  bool WaitFor(std::condition_variable& changed, std::chrono::milliseconds most,
               Predicate predicate) OSTEON_CLANG(no_thread_safety_analysis) {
    return changed.wait_for(lock_, most, predicate);
  }

 private:
  std::unique_lock<std::mutex> lock_;
};

// Any number of readers, or one writer.
class OSTEON_CLANG(capability("mutex")) SharedMutex {
 private:
  friend class ReaderLock;
  friend class WriterLock;
  std::shared_mutex mutex_;
};

class OSTEON_CLANG(scoped_lockable) ReaderLock {
 public:
  explicit ReaderLock(SharedMutex& mutex) OSTEON_CLANG(acquire_shared_capability(mutex))
      : lock_(mutex.mutex_) {}
  ~ReaderLock() OSTEON_CLANG(release_capability()) {}
  ReaderLock(const ReaderLock&) = delete;
  ReaderLock& operator=(const ReaderLock&) = delete;

 private:
  std::shared_lock<std::shared_mutex> lock_;
};

class OSTEON_CLANG(scoped_lockable) WriterLock {
 public:
  explicit WriterLock(SharedMutex& mutex) OSTEON_CLANG(acquire_capability(mutex))
      : lock_(mutex.mutex_) {}
  ~WriterLock() OSTEON_CLANG(release_capability()) {}
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;

 private:
  std::unique_lock<std::shared_mutex> lock_;
};

}  // namespace osteon
