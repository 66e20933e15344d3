// Where a tenant's alerts go and which it wants, and what somebody wants changed. Pure.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/core/tenant_alert.hpp"
#include "time/utc_time.hpp"
#include "values/result.hpp"

namespace carillon::orchestrator {

class AlertToggles {
 public:
  bool is_on(AlertType type) const { return on_.at(static_cast<std::size_t>(type)); }
  void set(AlertType type, bool on) { on_.at(static_cast<std::size_t>(type)) = on; }
  bool operator==(const AlertToggles&) const = default;

  std::string json() const;                              // {"psi_alert":true,...}: all of them
  static AlertToggles from_json(std::string_view json);  // of our own table: what is missing is off

 private:
  std::array<bool, alert_toggles_count> on_{};
};

struct AlertSettings {
  std::string tenant_id;
  std::string email;          // "" = none
  std::string slack_webhook;  // in clear, a secret; "" = none
  AlertToggles toggles;
  std::optional<UtcTime> updated_at{};  // nullopt: nobody has ever saved any, so everything is off
  std::string updated_by{};

  const std::string& address_on(events::Channel channel) const {
    return channel == events::Channel::SLACK ? slack_webhook : email;
  }
  // Those with an address; without any address all of them, so that the log shows what would have been told.
  std::vector<events::Channel> channels() const;
};

// What is absent stays as it is.
struct AlertChange {
  std::optional<std::string> email;          // "" removes it
  std::optional<std::string> slack_webhook;  // "" removes it
  std::array<std::optional<bool>, alert_toggles_count> toggles{};
};

// {"email":"ann@example.com","slack_webhook_url":"https://hooks.slack.com/...","alerts":{"psi_alert":true}}. Addresses
// come out in normal form. Failure MALFORMED_JSON, or INVALID_FIELD with the path; no value is repeated.
Result<AlertChange> read_alert_change(std::string_view json, const std::vector<std::string>& slack_hosts);

// The two addresses in normal form. Failure INVALID_FIELD: "email: ..." or "slack_webhook_url: ...".
std::optional<Failure> check_addresses(AlertChange& change, const std::vector<std::string>& slack_hosts);

// Applies it; the names of what is different now, separated by commas, "" = nothing.
std::string apply(const AlertChange& change, AlertSettings& settings);

}  // namespace carillon::orchestrator
