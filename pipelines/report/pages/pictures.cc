// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/report/pages/pictures.h"

#include <algorithm>
#include <future>

#include "pipelines/base/on_threads.h"
#include "pipelines/report/pages/body_map.h"
#include "pipelines/report/pages/key_image.h"

namespace osteon {
namespace {

constexpr double kA4LandscapePt = 841.89;

Status CheckGrid(const AnalysedStudy& a) {
  if (a.composed.stir.empty()) return {};
  const VolumeGeometry& g = a.composed.stir.geometry();
  const Vec3 i = Unit(g.patient_from_voxel.step_i), j = Unit(g.patient_from_voxel.step_j),
             k = Unit(g.patient_from_voxel.step_k);
  if (i.x < 0.7 || j.z > -0.7 || k.y < 0.7) {
    return InvalidInput("composed volume is not coronal with the patient's right on the left");
  }
  if (!a.lesions.labels.empty() && a.lesions.labels.size() != a.composed.stir.size()) {
    return InvalidInput("lesion labels are not on the grid of the composed volume");
  }
  return {};
}

// The largest lesions, at most `most`, in the order of the report.
std::vector<const Lesion*> Shown(const Findings& findings, int most) {
  std::vector<const Lesion*> lesions;
  for (const Lesion& lesion : findings.lesions) lesions.push_back(&lesion);
  const auto limit = static_cast<std::size_t>(std::clamp(most, 0, 99));
  if (lesions.size() > limit) {
    std::ranges::stable_sort(lesions, std::greater{}, &Lesion::volume_ml);
    lesions.resize(limit);
    std::ranges::sort(lesions, {}, &Lesion::number);
  }
  return lesions;
}

// Resolved lesions of which both studies have a picture, as many as there is room for.
std::vector<const Lesion*> ShownGone(const AnalysedStudy& a, std::size_t most,
                                     const std::vector<const Lesion*>& shown) {
  std::vector<const Lesion*> lesions;
  if (a.prior == nullptr || !a.findings.prior || a.composed.stir.empty()) return lesions;
  for (const Lesion& gone : a.findings.prior->resolved) {
    if (gone.prior_centroid_mm && shown.size() + lesions.size() < most) lesions.push_back(&gone);
  }
  return lesions;
}

const LesionText& WordsOf(const Lesion& lesion, const std::vector<LesionText>& texts) {
  const auto words = std::ranges::find(texts, lesion.number, &LesionText::number);
  Check(words != texts.end(), "no words for a lesion");
  return *words;
}

std::vector<int> NotAmong(const std::vector<const Lesion*>& shown, const Findings& findings) {
  std::vector<int> numbers;
  for (const Lesion& lesion : findings.lesions) {
    if (std::ranges::find(shown, &lesion) == shown.end()) numbers.push_back(lesion.number);
  }
  return numbers;
}

Canvas DrawOverview(const Page& page) {
  const PageIdentity nobody;
  Canvas canvas = Canvas::Image(kPageWidth, kPageHeight);
  DrawBodyMap({page.analysed, page.text, page.pipeline, nobody, page.body, page.without_key_image},
              canvas);
  return canvas;
}

BodyProjections Project(const ComposedVolume& composed, Window window, int threads) {
  BodyProjections body;
  OnThreads(threads,
            {[&] { body.coronal = MaximumProjection(composed, View::kCoronal, window); },
             [&] { body.sagittal = MaximumProjection(composed, View::kSagittal, window); }});
  return body;
}

// "20260312" as "2026-03-12T00:00:00Z": the date in the PDF is the Study Date, or the date of
// writing when there is none.
std::string IsoDate(const AnalysedStudy& a, const ReportOptions& options) {
  std::string date = a.study.study_date;
  if (date.size() != 8) date = options.written_at_utc;
  Check(date.size() >= 8, "no time of writing");
  return date.substr(0, 4) + "-" + date.substr(4, 2) + "-" + date.substr(6, 2) + "T00:00:00Z";
}

}  // namespace

Result<ReportPictures> DrawPictures(const AnalysedStudy& a, const ReportText& text,
                                    const ReportOptions& options, const PageIdentity& identity) {
  if (Status checked = CheckGrid(a); !checked)
    return std::move(checked).error().During("draw pictures");
  std::vector<const Lesion*> shown;
  if (!a.composed.stir.empty()) shown = Shown(a.findings, options.max_key_images);
  const Window window = WindowOf(a.composed, a.lesions.anchors);
  const BodyProjections body = Project(a.composed, window, options.threads);
  const Page page{a, text, options.pipeline, identity, body, NotAmong(shown, a.findings)};
  ReportPictures pictures;
  pictures.shows_identity = !identity.empty();
  Canvas map = Canvas::Image(kPageWidth, kPageHeight);
  const BodyMapPanels panels = DrawBodyMap(page, map);
  pictures.coronal = panels.coronal;
  pictures.sagittal = panels.sagittal;
  pictures.body_map = map.Pixels();
  const Canvas overview = DrawOverview(page);
  // Compressing takes as long as drawing. All is drawn by one thread, as Pango reads the fonts anew
  // in each.
  auto compressed = std::async(options.threads > 1 ? std::launch::async : std::launch::deferred,
                               [&] { return overview.Png(); });
  for (const Lesion* lesion : shown)
    pictures.key_images.push_back(DrawKeyImage(page, *lesion, WordsOf(*lesion, text.lesions)));
  for (const Lesion* gone : ShownGone(a, static_cast<std::size_t>(options.max_key_images), shown))
    pictures.key_images.push_back(DrawKeyImage(page, *gone, WordsOf(*gone, text.resolved)));
  if (options.write_pdf) {
    Canvas pdf =
        Canvas::Pdf(kPageWidth, kPageHeight, kA4LandscapePt, text.title, IsoDate(a, options));
    DrawBodyMap(page, pdf);
    pictures.pdf = pdf.PdfBytes();
  }
  pictures.overview_png = compressed.get();
  return pictures;
}

}  // namespace osteon
