#include "daemon/pdf/paper.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#include <algorithm>

namespace signalbox::pdf {
namespace {

constexpr double kWidth = 595, kHeight = 842, kMargin = 50;  // A4 in points
constexpr std::size_t kLargestText = 64 * 1024;

struct Unref {
    void operator()(cairo_t* cairo) const { cairo_destroy(cairo); }
    void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
    void operator()(PangoLayout* layout) const { g_object_unref(layout); }
    void operator()(PangoFontDescription* font) const { pango_font_description_free(font); }
};
template <class T>
using Owned = std::unique_ptr<T, Unref>;

// Pango takes valid UTF-8 only, and draws no control characters.
std::string drawable(std::string_view text) {
    gchar* valid = g_utf8_make_valid(text.data(), static_cast<gssize>(std::min(text.size(), kLargestText)));
    std::string out(valid);
    g_free(valid);
    for (char& c : out)
        if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') c = ' ';
    return out;
}

class CairoPaper : public Paper {
public:
    explicit CairoPaper(const std::string& path)
        : surface_(cairo_pdf_surface_create(path.c_str(), kWidth, kHeight)),
          cairo_(cairo_create(surface_.get())) {
        cairo_pdf_surface_set_metadata(surface_.get(), CAIRO_PDF_METADATA_CREATOR, "signalbox");
    }

    Status draw(const Block& block) override {
        if (y_ > kHeight - kMargin - block.room) nextPage();
        const Owned<PangoLayout> layout(pango_cairo_create_layout(cairo_.get()));
        const Owned<PangoFontDescription> font(pango_font_description_from_string(block.font.c_str()));
        pango_layout_set_font_description(layout.get(), font.get());
        pango_layout_set_width(layout.get(), static_cast<int>((kWidth - 2 * kMargin) * PANGO_SCALE));
        pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR);
        const std::string text = drawable(block.text);
        pango_layout_set_text(layout.get(), text.c_str(), static_cast<int>(text.size()));
        cairo_set_source_rgb(cairo_.get(), block.grey, block.grey, block.grey);
        for (int i = 0; i < pango_layout_get_line_count(layout.get()); ++i)
            drawLine(pango_layout_get_line_readonly(layout.get(), i));
        y_ += block.space_after;
        return state();
    }

    Status finish() override {
        cairo_show_page(cairo_.get());
        cairo_surface_finish(surface_.get());
        const cairo_status_t status = cairo_surface_status(surface_.get());
        return status == CAIRO_STATUS_SUCCESS ? state() : failed(status);
    }

    Status state() const {
        const cairo_status_t status = cairo_status(cairo_.get());
        if (status == CAIRO_STATUS_SUCCESS) return Done{};
        return failed(status);
    }

private:
    static Status failed(cairo_status_t status) {
        return Error{ErrorKind::Unavailable, std::string("pdf: ") + cairo_status_to_string(status)};
    }

    void drawLine(PangoLayoutLine* line) {
        PangoRectangle extents;
        pango_layout_line_get_pixel_extents(line, nullptr, &extents);
        if (y_ + extents.height > kHeight - kMargin) nextPage();
        y_ += extents.height;
        cairo_move_to(cairo_.get(), kMargin, y_);
        pango_cairo_show_layout_line(cairo_.get(), line);
    }

    void nextPage() {
        cairo_show_page(cairo_.get());
        y_ = kMargin;
    }

    const Owned<cairo_surface_t> surface_;
    const Owned<cairo_t> cairo_;
    double y_ = kMargin;
};

}  // namespace

Result<std::unique_ptr<Paper>> Paper::create(const std::string& path) {
    auto paper = std::make_unique<CairoPaper>(path);
    if (auto ready = paper->state(); !ready) return ready.error();
    return std::unique_ptr<Paper>(std::move(paper));
}

}  // namespace signalbox::pdf
