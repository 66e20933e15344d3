// Protobuf's own JSON parser reads what the codec writes, and the codec reads what protobuf's printer writes.
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/util/json_util.h>

#include <catch2/catch.hpp>
#include <memory>

#include "contract/events/compiled_contract.hpp"
#include "events/events.hpp"
#include "unit/events/sample_events.hpp"

namespace {

using namespace carillon;
using namespace carillon::events;
using carillon::testing::sample;

// Through a message that knows only the .proto files: JSON → message → JSON.
std::string through_protobuf(const std::string& message_name, const std::string& json) {
  static const carillon::testing::CompiledContract contract;
  static google::protobuf::DynamicMessageFactory factory(&contract.pool());
  const google::protobuf::Descriptor* type =
      contract.pool().FindMessageTypeByName("carillon.events.v1." + message_name);
  REQUIRE(type != nullptr);
  const std::unique_ptr<google::protobuf::Message> message(factory.GetPrototype(type)->New());
  const auto read = google::protobuf::util::JsonStringToMessage(json, message.get());
  INFO(read.ToString());
  REQUIRE(read.ok());
  std::string printed;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  REQUIRE(google::protobuf::util::MessageToJsonString(*message, &printed, options).ok());
  return printed;
}

template <class T>
void survives(const std::string& message_name, const T& event) {
  const std::string ours = to_json(event);
  const std::string theirs = through_protobuf(message_name, ours);
  INFO(ours << "\n" << theirs);
  const Result<T> again = from_json<T>(theirs);
  if (!again) FAIL(again.error().detail);
  CHECK(*again == event);
}

}  // namespace

TEST_CASE("contract: every event survives the way through protobuf's JSON mapping") {
  survives("SendRequest", sample<SendRequest>());
  survives("SealedContent", sample<SealedContent>());
  survives("Dispatch", sample<Dispatch>());
  survives("MessageEvent", sample<MessageEvent>());
  survives("AuditEvent", sample<AuditEvent>());
  survives("ClientState", sample<ClientState>());
  survives("ProviderState", sample<ProviderState>());
  survives("Feedback", sample<Feedback>());
  survives("BillingEvent", sample<BillingEvent>());
  survives("TenantMetrics", sample<TenantMetrics>());
}

TEST_CASE("contract: events at their defaults survive too") {
  survives("SendRequest", SendRequest{});
  survives("MessageEvent", MessageEvent{});
  survives("ClientState", ClientState{});
  survives("SendRequest", SendRequest{.context = Context{}});
}

TEST_CASE("contract: every status goes by its name") {
  for (int number = 0; number <= static_cast<int>(Status::UNDELIVERED); ++number) {
    survives("MessageEvent", MessageEvent{.status = static_cast<Status>(number)});
  }
}
