// What all pages of this service are made of: files of web/, and the two kinds of values that templates are filled
// with.
#pragma once
#include <string_view>

#include "pages/page.hpp"

namespace carillon::orchestrator {

std::string_view page_file(std::string_view path);  // of web/; throws std::logic_error
pages::Values object();
pages::Values list();

}  // namespace carillon::orchestrator
