#include "bus/postgres/broadcast.hpp"

#include <algorithm>

#include "bus/postgres/engine.hpp"
#include "service/log.hpp"
#include "service/thread_name.hpp"

namespace carillon::bus {
namespace {

constexpr FetchBounds bounds{1'000, 4U << 20};
constexpr std::chrono::milliseconds poll_interval{50};

}  // namespace

PostgresBroadcast::PostgresBroadcast(PostgresBus& bus, const Topic& topic,
                                     std::function<void(const Received&)> on_record)
    : bus_(bus),
      topic_(topic),
      on_record_(std::move(on_record)),
      connection_(pg::for_repeated_statements(bus.settings().connection)),
      reader_(topic, bounds) {
  for (int partition = 0; partition < bus.partitions(); ++partition) next_seqs_[partition] = 0;
}

PostgresBroadcast::~PostgresBroadcast() {
  stop();
}

void PostgresBroadcast::start() {
  if (thread_.joinable()) return;
  pause_.start();
  thread_ = std::thread([this] { run(); });
}

void PostgresBroadcast::stop() {
  if (!thread_.joinable()) return;
  pause_.stop();
  bus_.bell().wake_all();
  thread_.join();
  connection_.close();
}

void PostgresBroadcast::run() {
  name_this_thread("b:" + std::string(topic_.table));
  while (!pause_.stopped()) {
    try {
      turn();
      pause_.reset();
      if (std::exchange(failing_, false)) log::info("bus.broadcast_recovered", {{"topic", topic_.name}});
    } catch (const std::exception& error) {
      if (!std::exchange(failing_, true))
        log::warn("bus.broadcast_failed", {{"topic", topic_.name}, {"reason", error.what()}});
      pause_.wait();
    }
  }
}

void PostgresBroadcast::find_ends() {
  std::vector<int> partitions;
  for (const auto& [partition, next_seq] : next_seqs_) partitions.push_back(partition);
  ends_at_start_ = reader_.heads(connection_, partitions);
}

bool PostgresBroadcast::at_ends() const {
  return std::all_of(ends_at_start_.begin(), ends_at_start_.end(),
                     [this](const auto& end) { return end.second <= 1 || next_seqs_.at(end.first) >= end.second; });
}

void PostgresBroadcast::turn() {
  bus_.require_agreement();
  if (ends_at_start_.empty()) find_ends();
  const Fetched fetched = reader_.fetch(connection_, next_seqs_);
  bool skipped = false;
  for (std::size_t i = 0; i < fetched.records.size(); ++i) {
    const Received& received = fetched.records[i];
    skipped = skipped || received.seq > std::max<std::int64_t>(next_seqs_.at(received.partition), 1);
    if (!fetched.corrupt[i])
      on_record_(received);
    else
      log::error("bus.corrupt_batch",
                 {{"topic", topic_.name}, {"partition", received.partition}, {"seq", received.seq}});
    next_seqs_[received.partition] = fetched.after[i].next_seq;
  }
  // Days were dropped before they were read: what was in them comes again further on, perhaps behind the old end.
  if (skipped && !caught_up_) find_ends();
  if (!caught_up_ && at_ends()) caught_up_ = true;
  if (fetched.empty()) rings_ = bus_.bell().wait(topic_.table, rings_, poll_interval);
}

}  // namespace carillon::bus
