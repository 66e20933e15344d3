// The bodies of the admin calls about templates and messages, as JSON. Every refusal has code MALFORMED_JSON or
// INVALID_FIELD and begins with the member's name; unknown members are refused. Numbers among variables become texts
// with the digits they came with, which is what rendering makes of them anyway. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/events.hpp"
#include "orchestrator/core/template_meta.hpp"
#include "values/result.hpp"

namespace carillon::orchestrator {

// {"based_on": 3, "bodies": [{"locale": "en", "subject": …, "text": …, "html": …}]}; `from` may stand beside them.
struct VersionOrder {
  int based_on = 0;  // the newest version that its author has seen
  int from = 0;      // whose words it was written over; 0: those of based_on
  std::vector<TemplateBody> bodies;
};
Result<VersionOrder> read_version_order(std::string_view json);

// {"version": 3, "replaces": 4}; `replaces` may be left out.
struct ActivationOrder {
  int version = 0;
  std::optional<int> replaces;
};
Result<ActivationOrder> read_activation_order(std::string_view json);

// {"active": true}
Result<bool> read_switch_order(std::string_view json);

// {"version": 3} or {"bodies": […]} or neither, with "locale" and "variables" as one likes.
struct PreviewWish {
  int version = 0;
  std::vector<TemplateBody> bodies;
  std::string locale;
  std::optional<events::JsonObject> variables;
};
Result<PreviewWish> read_preview_wish(std::string_view json);

// What a message by hand, or a test, is to be. `variables` nullopt: not given.
struct MessageWish {
  std::string template_key, client_id, recipient, locale, reason;
  int version = 0;
  std::optional<events::JsonObject> variables;
};
enum class WishOf {
  MESSAGE,   // template_key, client_id, recipient, variables, locale, reason
  TEST,      // recipient, variables, locale, version
  SMS_TEST,  // recipient, body or variables, locale, client_id, reason
};
Result<MessageWish> read_message_wish(std::string_view json, WishOf what);

}  // namespace carillon::orchestrator
