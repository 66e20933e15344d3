#include "provider-dispatcher/adapters/providers/ses/account.hpp"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "http/url.hpp"
#include "provider-dispatcher/adapters/providers/answer_detail.hpp"
#include "provider-dispatcher/adapters/providers/ses/client.hpp"
#include "provider-dispatcher/adapters/providers/ses/error_table.hpp"
#include "values/recipient.hpp"

namespace carillon::dispatcher::ses {
namespace {

constexpr const char* already_there = "AlreadyExistsException";

Failure failure_of(const http::Answer& answer) {
  if (answer.status == 0) return {"NO_ANSWER", std::string(http::to_string(answer.error)) + " " + answer.detail};
  const std::string code = error_code(answer.headers, answer.body);
  const std::string message = error_message(answer.body);
  const std::string status = "HTTP status " + std::to_string(answer.status);
  return {code.empty() ? "BAD_ANSWER" : code, message.empty() ? status : status + ": " + message};
}

Failure bad_answer() {
  return {"BAD_ANSWER", "the answer of SES can't be read"};
}

using Member = rapidjson::Value::ConstMemberIterator;

// A flag of the object, `absent` when it has none of that name. False: it is no flag.
bool read_flag(const rapidjson::Value& json, const char* name, bool& out) {
  const Member found = json.FindMember(name);
  if (found == json.MemberEnd()) return true;
  if (!found->value.IsBool()) return false;
  out = found->value.GetBool();
  return true;
}

bool read_number(const rapidjson::Value& json, const char* name, double& out) {
  const Member found = json.FindMember(name);
  if (found == json.MemberEnd() || !found->value.IsNumber()) return false;
  out = found->value.GetDouble();
  return true;
}

void parse(rapidjson::Document& json, const std::string& body) {
  json.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(body.data(), body.size());
}

std::string identity_body(const std::string& address) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  json.StartObject();
  json.Key("EmailIdentity");
  json.String(address.data(), static_cast<rapidjson::SizeType>(address.size()));
  json.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

// The failure as a caller may see it.
template <class T>
Result<T> without_secrets(Result<T> result, const std::vector<std::string>& secrets) {
  if (result) return result;
  return Failure{result.error().code, safe_detail(result.error().detail, secrets)};
}

}  // namespace

Result<AccountStatus> read_status(const http::Answer& answer) {
  if (answer.status != 200) return failure_of(answer);
  rapidjson::Document json;
  parse(json, answer.body);
  if (json.HasParseError() || !json.IsObject()) return bad_answer();
  AccountStatus status;
  const Member quota = json.FindMember("SendQuota");
  if (!read_flag(json, "ProductionAccessEnabled", status.production) ||
      !read_flag(json, "SendingEnabled", status.sending_enabled) || quota == json.MemberEnd() ||
      !quota->value.IsObject() || !read_number(quota->value, "Max24HourSend", status.sends_per_day_max) ||
      !read_number(quota->value, "MaxSendRate", status.sends_per_second_max) ||
      !read_number(quota->value, "SentLast24Hours", status.sent_last_day))
    return bad_answer();
  const Member enforcement = json.FindMember("EnforcementStatus");
  if (enforcement != json.MemberEnd() && enforcement->value.IsString())
    status.enforcement = safe_detail(enforcement->value.GetString());
  return status;
}

Result<Verification> read_verification(const http::Answer& answer) {
  if (answer.status != 200) return failure_of(answer);
  rapidjson::Document json;
  parse(json, answer.body);
  bool verified = false;
  if (json.HasParseError() || !json.IsObject() || !read_flag(json, "VerifiedForSendingStatus", verified))
    return bad_answer();
  return verified ? Verification::VERIFIED : Verification::PENDING;
}

Account::Account(SesSettings settings, std::shared_ptr<const aws::SignedCalls> aws, CallLimits limits)
    : settings_(std::move(settings)), aws_(std::move(aws)), limits_(limits) {}

http::Call Account::call_to(http::Method method, const std::string& path) const {
  http::Call call;
  call.method = method;
  call.url = base_url(settings_, aws_->settings()) + path;
  call.headers = {{"Accept", "application/json"}};
  if (method == http::Method::POST) call.headers.emplace_back("Content-Type", "application/json");
  call.connect_timeout = limits_.connect_timeout;
  call.timeout = limits_.timeout;
  call.answer_bytes_max = limits_.answer_bytes_max;
  return call;
}

void Account::status(UtcTime now, std::function<void(Result<AccountStatus>)> done) const {
  aws_->call(call_to(http::Method::GET, "/v2/email/account"), signing_name, now,
             [done = std::move(done)](Result<aws::SignedAnswer> answer) {
               if (!answer) return done(answer.error());
               done(without_secrets(read_status(answer->answer), answer->secrets));
             });
}

void Account::verify_sender(const std::string& address, UtcTime now,
                            std::function<void(Result<Verification>)> done) const {
  const auto parsed = parse_email(address);
  if (!parsed) return done(parsed.error());
  http::Call create = call_to(http::Method::POST, "/v2/email/identities");
  create.body = identity_body(*parsed);
  http::Call look_up = call_to(http::Method::GET, "/v2/email/identities/" + http::percent_encoded(*parsed));
  aws_->call(
      std::move(create), signing_name, now,
      [aws = aws_, look_up = std::move(look_up), now, done = std::move(done)](Result<aws::SignedAnswer> created) {
        if (!created) return done(created.error());
        auto result = without_secrets(read_verification(created->answer), created->secrets);
        if (result || result.error().code != already_there) return done(std::move(result));
        aws->call(look_up, signing_name, now, [done](Result<aws::SignedAnswer> found) {
          if (!found) return done(found.error());
          done(without_secrets(read_verification(found->answer), found->secrets));
        });
      });
}

}  // namespace carillon::dispatcher::ses
