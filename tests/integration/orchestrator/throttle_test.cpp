#include <catch2/catch.hpp>

#include "integration/orchestrator/pipe.hpp"
#include "orchestrator/app/throttle_figures.hpp"

using namespace carillon;
using namespace carillon::orchestrator::testing;
using events::Status;

namespace {

bus::Record mail(int n, const std::string& client, const std::string& extra = "") {
  return Pipe::binary("/shop", "m" + std::to_string(n),
                      R"({"template_key":"ADMIN_MANUAL","client_id":")" + client +
                          R"(","recipient":"ann@example.com","variables":{"subject":")" + std::to_string(n) +
                          R"(","body":"x"})" + extra + "}",
                      client);
}

PipeOptions limited(int instances, std::int64_t limit) {
  PipeOptions options;
  options.instances = instances;
  options.settings.email_per_minute_limit = limit;
  return options;
}

std::vector<UtcTime> queued_times(const Collected& seen) {
  std::vector<UtcTime> times;
  for (const auto& event : seen.messages()) {
    if (event.status == Status::QUEUED) times.push_back(*event.occurred_at);
  }
  std::sort(times.begin(), times.end());
  return times;
}

}  // namespace

TEST_CASE("throttle: three instances together never send more than 60 in any 60 s, and all 200 in the end") {
  Pipe pipe(limited(3, 60));
  for (const char* client : {"a", "b", "c", "d"}) pipe.publish(good_client(client));
  REQUIRE(pipe.wait_ready());
  const std::string clients = "abcd";
  const auto send = [&](int from, int to) {
    std::vector<bus::Record> records;
    for (int n = from; n < to; ++n)
      records.push_back(mail(n, std::string(1, clients[static_cast<std::size_t>(n) % 4]), ",\"min_client_version\":1"));
    pipe.publish(bus::topics::send_requests, records);
  };
  const auto decided = [&] { return pipe.seen.count(Status::QUEUED) + pipe.seen.count(Status::DEFERRED_THROTTLED); };
  send(0, 40);
  REQUIRE(pipe.seen.wait([&] { return decided() == 40; }));
  CHECK(pipe.seen.count(Status::QUEUED) == 40);
  pipe.clock.advance(std::chrono::seconds(30));
  send(40, 200);
  REQUIRE(pipe.seen.wait([&] { return decided() == 200; }));
  CHECK(pipe.seen.count(Status::QUEUED) == 60);
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.notification_retry_queue") == 140);

  // CRITICAL goes through a full window.
  pipe.publish(
      bus::topics::send_requests,
      {Pipe::binary("/otp", "c1",
                    R"({"template_key":"OTP_CODE_EMAIL","recipient":"bob@example.com","variables":{"code":"1"}})")});
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::QUEUED) == 61; }));

  for (int step = 0; step < 400 && pipe.seen.count(Status::QUEUED) < 201; ++step) {
    pipe.clock.advance(std::chrono::seconds(2));
    pipe.seen.wait_for_news(std::chrono::milliseconds(250));
  }
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::QUEUED) == 201; }));
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.notification_retry_queue") == 0);
  const auto times = queued_times(pipe.seen);
  int broken = 0;  // the one CRITICAL may come on top
  for (std::size_t i = 0; i + 61 < times.size(); ++i)
    broken += times[i + 61] - times[i] < std::chrono::seconds(60) ? 1 : 0;
  CHECK(broken == 0);
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.dispatches().size() >= 201; }));
  std::set<std::string> ids;
  for (const auto& dispatch : pipe.seen.dispatches()) ids.insert(dispatch.message_id);
  CHECK(pipe.seen.dispatches().size() == 201);
  CHECK(ids.size() == 201);
}

TEST_CASE("throttle: waiting messages leave by priority, in turns between clients, and newcomers join behind") {
  Pipe pipe(limited(1, 2));
  for (const char* client : {"big", "small"}) pipe.publish(good_client(client));
  REQUIRE(pipe.wait_ready());
  std::vector<bus::Record> records;
  for (int n = 0; n < 2; ++n) records.push_back(mail(n, "big"));  // fill the window
  pipe.publish(bus::topics::send_requests, records);
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::QUEUED) == 2; }));
  const auto defer = [&](std::vector<bus::Record> more) {
    const auto before = pipe.seen.count(Status::DEFERRED_THROTTLED) + more.size();
    pipe.publish(bus::topics::send_requests, std::move(more));
    REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::DEFERRED_THROTTLED) == before; }));
  };
  defer({mail(10, "big", ",\"priority\":\"BULK\"")});
  defer({mail(20, "big"), mail(21, "big"), mail(22, "big")});
  defer({mail(30, "small")});
  for (int step = 0; step < 100 && pipe.seen.count(Status::QUEUED) < 7; ++step) {
    pipe.clock.advance(std::chrono::seconds(62));
    const auto before = pipe.seen.count(Status::QUEUED);
    REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::QUEUED) > before; }));
  }
  std::map<std::string, UtcTime> left;
  std::map<std::string, std::string> subjects;
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.dispatches().size() == 7; }));
  for (const auto& dispatch : pipe.seen.dispatches()) subjects[dispatch.message_id] = dispatch.subject;
  for (const auto& event : pipe.seen.messages()) {
    if (event.status == Status::QUEUED) left[subjects[event.message_id]] = *event.occurred_at;
  }
  CHECK(left["30"] <= left["21"]);  // small's first has its turn with big's first
  CHECK(left["20"] <= left["21"]);
  CHECK(left["21"] <= left["22"]);
  CHECK(left["30"] < left["22"]);
  CHECK(left["22"] <= left["10"]);  // BULK last
}

TEST_CASE("throttle: a deferred message whose time is over is EXPIRED, not sent late") {
  Pipe pipe(limited(1, 1));
  pipe.publish(good_client("a"));
  REQUIRE(pipe.wait_ready());
  pipe.publish(bus::topics::send_requests, {mail(0, "a")});
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::QUEUED) == 1; }));
  pipe.publish(bus::topics::send_requests,
               {mail(1, "a", ",\"expires_at\":\"" + to_rfc3339(pipe.clock.now() + std::chrono::seconds(30)) + "\"")});
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::DEFERRED_THROTTLED) == 1; }));
  pipe.clock.advance(std::chrono::seconds(120));
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::EXPIRED) == 1; }));
  REQUIRE(pipe.seen.wait([&] { return !pipe.seen.dispatches().empty(); }));
  CHECK(pipe.seen.dispatches().size() == 1);
}

TEST_CASE("throttle: a limit in the table overrides the setting at run time, 0 lets everything go") {
  Pipe pipe(limited(1, 1));
  pipe.publish(good_client("a"));
  REQUIRE(pipe.wait_ready());
  std::vector<bus::Record> records;
  for (int n = 0; n < 5; ++n) records.push_back(mail(n, "a"));
  pipe.publish(bus::topics::send_requests, records);
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::DEFERRED_THROTTLED) == 4; }));
  pipe.owner.run(
      "INSERT INTO orchestrator.notification_outbound_limits (channel, per_minute_limit) VALUES ('EMAIL', 3)");
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::QUEUED) == 3; }));
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.notification_retry_queue") == 2);
  pipe.owner.run("UPDATE orchestrator.notification_outbound_limits SET per_minute_limit = 0");
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::QUEUED) == 5; }));
}

TEST_CASE("throttle: metrics show how many wait, for how long, and under which limit") {
  const PipeOptions options = limited(1, 2);
  Pipe pipe(options);
  pipe.publish(good_client("a"));
  REQUIRE(pipe.wait_ready());
  std::vector<bus::Record> records;
  for (int n = 0; n < 5; ++n) records.push_back(mail(n, "a"));
  pipe.publish(bus::topics::send_requests, records);
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::DEFERRED_THROTTLED) == 3; }));
  metrics::Registry registry;
  const orchestrator::OutboundLimits limits(options.settings);
  orchestrator::ThrottleFigures figures(registry, limits);
  figures.count(pipe.owner, pipe.clock.now() + std::chrono::seconds(20));
  const std::string text = registry.expose();
  INFO(text);
  CHECK(text.find("carillon_throttled_messages{channel=\"EMAIL\"} 3\n") != std::string::npos);
  CHECK(text.find("carillon_throttled_messages{channel=\"SMS\"} 0\n") != std::string::npos);
  CHECK(text.find("carillon_throttled_oldest_seconds{channel=\"EMAIL\"} 20\n") != std::string::npos);
  CHECK(text.find("carillon_outbound_limit_messages{channel=\"EMAIL\"} 2\n") != std::string::npos);
}
