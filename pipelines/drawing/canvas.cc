// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/drawing/canvas.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#include <algorithm>
#include <numbers>

namespace osteon {
namespace {

struct SurfaceDeleter {
  void operator()(cairo_surface_t* s) const { cairo_surface_destroy(s); }
};
struct ContextDeleter {
  void operator()(cairo_t* c) const { cairo_destroy(c); }
};
struct GObjectDeleter {
  void operator()(void* o) const { g_object_unref(o); }
};
using Surface = std::unique_ptr<cairo_surface_t, SurfaceDeleter>;
using Layout = std::unique_ptr<PangoLayout, GObjectDeleter>;

cairo_status_t AppendBytes(void* to, const unsigned char* data, unsigned int length) {
  static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
}

PangoAlignment Alignment(TextStyle::Align align) {
  switch (align) {
    case TextStyle::Align::kLeft:
      return PANGO_ALIGN_LEFT;
    case TextStyle::Align::kCentre:
      return PANGO_ALIGN_CENTER;
    case TextStyle::Align::kRight:
      return PANGO_ALIGN_RIGHT;
  }
  return PANGO_ALIGN_LEFT;
}

// "Noto Sans" first: its family covers every script. DejaVu Sans where it is not installed.
Layout MakeLayout(cairo_t* context, std::string_view utf8, const TextStyle& style) {
  Layout layout(pango_cairo_create_layout(context));
  PangoFontDescription* font = pango_font_description_from_string("Noto Sans, DejaVu Sans, Sans");
  pango_font_description_set_absolute_size(font, style.size_px * PANGO_SCALE);
  pango_font_description_set_weight(
      font, style.weight == TextStyle::Weight::kBold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
  pango_layout_set_font_description(layout.get(), font);
  pango_font_description_free(font);
  pango_layout_set_text(layout.get(), utf8.data(), static_cast<int>(utf8.size()));
  if (style.width_px > 0) {
    pango_layout_set_width(layout.get(), static_cast<int>(style.width_px * PANGO_SCALE));
    pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR);
    pango_layout_set_alignment(layout.get(), Alignment(style.align));
  }
  if (style.max_lines > 0) {
    pango_layout_set_height(layout.get(), -style.max_lines);
    pango_layout_set_ellipsize(layout.get(), PANGO_ELLIPSIZE_END);
  }
  return layout;
}

struct Extent {
  double width = 0, height = 0;
};
Extent ExtentOf(PangoLayout* layout) {
  int width = 0, height = 0;
  pango_layout_get_size(layout, &width, &height);
  return {static_cast<double>(width) / PANGO_SCALE, static_cast<double>(height) / PANGO_SCALE};
}

void SetStyle(cairo_t* context, Colour colour, double line_px, LineStyle style) {
  cairo_set_source_rgb(context, colour.r, colour.g, colour.b);
  cairo_set_line_width(context, line_px);
  const double dashed[] = {4 * line_px, 3 * line_px}, dotted[] = {line_px, 2 * line_px};
  if (style == LineStyle::kSolid) cairo_set_dash(context, nullptr, 0, 0);
  if (style == LineStyle::kDashed) cairo_set_dash(context, dashed, 2, 0);
  if (style == LineStyle::kDotted) cairo_set_dash(context, dotted, 2, 0);
}

}  // namespace

struct Canvas::Impl {
  Surface surface;
  std::unique_ptr<cairo_t, ContextDeleter> context;
  int width = 0, height = 0;
  std::unique_ptr<std::string> pdf;  // Output of the PDF surface.
};

Canvas::Canvas(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Canvas::Canvas(Canvas&&) noexcept = default;
Canvas& Canvas::operator=(Canvas&&) noexcept = default;
// The surface may still write into `pdf`, so it is destroyed first.
Canvas::~Canvas() {
  if (!impl_) return;
  impl_->context.reset();
  impl_->surface.reset();
}

Canvas Canvas::Image(int width, int height) {
  auto impl = std::make_unique<Impl>();
  impl->surface.reset(cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height));
  Check(cairo_surface_status(impl->surface.get()) == CAIRO_STATUS_SUCCESS,
        "Canvas: no image surface");
  impl->context.reset(cairo_create(impl->surface.get()));
  impl->width = width;
  impl->height = height;
  Canvas canvas(std::move(impl));
  canvas.FillRect(0, 0, width, height, {1, 1, 1});
  return canvas;
}

Canvas Canvas::Pdf(int width, int height, double page_width_pt, const std::string& title,
                   const std::string& created) {
  auto impl = std::make_unique<Impl>();
  const double scale = page_width_pt / width;
  impl->pdf = std::make_unique<std::string>();
  impl->surface.reset(cairo_pdf_surface_create_for_stream(&AppendBytes, impl->pdf.get(),
                                                          page_width_pt, height * scale));
  cairo_pdf_surface_set_metadata(impl->surface.get(), CAIRO_PDF_METADATA_TITLE, title.c_str());
  cairo_pdf_surface_set_metadata(impl->surface.get(), CAIRO_PDF_METADATA_CREATE_DATE,
                                 created.c_str());
  impl->context.reset(cairo_create(impl->surface.get()));
  cairo_scale(impl->context.get(), scale, scale);
  impl->width = width;
  impl->height = height;
  return Canvas(std::move(impl));
}

void Canvas::FillRect(double x, double y, double w, double h, Colour c) {
  cairo_set_source_rgb(impl_->context.get(), c.r, c.g, c.b);
  cairo_rectangle(impl_->context.get(), x, y, w, h);
  cairo_fill(impl_->context.get());
}

void Canvas::StrokeRect(double x, double y, double w, double h, Colour colour, double line_px) {
  SetStyle(impl_->context.get(), colour, line_px, LineStyle::kSolid);
  cairo_rectangle(impl_->context.get(), x, y, w, h);
  cairo_stroke(impl_->context.get());
}

void Canvas::Line(Point2 a, Point2 b, Colour colour, double line_px, LineStyle style) {
  SetStyle(impl_->context.get(), colour, line_px, style);
  cairo_move_to(impl_->context.get(), a.x, a.y);
  cairo_line_to(impl_->context.get(), b.x, b.y);
  cairo_stroke(impl_->context.get());
}

void Canvas::Polygon(const std::vector<Point2>& points, Colour colour, double line_px,
                     LineStyle style) {
  if (points.empty()) return;
  SetStyle(impl_->context.get(), colour, line_px, style);
  cairo_set_line_join(impl_->context.get(), CAIRO_LINE_JOIN_ROUND);
  cairo_move_to(impl_->context.get(), points.front().x, points.front().y);
  for (Point2 p : points) cairo_line_to(impl_->context.get(), p.x, p.y);
  cairo_close_path(impl_->context.get());
  cairo_stroke(impl_->context.get());
}

void Canvas::FillCircle(Point2 centre, double radius, Colour c) {
  cairo_set_source_rgb(impl_->context.get(), c.r, c.g, c.b);
  cairo_arc(impl_->context.get(), centre.x, centre.y, radius, 0, 2 * std::numbers::pi);
  cairo_fill(impl_->context.get());
}

void Canvas::Clip(double x, double y, double w, double h) {
  cairo_save(impl_->context.get());
  cairo_rectangle(impl_->context.get(), x, y, w, h);
  cairo_clip(impl_->context.get());
}

void Canvas::Unclip() { cairo_restore(impl_->context.get()); }

void Canvas::Grey(const GreyImage& image, double x, double y, double w, double h) {
  if (image.width <= 0 || image.height <= 0) return;
  Surface pixels(cairo_image_surface_create(CAIRO_FORMAT_RGB24, image.width, image.height));
  const int stride = cairo_image_surface_get_stride(pixels.get());
  unsigned char* data = cairo_image_surface_get_data(pixels.get());
  for (int row = 0; row < image.height; ++row) {
    auto* out = reinterpret_cast<std::uint32_t*>(data + static_cast<std::ptrdiff_t>(row) * stride);
    const std::uint8_t* in = image.grey.data() + static_cast<std::ptrdiff_t>(row) * image.width;
    std::transform(in, in + image.width, out, [](std::uint8_t v) { return v * 0x010101U; });
  }
  cairo_surface_mark_dirty(pixels.get());
  cairo_t* context = impl_->context.get();
  cairo_save(context);
  cairo_rectangle(context, x, y, w, h);
  cairo_clip(context);
  cairo_translate(context, x, y);
  cairo_scale(context, w / image.width, h / image.height);
  cairo_set_source_surface(context, pixels.get(), 0, 0);
  cairo_pattern_set_filter(cairo_get_source(context), CAIRO_FILTER_BILINEAR);
  cairo_pattern_set_extend(cairo_get_source(context), CAIRO_EXTEND_PAD);
  cairo_paint(context);
  cairo_restore(context);
}

double Canvas::Text(double x, double y, std::string_view utf8, const TextStyle& style) {
  cairo_t* context = impl_->context.get();
  const Layout layout = MakeLayout(context, utf8, style);
  const Extent extent = ExtentOf(layout.get());
  double left = x;
  if (style.width_px <= 0) {
    if (style.align == TextStyle::Align::kCentre) left -= extent.width / 2;
    if (style.align == TextStyle::Align::kRight) left -= extent.width;
  }
  cairo_set_source_rgb(context, style.colour.r, style.colour.g, style.colour.b);
  cairo_move_to(context, left, y);
  pango_cairo_show_layout(context, layout.get());
  return extent.height;
}

double Canvas::TextHeight(std::string_view utf8, const TextStyle& style) const {
  return ExtentOf(MakeLayout(impl_->context.get(), utf8, style).get()).height;
}

double Canvas::TextWidth(std::string_view utf8, const TextStyle& style) const {
  return ExtentOf(MakeLayout(impl_->context.get(), utf8, style).get()).width;
}

RgbImage Canvas::Pixels() const {
  cairo_surface_flush(impl_->surface.get());
  RgbImage image{impl_->width, impl_->height, {}};
  image.rgb.reserve(3 * static_cast<std::size_t>(image.width) *
                    static_cast<std::size_t>(image.height));
  const int stride = cairo_image_surface_get_stride(impl_->surface.get());
  const unsigned char* data = cairo_image_surface_get_data(impl_->surface.get());
  for (int row = 0; row < image.height; ++row) {
    const auto* in =
        reinterpret_cast<const std::uint32_t*>(data + static_cast<std::ptrdiff_t>(row) * stride);
    for (int column = 0; column < image.width; ++column) {
      for (unsigned shift : {16U, 8U, 0U}) {
        image.rgb.push_back(static_cast<std::uint8_t>(in[column] >> shift & 0xFF));
      }
    }
  }
  return image;
}

std::string Canvas::Png() const {
  std::string bytes;
  cairo_surface_write_to_png_stream(impl_->surface.get(), &AppendBytes, &bytes);
  return bytes;
}

std::string Canvas::PdfBytes() {
  cairo_show_page(impl_->context.get());
  impl_->context.reset();
  cairo_surface_finish(impl_->surface.get());
  return *impl_->pdf;
}

}  // namespace osteon
