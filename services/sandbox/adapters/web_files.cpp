#include "sandbox/adapters/web_files.hpp"

#include "inbox_web.hpp"

namespace carillon::sandbox {

std::string_view web_file(std::string_view path) {
  for (const http::StaticFile& file : inbox::files) {
    if (file.path == path) return file.bytes;
  }
  return {};
}

}  // namespace carillon::sandbox
