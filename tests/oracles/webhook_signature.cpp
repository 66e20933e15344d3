// Signs and verifies webhooks of providers. A line of standard input: {"do": a name of `skills` below, and what that
// needs}; the answer: {"verdict"} or what was made.
#include <functional>
#include <iostream>
#include <map>
#include <vector>

#include "oracles/json_lines.hpp"
#include "security/webhooks/postmark_access.hpp"
#include "security/webhooks/sendgrid_signature.hpp"
#include "security/webhooks/sns_signature.hpp"
#include "security/webhooks/stripe_signature.hpp"
#include "security/webhooks/twilio_signature.hpp"

namespace {

using namespace carillon;
using namespace carillon::security::webhooks;

using Answer = http::Fields;

class Task {
 public:
  explicit Task(const std::string& line) : json_(oracle::parsed(line)) {}

  std::string text(const char* name) const { return text_of(json_[name]); }
  std::vector<std::string> texts(const char* name) const {
    std::vector<std::string> found;
    for (const auto& item : json_[name].GetArray()) found.push_back(text_of(item));
    return found;
  }
  std::vector<FormField> form() const {
    std::vector<FormField> found;
    for (const auto& pair : json_["form"].GetArray()) found.emplace_back(text_of(pair[0]), text_of(pair[1]));
    return found;
  }
  UtcTime now() const { return UtcTime{seconds("now")}; }
  std::chrono::seconds seconds(const char* name) const { return std::chrono::seconds{json_[name].GetInt64()}; }

 private:
  static std::string text_of(const rapidjson::Value& value) { return {value.GetString(), value.GetStringLength()}; }

  rapidjson::Document json_;
};

Answer answer(Verdict verdict) {
  return {{"verdict", std::string(word(verdict))}};
}

Answer stripe_sign(const Task& task) {
  return {{"header", sign_stripe(task.text("body"), task.texts("secrets"), task.now())}};
}

Answer stripe_verify(const Task& task) {
  return answer(verify_stripe(task.text("header"), task.text("body"), task.texts("secrets"), task.now()));
}

Answer twilio_sign(const Task& task) {
  return {{"header", sign_twilio(task.text("url"), task.form(), task.text("token"))}};
}

Answer twilio_sign_body(const Task& task) {
  const std::string url = twilio_body_url(task.text("url"), task.text("body"));
  return {{"url", url}, {"header", sign_twilio(url, {}, task.text("token"))}};
}

Answer twilio_verify(const Task& task) {
  const std::string url = task.text("url"), body = task.text("body");
  const std::vector<FormField> form = task.form();
  return answer(verify_twilio(task.text("header"), {.url = url, .form = form, .body = body}, task.texts("tokens")));
}

Answer sendgrid_sign(const Task& task) {
  const SendGridSigner signer = SendGridSigner::from_pem(task.text("key")).value();
  return {{"signature", signer.sign(task.text("timestamp"), task.text("body"))}, {"public_key", signer.public_key()}};
}

Answer sendgrid_verify(const Task& task) {
  std::vector<SendGridKey> keys;
  for (const std::string& text : task.texts("keys")) keys.push_back(SendGridKey::from_base64(text).value());
  return answer(verify_sendgrid(task.text("signature"), task.text("timestamp"), task.text("body"), keys, task.now(),
                                task.seconds("tolerance")));
}

Answer sns_sign(const Task& task) {
  const SnsMessage message = parse_sns_message(task.text("body")).value();
  return {{"body", sns_json(SnsSigner::from_pem(task.text("key")).value().sign(message))}};
}

Answer sns_verify(const Task& task) {
  const auto message = parse_sns_message(task.text("body"));
  if (!message) return {{"verdict", message.error().code}};
  const auto certificate = SigningCertificate::from_pem(task.text("certificate"));
  if (!certificate) return {{"verdict", certificate.error().code}};
  const SnsPolicy policy{.topic_arns = task.texts("topics")};
  const auto trust = TrustStore::from_pem(task.text("roots")).value();
  return answer(verify_sns(*message, *certificate, policy, trust, task.now()));
}

Answer postmark_verify(const Task& task) {
  const std::vector<PostmarkUser> users{{task.text("user"), task.text("password")}};
  return answer(verify_postmark_user(task.text("header"), users));
}

Answer postmark_sign(const Task& task) {
  return {{"header", sign_postmark({task.text("user"), task.text("password")})}};
}

const std::map<std::string, std::function<Answer(const Task&)>> skills{
    {"stripe_sign", stripe_sign},     {"stripe_verify", stripe_verify},       {"twilio_sign", twilio_sign},
    {"twilio_verify", twilio_verify}, {"twilio_sign_body", twilio_sign_body}, {"sendgrid_sign", sendgrid_sign},
    {"sns_sign", sns_sign},           {"sendgrid_verify", sendgrid_verify},   {"sns_verify", sns_verify},
    {"postmark_sign", postmark_sign}, {"postmark_verify", postmark_verify}};

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    const Task task(line);
    std::cout << oracle::object_of(skills.at(task.text("do"))(task)) << '\n';
  }
}
