#include "orchestrator/core/gate_words.hpp"

namespace carillon::orchestrator {
namespace {

using events::Audience;
using events::Channel;

std::string duration_words(std::chrono::seconds window) {
  const auto seconds = window.count();
  const auto counted = [](std::int64_t count, const char* unit) {
    return count == 1 ? std::string(unit) : std::to_string(count) + " " + unit + "s";
  };
  if (seconds % 3600 == 0) return counted(seconds / 3600, "hour");
  if (seconds % 60 == 0) return counted(seconds / 60, "minute");
  return counted(seconds, "second");
}

std::string recipient_words(const TemplateMeta& meta) {
  if (meta.audience != Audience::CLIENT)
    return meta.channel == Channel::SMS ? "It goes to OPS_ALERT_PHONE_NUMBERS only, whatever a request says."
                                        : "It goes to our own staff only, whatever a request says.";
  return meta.explicit_recipient ? "A request may name the recipient; without one it goes to the client's contact."
                                 : "It goes to the client's own contact only.";
}

}  // namespace

std::string channel_words(Channel channel) {
  if (channel == Channel::EMAIL) return "E-mail";
  return channel == Channel::SMS ? "SMS" : "Slack";
}

std::string audience_words(Audience audience) {
  if (audience == Audience::CLIENT) return "Clients";
  return audience == Audience::ADMIN ? "Admins" : "Operations";
}

std::vector<std::string> gate_words(const TemplateMeta& meta) {
  std::vector<std::string> words{recipient_words(meta)};
  if (meta.client_required) words.emplace_back("A request has to name the client.");
  if (meta.requires_provisioned) words.emplace_back("The client has to be provisioned.");
  if (meta.requires_active_subscription) words.emplace_back("The client needs an active subscription.");
  if (!meta.plan_required_feature_key.empty())
    words.push_back("The client's plan has to include " + meta.plan_required_feature_key + ".");
  if (meta.rate_limit_window.count() > 0)
    words.push_back("At most one in " + duration_words(meta.rate_limit_window) + " for each client" +
                    (meta.rate_limit_key_variable.empty() ? "" : " and " + meta.rate_limit_key_variable) + ".");
  if (meta.unsubscribable)
    words.push_back("Recipients may unsubscribe from the category " + meta.category +
                    "; the words have to offer it by {{unsubscribe_url}}.");
  if (meta.sensitive) words.emplace_back("Recipient, variables and text rest sealed.");
  return words;
}

}  // namespace carillon::orchestrator
