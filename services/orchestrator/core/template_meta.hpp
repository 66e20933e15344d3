// What is fixed about a template besides its words: channel, audience, gates, window, priority. Plain values.
#pragma once
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "events/events.hpp"
#include "values/result.hpp"

namespace carillon::orchestrator {

inline constexpr std::string_view security_category = "security";  // what lets people in: codes, password links
inline constexpr std::string_view billing_category = "billing";

struct TemplateMeta {
  std::string key;
  std::string alias;  // a second name that requests may use; events carry `key`
  events::Channel channel{};
  events::Audience audience{};
  std::string category;  // preferences may name it (core/preferences.hpp says of which templates)
  bool active = true;
  bool requires_provisioned = false;
  bool requires_active_subscription = false;
  std::string plan_required_feature_key;      // "" = every plan
  std::chrono::seconds rate_limit_window{0};  // 0 = none
  std::string rate_limit_key_variable;        // one window per value of this variable; "" = one per client
  events::Priority priority{};
  bool sensitive = false;  // recipient, variables and content rest sealed
  events::UnconfirmedPolicy unconfirmed_policy{};
  bool explicit_recipient = false;  // the request may name the recipient
  bool client_required = false;
  // Recurring or promotional mail: recipients may unsubscribe from its category, each mail carries a link for it. Only
  // of e-mail to clients that is neither sensitive nor of the category "security"; transactional mail never.
  bool unsubscribable = false;
  bool from_client_number = false;  // SMS leaves from the client's own number where it has one
  std::string paired_with;          // addresses that this other template reaches are left out
  std::vector<std::string> required_variables;
  std::string sample_variables = "{}";  // JSON, for previews
  std::string default_locale = "en";    // whose words stand in for every locale that a version lacks
  std::string flow;                     // for docs/NOTIFICATION_SEND_INVENTORY.md
  std::string service;

  // Whether its messages rest sealed: marked so, or of Slack, whose recipients are secret URLs.
  bool rests_sealed() const { return sensitive || channel == events::Channel::SLACK; }
};

// One locale's words of one version. `html` is empty for SMS.
struct TemplateBody {
  std::string locale;
  std::string subject;
  std::string text;
  std::string html;
};

inline constexpr std::size_t unsubscribable_category_chars_max = 64;  // it goes into links

// Reads meta.json. Failure INVALID_TEMPLATE_META names the member; unknown members are refused.
Result<TemplateMeta> read_template_meta(std::string_view key, std::string_view json);

}  // namespace carillon::orchestrator
