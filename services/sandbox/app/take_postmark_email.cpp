#include "sandbox/app/take_postmark_email.hpp"

#include <rapidjson/document.h>

#include <cstdlib>

#include "http/message.hpp"
#include "sandbox/app/settle_call.hpp"
#include "time/utc_time.hpp"
#include "values/recipient.hpp"

namespace carillon::sandbox {
namespace {

// The document's memory comes from the stack: a call of the usual size allocates nothing for it.
using Json =
    rapidjson::GenericDocument<rapidjson::UTF8<>, rapidjson::MemoryPoolAllocator<>, rapidjson::MemoryPoolAllocator<>>;
constexpr std::size_t pool_bytes = 16 * 1024;

std::string error_body(std::string_view code, std::string_view text) {
  return "{\"ErrorCode\":" + std::string(code) + ",\"Message\":" + http::json_string(text) + "}";
}

std::string retry_header(const Order& order) {
  return order.retry_after_s == 0 ? std::string() : "Retry-After: " + std::to_string(order.retry_after_s) + "\r\n";
}

class PostmarkDialect final : public Dialect {
 public:
  PostmarkDialect(std::string_view to, UtcTime now) : to_(to), now_(now) {}

  std::string accepted(const std::string& id) const override {
    std::string body =
        "{\"To\":" + http::json_string(to_) + ",\"SubmittedAt\":\"" + to_rfc3339(now_) + "\",\"MessageID\":\"";
    body.append(id, 0, 8)
        .append("-")
        .append(id, 8, 4)
        .append("-4")
        .append(id, 12, 3)
        .append("-8")
        .append(id, 15, 3)
        .append("-");
    body.append(id, 20, 12).append("\",\"ErrorCode\":0,\"Message\":\"OK\"}");
    return http_response(200, "application/json", body);
  }

  std::string refused(const Order& order) const override {
    const bool number =
        !order.error_code.empty() && order.error_code.find_first_not_of("0123456789") == std::string::npos;
    const std::string body = order.body.empty() ? error_body(number ? order.error_code : usual_code(order.status),
                                                             "The sandbox was told to refuse this.")
                                                : order.body;
    return http_response(order.status, "application/json", body, retry_header(order));
  }

  std::string garbage() const override { return http_response(200, "application/json", "<html>\x01 this is not JSON"); }

 private:
  static const char* usual_code(int status) {
    switch (status) {
      case 401:
        return "10";
      case 406:
        return "406";
      case 422:
        return "300";
      case 503:
        return "100";
      default:
        return "0";
    }
  }
  std::string_view to_;
  UtcTime now_;
};

std::string_view text_of(const rapidjson::GenericValue<rapidjson::UTF8<>, rapidjson::MemoryPoolAllocator<>>& object,
                         const char* name) {
  const auto found = object.FindMember(name);
  if (found == object.MemberEnd() || !found->value.IsString()) return {};
  return {found->value.GetString(), found->value.GetStringLength()};
}

}  // namespace

Answer take_postmark_email(SandboxState& state, const HttpRequest& request) {
  const auto refuse = [&](int status, std::string_view code, std::string_view text) {
    return refuse_call(state, ProviderName::POSTMARK, "", 0,
                       http_response(status, "application/json", error_body(code, text)));
  };
  if (request.header("X-Postmark-Server-Token").empty())
    return refuse(401, "10", "No Server Token in the X-Postmark-Server-Token header.");
  char values[pool_bytes], stack[4 * 1024];
  rapidjson::MemoryPoolAllocator<> value_pool(values, sizeof values), stack_pool(stack, sizeof stack);
  Json json(&value_pool, sizeof stack / 2, &stack_pool);
  // Parsed in place of a copy: strings stay where they are, and checking the encoding beforehand is many times faster
  // than while parsing.
  static thread_local std::string scratch;
  scratch = request.body;
  if (!is_valid_utf8(scratch) || scratch.find('\0') != std::string::npos)
    return refuse(422, "402", "The body is not UTF-8 text.");
  json.ParseInsitu<rapidjson::kParseIterativeFlag>(scratch.data());
  if (json.HasParseError() || !json.IsObject()) return refuse(422, "402", "The body is not a JSON object.");
  ProviderCall call;
  call.provider = ProviderName::POSTMARK;
  call.recipient = text_of(json, "To");
  if (call.recipient.empty()) return refuse(422, "300", "Zero recipients specified in 'To'.");
  if (text_of(json, "From").empty()) return refuse(422, "300", "Invalid 'From' address.");
  if (text_of(json, "TextBody").empty() && text_of(json, "HtmlBody").empty())
    return refuse(422, "300", "Provide either email TextBody or HtmlBody or both.");
  if (const auto metadata = json.FindMember("Metadata"); metadata != json.MemberEnd() && metadata->value.IsObject()) {
    call.message_id = text_of(metadata->value, "message_id");
    call.attempt = std::atoi(std::string(text_of(metadata->value, "attempt")).c_str());
  }
  call.raw = request.body;
  const PostmarkDialect dialect(call.recipient, state.clock.now());
  return settle_call(state, std::move(call), dialect);
}

}  // namespace carillon::sandbox
