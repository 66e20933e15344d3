// Wires what has to do with receipts and held messages: webhooks, the thread that stores receipts, the one that watches
// over them, and the decisions of administrators.
#pragma once
#include <functional>
#include <set>
#include <string>

#include "bus/bus.hpp"
#include "http/router.hpp"
#include "postgres/pool.hpp"
#include "provider-dispatcher/adapters/receipts/receipt_routes.hpp"
#include "provider-dispatcher/adapters/receipts/settings.hpp"
#include "provider-dispatcher/app/receipt_figures.hpp"
#include "provider-dispatcher/app/receipt_refusals.hpp"
#include "provider-dispatcher/app/receipt_watch.hpp"
#include "provider-dispatcher/app/resolve_message.hpp"
#include "provider-dispatcher/app/take_receipts.hpp"
#include "provider-dispatcher/app/unmatched_room.hpp"
#include "service/service.hpp"

namespace carillon::dispatcher {

struct ReceiptDeskParts {
  service::Platform& platform;
  bus::Bus& bus;
  pg::Pool& pool;
  const Roster& roster;
  const ProviderBoard& board;
  std::function<void(ProviderIndex)> has_work;  // a message waits there now
};

class ReceiptDesk {
 public:
  ReceiptDesk(ReceiptSettings settings, ReceiptDeskParts parts);
  void routes(http::Router& router);
  void start();
  void stop();  // stores what has come, bounded by the time of a statement

  ReceiptFigures& figures() { return figures_; }
  const ReceiptFigures& figures() const { return figures_; }
  // Providers whose receipts may only name the provider's own id.
  static std::set<std::string> noted_providers(const ReceiptSettings& settings);

 private:
  service::Platform& platform_;
  ReceiptFigures figures_;
  UnmatchedRoom room_;
  ReceiptRefusals refusals_;
  TakeReceipts take_;
  ReceiptWatch watch_;
  ReceiptRoutes routes_;
  ResolveMessage resolve_;
};

}  // namespace carillon::dispatcher
