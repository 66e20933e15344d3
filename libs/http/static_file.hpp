#pragma once
#include <string_view>

namespace carillon::http {

// One file of a web folder, embedded in the program by embed_web.cmake.
struct StaticFile {
  std::string_view path;
  std::string_view content_type;
  std::string_view bytes;
};

}  // namespace carillon::http
