// One message of a request while it is being decided: one recipient on one channel.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/app/facts.hpp"
#include "orchestrator/app/incoming.hpp"
#include "orchestrator/core/attachment_rules.hpp"
#include "orchestrator/core/gate.hpp"
#include "orchestrator/core/send_time.hpp"

namespace carillon::orchestrator {

struct DecidedMessage {
  const Incoming* incoming = nullptr;
  std::string id;
  std::uint32_t place = 0;          // among the request's messages
  const Template* entry = nullptr;  // null: no such template
  int version = 0;
  const CompiledBody* body = nullptr;  // null: no such version
  std::shared_ptr<const RenderData> data;
  std::shared_ptr<const events::ClientState> client;
  std::string recipient, recipient_hash;  // "" when there is none
  std::vector<std::string> older_hashes;  // of the recipient, from before a rotation of the key
  std::optional<Refusal> recipient_refusal;
  ChosenFiles attachments;
  events::Priority priority{};
  bool sensitive = false;

  std::optional<Refusal> refusal;  // set: `status` is refusal->status
  events::Status status = events::Status::QUEUED;
  std::optional<QuietHours> quiet_hours;  // of the client, where the message keeps quiet
  std::optional<Wait> wait;               // set: status is SCHEDULED
  bool rate_window_taken = false;
  std::int32_t sms_segments = 0;
  std::string dispatch_json;  // set when rendered

  bool goes_on() const { return !refusal && status == events::Status::QUEUED; }
  events::Channel channel() const { return entry ? entry->meta.channel : events::Channel{}; }
  // Whom round-robin is between: the client, without one the producer.
  std::string fair_key() const {
    return incoming->request.client_id.empty() ? "source:" + incoming->request.source : incoming->request.client_id;
  }
  // Where it is later that the gate is to look at it.
  bool is_early(UtcTime now) const { return waits_for_send_at(incoming->request, now); }
  void refuse(Refusal with) {
    status = with.status;
    refusal = std::move(with);
  }
};

// The messages of one request: its template, words, client and recipients looked up; at least one message. Of a message
// that has waited that one alone.
std::vector<DecidedMessage> expand(const Incoming& incoming, const TemplateCatalog& catalog, const Facts& facts);

// Renders into `dispatch_json`, or refuses with BLOCKED_INVALID_REQUEST.
void render(DecidedMessage& message, const Facts& facts);

events::MessageEvent message_event(const DecidedMessage& message, UtcTime now);

}  // namespace carillon::orchestrator
