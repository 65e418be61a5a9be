// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace osteon {

// The bytes of Base64 text with padding (RFC 4648, section 4), decoded by OpenSSL; nullopt for any
// other text.
std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace osteon
