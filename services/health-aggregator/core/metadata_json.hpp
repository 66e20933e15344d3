// A message's metadata as it is kept: a JSON object of texts. Pure.
#pragma once
#include <map>
#include <string>
#include <string_view>

namespace carillon::health {

using Metadata = std::map<std::string, std::string>;

std::string metadata_json(const Metadata& metadata);
// What metadata_json wrote; members that are no texts are left out.
Metadata read_metadata(std::string_view json);

}  // namespace carillon::health
