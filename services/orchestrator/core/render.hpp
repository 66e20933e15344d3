// Templates and their rendering: mustache over the request's variables. HTML is escaped in the html part only. Pure.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "events/events.hpp"
#include "orchestrator/core/template_meta.hpp"
#include "values/result.hpp"

namespace carillon::orchestrator {

inline constexpr std::size_t subject_bytes_max = 900;  // RFC 5322 allows lines of 998
inline constexpr int sms_segments_max = 10;            // what Twilio takes: 1,600 characters
inline constexpr std::size_t rendered_bytes_max = 512 * 1024;
// Of a request's variables. Rendering itself is bounded too, for a template's sections multiply what lists hold.
inline constexpr std::size_t list_items_max = 1'000;
inline constexpr std::size_t all_lists_items_max = 10'000;  // nested ones included
// Of one part's rendering: names looked up and passes through sections, some 10 ms of them; and the bytes looked up.
inline constexpr std::size_t render_steps_max = 100'000;
inline constexpr std::size_t looked_up_bytes_max = 4 * rendered_bytes_max;  // {{#a}}{{a}}{{/a}} looks twice

// The variables of one request, read once. {{client.business_name}} and {{client.owner_name}} come from the client's
// state unless the request has a variable `client` itself; {{unsubscribe_url}} from nobody but us. Empty strings count
// as false in sections.
class RenderData {
 public:
  RenderData(const events::JsonObject& variables, const events::ClientState* client);
  ~RenderData();
  RenderData(RenderData&&) noexcept;
  RenderData& operator=(RenderData&&) noexcept;

  // Which variable holds a list that is too long, as a refusal's detail; "": none. With one nothing is rendered.
  const std::string& problem() const;
  bool has(const std::string& name) const;             // there, and neither null nor ""
  std::string text_of(const std::string& name) const;  // a scalar's text, else ""

 private:
  friend class CompiledBody;
  struct State;
  std::unique_ptr<State> state_;
};

struct Rendered {
  std::string subject;
  std::string text;
  std::string html;
};

// One locale's words of one template version, parsed once. Thread-safe after compile().
class CompiledBody {
 public:
  // Failure TEMPLATE_BROKEN names the part. What is not allowed says template_tags.hpp.
  static Result<std::shared_ptr<const CompiledBody>> compile(const TemplateBody& body);
  ~CompiledBody();

  // The names that stand outside of all sections, so that nothing says what comes in their place.
  const std::vector<std::string>& variables() const;

  // Failure RENDERED_INVALID: an empty text or subject, a line break in the subject, too long, too much to render; the
  // detail names the part or the variable. `unsubscribe_url`: what {{unsubscribe_url}} stands for, "" = a false value.
  Result<Rendered> render(const RenderData& data, events::Channel channel,
                          const std::string& unsubscribe_url = {}) const;

 private:
  struct State;
  explicit CompiledBody(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace carillon::orchestrator
