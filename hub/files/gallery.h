// All files of an object (a project, a job, any {kind, id}): those that were uploaded for it (`project` is
// «kind:id», or the id alone for kind project) and those that came or went in conversations linked to it.
// Reads only; any thread. Throws StoreError.
#pragma once

#include "hub/files/file_records.h"
#include "hub/model/page.h"

namespace signalbox {

struct GalleryOf {
    std::string kind, id;
};

// Newest first. `seen`: which rows of messages «m» in conversations «c» the viewer sees. A page may be longer
// by the other files of its last message.
PageOfItems listGallery(Store& store, const FileViewer& viewer, const SeenRows& seen, const GalleryOf& object,
                        const PageRequest& page);

}  // namespace signalbox
