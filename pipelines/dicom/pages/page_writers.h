// SPDX-License-Identifier: GPL-3.0-or-later
// Writes the pages of the report as Secondary Capture images (PS3.3 A.8.1) and one Encapsulated PDF
// (A.45.1).
#pragma once

#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/dicom/objects/source_modules.h"
#include "pipelines/model/report.h"

namespace osteon {

inline constexpr std::string_view kScSopClassUid = "1.2.840.10008.5.1.4.1.1.7";
inline constexpr std::string_view kPdfSopClassUid = "1.2.840.10008.5.1.4.1.1.104.1";

// The role from which the UID is derived: number 1 is the body map, number n + 1 the n-th key
// image.
std::string ScRole(int number);

// "sc-01.dcm" is the body map, "sc-02.dcm" ... are the key images, 8-bit RGB. A key image
// references the source slice that it shows.
Result<std::vector<Document>> WriteSc(const AnalysedStudy& analysed, const SourceModules& source,
                                      const ReportPictures& pictures, const ReportText& text,
                                      const ReportOptions& options);

// "report-pdf.dcm". REQUIRES: pictures.pdf is not empty.
Result<Document> WritePdf(const AnalysedStudy& analysed, const SourceModules& source,
                          const ReportPictures& pictures, const ReportText& text,
                          const ReportOptions& options);

}  // namespace osteon
