// The stylesheets and scripts of the pages, embedded in the program. Their path holds a digest, so browsers may keep
// them for ever.
#pragma once
#include <string>

#include "http/router.hpp"

namespace carillon::pages {

// "/assets/<digest>", without a slash at the end.
const std::string& assets_path();

// GET /assets/{digest}/{file}. Added once per process (libs/service/app does).
void add_asset_routes(http::Router& router);

}  // namespace carillon::pages
