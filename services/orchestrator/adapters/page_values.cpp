#include "orchestrator/adapters/page_values.hpp"

#include <stdexcept>

#include "orchestrator_pages_web.hpp"

namespace carillon::orchestrator {

using pages::Values;

std::string_view page_file(std::string_view path) {
  for (const auto& one : orchestrator_pages::files)
    if (one.path == path) return one.bytes;
  throw std::logic_error("services/orchestrator/web lacks " + std::string(path));
}

Values object() {
  return Values{Values::type::object};
}

Values list() {
  return Values{Values::type::list};
}

}  // namespace carillon::orchestrator
