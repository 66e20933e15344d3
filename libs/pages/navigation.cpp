#include "pages/navigation.hpp"

#include <array>

namespace carillon::pages {
namespace {

constexpr std::array admin_entries{Entry{"Start", "/admin"}};
constexpr std::array client_entries{Entry{"Billing", "/billing"}, Entry{"Notifications", "/settings/notifications"}};

}  // namespace

std::span<const Entry> entries_for(security::Role role) {
  if (role == security::Role::ADMIN) return admin_entries;
  return client_entries;
}

std::string_view home_of(security::Role role) {
  return entries_for(role).front().path;
}

}  // namespace carillon::pages
