#include "billing-ingest/app/client_directory.hpp"

#include <mutex>

#include "events/cloud_events.hpp"
#include "events/events.hpp"
#include "service/log.hpp"

namespace carillon::billing {

ClientDirectory::ClientDirectory(metrics::Registry& metrics)
    : read_(metrics.counter("carillon_billing_client_states_total", "Records of client.state.v1 that are known here")) {
}

void ClientDirectory::learn(const bus::Received& record) {
  const auto event = events::read_cloud_event(record.record.headers, record.record.value);
  auto state = event ? events::from_json<events::ClientState>(event->data) : Result<events::ClientState>(event.error());
  if (!state || state->client_id.empty()) {
    log::warn(
        "CLIENT_STATE_UNREADABLE",
        {{"partition", record.partition}, {"seq", record.seq}, {"reason", state ? "client_id" : state.error().code}});
    return;
  }
  Entry entry{state->version, state->deleted, {{}, std::move(state->business_name), std::move(state->locale)}};
  if (state->contacts)
    entry.facts.email =
        state->contacts->billing_email.empty() ? state->contacts->email : state->contacts->billing_email;
  {
    const std::unique_lock lock(mutex_);
    Entry& known = clients_[state->client_id];
    if (known.version <= entry.version) known = std::move(entry);
  }
  read_.add();
}

std::optional<ClientFacts> ClientDirectory::find(const std::string& client_id) const {
  const std::shared_lock lock(mutex_);
  const auto found = clients_.find(client_id);
  if (found == clients_.end() || found->second.deleted) return std::nullopt;
  return found->second.facts;
}

}  // namespace carillon::billing
