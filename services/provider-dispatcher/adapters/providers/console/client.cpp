#include "provider-dispatcher/adapters/providers/console/client.hpp"

#include <fcntl.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "provider-dispatcher/adapters/providers/console/error_table.hpp"
#include "provider-dispatcher/adapters/providers/http_answer.hpp"
#include "values/recipient.hpp"

namespace carillon::dispatcher {
namespace {

std::string line_of(const OutboundMessage& message, UtcTime now) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  const auto member = [&json](const char* name, std::string_view value) {
    json.Key(name);
    json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  };
  json.StartObject();
  member("sent_at", to_rfc3339(now));
  member("message_id", message.message_id);
  json.Key("attempt");
  json.Int(message.attempt);
  member("template_key", message.template_key);
  member("from", message.from_number);
  member("to", message.recipient);
  member("text", message.text);
  json.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace

ConsoleClient::ConsoleClient(ConsoleSettings settings, http::Client& http, CallLimits limits)
    : settings_(std::move(settings)), http_(http), limits_(limits) {}

ConsoleClient::~ConsoleClient() {
  if (file_ >= 0) ::close(file_);
}

Outcome ConsoleClient::append(const OutboundMessage& message, UtcTime now) {
  const std::string line = line_of(message, now) + "\n";
  Outcome outcome;
  const std::lock_guard lock(mutex_);
  if (file_ < 0) file_ = ::open(settings_.file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  // One write keeps lines of several processes whole.
  const ssize_t written = file_ < 0 ? -1 : ::write(file_, line.data(), line.size());
  if (written == static_cast<ssize_t>(line.size())) {
    outcome.kind = OutcomeKind::ACCEPTED;
    outcome.provider_message_id = "console-" + message.message_id + "." + std::to_string(message.attempt);
    return outcome;
  }
  outcome.kind = OutcomeKind::TRANSIENT;
  outcome.reason = Reason::PROVIDER_ERROR;
  outcome.detail = std::string("CARILLON_CONSOLE_FILE: ") + (written >= 0 ? "written in part" : std::strerror(errno));
  return outcome;
}

void ConsoleClient::send(const OutboundMessage& message, UtcTime now, std::function<void(Outcome)> done) {
  if (!parse_e164(message.recipient))
    return done(recipient_not_usable("the recipient is not a phone number in E.164 form"));
  if (settings_.sandbox_url.empty()) return done(append(message, now));
  http::Call call;
  call.url = settings_.sandbox_url + "/console/messages";
  call.headers = {{"Content-Type", "application/json"}};
  call.body = line_of(message, now);
  call.connect_timeout = limits_.connect_timeout;
  call.timeout = limits_.timeout;
  call.answer_bytes_max = limits_.answer_bytes_max;
  http_.call(std::move(call), [now, done = std::move(done)](http::Answer answer) {
    done(outcome_of(answer, now, console::read_answer, {}));
  });
}

}  // namespace carillon::dispatcher
