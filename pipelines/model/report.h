// SPDX-License-Identifier: GPL-3.0-or-later
// The parts of a report: options, texts, pictures, and the finished DICOM documents.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/model/findings.h"
#include "pipelines/model/geometry.h"
#include "pipelines/model/study.h"

namespace osteon {

// One finished DICOM Part 10 file in memory.
struct Document {
  std::string name;  // "sr.dcm", "seg.dcm", "sc-01.dcm", "report-pdf.dcm".
  std::string sop_class_uid;
  std::string sop_instance_uid;
  std::string bytes;
};

// Name, version, and a hash over version, models and configuration; equal for runs that give the
// same report. It is in the worker's HELLO and in the report (TID 4019).
struct PipelineIdentity {
  std::string name;
  std::string version;
  std::string hash;  // 64 hexadecimal digits.
};

enum class Language { kEnglish, kGerman };
// "en", "de".
std::string_view Name(Language language);
std::optional<Language> LanguageFromName(std::string_view name);

// The other two are for a PACS that refuses Comprehensive 3D: the same tree, with image coordinates
// instead of patient coordinates.
enum class SrClass { kComprehensive3d, kComprehensive, kEnhanced };
// "comprehensive3d", "comprehensive", "enhanced".
std::string_view Name(SrClass sr_class);
std::optional<SrClass> SrClassFromName(std::string_view name);

struct ReportOptions {
  Language language = Language::kEnglish;
  SrClass sr_class = SrClass::kComprehensive3d;
  bool write_seg = true;       // When there is a lesion.
  bool write_pictures = true;  // Body map and key images as Secondary Capture.
  bool write_pdf = false;      // The body map as Encapsulated PDF.
  bool name_on_pages = true;   // Name, ID, birth date and order of the patient on pictures and PDF.
  int max_key_images = 12;     // 0..99; the largest lesions when there are more.
  int threads = 1;             // 1..; for drawing and copying; nothing depends on it.
  // YYYYMMDDHHMMSS, UTC: Content Date and Time of the objects, only when the images have none, so
  // that a repeat gives the same bytes.
  std::string written_at_utc;
  // Result UIDs are DeriveUid(fingerprint, role). Not empty.
  std::string fingerprint;
  PipelineIdentity pipeline;
  // The SR this one replaces, of the same study (Predecessor Documents).
  struct Predecessor {
    std::string study_instance_uid, series_instance_uid, sop_class_uid, sop_instance_uid;
  };
  std::vector<Predecessor> predecessors;
};

// All results of an analysis, for the writers. REQUIRES: the values outlive the call.
struct AnalysedStudy {
  const Study& study;
  const SeriesChoice& choice;
  const ComposedVolume& composed;  // stir.empty() when the study was not evaluable.
  const LesionMap& lesions;        // labels.empty() likewise.
  const Findings& findings;
  // STIR of the study of the prior report, in its own coordinates; nullptr when it is not at hand.
  const ComposedVolume* prior = nullptr;
};

// A lesion or other mark in words, for a table.
struct LesionText {
  int number = 0;
  std::string site;       // "left distal femur, metaphysis"
  std::string size;       // "23 x 14 x 9 mm"
  std::string volume;     // "2.1 ml"
  std::string signal;     // "3.4 x muscle"
  std::string certainty;  // "94 %"
  // "41 %": what it would be if no other lesion were sure; empty unless the lesion would then be
  // uncertain (cutoffs::kCertainFrom).
  std::string certainty_if_only;
  std::string change;         // "new"; empty without a prior.
  std::string change_reason;  // "volume +45 %"; likewise.
  // Names and values of other remarkable quantities (model/measures.h), and of the growth plate.
  std::vector<std::pair<std::string, std::string>> measures;
  std::string description;  // All of it as sentences.
  // A normal variant that was no lesion before: ReportText::variants names it with the others, and
  // it has no line and no number in the pictures.
  bool in_variants = false;
};

// All texts of the report, in one language (made by report/text.h).
struct ReportText {
  Language language = Language::kEnglish;
  std::string title;
  std::string banner;  // "UNVERIFIED - a radiologist must confirm"
  std::vector<std::string>
      impression;  // First the answer, then what else matters; at most seven lines.
  std::vector<std::string> limitations;  // Not imaged, partly imaged, caveats, "not assessed".
  std::string technique;
  std::string comparison;  // Which prior, or that there is none; empty when not evaluable.
  std::vector<LesionText> lesions, other_marks, resolved;
  std::string variants;                  // One line for all with LesionText::in_variants, or empty.
  std::vector<std::string> red_flags;    // One for each of PatientSummary::red_flags.
  std::string criteria;                  // Imaging items of published criteria; empty without.
  std::vector<std::string> radiographs;  // Related plain films, one line each.
};

// 8-bit RGB, row after row, no padding.
struct RgbImage {
  int width = 0, height = 0;
  std::vector<std::uint8_t> rgb;
};

// Where a picture shows the patient: pixel (x, y) of the page, inside the rectangle, is
// patient_from_pixel({x, y, 0}), at pixel centres. For a projection, only the two coordinates that
// it keeps count.
struct PicturePanel {
  int left = 0, top = 0, width = 0, height = 0;
  Affine patient_from_pixel;
};

struct KeyImage {
  int lesion = 0;  // Lesion::number, of a resolved one as well.
  RgbImage image;
  // The same cut, without and with the outline; of a resolved lesion only the former. And that of
  // the earlier study, which shows the coordinates of then. Without width where there is none.
  PicturePanel plain, outlined, then;
};

struct ReportPictures {
  RgbImage body_map;
  PicturePanel coronal, sagittal;
  std::vector<KeyImage> key_images;
  std::string overview_png;     // The body map, without anybody's name.
  bool shows_identity = false;  // The pages and the PDF name the patient (Burned In Annotation).
  std::string pdf;  // The body map as one page with real text; empty when not asked for.
};

}  // namespace osteon
