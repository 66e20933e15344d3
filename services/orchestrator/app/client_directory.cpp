#include "orchestrator/app/client_directory.hpp"

#include <mutex>

#include "events/cloud_events.hpp"
#include "service/log.hpp"

namespace carillon::orchestrator {

void ClientDirectory::learn(const bus::Received& record) {
  const auto event = events::read_cloud_event(record.record.headers, record.record.value);
  auto state = event ? events::from_json<events::ClientState>(event->data) : Result<events::ClientState>(event.error());
  if (!state || state->client_id.empty()) {
    log::warn(
        "CLIENT_STATE_UNREADABLE",
        {{"partition", record.partition}, {"seq", record.seq}, {"reason", state ? "client_id" : state.error().code}});
    return;
  }
  auto fresh = std::make_shared<const events::ClientState>(std::move(*state));
  const std::unique_lock lock(mutex_);
  auto& known = clients_[fresh->client_id];
  if (!known || known->version <= fresh->version) known = std::move(fresh);
}

std::shared_ptr<const events::ClientState> ClientDirectory::find(const std::string& client_id) const {
  const std::shared_lock lock(mutex_);
  const auto found = clients_.find(client_id);
  return found == clients_.end() || found->second->deleted ? nullptr : found->second;
}

std::int64_t ClientDirectory::version_of(const std::string& client_id) const {
  const std::shared_lock lock(mutex_);
  const auto found = clients_.find(client_id);
  return found == clients_.end() ? 0 : found->second->version;
}

}  // namespace carillon::orchestrator
