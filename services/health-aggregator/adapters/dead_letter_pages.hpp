// /admin/dead-letters: records that no consumer could handle, and sending one back to its topic. For ADMIN; a replay is
// audited in the transaction that publishes. What this service may not publish to, the command line replays. Blocks on
// the database.
#pragma once
#include <vector>

#include "bus/bus.hpp"
#include "http/router.hpp"
#include "pages/page.hpp"
#include "postgres/pool.hpp"
#include "service/service.hpp"

namespace carillon::health {

inline constexpr std::size_t shown_letters_max = 50;  // of a partition, the newest

class DeadLetterPages {
 public:
  DeadLetterPages(service::Platform& platform, pg::Pool& pool, bus::Bus& bus, std::span<const bus::Topic> written)
      : platform_(platform), pool_(pool), bus_(bus), written_(written.begin(), written.end()) {}
  void routes(http::Router& router);

 private:
  http::Response list(const http::Request& request);
  http::Response show(const http::Request& request);
  http::Response replay(const http::Request& request);
  http::Response not_found(const http::Request& request);
  std::optional<bus::Received> find(const http::Request& request, bus::Topic& letters);
  bool may_publish(const bus::Topic& topic) const;

  service::Platform& platform_;
  pg::Pool& pool_;
  bus::Bus& bus_;
  const std::vector<bus::Topic> written_;
};

}  // namespace carillon::health
