#include "provider-dispatcher/settings.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace carillon::dispatcher;

namespace {

class NamedProvider final : public Provider {
 public:
  NamedProvider(std::string name, events::Channel channel) : name_(std::move(name)), channel_(channel) {}
  std::string_view name() const override { return name_; }
  events::Channel channel() const override { return channel_; }
  bool configured() const override { return true; }
  std::string missing_settings() const override { return {}; }
  double rate_per_second() const override { return 0; }
  int concurrency_max() const override { return 1; }
  void send(const OutboundMessage&, UtcTime, std::function<void(Outcome)> done) override { done({}); }

 private:
  std::string name_;
  events::Channel channel_;
};

struct Read {
  DispatcherSettings settings;
  std::string errors;
};

Read read(service::Environment environment) {
  std::vector<std::unique_ptr<Provider>> providers;
  for (const char* name : {"postmark", "ses", "sendgrid", "smtp"})
    providers.push_back(std::make_unique<NamedProvider>(name, events::Channel::EMAIL));
  for (const char* name : {"sns", "twilio", "console"})
    providers.push_back(std::make_unique<NamedProvider>(name, events::Channel::SMS));
  service::Settings settings(std::move(environment));
  Read result{DispatcherSettings::read(settings, providers), {}};
  try {
    settings.finish();
  } catch (const service::SettingsError& e) {
    result.errors = e.what();
  }
  return result;
}

}  // namespace

TEST_CASE("settings: the default chains keep the providers this program has, in order, and SMS is off") {
  const Read result = read({});
  CHECK(result.errors.empty());
  CHECK(result.settings.chains.email == std::vector<std::string>{"postmark", "ses", "sendgrid", "smtp"});
  CHECK(result.settings.chains.sms == std::vector<std::string>{"sns", "twilio", "console"});
  CHECK_FALSE(result.settings.chains.sms_enabled);
}

TEST_CASE("settings: the order of EMAIL_PROVIDER_CHAIN is the order of the chain") {
  CHECK(read({{"EMAIL_PROVIDER_CHAIN", "smtp,ses,postmark"}}).settings.chains.email ==
        std::vector<std::string>{"smtp", "ses", "postmark"});
}

TEST_CASE("settings: an unknown, a repeated and a misplaced provider refuse to start, each named") {
  CHECK(read({{"EMAIL_PROVIDER_CHAIN", "postmark,pigeon"}}).errors.find("pigeon") != std::string::npos);
  CHECK(read({{"EMAIL_PROVIDER_CHAIN", "smtp,smtp"}}).errors.find("twice") != std::string::npos);
  CHECK(read({{"SMS_PROVIDER_CHAIN", "smtp"}}).errors.find("another channel") != std::string::npos);
}
