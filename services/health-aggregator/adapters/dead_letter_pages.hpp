// /admin/dead-letters: records that no consumer could handle, and sending one back to its topic. For ADMIN; a replay is
// audited in the transaction that publishes. Letters of other topics than `sent_back` the command line replays. Blocks
// on the database.
#pragma once
#include <span>
#include <utility>
#include <vector>

#include "bus/bus.hpp"
#include "http/router.hpp"
#include "pages/page.hpp"
#include "postgres/pool.hpp"
#include "service/service.hpp"

namespace carillon::health {

inline constexpr std::size_t shown_letters_max = 50;  // the newest, of all topics together

class DeadLetterPages {
 public:
  DeadLetterPages(service::Platform& platform, pg::Pool& pool, bus::Bus& bus, std::span<const bus::Topic> sent_back)
      : platform_(platform), pool_(pool), bus_(bus), sent_back_(sent_back.begin(), sent_back.end()) {}
  void routes(http::Router& router);

 private:
  http::Response list(const http::Request& request);
  http::Response show(const http::Request& request);
  http::Response replay(const http::Request& request);
  http::Response not_found(const http::Request& request);
  std::optional<bus::Received> find(const http::Request& request, bus::Topic& letters);
  bool may_send_back(const bus::Topic& topic) const;

  service::Platform& platform_;
  pg::Pool& pool_;
  bus::Bus& bus_;
  const std::vector<bus::Topic> sent_back_;
};

}  // namespace carillon::health
