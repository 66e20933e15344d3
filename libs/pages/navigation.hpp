// What each role finds in the frame's navigation. Only pages that exist.
#pragma once
#include <span>
#include <string_view>

#include "security/sessions.hpp"

namespace carillon::pages {

struct Entry {
  std::string_view label, path;
};

std::span<const Entry> entries_for(security::Role role);

// Where somebody lands after a login.
std::string_view home_of(security::Role role);

}  // namespace carillon::pages
