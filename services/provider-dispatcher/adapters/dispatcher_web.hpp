// The templates of the dispatcher's pages.
#pragma once
#include <string_view>

namespace carillon::dispatcher {

// A file of web/; throws std::logic_error when there is none.
std::string_view page_file(std::string_view path);

}  // namespace carillon::dispatcher
