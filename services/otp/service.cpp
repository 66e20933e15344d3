#include "otp/service.hpp"

#include "bus/make_bus.hpp"
#include "otp/adapters/http_otp.hpp"
#include "otp/app/answer_requests.hpp"
#include "otp/app/forget_recipients.hpp"
#include "otp/app/housekeeping.hpp"
#include "otp_sql.hpp"
#include "postgres/pool.hpp"

namespace carillon::otp {
namespace {

constexpr std::size_t batch_max = 256;
constexpr std::size_t pool_connections_max = 2;
constexpr std::array written{bus::topics::send_requests, bus::topics::audit};
constexpr std::array read{bus::topics::feedback};
// Recipients are seldom to be forgotten, and nobody waits for it within milliseconds.
constexpr std::chrono::milliseconds feedback_poll_interval{1'000};

bus::ConsumerSettings feedback_consumer() {
  bus::ConsumerSettings settings;
  settings.group = "otp";
  settings.topic = bus::topics::feedback;
  settings.offsets_schema = "otp";
  settings.poll_interval = feedback_poll_interval;
  return settings;
}

class Otp final : public service::Service {
 public:
  Otp(OtpSettings settings, service::Platform& platform)
      : settings_(std::move(settings)),
        bus_(bus::make_bus(platform.kafka,
                           {.connection = platform.connection(role, "otp bus"),
                            .partitions = platform.bus_partitions,
                            .retention = platform.bus_retention,
                            .metrics = &platform.metrics},
                           platform.bell, platform.clock, {.writes = written, .reads = read, .writes_most = {}})),
        pool_(platform.connection(role, "otp http"), pool_connections_max),
        requests_(pg::for_repeated_statements(platform.connection(role, "otp requests")), *bus_, platform.sealer,
                  platform.clock, settings_.rules, settings_.pepper, {settings_.queue_max, batch_max},
                  platform.metrics),
        http_(settings_, requests_, pool_, platform),
        housekeeping_(platform.connection(role, "otp housekeeping"), *bus_, platform.clock, settings_.rules,
                      settings_.conversion),
        forget_(platform.clock),
        feedback_(bus_->consume(feedback_consumer(), forget_)) {}

  ~Otp() override { stop(); }

  std::string name() const override { return "otp"; }

  void routes(http::Router& router) override { http_.routes(router); }

  std::vector<service::ReadyCheck> ready_checks() override {
    return {{"otp.pepper",
             [this]() -> std::optional<std::string> {
               if (!settings_.pepper.empty()) return std::nullopt;
               return "OTP_PEPPER is not set, so no one-time code is sent: set it to at least 32 characters";
             }},
            {"otp.feedback", [this]() -> std::optional<std::string> {
               if (feedback_->healthy()) return std::nullopt;
               return "the consumer of notification.feedback.v1 makes no progress: see the log for BUS and database "
                      "errors";
             }}};
  }

  void start() override {
    requests_.start();
    http_.start();
    housekeeping_.start();
    feedback_->start();
  }

  void stop() override {
    feedback_->stop();
    requests_.stop();
    http_.stop();
    housekeeping_.stop();
  }

 private:
  const OtpSettings settings_;
  std::unique_ptr<bus::Bus> bus_;
  pg::Pool pool_;
  AnswerRequests requests_;
  HttpOtp http_;
  Housekeeping housekeeping_;
  ForgetRecipients forget_;
  std::unique_ptr<bus::Consumer> feedback_;
};

}  // namespace

std::unique_ptr<service::Service> make_otp(OtpSettings settings, service::Platform& platform) {
  return std::make_unique<Otp>(std::move(settings), platform);
}

std::unique_ptr<service::Service> make_service(service::Settings& settings, service::Platform& platform) {
  return make_otp(OtpSettings::read(settings), platform);
}

void declare_settings(service::Settings& settings) {
  OtpSettings::read(settings);
}

pg::Schema schema() {
  return {"otp", role, otp_sql::migrations};
}

std::span<const bus::Topic> topics_written() {
  return written;
}

std::span<const bus::Topic> topics_read() {
  return read;
}

}  // namespace carillon::otp
