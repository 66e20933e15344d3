// One batch of status events: their rows by COPY, then the minute counts and the open-message counts.
// Runs on the consumer's thread. An event that can't be used goes to the dead letters; repeated ones change nothing.
#pragma once
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "bus/bus.hpp"
#include "events/events.hpp"
#include "service/metrics.hpp"
#include "time/clock.hpp"

namespace carillon::health {

inline constexpr std::size_t message_log_batch_records_max = 4'000;
// Series of carillon_messages_total; what comes on top is counted without its template.
inline constexpr std::size_t message_series_max = 5'000;

class IngestMessageLog final : public bus::Handler {
 public:
  // Recipients of messages older than `recipient_retention` are not stored in clear any more.
  IngestMessageLog(metrics::Registry& metrics, const Clock& clock,
                   std::chrono::days recipient_retention = std::chrono::days{30});
  void handle(std::span<const bus::Received> batch, pg::Transaction& tx, bus::Outbox& out) override;
  void committed() override;
  void rolled_back() override;

 private:
  struct Counted {
    events::Channel channel;
    std::string template_key;
    events::Status status;
    double messages;
  };
  struct Sent {
    events::Channel channel;
    events::Priority priority;
    double seconds;
  };
  using LabelKey = std::tuple<events::Channel, std::string, events::Status>;

  void insert(std::vector<events::MessageEvent>& batch, pg::Transaction& tx);
  metrics::Counter& counter_of(const Counted& counted);
  std::string template_label(const Counted& counted) const;
  void note_sent(const events::MessageEvent& event);
  metrics::Histogram& delivery_of(const Sent& sent);

  metrics::Registry& metrics_;
  const Clock& clock_;
  const std::chrono::days recipient_retention_;
  metrics::Gauge lag_seconds_;
  std::map<LabelKey, metrics::Counter> counters_;
  std::map<std::pair<events::Channel, events::Priority>, metrics::Histogram> deliveries_;
  std::vector<Counted> counted_;  // of the last handle(), counted once it is durable
  std::vector<Sent> sent_;        // likewise
  UtcTime newest_published_at_{};
};

}  // namespace carillon::health
