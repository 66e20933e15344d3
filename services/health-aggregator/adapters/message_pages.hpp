// /admin/messages: the message log for ADMINs, and one message with its timeline. Addresses stay out of the address
// bar: the search form is posted and leads to the list with the recipient's references, one for each key in rotation.
// Recipients are masked; seeing one in clear is a POST of its own, audited before it is shown. Blocks on the database.
#pragma once
#include "bus/bus.hpp"
#include "health-aggregator/core/list_filter.hpp"
#include "health-aggregator/core/message_state.hpp"
#include "http/router.hpp"
#include "pages/page.hpp"
#include "postgres/pool.hpp"
#include "service/service.hpp"

namespace carillon::health {

class MessagePages {
 public:
  MessagePages(service::Platform& platform, pg::Pool& pool, bus::Bus& bus)
      : platform_(platform), pool_(pool), bus_(bus) {}
  void routes(http::Router& router);

 private:
  http::Response list(const http::Request& request);
  http::Response search(const http::Request& request);
  http::Response detail(const http::Request& request);
  http::Response reveal(const http::Request& request);
  http::Response not_found(const http::Request& request);
  http::Response show(const http::Request& request, const MessageView& message, bool in_clear);

  service::Platform& platform_;
  pg::Pool& pool_;
  bus::Bus& bus_;
};

}  // namespace carillon::health
