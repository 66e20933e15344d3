// The panel that makes providers fail: its buttons, and how each provider stands.
#pragma once
#include <kainjow/mustache.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/app/sandbox_state.hpp"

namespace carillon::sandbox {

// One button.
struct Switch {
  std::string_view key;  // value of the form field
  std::string_view label;
  Order order;  // without provider
};
const std::vector<Switch>& switches();

// A list for the template; `back` is where its forms lead to.
kainjow::mustache::data switches_view(const SandboxState& state, const std::string& back);

}  // namespace carillon::sandbox
