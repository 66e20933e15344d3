// The table of settings as a page for people, made from the declarations.
#pragma once
#include <ostream>
#include <vector>

#include "service/settings.hpp"

namespace carillon::service {

// A Markdown table sorted by name: name, type, default, required or secret, description, file and line.
void print_settings_table(std::ostream& out, const std::vector<SettingDoc>& docs);

}  // namespace carillon::service
