#include "orchestrator/core/render.hpp"

#include <rapidjson/document.h>

#include <algorithm>
#include <kainjow/mustache.hpp>

#include "orchestrator/core/template_tags.hpp"
#include "values/recipient.hpp"
#include "values/sms_segments.hpp"

namespace carillon::orchestrator {
namespace {

using kainjow::mustache::data;
using kainjow::mustache::mustache;
using Names = kainjow::mustache::context<std::string>;

std::string text(const rapidjson::Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

// Reads variables for mustache. Lists stay empty from the first one on that is too long; `problem` names its variable.
class VariablesReader {
  static constexpr std::size_t named_chars_max = 100;

 public:
  data read_all(const rapidjson::Value& variables) {
    data object{data::type::object};
    for (const auto& member : variables.GetObject()) {
      variable_ = text(member.name);
      object[variable_] = read(member.value);
    }
    return object;
  }
  std::string take_problem() { return std::move(problem_); }

 private:
  // Numbers were parsed as strings, so they keep the digits they came with.
  data read(const rapidjson::Value& value) {
    switch (value.GetType()) {
      case rapidjson::kObjectType: {
        data object{data::type::object};
        for (const auto& member : value.GetObject()) object[text(member.name)] = read(member.value);
        return object;
      }
      case rapidjson::kArrayType:
        return read_list(value);
      case rapidjson::kTrueType:
        return data{true};
      case rapidjson::kStringType:
        return value.GetStringLength() == 0 ? data{false} : data{text(value)};
      default:
        return data{false};
    }
  }

  data read_list(const rapidjson::Value& value) {
    data list{data::type::list};
    items_ += value.Size();
    if (value.Size() > list_items_max) {
      refuse("a list may have " + std::to_string(list_items_max) + " items at most");
    } else if (items_ > all_lists_items_max) {
      refuse("all lists together may have " + std::to_string(all_lists_items_max) + " items at most");
    }
    if (!problem_.empty()) return list;
    for (const auto& item : value.GetArray()) list.push_back(read(item));
    return list;
  }

  // A sender may write anything as a name; only one that a template could use is repeated.
  void refuse(const std::string& why) {
    if (!problem_.empty()) return;
    const bool plain =
        variable_.size() <= named_chars_max && std::all_of(variable_.begin(), variable_.end(), [](char c) {
          return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
        });
    problem_ = (plain ? "variables." + variable_ : "variables") + ": " + why;
  }

  std::string variable_, problem_;
  std::size_t items_ = 0;
};

// Thrown through mustache, which knows no other way to end; render() catches it.
struct TooLarge {};

// What mustache looks names up in. A section whose name an item lacks takes it from further out, so lists that stand in
// each other multiply: each look-up and each pass through a section is a step, and the steps are bounded. So is what is
// looked up, for mustache hands a line on only when it ends.
class BoundedNames final : public Names {
 public:
  explicit BoundedNames(const data* variables) : Names(variables) {}

  void push(const data* item) override {
    step();
    Names::push(item);
  }
  const data* get(const std::string& name) const override {
    step();
    const data* found = Names::get(name);
    if (found && found->is_string() && (bytes_ += found->string_value().size()) > looked_up_bytes_max) throw TooLarge{};
    return found;
  }

 private:
  void step() const {
    if (++steps_ > render_steps_max) throw TooLarge{};
  }
  mutable std::size_t steps_ = 0, bytes_ = 0;
};

// What mustache writes to, line by line.
struct BoundedText {
  std::string out;
  BoundedText& operator<<(const std::string& piece) {
    if (out.size() + piece.size() > rendered_bytes_max) throw TooLarge{};
    out += piece;
    return *this;
  }
};

constexpr const char* unsubscribe_variable = "unsubscribe_url";

void add_bare_variables(const std::vector<TemplateTag>& tags, std::vector<std::string>& names) {
  int depth = 0;
  for (const TemplateTag& tag : tags) {
    if (tag.kind == TemplateTag::Kind::END) {
      --depth;
    } else if (tag.kind != TemplateTag::Kind::VARIABLE) {
      ++depth;
    } else if (depth == 0 && std::find(names.begin(), names.end(), tag.name) == names.end()) {
      names.push_back(tag.name);
    }
  }
}

}  // namespace

struct RenderData::State {
  data root{data::type::object};
  std::string problem;
};

RenderData::RenderData(const events::JsonObject& variables, const events::ClientState* client)
    : state_(std::make_unique<State>()) {
  constexpr unsigned flags = rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseIterativeFlag;
  rapidjson::Document document;
  document.Parse<flags>(variables.text.data(), variables.text.size());
  if (!document.HasParseError() && document.IsObject()) {
    VariablesReader reader;
    state_->root = reader.read_all(document);
    state_->problem = reader.take_problem();
  }
  if (client && !state_->root.get("client")) {
    data facts{data::type::object};
    facts["business_name"] = client->business_name.empty() ? data{false} : data{client->business_name};
    facts["owner_name"] = client->owner_name.empty() ? data{false} : data{client->owner_name};
    state_->root["client"] = std::move(facts);
  }
  state_->root[unsubscribe_variable] = data{false};  // a request's own would lead people elsewhere
}
RenderData::~RenderData() = default;
RenderData::RenderData(RenderData&&) noexcept = default;
RenderData& RenderData::operator=(RenderData&&) noexcept = default;

const std::string& RenderData::problem() const {
  return state_->problem;
}

bool RenderData::has(const std::string& name) const {
  const data* value = state_->root.get(name);
  if (!value) return false;
  // JSON false and null both arrive as bool_false; a required variable may be `false` on purpose only in a section.
  return !value->is_false();
}

std::string RenderData::text_of(const std::string& name) const {
  const data* value = state_->root.get(name);
  if (!value) return {};
  if (value->is_string()) return value->string_value();
  return value->is_true() ? "true" : "";
}

struct CompiledBody::State {
  explicit State(const TemplateBody& body)
      : subject(body.subject), text(body.text), html(body.html), has_html(!body.html.empty()) {
    const auto as_is = [](const std::string& value) { return value; };
    subject.set_custom_escape(as_is);
    text.set_custom_escape(as_is);
  }
  mustache subject, text, html;
  bool has_html;
  std::vector<std::string> variables;
};

CompiledBody::CompiledBody(std::unique_ptr<State> state) : state_(std::move(state)) {}
CompiledBody::~CompiledBody() = default;

const std::vector<std::string>& CompiledBody::variables() const {
  return state_->variables;
}

Result<std::shared_ptr<const CompiledBody>> CompiledBody::compile(const TemplateBody& body) {
  std::vector<std::string> variables;
  for (const auto& [part, source] :
       {std::pair{"subject", &body.subject}, std::pair{"text", &body.text}, std::pair{"html", &body.html}}) {
    const auto tags = read_tags(*source);
    if (!tags) return Failure{"TEMPLATE_BROKEN", std::string(part) + ": " + tags.error().detail};
    add_bare_variables(*tags, variables);
  }
  auto state = std::make_unique<State>(body);
  state->variables = std::move(variables);
  for (const auto& [part, compiled] :
       {std::pair{"subject", &state->subject}, std::pair{"text", &state->text}, std::pair{"html", &state->html}}) {
    if (!compiled->is_valid()) return Failure{"TEMPLATE_BROKEN", std::string(part) + ": " + compiled->error_message()};
  }
  return std::shared_ptr<const CompiledBody>(new CompiledBody(std::move(state)));
}

Result<Rendered> CompiledBody::render(const RenderData& values, events::Channel channel,
                                      const std::string& unsubscribe_url) const {
  data ours{data::type::object};
  if (!unsubscribe_url.empty()) ours[unsubscribe_variable] = data{unsubscribe_url};
  const auto run = [&](mustache& source) {
    BoundedNames names(&values.state_->root);
    if (!unsubscribe_url.empty()) names.push(&ours);  // found first
    BoundedText rendered;
    source.render(names, rendered);
    return std::move(rendered.out);
  };
  const auto invalid = [](std::string_view detail) { return Failure{"RENDERED_INVALID", std::string(detail)}; };
  constexpr std::string_view too_large = "text: the rendered message is too large";
  if (!values.problem().empty()) return invalid(values.problem());
  Rendered rendered;
  try {
    // mustache::render() is not const, but without partials and lambdas it only reads the parsed tree.
    rendered = {run(state_->subject), run(state_->text), state_->has_html ? run(state_->html) : std::string{}};
  } catch (const TooLarge&) {
    return invalid(too_large);
  }
  if (rendered.text.empty()) return invalid("text: is empty after rendering");
  if (rendered.text.size() + rendered.html.size() > rendered_bytes_max) return invalid(too_large);
  if (channel == events::Channel::SMS) {
    if (sms_segments(rendered.text).segments > sms_segments_max)
      return invalid("text: needs more than 10 SMS segments");
    return rendered;
  }
  if (rendered.subject.empty()) return invalid("subject: is empty after rendering");
  if (has_control_characters(rendered.subject))
    return invalid("subject: must not hold line breaks or control characters");
  if (rendered.subject.size() > subject_bytes_max) return invalid("subject: is too long");
  return rendered;
}

}  // namespace carillon::orchestrator
