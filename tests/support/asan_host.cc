// SPDX-License-Identifier: GPL-3.0-or-later
// Loaded with LD_PRELOAD behind AddressSanitizer's runtime into a program that is not built with it
// (Orthanc, whose plugin is), it has the runtime made ready before libc takes its lock on locales.
//
// Without it Orthanc 1.10.1 of Debian 12 hangs at its start. p11-kit, which it links by way of
// GnuTLS, makes a locale before the runtime's own constructor has run; newlocale (glibc 2.36)
// allocates while it holds the lock, so that GCC 12's runtime starts there and then, looks for
// Swift's demangler, and has libc translate "undefined symbol". That unlocks the lock a second
// time, and whoever asks for a locale next waits for ever.
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
