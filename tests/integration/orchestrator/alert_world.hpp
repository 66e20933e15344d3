// A pipe with tenants: snapshots, settings, people of theirs, and what notification_log says.
#pragma once
#include <string>
#include <vector>

#include "integration/orchestrator/pipe.hpp"

namespace carillon::orchestrator::testing {

struct Person {
  std::string account_id, cookie, csrf;
};

struct LogRow {
  std::string message_id, channel, type, state, error, payload;
  bool sent = false;
};

inline constexpr const char* webhook_secret = "sEcReTpArT";
inline constexpr const char* webhook = "https://hooks.slack.com/services/T0/B0/sEcReTpArT";
inline constexpr const char* all_on =
    R"({"psi_alert":true,"budget_fallback":true,"je_imbalance":true,"export_completed":true,"coldstart_graduated":true})";

class AlertWorld : public Pipe {
 public:
  // The tenant acme, known and without settings.
  explicit AlertWorld(PipeOptions options = with_slack());
  static PipeOptions with_slack();

  // Everything on; by e-mail alone, unless said otherwise.
  void set_up(const std::string& email = "ann@example.com", const std::string& slack = "");
  http::Answer put(const std::string& body, const std::string& tenant = "acme");
  http::Answer metrics(const std::string& body, const std::string& tenant = "acme");
  // A snapshot that is accepted, handled, and whose alerts are decided.
  void measure(const std::string& body);
  // The same record twice on the topic, as a broker may deliver it.
  void deliver_twice(const std::string& metrics_json);
  void wait_handled();  // all snapshots
  void wait_decided();  // and all alerts

  Person sign_in(security::Role role, const std::string& client_id);
  http::Answer as(const Person& person, http::Method method, const std::string& path, const std::string& body = "",
                  bool with_token = true, const std::string& content_type = "application/json");
  http::Answer form(const Person& person, const std::string& path, const std::string& fields);

  std::vector<LogRow> log(const std::string& type = "");  // oldest first
  std::vector<events::AuditEvent> audits(const std::string& action, std::size_t count);
  std::string metrics_key;

 private:
  int people_ = 0;
};

}  // namespace carillon::orchestrator::testing
