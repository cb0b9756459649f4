// Small pictures of files and of messages' attachments, made when somebody asks first.
#pragma once

#include "daemon/api/files_api.h"
#include "daemon/thumbnails/picture_maker.h"
#include "hub/files/thumbnails.h"

namespace signalbox::api {

struct ThumbnailParts {
    FileParts files;
    Thumbnails& thumbnails;
    PictureMaker& maker;
};

void addThumbnailRoutes(Router& router, const ThumbnailParts& parts, Store& store);

}  // namespace signalbox::api
