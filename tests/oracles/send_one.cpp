// Sends one message through one provider, configured by the environment as the dispatcher is, and prints the outcome.
//
//   oracle-send-one PROVIDER < message.json
//
// Message: {"message_id", "attempt", "recipient", "subject", "text", "html", "from_number", "template_key",
// "unsubscribe_url", "expires_at" and "now" in RFC 3339, "attachments": [{"file_name", "content_type", "content" in
// base64}]}, all but the recipient may be left out. Outcome: {"kind", "reason", "provider_message_id", "provider_code",
// "detail", "retry_after_seconds", "suppress_recipient", "latency_ms"}. Exit code 2: bad settings; 3: the provider is
// not configured (standard error says what is missing) or there is none of that name.
#include <fmt/format.h>

#include <future>
#include <iostream>
#include <iterator>

#include "oracles/json_lines.hpp"
#include "provider-dispatcher/adapters/providers/registry.hpp"
#include "provider-dispatcher/core/outcome_names.hpp"
#include "security/digest.hpp"

namespace {

using namespace carillon;
using namespace carillon::dispatcher;
using oracle::text;

constexpr int exit_bad_settings = 2, exit_not_configured = 3;

std::vector<Attachment> attachments_of(const rapidjson::Value& json) {
  std::vector<Attachment> out;
  const auto found = json.FindMember("attachments");
  if (found == json.MemberEnd()) return out;
  for (const auto& one : found->value.GetArray()) {
    bool ok = false;
    std::string content = security::from_base64(text(one, "content"), ok);
    if (!ok) throw std::runtime_error("an attachment is not base64");
    out.push_back(
        {text(one, "file_name"), text(one, "content_type"), std::make_shared<std::string>(std::move(content))});
  }
  return out;
}

OutboundMessage message_of(const rapidjson::Value& json) {
  OutboundMessage message;
  message.message_id = json.HasMember("message_id") ? text(json, "message_id") : "01890a5d-ac96-774b-bcce-b302099a8057";
  if (json.HasMember("attempt")) message.attempt = json["attempt"].GetInt();
  message.recipient = text(json, "recipient");
  message.subject = text(json, "subject");
  message.text = text(json, "text");
  message.html = text(json, "html");
  message.from_number = text(json, "from_number");
  message.template_key = text(json, "template_key");
  message.unsubscribe_url = text(json, "unsubscribe_url");
  if (json.HasMember("expires_at")) message.expires_at = from_rfc3339(text(json, "expires_at")).value();
  message.attachments = attachments_of(json);
  return message;
}

void print(const Outcome& outcome) {
  const std::string retry_after = outcome.retry_after ? std::to_string(outcome.retry_after->count()) : "null";
  std::cout << fmt::format(R"({{"kind":{},"reason":{},"provider_message_id":{},"provider_code":{},"detail":{},)"
                           R"("retry_after_seconds":{},"suppress_recipient":{},"latency_ms":{}}})",
                           http::json_string(kind_name(outcome.kind)), http::json_string(reason_name(outcome.reason)),
                           http::json_string(outcome.provider_message_id), http::json_string(outcome.provider_code),
                           http::json_string(outcome.detail), retry_after, outcome.suppress_recipient,
                           outcome.latency.count())
            << '\n';
}

int send(const std::string& name, const rapidjson::Value& json) {
  const SystemClock clock;
  http::Runtime io;
  http::Client client(io);
  service::Settings settings(service::process_environment());
  const auto providers = make_providers(settings, ProviderParts{client, io, clock}).list;
  settings.finish();
  const auto found = std::find_if(providers.begin(), providers.end(), [&](const auto& p) { return p->name() == name; });
  if (found == providers.end() || !(*found)->configured()) {
    std::cerr << (found == providers.end() ? "there is no provider " + name : (*found)->missing_settings()) << '\n';
    return exit_not_configured;
  }
  std::promise<Outcome> promise;
  const UtcTime now = json.HasMember("now") ? from_rfc3339(text(json, "now")).value() : clock.now();
  (*found)->send(message_of(json), now, [&](Outcome outcome) { promise.set_value(std::move(outcome)); });
  print(promise.get_future().get());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) throw std::runtime_error("usage: oracle-send-one PROVIDER < message.json");
  const std::string input{std::istreambuf_iterator<char>(std::cin), {}};
  try {
    return send(argv[1], oracle::parsed(input));
  } catch (const service::SettingsError& error) {
    std::cerr << error.what() << '\n';
    return exit_bad_settings;
  }
}
