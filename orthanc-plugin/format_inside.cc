// SPDX-License-Identifier: GPL-3.0-or-later
// fmt compiled into the plugin, so that one built on Debian 12 also loads on Debian 13: each Debian
// has fmt as a shared library of another name only (libfmt.so.9, libfmt.so.10). Here and not in
// every source, since header-only it costs more than all else that is compiled there.
#define FMT_HEADER_ONLY
#include <fmt/format.h>

// The other sources call these two. What more they come to call is added here: tests/deploy fails
// when the plugin needs the shared library again, and `nm -DC` of it shows for what.
template fmt::detail::thousands_sep_result<char> fmt::detail::thousands_sep_impl<char>(
    fmt::detail::locale_ref);

namespace osteon::plugin {

std::string FormatInside(fmt::string_view format, fmt::format_args arguments) {
  return fmt::vformat(format, arguments);
}

}  // namespace osteon::plugin
