// The files that came with an e-mail, decoded from the call's raw bytes. Pure.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "sandbox/core/inbox.hpp"

namespace carillon::sandbox {

inline constexpr std::size_t attachments_max = 100;  // of one mail; what is over it is not listed

struct FileView {
  std::string file_name, content_type;  // as they came: never to be trusted as a path or in a header
  std::string content;
};

std::vector<FileView> attachments_of(const StoredMessage& message);

}  // namespace carillon::sandbox
