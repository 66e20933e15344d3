// Stripe events as JSON, with what a test wants to say about them.
#pragma once
#include <map>
#include <string>

namespace carillon::billing::testing {

using Fields = std::map<std::string, std::string>;  // name to raw JSON

inline std::string object(const Fields& fields) {
  std::string text;
  for (const auto& [name, value] : fields) text += (text.empty() ? "\"" : ",\"") + name + "\":" + value;
  return "{" + text + "}";
}

inline std::string event(const std::string& id, const std::string& type, long created, const Fields& fields,
                         const std::string& previous = "") {
  return R"({"id":")" + id + R"(","object":"event","type":")" + type + R"(","created":)" + std::to_string(created) +
         R"(,"livemode":false,"data":{"object":)" + object(fields) +
         (previous.empty() ? "" : R"(,"previous_attributes":{"status":")" + previous + "\"}") + "}}";
}

inline Fields checkout_fields(const std::string& client = "acme", const std::string& subscription = "sub_1",
                              const std::string& customer = "cus_1") {
  return {{"object", R"("checkout.session")"},
          {"mode", R"("subscription")"},
          {"payment_status", R"("paid")"},
          {"client_reference_id", client.empty() ? "null" : "\"" + client + "\""},
          {"customer", "\"" + customer + "\""},
          {"subscription", "\"" + subscription + "\""},
          {"customer_details", R"({"email":"pay@example.com","name":"Ann"})"},
          {"amount_total", "4900"},
          {"currency", R"("eur")"},
          {"metadata", R"({"plan":"PRO"})"}};
}

inline Fields subscription_fields(const std::string& status, const std::string& client = "",
                                  const std::string& subscription = "sub_1", const std::string& customer = "cus_1") {
  return {{"id", "\"" + subscription + "\""},
          {"customer", "\"" + customer + "\""},
          {"status", "\"" + status + "\""},
          {"metadata", client.empty() ? "{}" : R"({"client_id":")" + client + "\"}"},
          {"items", R"({"data":[{"current_period_end":1802600000,"price":{"id":"price_pro"}}]})"}};
}

inline Fields invoice_fields(const std::string& reason = "subscription_create", long period_end = 1802600000,
                             const std::string& subscription = "sub_1", const std::string& customer = "cus_1") {
  return {{"id", R"("in_1")"},
          {"customer", "\"" + customer + "\""},
          {"customer_email", R"("pay@example.com")"},
          {"billing_reason", "\"" + reason + "\""},
          {"amount_paid", "4900"},
          {"amount_due", "4900"},
          {"currency", R"("eur")"},
          {"hosted_invoice_url", R"("https://invoice.stripe.com/i/1")"},
          {"parent", R"({"subscription_details":{"subscription":")" + subscription + R"(","metadata":{}}})"},
          {"lines", R"({"data":[{"period":{"start":1800000000,"end":)" + std::to_string(period_end) +
                        R"(},"pricing":{"price_details":{"price":"price_pro"}},"description":"1 x Pro"}]})"}};
}

}  // namespace carillon::billing::testing
