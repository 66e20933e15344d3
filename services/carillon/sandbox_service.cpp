#include "carillon/sandbox_service.hpp"

#include <optional>

#include "sandbox/service.hpp"
#include "service/log.hpp"

namespace carillon {
namespace {

class SandboxService final : public service::Service {
 public:
  SandboxService(bool enabled, sandbox::SandboxSettings settings) : enabled_(enabled), settings_(std::move(settings)) {}
  std::string name() const override { return "sandbox"; }
  void routes(http::Router&) override {}
  std::vector<service::ReadyCheck> ready_checks() override { return {}; }
  void start() override {
    if (!enabled_) return;
    sandbox_ = std::make_unique<sandbox::Sandbox>(settings_);
    log::info("SANDBOX_STARTED", {{"port", sandbox_->port()}, {"smtp_port", sandbox_->smtp_port()}});
  }
  void stop() override {
    if (sandbox_) sandbox_->stop();
  }

 private:
  bool enabled_;
  sandbox::SandboxSettings settings_;
  std::unique_ptr<sandbox::Sandbox> sandbox_;
};

bool read_enabled(service::Settings& settings) {
  return settings.flag("CARILLON_SANDBOX", false,
                       "Run the provider sandbox beside the services; for trying out, never for production");
}

}  // namespace

void declare_sandbox_settings(service::Settings& settings) {
  read_enabled(settings);
  sandbox::SandboxSettings::read(settings);
}

std::unique_ptr<service::Service> make_sandbox_service(service::Settings& settings, service::Platform&) {
  const bool enabled = read_enabled(settings);
  return std::make_unique<SandboxService>(enabled, sandbox::SandboxSettings::read(settings));
}

}  // namespace carillon
