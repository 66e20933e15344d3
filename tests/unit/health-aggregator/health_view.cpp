#include "health-aggregator/adapters/health_view.hpp"

#include <catch2/catch.hpp>

#include "health-aggregator/adapters/page_values.hpp"
#include "pages/times.hpp"

using namespace carillon;
using namespace carillon::health;
using namespace std::chrono_literals;
using events::Channel;

namespace {

const UtcTime now = *from_rfc3339("2026-11-30T12:07:00Z");

events::ProviderState provider(const std::string& name, int position, const std::string& breaker = "CLOSED") {
  events::ProviderState state;
  state.provider = name;
  state.channel = Channel::SMS;
  state.channel_enabled = state.configured = true;
  state.position = position;
  state.breaker = breaker;
  return state;
}

std::string page(const HealthView& view) {
  return fragment("health.mustache", health_values(view));
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("health view: rows of the chart are the buckets: gaps have no figures, the running one is so far") {
  SeriesPoint gap, full, running;
  gap.start = now - 37min;
  full.start = now - 22min;
  full.gap = running.gap = false;
  full.channels[0].sent = 7;
  full.channels[1].sent = 2;
  full.total.sent = 9;
  full.total.failed = 1;
  running.start = now - 7min;
  const auto rows = chart_rows({gap, full, running}, now);
  REQUIRE(rows.size() == 3);
  CHECK(rows[0] == ChartRow{"2026-11-30T11:30:00.000000Z", "11:30", true, true, {}, 0});
  CHECK(rows[1] == ChartRow{"2026-11-30T11:45:00.000000Z", "11:45", false, true, {7, 2, 0}, 1});
  CHECK(rows[2] == ChartRow{"2026-11-30T12:00:00.000000Z", "12:00", false, false, {0, 0, 0}, 0});
  HealthView view;
  view.now = now;
  view.points = {gap, full, running};
  const std::string html = page(view);
  CHECK(html.find("12:00 <span") < html.find("11:45<"));  // newest first
  CHECK(holds(html, "<th scope=\"row\">11:30</th><td class=\"number\">–</td>"));
  CHECK(holds(
      html,
      "<th scope=\"row\">11:45</th><td class=\"number\">7</td><td class=\"number\">2</td><td class=\"number\">1</td>"));
  CHECK_FALSE(holds(html, "Slack sent"));
}

TEST_CASE("health view: a provider that is open says since when, and who takes its messages") {
  HealthView view;
  view.now = now;
  view.providers = {provider("sns", 0, "OPEN"), provider("twilio", 1), provider("console", 2)};
  view.providers[2].configured = false;
  view.open_since["sns"] = now - 4min;
  view.figures.calls["twilio"] = {990, 10, 0, 99'000};
  const std::string html = page(view);
  CHECK(holds(html, "SMS is failing over: sns has been open for 4 min, twilio takes its messages."));
  CHECK(holds(html, "<span class=\"state warn\">open 4 min</span> <span class=\"soft\">→ twilio</span>"));
  CHECK(holds(html, "<span class=\"state good\">closed</span><br><span class=\"soft\">99.0 % · 100 ms</span>"));
  CHECK(holds(html, "<span class=\"state off\">not configured</span>"));
  CHECK(holds(html, "class=\"verdict warn\""));
}

TEST_CASE("health view: a closed provider that nobody called stands by") {
  HealthView view;
  view.now = now;
  view.providers = {provider("sns", 0), provider("twilio", 1)};
  const std::string html = page(view);
  CHECK(holds(html,
              "<strong>sns</strong> <span class=\"soft\">primary</span><br><span class=\"state good\">closed</span>"));
  CHECK(holds(
      html,
      "<strong>twilio</strong> <span class=\"soft\">secondary</span><br><span class=\"state idle\">standby</span>"));
}

TEST_CASE("health view: a kind of failure leads to its messages") {
  HealthView view;
  view.now = now;
  view.summary.window = {now - 60min, now};
  view.figures.failures = {{"PAYMENT_FAILED", events::Status::BOUNCED, "MAILBOX_FULL", 3, now - 5min}};
  const std::string html = page(view);
  CHECK(holds(html, "/admin/messages?template_key=PAYMENT_FAILED&amp;status=BOUNCED&amp;from=2026-11-29T11%3A07"));
  CHECK(holds(html, "Bounced: mailbox full"));
}

TEST_CASE("health view: many failures are those of the spike rule that is set") {
  HealthView view;
  view.now = now;
  view.summary.total.sent = 9;
  view.summary.total.failed = 1;
  CHECK(holds(page(view), "All well"));
  view.spike.warn = {1, 10};
  CHECK(holds(page(view), "Many messages fail: 1 of 10 in the last 60 min (10 %)."));
}

TEST_CASE("reference: 64 hexadecimal digits, and not the tag that an erasure leaves in its place") {
  CHECK(is_reference(std::string(64, 'a')));
  CHECK_FALSE(is_reference("019c16997f9870008000000000000001"));
  CHECK_FALSE(is_reference(std::string(63, 'a') + "G"));
  CHECK_FALSE(is_reference(""));
}

TEST_CASE("message rows: what senders and recipients have written is escaped") {
  MessageView message;
  message.message_id = "019c1699-7f98-7000-8000-000000000001";
  message.facts.template_key = "<script>";
  message.facts.recipient_masked = "a***@<b>.com";
  message.accepted_at = now - 2s;
  const std::string rows = message_rows({message}, true, now);
  CHECK(holds(rows, "&lt;script&gt;"));
  CHECK_FALSE(holds(rows, "<b>"));
  CHECK(holds(rows, "data-copy=\"019c1699-7f98-7000-8000-000000000001\""));
}
