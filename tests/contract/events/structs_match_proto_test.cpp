// Structs and descriptors are compared field by field, in both directions.
#include <boost/describe.hpp>
#include <boost/mp11.hpp>
#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "contract/events/compiled_contract.hpp"
#include "events/events.hpp"

namespace {

using namespace carillon;
using namespace carillon::events;
using carillon::testing::CompiledContract;
using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

const CompiledContract& contract() {
  static const CompiledContract compiled;
  return compiled;
}

template <class T>
std::string contract_name();
template <class T>
std::string kind(T*);

#define CONTRACT_NAME(T)             \
  template <>                        \
  std::string contract_name<T>() {   \
    return "carillon.events.v1." #T; \
  }
CONTRACT_NAME(Context)
CONTRACT_NAME(SendRequest)
CONTRACT_NAME(SealedContent)
CONTRACT_NAME(AttachmentRef)
CONTRACT_NAME(Dispatch)
CONTRACT_NAME(MessageEvent)
CONTRACT_NAME(AuditEvent)
CONTRACT_NAME(Contacts)
CONTRACT_NAME(Entitlement)
CONTRACT_NAME(ClientState)
CONTRACT_NAME(ProviderState)
CONTRACT_NAME(Feedback)
CONTRACT_NAME(BillingEvent)
CONTRACT_NAME(MetricsSnapshot)
CONTRACT_NAME(TenantMetrics)
CONTRACT_NAME(Channel)
CONTRACT_NAME(Priority)
CONTRACT_NAME(Audience)
CONTRACT_NAME(UnconfirmedPolicy)
CONTRACT_NAME(Status)
CONTRACT_NAME(FeedbackKind)
CONTRACT_NAME(BillingKind)
#undef CONTRACT_NAME

// The kind of a C++ member, in the words of proto_kind().
std::string kind(std::string*) {
  return "string";
}
std::string kind(bool*) {
  return "bool";
}
std::string kind(std::int32_t*) {
  return "int32";
}
std::string kind(std::int64_t*) {
  return "int64";
}
std::string kind(JsonObject*) {
  return "google.protobuf.Struct";
}
std::string kind(std::optional<UtcTime>*) {
  return "google.protobuf.Timestamp";
}
std::string kind(std::optional<double>*) {
  return "optional double";
}
std::string kind(std::optional<bool>*) {
  return "optional bool";
}
std::string kind(std::optional<std::int32_t>*) {
  return "optional int32";
}
std::string kind(std::map<std::string, std::string>*) {
  return "map<string, string>";
}
template <class T>
std::string kind(std::optional<T>*) {
  return contract_name<T>();
}
std::string kind(std::vector<std::string>*) {
  return "repeated string";
}
template <class T>
std::string kind(std::vector<T>*) {
  return "repeated " + contract_name<T>();
}
template <class E>
requires std::is_enum_v<E> std::string kind(E*) {
  return contract_name<E>() + ".Value";
}

std::string proto_kind(const FieldDescriptor& field) {
  if (field.is_map())
    return "map<" + proto_kind(*field.message_type()->field(0)) + ", " + proto_kind(*field.message_type()->field(1)) +
           ">";
  const std::string repeated = field.is_repeated() ? "repeated " : field.has_optional_keyword() ? "optional " : "";
  if (field.type() == FieldDescriptor::TYPE_MESSAGE) return repeated + field.message_type()->full_name();
  if (field.type() == FieldDescriptor::TYPE_ENUM) return repeated + field.enum_type()->full_name();
  return repeated + field.type_name();
}

using Fields = std::vector<std::pair<std::string, std::string>>;

template <class T>
Fields fields_of_struct() {
  Fields fields;
  boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_public>>([&](auto member) {
    using Type = std::remove_reference_t<decltype(std::declval<T&>().*member.pointer)>;
    fields.emplace_back(member.name, kind(static_cast<Type*>(nullptr)));
  });
  return fields;
}

Fields fields_of_message(const Descriptor& message) {
  Fields fields;
  for (int i = 0; i < message.field_count(); ++i)
    fields.emplace_back(message.field(i)->name(), proto_kind(*message.field(i)));
  return fields;
}

}  // namespace

TEST_CASE("contract: every .proto file compiles") {
  std::set<std::string> on_disk;
  for (const auto& entry : std::filesystem::directory_iterator("proto"))
    on_disk.insert(entry.path().filename().string());
  CHECK(on_disk == std::set<std::string>(contract().files().begin(), contract().files().end()));
  CHECK(on_disk.contains("send_requests.proto"));
}

TEMPLATE_TEST_CASE("contract: the struct has the message's fields in the same order, of the same kinds", "", Context,
                   SendRequest, SealedContent, AttachmentRef, Dispatch, MessageEvent, AuditEvent, Contacts, Entitlement,
                   ClientState, ProviderState, Feedback, BillingEvent, MetricsSnapshot, TenantMetrics) {
  const Descriptor* message = contract().pool().FindMessageTypeByName(contract_name<TestType>());
  REQUIRE(message != nullptr);
  CHECK(fields_of_struct<TestType>() == fields_of_message(*message));
  for (int i = 0; i < message->field_count(); ++i) CHECK(message->field(i)->number() == i + 1);
}

TEMPLATE_TEST_CASE("contract: the enum has the same names and numbers", "", Channel, Priority, Audience,
                   UnconfirmedPolicy, Status, FeedbackKind, BillingKind) {
  const EnumDescriptor* values = contract().pool().FindEnumTypeByName(contract_name<TestType>() + ".Value");
  REQUIRE(values != nullptr);
  std::vector<std::pair<std::string, int>> ours, theirs;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<TestType>>(
      [&](auto enumerator) { ours.emplace_back(enumerator.name, static_cast<int>(enumerator.value)); });
  for (int i = 0; i < values->value_count(); ++i)
    theirs.emplace_back(values->value(i)->name(), values->value(i)->number());
  CHECK(ours == theirs);
}

TEST_CASE("contract: every message and enum of the contract has a struct or enum") {
  const std::set<std::string> known{
      contract_name<Context>(),       contract_name<SendRequest>(),  contract_name<SealedContent>(),
      contract_name<Dispatch>(),      contract_name<MessageEvent>(), contract_name<AuditEvent>(),
      contract_name<Contacts>(),      contract_name<Entitlement>(),  contract_name<ClientState>(),
      contract_name<ProviderState>(), contract_name<Feedback>(),     contract_name<Channel>(),
      contract_name<Priority>(),      contract_name<Audience>(),     contract_name<UnconfirmedPolicy>(),
      contract_name<Status>(),        contract_name<FeedbackKind>(), contract_name<AttachmentRef>(),
      contract_name<BillingEvent>(),  contract_name<BillingKind>(),  contract_name<MetricsSnapshot>(),
      contract_name<TenantMetrics>()};
  std::set<std::string> found;
  for (const std::string& name : contract().files()) {
    const google::protobuf::FileDescriptor* file = contract().pool().FindFileByName(name);
    REQUIRE(file != nullptr);
    CHECK(file->package() == "carillon.events.v1");
    CHECK(file->enum_type_count() == 0);
    for (int i = 0; i < file->message_type_count(); ++i) found.insert(file->message_type(i)->full_name());
  }
  CHECK(found == known);
}
