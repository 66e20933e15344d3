// Reads the files of claimed messages right before their calls: a batch of claims in one statement, on a thread of its
// own that is made when the first such message comes. Messages without files never get here.
//
// Bounded: the files of claims on their way and in calls are attachment_bytes_in_calls_max together (a call in JSON
// holds them a second time, in base64); files read lately are kept for a moment, since one is often sent to many, and
// since a rated call that came too late for its slot is tried again. Thread-safe; the functions of LoadParts are never
// called with a mutex held.
#pragma once
#include <array>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "postgres/connection.hpp"
#include "provider-dispatcher/app/claim.hpp"

namespace carillon::dispatcher {

inline constexpr std::size_t attachment_bytes_in_calls_max = 32 * 1024 * 1024;
inline constexpr std::size_t attachment_bytes_kept_max = 16 * 1024 * 1024;
inline constexpr std::chrono::seconds attachment_kept_for{10};
inline constexpr std::size_t claims_per_load_max = 50;

struct LoadParts {
  pg::ConnectionSettings connection;
  std::function<void(const std::vector<ClaimPtr>&)> loaded;  // they carry their files now
  std::function<void(const ClaimPtr&, Outcome)> failed;      // a file is gone: REJECTED
  std::function<void(const ClaimPtr&)> released;             // no database, or stopped
  std::size_t bytes_in_calls_max = attachment_bytes_in_calls_max;
};

class LoadAttachments {
 public:
  explicit LoadAttachments(LoadParts parts);
  ~LoadAttachments();  // stop()

  // True: the claim carries its files now. False: it comes back through one of the functions.
  bool take_or_wait(const ClaimPtr& claim);
  // Releases claims that have waited since before `oldest`.
  void release_impatient(SteadyTime oldest);
  // Releases what waits and joins; claims that come later are released at once.
  void stop();

 private:
  struct Shared;
  struct File {
    std::shared_ptr<const std::string> content;
    std::string sha256;  // lower-case hex
    SteadyTime used_at{};
  };
  using Files = std::unordered_map<std::string, File>;  // by attachment id

  void loop();
  std::vector<ClaimPtr> next_batch();
  void load(const std::vector<ClaimPtr>& batch);
  void pause_after_trouble();
  static std::optional<Outcome> attach(Claim& claim, const Files& files);
  // Under shared_->mutex:
  std::vector<ClaimPtr> take_what_fits();
  bool fits(std::size_t bytes) const;
  bool has_all(const Claim& claim) const;
  void reserve(Claim& claim);
  void keep(const std::string& id, const File& file);
  void forget_old();

  LoadParts parts_;
  pg::Connection connection_;  // own thread only
  const std::shared_ptr<Shared> shared_;
  std::array<std::deque<ClaimPtr>, 3> waiting_;  // by priority; shared_->mutex
  Files kept_;                                   // shared_->mutex
  std::size_t kept_bytes_ = 0;                   // shared_->mutex
  bool stopping_ = false;                        // shared_->mutex
  std::thread thread_;                           // made under shared_->mutex
};

}  // namespace carillon::dispatcher
