// SPDX-License-Identifier: GPL-3.0-or-later
// In every program of the presets asan and tsan. Compiled in, because a job's child process gets no
// environment to set them by.
// NOLINTBEGIN(bugprone-reserved-identifier): the sanitizers look for these names.
#define OSTEON_SEEN_BY_RUNTIME extern "C" __attribute__((visibility("default")))

// Leaks are not looked for: DCMTK, Pango and fontconfig keep memory until they end, and a job is
// one process that ends. A finding ends with a code that no program of ours uses: osteond takes 1
// for "could not write", which is tried again.
OSTEON_SEEN_BY_RUNTIME const char* __asan_default_options() { return "detect_leaks=0:exitcode=66"; }

// Debian's libraries (libzmq above all) are not built for ThreadSanitizer; without this it sees
// races in them.
OSTEON_SEEN_BY_RUNTIME const char* __tsan_default_options() {
  return "ignore_noninstrumented_modules=1";
}
// NOLINTEND(bugprone-reserved-identifier)
