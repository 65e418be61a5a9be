// SPDX-License-Identifier: GPL-3.0-or-later
// Starts AddressSanitizer's runtime before libc locks its locales. Loaded by LD_PRELOAD after that
// runtime into a program that is not built with it (Orthanc, whose plugin is).
//
// Without it Orthanc 1.10.1 of Debian 12 hangs at its start. It links p11-kit by way of GnuTLS,
// which creates a locale before the runtime's own constructor has run. newlocale (glibc 2.36)
// allocates memory while it holds the lock, so GCC 12's runtime starts at that moment, looks for
// Swift's demangler, and makes libc translate "undefined symbol". That unlocks the lock a second
// time, and the next use of a locale waits for ever.
#include <dlfcn.h>

#include <clocale>
#include <cstdlib>

extern "C" __attribute__((visibility("default"))) locale_t newlocale(int categories,
                                                                     const char* name,
                                                                     locale_t base) noexcept {
  // volatile: a compiler may leave out an allocation that nobody uses.
  void* volatile first = std::malloc(1);
  std::free(first);
  static const auto real =
      reinterpret_cast<locale_t (*)(int, const char*, locale_t)>(::dlsym(RTLD_NEXT, "newlocale"));
  return real(categories, name, base);
}
