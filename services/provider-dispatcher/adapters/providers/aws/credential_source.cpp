#include "provider-dispatcher/adapters/providers/aws/credential_source.hpp"

#include <rapidjson/document.h>

#include <algorithm>
#include <cctype>
#include <fstream>

#include "http/url.hpp"
#include "provider-dispatcher/adapters/providers/answer_detail.hpp"
#include "provider-dispatcher/adapters/providers/aws/xml_answer.hpp"
#include "values/recipient.hpp"

namespace carillon::dispatcher::aws {
namespace {

using Done = CredentialSource::Done;

constexpr const char* unavailable = "AWS_CREDENTIALS_UNAVAILABLE";
constexpr const char* metadata_token_seconds = "21600";  // IMDSv2's longest; a fetch needs it for a moment
constexpr std::size_t role_name_chars_max = 64;

Failure failure(std::string_view who, std::string_view why) {
  return {unavailable, std::string(who) + ": " + std::string(why)};
}

Failure without_answer(std::string_view who, const http::Answer& answer) {
  return failure(who, std::string(http::to_string(answer.error)) + " " + answer.detail);
}

Failure refused(std::string_view who, const http::Answer& answer, std::string_view said = {}) {
  std::string why = "HTTP status " + std::to_string(answer.status);
  if (!said.empty()) why += " " + std::string(said);
  return failure(who, safe_detail(why));
}

http::Call limited(http::Call call) {
  call.connect_timeout = fetch_connect_timeout;
  call.timeout = fetch_step_timeout;
  call.answer_bytes_max = fetched_answer_bytes_max;
  return call;
}

// What is not whole or can't go into a header is no credentials.
Result<IssuedCredentials> checked(std::string_view who, Credentials credentials, std::string_view expiration) {
  const auto expires_at = from_rfc3339(expiration);
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty() || credentials.session_token.empty() ||
      !expires_at)
    return failure(who, "the answer lacks a key, a token or the time when they expire");
  if (has_control_characters(credentials.access_key_id) || has_control_characters(credentials.session_token))
    return failure(who, "the answer holds control characters");
  return IssuedCredentials{std::move(credentials), expires_at};
}

// {"AccessKeyId", "SecretAccessKey", "Token", "Expiration"}: containers and EC2 alike. EC2 answers 200 with another
// "Code" than "Success" when it has none.
Result<IssuedCredentials> read_json_credentials(std::string_view who, const http::Answer& answer) {
  if (answer.status == 0) return without_answer(who, answer);
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(answer.body.data(),
                                                                                     answer.body.size());
  const bool is_object = !json.HasParseError() && json.IsObject();
  const auto text = [&](const char* name) {
    if (!is_object) return std::string();
    const auto found = json.FindMember(name);
    return found != json.MemberEnd() && found->value.IsString()
               ? std::string(found->value.GetString(), found->value.GetStringLength())
               : std::string();
  };
  const std::string code = text("Code").empty() ? text("code") : text("Code");
  if (answer.status != 200) return refused(who, answer, code);
  if (!is_object) return failure(who, "the answer is not a JSON object");
  if (!code.empty() && code != "Success") return refused(who, answer, code);
  return checked(who, {text("AccessKeyId"), text("SecretAccessKey"), text("Token")}, text("Expiration"));
}

// The content of a token file without white space at its ends; a failure names the setting.
Result<std::string> read_token_file(std::string_view who, const std::string& setting, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(token_file_bytes_max + 1, '\0');
  if (!file || (file.read(text.data(), static_cast<std::streamsize>(text.size())), file.bad()))
    return failure(who, "can't read " + setting);
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > token_file_bytes_max) return failure(who, setting + " is too large");
  const auto is_space = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
  while (!text.empty() && is_space(text.back())) text.pop_back();
  text.erase(text.begin(), std::find_if_not(text.begin(), text.end(), is_space));
  if (text.empty()) return failure(who, setting + " is empty");
  if (has_control_characters(text)) return failure(who, setting + " holds control characters");
  return text;
}

class KeySource final : public CredentialSource {
 public:
  explicit KeySource(const AwsSettings& settings)
      : credentials_{settings.access_key_id, settings.secret_access_key, settings.session_token} {}
  void fetch(Done done) override { done(IssuedCredentials{credentials_, std::nullopt}); }

 private:
  const Credentials credentials_;
};

// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html; the token is the proof, so
// the call has no signature.
class WebIdentitySource final : public CredentialSource {
 public:
  WebIdentitySource(const AwsSettings& settings, http::Client& http) : settings_(settings), http_(http) {}

  void fetch(Done done) override {
    auto token = read_token_file(who, "AWS_WEB_IDENTITY_TOKEN_FILE", settings_.web_identity_token_file);
    if (!token) return done(token.error());
    http::Call call;
    call.url = (settings_.sts_base_url.empty() ? settings_.endpoint("sts") : settings_.sts_base_url) + "/";
    call.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
    call.body = http::form_encoded({{"Action", "AssumeRoleWithWebIdentity"},
                                    {"Version", "2011-06-15"},
                                    {"RoleArn", settings_.role_arn},
                                    {"RoleSessionName", settings_.role_session_name},
                                    {"WebIdentityToken", *token}});
    http_.call(limited(std::move(call)), [done = std::move(done)](const http::Answer& answer) { done(read(answer)); });
  }

 private:
  static constexpr std::string_view who = "STS AssumeRoleWithWebIdentity";

  static Result<IssuedCredentials> read(const http::Answer& answer) {
    if (answer.status == 0) return without_answer(who, answer);
    const auto xml = read_xml_answer(answer.body);
    const auto text = [&](const std::string& path) {
      if (!xml) return std::string();
      const auto found = xml->find(path);
      return found == xml->end() ? std::string() : found->second;
    };
    if (answer.status != 200) return refused(who, answer, text("ErrorResponse/Error/Code"));
    if (!xml) return failure(who, "the answer can't be read");
    const std::string base = "AssumeRoleWithWebIdentityResponse/AssumeRoleWithWebIdentityResult/Credentials/";
    return checked(who, {text(base + "AccessKeyId"), text(base + "SecretAccessKey"), text(base + "SessionToken")},
                   text(base + "Expiration"));
  }

  const AwsSettings settings_;
  http::Client& http_;
};

// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
class ContainerSource final : public CredentialSource {
 public:
  ContainerSource(const AwsSettings& settings, http::Client& http) : settings_(settings), http_(http) {}

  void fetch(Done done) override {
    std::string token = settings_.container_token;
    if (!settings_.container_token_file.empty()) {
      auto read = read_token_file(who, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", settings_.container_token_file);
      if (!read) return done(read.error());
      token = std::move(*read);
    }
    http::Call call;
    call.method = http::Method::GET;
    call.url = settings_.container_url;
    call.headers = {{"Accept", "application/json"}};
    if (!token.empty()) call.headers.emplace_back("Authorization", token);
    http_.call(limited(std::move(call)),
               [done = std::move(done)](const http::Answer& answer) { done(read_json_credentials(who, answer)); });
  }

 private:
  static constexpr std::string_view who = "container credentials";
  const AwsSettings settings_;
  http::Client& http_;
};

// IMDSv2 (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html): a token,
// the name of the role, the role's credentials.
class Ec2Source final : public CredentialSource {
 public:
  Ec2Source(const AwsSettings& settings, http::Client& http) : base_url_(settings.ec2_metadata_url), http_(http) {}

  void fetch(Done done) override {
    http::Call call;
    call.method = http::Method::PUT;
    call.url = base_url_ + "/latest/api/token";
    call.headers = {{"X-aws-ec2-metadata-token-ttl-seconds", metadata_token_seconds}};
    http_.call(limited(std::move(call)),
               [roles_url = base_url_ + roles_path, &http = http_, done = std::move(done)](const http::Answer& answer) {
                 if (answer.status == 0) return done(without_answer(who, answer));
                 if (answer.status != 200) return done(refused(who, answer));
                 if (answer.body.empty() || has_control_characters(answer.body))
                   return done(failure(who, "the answer is no token"));
                 fetch_role(http, roles_url, answer.body, done);
               });
  }

 private:
  static constexpr std::string_view who = "EC2 instance metadata";
  static constexpr const char* roles_path = "/latest/meta-data/iam/security-credentials/";

  static http::Call get(const std::string& url, const std::string& token) {
    http::Call call;
    call.method = http::Method::GET;
    call.url = url;
    call.headers = {{"X-aws-ec2-metadata-token", token}};
    return limited(std::move(call));
  }

  static void fetch_role(http::Client& http, const std::string& roles_url, const std::string& token, const Done& done) {
    http.call(get(roles_url, token), [roles_url, token, &http, done](const http::Answer& answer) {
      if (answer.status == 0) return done(without_answer(who, answer));
      if (answer.status == 404) return done(failure(who, "the instance has no role"));
      if (answer.status != 200) return done(refused(who, answer));
      const std::string role = answer.body.substr(0, answer.body.find_first_of("\r\n"));
      if (!is_role_name(role)) return done(failure(who, "the answer is no name of a role"));
      http.call(get(roles_url + http::percent_encoded(role), token),
                [done](const http::Answer& credentials) { done(read_json_credentials(who, credentials)); });
    });
  }

  static bool is_role_name(std::string_view text) {
    return !text.empty() && text.size() <= role_name_chars_max && std::all_of(text.begin(), text.end(), [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
             std::string_view("_+=,.@-").find(c) != std::string_view::npos;
    });
  }

  const std::string base_url_;
  http::Client& http_;
};

class NoSource final : public CredentialSource {
 public:
  void fetch(Done done) override { done(failure("settings", "no source of AWS credentials is set")); }
};

}  // namespace

std::unique_ptr<CredentialSource> make_credential_source(const AwsSettings& settings, http::Client& http) {
  switch (settings.origin()) {
    case CredentialOrigin::KEYS:
      return std::make_unique<KeySource>(settings);
    case CredentialOrigin::WEB_IDENTITY:
      return std::make_unique<WebIdentitySource>(settings, http);
    case CredentialOrigin::CONTAINER:
      return std::make_unique<ContainerSource>(settings, http);
    case CredentialOrigin::EC2:
      return std::make_unique<Ec2Source>(settings, http);
    case CredentialOrigin::NONE:
      break;
  }
  return std::make_unique<NoSource>();
}

}  // namespace carillon::dispatcher::aws
