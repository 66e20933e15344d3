#include "health-aggregator/adapters/http_erasures.hpp"

#include "health-aggregator/adapters/http_answers.hpp"
#include "http/media_type.hpp"

namespace carillon::health {

void add_erasure_routes(http::Router& router, EraseRecipients& erase, http::Guard guard) {
  router.add(
      http::Method::POST, "/api/admin/recipients/erase",
      [&erase](const http::Request& request) {
        if (!http::is_json(http::media_type(request)))
          return http::problem(415, "UNSUPPORTED_MEDIA_TYPE", "send application/json");
        const auto order = read_erasure_order(request.body);
        if (!order) return bad_request(order.error());
        const RequestedErasure requested =
            erase.request(*order, "api:" + request.params.at("api_key_owner"), request.traceparent);
        JsonWriter json;
        json.begin_object().member("erasure_id", requested.erasure_id);
        json.member("recipient_hash", requested.recipient_hash);
        json.member("requested_at", requested.requested_at);
        json.member("channel", events::enum_name(order->channel)).end_object();
        return http::json(202, json.text());
      },
      std::move(guard));
}

}  // namespace carillon::health
