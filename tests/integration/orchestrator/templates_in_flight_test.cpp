// Templates change while thousands of messages are being decided: each has one whole version.
#include <atomic>
#include <catch2/catch.hpp>
#include <set>
#include <thread>

#include "integration/orchestrator/pipe.hpp"

using namespace carillon;
using namespace carillon::orchestrator;
using namespace carillon::orchestrator::testing;

namespace {

constexpr int messages_count = 10'000, batch = 250;

std::string number(int version) {
  return "v" + std::to_string(version);
}

// Edits and activations, by turns of two instances' worth of callers, until `done`; how many versions there are then.
int edit_until(Pipe& pipe, const std::atomic<bool>& done) {
  const std::string path = "/api/admin/templates/ADMIN_MANUAL/";
  int newest = 1;
  while (!done) {
    const std::string words = number(newest + 1);
    const auto added = pipe.request(
        http::Method::POST, path + "versions", pipe.admin_key,
        R"({"based_on":)" + std::to_string(newest) + R"(,"bodies":[{"locale":"en","subject":")" + words +
            R"( {{subject}}","text":")" + words + R"( {{body}}","html":"<p>)" + words + R"( {{body}}</p>"}]})");
    if (added.status != 201) return -added.status;
    ++newest;
    // Forward, and now and then back to an older one.
    const int active = newest % 3 == 0 ? newest - 1 : newest;
    const auto activated = pipe.request(http::Method::POST, path + "activate", pipe.admin_key,
                                        R"({"version":)" + std::to_string(active) + "}");
    if (activated.status != 200) return -activated.status;
  }
  return newest;
}

}  // namespace

TEST_CASE("templates: edited and activated while 10,000 messages are in flight, each message is of one whole version") {
  PipeOptions options;
  options.instances = 2;
  Pipe pipe(options);
  REQUIRE(pipe.wait_ready());
  std::atomic<bool> done = false;
  int versions = 0;
  std::thread editor([&] { versions = edit_until(pipe, done); });
  for (int begin = 0; begin < messages_count; begin += batch) {
    std::vector<bus::Record> records;
    for (int n = begin; n < begin + batch; ++n) {
      const std::string id = std::to_string(n);
      records.push_back(Pipe::binary("/shop", "e" + id,
                                     R"({"template_key":"ADMIN_MANUAL","recipient":"r)" + id +
                                         R"(@example.com","variables":{"subject":"s)" + id + R"(","body":"b)" + id +
                                         R"("}})",
                                     id));
    }
    pipe.publish(bus::topics::send_requests, std::move(records));
  }
  const auto decided = [&] { return pipe.seen.count(events::Status::QUEUED) >= messages_count; };
  bool all = false;
  for (int tries = 0; tries < 3 && !all; ++tries) all = pipe.seen.wait(decided);  // on a busy machine
  done = true;
  editor.join();
  REQUIRE(all);
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(bus::topics::dispatch) == messages_count; }));
  REQUIRE(versions > 1);

  std::set<std::int32_t> used;
  int torn = 0;
  for (const events::Dispatch& one : pipe.seen.dispatches()) {
    used.insert(one.template_version);
    if (one.template_version == 1) {  // the seed's: "{{subject}}"
      torn +=
          one.subject.starts_with('s') && one.text.starts_with('b') && one.html.find(">b") != std::string::npos ? 0 : 1;
      continue;
    }
    const std::string words = number(one.template_version) + " ";
    torn +=
        one.subject.starts_with(words) && one.text.starts_with(words) && one.html.starts_with("<p>" + words) ? 0 : 1;
  }
  INFO(used.size() << " of " << versions << " versions were used");
  CHECK(torn == 0);
  CHECK(used.size() >= 3);
}
