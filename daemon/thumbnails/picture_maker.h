// Small pictures of images, of the first page of a PDF, of a frame of a film: made by programs of the system
// where they are installed, each in a confined process. Thread-safe; blocks while the program runs.
#pragma once

#include <semaphore>
#include <string>
#include <string_view>

#include "base/result.h"

namespace signalbox {

class PictureMaker {
public:
    // `folder`: on the disk, for the files that the programs work on.
    explicit PictureMaker(std::string folder) : folder_(std::move(folder)) {}

    // A JPEG or PNG of at most `side` × `side` pixels, without metadata. Rejected «no_thumbnail»: none can be
    // made of this. Unavailable «thumbnailer_missing»: the error names the package; «thumbnailer_busy»: come
    // again.
    Result<std::string> make(std::string_view mime, std::string_view bytes, int side);
    // The words for people of what is not installed; empty: all is.
    static std::string missing();

private:
    Result<std::string> makeIn(const std::string& work, std::string_view mime, std::string_view bytes,
                               int side);

    const std::string folder_;
    std::counting_semaphore<2> free_{2};
};

}  // namespace signalbox
