#include "sandbox/adapters/switches_view.hpp"

#include "sandbox/app/receipts.hpp"

namespace carillon::sandbox {
namespace {

using kainjow::mustache::data;
using List = kainjow::mustache::list;

std::string state_text(const Order* order) {
  if (order == nullptr) return "answers normally";
  const std::string some =
      order->probability < 1 ? ", " + std::to_string(static_cast<int>(order->probability * 100)) + " % of calls" : "";
  switch (order->mode) {
    case Mode::STATUS:
      return "answers " + std::to_string(order->status) + some;
    case Mode::DELAY:
      return "answers after " + std::to_string(order->delay_ms) + " ms" + some;
    case Mode::HANG:
      return "never answers" + some;
    case Mode::RESET:
      return "resets connections" + some;
    case Mode::DROP_AFTER_READ:
      return "takes and never says so" + some;
    case Mode::RATE:
      return "takes " + std::to_string(order->per_second) + " a second";
    case Mode::GARBAGE:
      return "answers garbage" + some;
    default:
      return "answers normally";
  }
}

std::string receipts_text(const Receipts& receipts, ProviderName provider) {
  const Receipts::Figures& figures = receipts.figures(provider);
  std::uint64_t failed = figures.dropped;
  for (const auto& [why, count] : figures.failed) failed += count;
  return std::to_string(figures.accepted) + (failed == 0 ? "" : ", " + std::to_string(failed) + " failed");
}

}  // namespace

const std::vector<Switch>& switches() {
  static const std::vector<Switch> all = [] {
    const auto order = [](Mode mode) {
      Order out;
      out.mode = mode;
      return out;
    };
    Order unavailable = order(Mode::STATUS), limited = order(Mode::STATUS), unauthorized = order(Mode::STATUS),
          slow = order(Mode::DELAY);
    limited.status = 429;
    limited.retry_after_s = 5;
    unauthorized.status = 401;
    slow.delay_ms = 2'000;
    return std::vector<Switch>{{"ok", "Normal", order(Mode::OK)},
                               {"503", "Down", unavailable},
                               {"429", "Busy", limited},
                               {"401", "Locked out", unauthorized},
                               {"delay", "Slow", slow},
                               {"hang", "Hang", order(Mode::HANG)},
                               {"reset", "Reset", order(Mode::RESET)},
                               {"drop", "Lose answers", order(Mode::DROP_AFTER_READ)}};
  }();
  return all;
}

kainjow::mustache::data switches_view(const SandboxState& state, const std::string& back) {
  List providers;
  for (const ProviderName name : providers_by_channel) {
    const Order* order = state.faults.order_for(name);
    const Figures& figures = state.inbox.figures(name);
    data provider;
    provider.set("name", std::string(to_string(name)));
    provider.set("state", state_text(order));
    provider.set("failing", order != nullptr);
    provider.set("calls", std::to_string(figures.calls));
    provider.set("accepted", std::to_string(figures.accepted));
    provider.set("refused", std::to_string(figures.refused));
    provider.set("back", back);
    if (state.receipts != nullptr && sends_receipts(name))
      provider.set("receipts", receipts_text(*state.receipts, name));
    List buttons;
    for (const Switch& one : switches()) {
      data button;
      button.set("key", std::string(one.key));
      button.set("label", std::string(one.label));
      const bool on = order == nullptr ? one.order.mode == Mode::OK
                                       : order->mode == one.order.mode &&
                                             (one.order.mode != Mode::STATUS || order->status == one.order.status);
      button.set("on", on);
      button.set("pressed", on ? "true" : "false");
      buttons.push_back(button);
    }
    provider.set("switches", data(buttons));
    providers.push_back(provider);
  }
  return data(providers);
}

}  // namespace carillon::sandbox
