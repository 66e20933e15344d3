#include "pages/navigation.hpp"

#include <array>

namespace carillon::pages {
namespace {

// The first is where an admin lands.
constexpr std::array admin_entries{Entry{"Health", "/admin/notification-health"},
                                   Entry{"Messages", "/admin/messages"},
                                   Entry{"Held", "/admin/held"},
                                   Entry{"Templates", "/admin/templates"},
                                   Entry{"Providers", "/admin/providers"},
                                   Entry{"Suppressions", "/admin/suppressions"},
                                   Entry{"Numbers", "/admin/number-pool"},
                                   Entry{"Audit", "/admin/audit"},
                                   Entry{"Dead letters", "/admin/dead-letters"},
                                   Entry{"More", "/admin/more"}};
constexpr std::array client_entries{Entry{"Billing", "/billing"}, Entry{"Notifications", "/settings/notifications"},
                                    Entry{"Preferences", "/settings/preferences"}};

}  // namespace

std::span<const Entry> entries_for(security::Role role) {
  if (role == security::Role::ADMIN) return admin_entries;
  return client_entries;
}

std::string_view home_of(security::Role role) {
  return entries_for(role).front().path;
}

}  // namespace carillon::pages
