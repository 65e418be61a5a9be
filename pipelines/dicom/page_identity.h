// SPDX-License-Identifier: GPL-3.0-or-later
// Reads who the pages of the report are about, late and from one source file.
#pragma once

#include <string>
#include <string_view>

#include "pipelines/base/result.h"
#include "pipelines/model/page_identity.h"
#include "pipelines/model/report.h"

namespace osteon {

// From the instance whose patient and study modules the documents copy. Errors: as
// ReadSourceModules.
Result<PageIdentity> ReadPageIdentity(const AnalysedStudy& analysed);

// A Person Name (PS3.5 6.2.1) as people write it: family name first, "Müller, Jörg, Dr."; the
// ideographic group in brackets behind the alphabetic one, "Yamada, Tarou (山田 太郎)", or alone
// where there is no other; the phonetic one only when it is all there is.
std::string DisplayName(std::string_view person_name);

}  // namespace osteon
