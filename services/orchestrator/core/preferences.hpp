// What a client may say about its messages: kinds switched off, for all its contacts or for one recipient, and quiet
// hours. Checked. Refusals name the field; none repeats an address. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/events.hpp"
#include "orchestrator/core/quiet_hours.hpp"
#include "orchestrator/core/template_catalog.hpp"
#include "values/result.hpp"

namespace carillon::orchestrator {

inline constexpr std::size_t preferences_max = 200;                     // of a client, and of each of its recipients
inline constexpr std::size_t recipients_with_preferences_max = 10'000;  // of a client
inline constexpr std::string_view every_scope = "*";

// The most specific one counts: of a template, then of its category, then of everything ("*") on the channel.
struct Preference {
  events::Channel channel{};
  std::string scope;
  bool enabled = true;
  bool operator==(const Preference&) const = default;
};

struct ClientWishes {
  std::vector<Preference> preferences;  // by channel and scope
  std::optional<QuietHours> quiet_hours;
};

// Whether clients may do without the template's messages. Not without what lets people in (category "security",
// sensitive templates), what is about their money ("billing"), what is CRITICAL, and answers in a conversation (policy
// RESEND); and nothing of this is asked for mail to our own staff.
bool can_be_switched_off(const TemplateMeta& meta);

// What is to be replaced; what is left out stays.
struct WishesChange {
  std::optional<std::vector<Preference>> preferences;
  bool sets_quiet_hours = false;
  std::optional<QuietHours> quiet_hours;  // nullopt: none any more
};

// {"preferences":[{"channel":"EMAIL","scope":"digests","enabled":false}],"quiet_hours":"22:00-07:00"}; of a recipient
// without quiet_hours. An alias of a template becomes its key. Failure MALFORMED_JSON, INVALID_FIELD (something
// unknown), ALWAYS_SENT (it can't be switched off).
Result<WishesChange> read_wishes(std::string_view json, const TemplateCatalog& catalog, bool of_recipient);

// Whether messages of this scope are wanted, as the gate sees it.
bool is_enabled(const std::vector<Preference>& preferences, events::Channel channel, std::string_view template_key,
                std::string_view category);

}  // namespace carillon::orchestrator
